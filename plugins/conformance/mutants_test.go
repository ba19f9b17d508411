package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/plugins/protocol"
	"google.golang.org/protobuf/proto"
)

// A mutant is the good optimizer or its server with one fault, and the check
// that has to find it.
type mutant struct {
	name, check string
	subject     func() *local
}

// mutants has at least one for every check.
func mutants() []mutant {
	return slices.Concat(describeMutants(), initMutants(), stepMutants(), repeatMutants(), checkpointMutants(), processMutants(), contractMutants())
}

// small is the good optimizer for problems that take no time.
func small(grad bool) optimizers.Definition {
	def := climbing("", grad)
	def.MaxDim = 1000
	return def
}

// served is a mutant of every process's server.
func served(name, check string, spoil func(c *faulty)) mutant {
	return mutant{name, check, func() *local {
		return newLocal(small(false), func(_ int, c *faulty) { spoil(c) })
	}}
}

func describeMutants() []mutant {
	described := func(name, check string, change func(*protocol.Description)) mutant {
		return served(name, check, func(c *faulty) {
			c.describe = func(r *protocol.DescribeResponse) { change(r.GetOptimizers()[0]) }
		})
	}
	var calls atomic.Int64
	return []mutant{
		described("a type that there is not", "describe/schema", func(d *protocol.Description) { d.Params[3].Type = "boolean" }),
		described("two parameters of one name", "describe/schema", func(d *protocol.Description) { d.Params = append(d.Params, d.Params[0]) }),
		described("counts its descriptions", "describe/stable", func(d *protocol.Description) {
			d.Doc = fmt.Sprintf("Described %d times.", calls.Add(1))
		}),
		served("describes a library", "describe/bounded", func(c *faulty) {
			c.describe = func(r *protocol.DescribeResponse) {
				for i := range 10 {
					d := protocol.Description{Name: fmt.Sprintf("other-%d", i), Doc: strings.Repeat("long ", 10_000)}
					d.Version, d.Summary, d.Need = r.Optimizers[0].Version, r.Optimizers[0].Summary, r.Optimizers[0].Need
					r.Optimizers = append(r.Optimizers, &d)
				}
			}
		}),
		described("a range that it does not keep", "init/out-of-range", func(d *protocol.Description) { d.Params[0].Max = proto.Float64(1) }),
		described("another default than it says", "init/defaults", func(d *protocol.Description) { d.Params[0].Default = "0.5" }),
		described("a limit that it does not keep", "init/dimension-limits", func(d *protocol.Description) { d.MaxDim = 40 }),
	}
}

func initMutants() []mutant {
	changed := func(name, check string, change func(r *protocol.InitRequest)) mutant {
		return served(name, check, func(c *faulty) {
			c.init = func(ctx context.Context, r *protocol.InitRequest) (*protocol.InitResponse, error) {
				change(r)
				return c.Conn.Init(ctx, r)
			}
		})
	}
	config := func(name, check string, wrong func(member string, value any) bool) mutant {
		return changed(name, check, func(r *protocol.InitRequest) {
			var members map[string]any
			if json.Unmarshal([]byte(r.GetConfig()), &members) != nil {
				return
			}
			for member, value := range members {
				if wrong(member, value) {
					r.Config = ""
				}
			}
		})
	}
	return []mutant{
		changed("serves whatever is asked for", "init/unknown-optimizer", func(r *protocol.InitRequest) { r.Optimizer = "climber" }),
		changed("makes one weight of none", "init/dimension-zero", func(r *protocol.InitRequest) {
			if r.GetDim() == 0 {
				r.Dim, r.Init = 1, inline(1, []float64{0})
			}
		}),
		changed("cuts and pads the start", "init/wrong-length", func(r *protocol.InitRequest) {
			if uint64(len(r.GetInit().GetData())) != 8*r.GetDim() {
				r.Init = inline(1, make([]float64, r.GetDim()))
			}
		}),
		changed("starts from zero instead of NaN", "init/start-not-finite", func(r *protocol.InitRequest) {
			for _, x := range protocol.Floats(r.GetInit().GetData()) {
				if math.IsNaN(x) {
					r.Init = inline(1, make([]float64, r.GetDim()))
				}
			}
		}),
		changed("defaults instead of no object", "init/not-an-object", func(r *protocol.InitRequest) {
			if !strings.HasPrefix(r.GetConfig(), "{") {
				r.Config = ""
			}
		}),
		config("unknown members mean nothing", "init/unknown-parameter", func(member string, _ any) bool { return member == "no_such_parameter" }),
		config("defaults instead of what is out of range", "init/out-of-range", func(member string, value any) bool {
			x, ok := value.(float64)
			return ok && member == "sigma" && x <= 0
		}),
		config("defaults instead of words", "init/not-a-number", func(member string, value any) bool { return value == "NaN" }),
		config("null is no value", "init/not-a-number", func(_ string, value any) bool { return value == nil }),
		served("refuses as broken", "init/unknown-parameter", func(c *faulty) {
			c.init = func(ctx context.Context, r *protocol.InitRequest) (*protocol.InitResponse, error) {
				answer, err := c.Conn.Init(ctx, r)
				if err != nil && strings.Contains(r.GetConfig(), "no_such") {
					err = &protocol.Error{Kind: protocol.Failure_KIND_BROKEN, Message: err.Error()}
				}
				return answer, err
			}
		}),
	}
}

func stepMutants() []mutant {
	stepping := func(name, check string, spoil func(next step) step) mutant {
		return served(name, check, func(c *faulty) {
			f := spoil(c.Conn.Step)
			var mu sync.Mutex // of what the fault remembers
			c.step = func(ctx context.Context, r *protocol.StepRequest) (*protocol.StepResponse, error) {
				mu.Lock()
				defer mu.Unlock()
				return f(ctx, r)
			}
		})
	}
	// rekinded has refusals of one kind, when they are of a request, as another.
	rekinded := func(name, check string, from, to protocol.Failure_Kind, of func(*protocol.StepRequest) bool) mutant {
		return stepping(name, check, func(next step) step {
			return func(ctx context.Context, r *protocol.StepRequest) (*protocol.StepResponse, error) {
				answer, err := next(ctx, r)
				var refusal *protocol.Error
				if errors.As(err, &refusal) && refusal.Kind == from && of(r) {
					err = &protocol.Error{Kind: to, Message: refusal.Message}
				}
				return answer, err
			}
		})
	}
	// at calls next with a request changed.
	at := func(name, check string, change func(*protocol.StepRequest, *protocol.StepResponse)) mutant {
		return stepping(name, check, func(next step) step {
			last := map[string]*protocol.StepResponse{} // by run
			return func(ctx context.Context, r *protocol.StepRequest) (*protocol.StepResponse, error) {
				change(r, last[r.GetRun()])
				answer, err := next(ctx, r)
				if answer.GetAsked() != nil {
					last[r.GetRun()] = answer
				}
				return answer, err
			}
		})
	}
	return []mutant{
		rekinded("any run is out of order", "order/ask-before-init", unknownRun, wrongOrder, func(r *protocol.StepRequest) bool {
			return strings.Contains(r.GetRun(), "ask-before-init")
		}),
		rekinded("a tell without a batch is invalid", "order/tell-before-ask", wrongOrder, invalid, func(r *protocol.StepRequest) bool {
			return len(r.GetTell().GetLosses()) == 1
		}),
		stepping("answers an ask again", "order/ask-twice", func(next step) step {
			last := map[string]*protocol.StepResponse{}
			return func(ctx context.Context, r *protocol.StepRequest) (*protocol.StepResponse, error) {
				answer, err := next(ctx, r)
				if err != nil && r.GetTell() == nil && last[r.GetRun()] != nil && strings.Contains(err.Error(), "outstanding") {
					return last[r.GetRun()], nil
				}
				last[r.GetRun()] = answer
				return answer, err
			}
		}),
		stepping("cuts the last row short", "ask/rows", func(next step) step {
			return spoiled(next, "ask/rows", func(rows *protocol.Rows) {
				if data := rows.GetData(); len(data) == 8*8*33 {
					rows.Where = &protocol.Rows_Data{Data: data[:len(data)-1]}
				}
			})
		}),
		stepping("asks about infinity", "ask/rows", func(next step) step {
			return spoiled(next, "ask/rows", func(rows *protocol.Rows) {
				if data := rows.GetData(); len(data) == 8*8*33 {
					w := slices.Clone(protocol.Floats(data))
					w[40] = math.Inf(-1)
					rows.Where = inline(8, w).GetWhere()
				}
			})
		}),
		stepping("numbers batches from 0", "ask/rows", func(next step) step {
			return func(ctx context.Context, r *protocol.StepRequest) (*protocol.StepResponse, error) {
				answer, err := next(ctx, r)
				if answer.GetAsked() != nil && strings.Contains(r.GetRun(), "ask/rows") {
					answer.Asked.Batch--
				}
				return answer, err
			}
		}),
		stepping("rounds to float32", "ask/double-precision", func(next step) step {
			return spoiled(next, "ask/double-precision", func(rows *protocol.Rows) {
				w := slices.Clone(protocol.Floats(rows.GetData()))
				for i, x := range w {
					w[i] = float64(float32(x))
				}
				rows.Where = inline(1, w).GetWhere()
			})
		}),
		at("losses that are missing are 0", "tell/wrong-count", func(r *protocol.StepRequest, last *protocol.StepResponse) {
			if n := int(last.GetAsked().GetRows().GetN()); r.Tell != nil && len(r.Tell.GetLosses()) == n-1 {
				r.Tell.Losses = append(r.Tell.GetLosses(), 0)
			}
		}),
		stepping("forgets the batch whose tell it refused", "tell/wrong-count", func(next step) step {
			return func(ctx context.Context, r *protocol.StepRequest) (*protocol.StepResponse, error) {
				answer, err := next(ctx, r)
				var refusal *protocol.Error
				if losses := r.GetTell().GetLosses(); errors.As(err, &refusal) && refusal.Kind == invalid && len(losses) == 7 {
					r.Tell.Losses, r.Ask = append(losses, 0), nil
					if _, err := next(ctx, r); err != nil {
						return nil, err
					}
				}
				return answer, err
			}
		}),
		stepping("asks after a tell that it refused", "tell/wrong-count", func(next step) step {
			return func(ctx context.Context, r *protocol.StepRequest) (*protocol.StepResponse, error) {
				answer, err := next(ctx, r)
				if losses := r.GetTell().GetLosses(); err != nil && len(losses) == 9 {
					answer.Asked = &protocol.Asked{Batch: 2}
				}
				return answer, err
			}
		}),
		stepping("takes a tell twice", "tell/twice", func(next step) step {
			told := map[string]uint64{}
			return func(ctx context.Context, r *protocol.StepRequest) (*protocol.StepResponse, error) {
				if b := r.GetTell().GetBatch(); b > 0 && told[r.GetRun()] == b && r.GetAsk() != nil {
					answer, err := next(ctx, &protocol.StepRequest{Run: r.GetRun(), Ask: r.GetAsk()})
					if answer != nil {
						answer.Told = true
					}
					return answer, err
				}
				answer, err := next(ctx, r)
				if answer.GetTold() {
					told[r.GetRun()] = r.GetTell().GetBatch()
				}
				return answer, err
			}
		}),
		at("does not read the batch's number", "tell/unknown-batch", func(r *protocol.StepRequest, last *protocol.StepResponse) {
			if r.Tell != nil && r.Tell.GetBatch() == 7 {
				r.Tell.Batch = last.GetAsked().GetBatch()
			}
		}),
		{"gradients that are missing are 0", "tell/gradients", func() *local {
			return newLocal(small(true), func(_ int, c *faulty) {
				c.step = func(ctx context.Context, r *protocol.StepRequest) (*protocol.StepResponse, error) {
					if r.Tell != nil && r.Tell.Grads == nil {
						r.Tell.Grads = inline(1, make([]float64, 4))
					}
					return c.Conn.Step(ctx, r)
				}
			})
		}},
		stepping("asks before it tells", "step/one-message", func(next step) step {
			return func(ctx context.Context, r *protocol.StepRequest) (*protocol.StepResponse, error) {
				if r.Tell != nil && r.Ask != nil {
					slices.Reverse(r.Tell.Losses) // as if the ask had come first
				}
				return next(ctx, r)
			}
		}),
	}
}

type step = func(context.Context, *protocol.StepRequest) (*protocol.StepResponse, error)

// spoiled changes the rows of the batches of one check, since every check looks
// at those it gets.
func spoiled(next step, check string, change func(*protocol.Rows)) step {
	return func(ctx context.Context, r *protocol.StepRequest) (*protocol.StepResponse, error) {
		answer, err := next(ctx, r)
		if rows := answer.GetAsked().GetRows(); rows != nil && strings.Contains(r.GetRun(), check) {
			change(rows)
		}
		return answer, err
	}
}

func repeatMutants() []mutant {
	return []mutant{
		{"a seed of the process", "repeat/fresh-process", func() *local {
			return newLocal(small(false), func(process int, c *faulty) {
				c.init = func(ctx context.Context, r *protocol.InitRequest) (*protocol.InitResponse, error) {
					if r.GetSharedHalf() == 0 { // which another check compares
						r.Seed += uint64(process)
					}
					return c.Conn.Init(ctx, r)
				}
			})
		}},
		served("runs share a buffer", "repeat/interleaved", func(c *faulty) {
			asked := map[string]bool{}
			c.step = func(ctx context.Context, r *protocol.StepRequest) (*protocol.StepResponse, error) {
				answer, err := c.Conn.Step(ctx, r)
				if strings.Contains(r.GetRun(), "interleaved") { // only here, since all runs share it
					if asked[r.GetRun()] = answer.GetAsked() != nil; len(asked) == 3 && asked[r.GetRun()] {
						w := slices.Clone(protocol.Floats(answer.GetAsked().GetRows().GetData()))
						w[0] += 1e-9
						answer.Asked.Rows.Where = inline(1, w).GetWhere()
					}
				}
				return answer, err
			}
		}),
		served("forty runs at most", "repeat/concurrent", func(c *faulty) {
			c.init = func(ctx context.Context, r *protocol.InitRequest) (*protocol.InitResponse, error) {
				if live, _ := c.count(); live == 40 {
					return nil, &protocol.Error{Kind: tooLarge, Message: "too many runs"}
				}
				return c.Conn.Init(ctx, r)
			}
		}),
		served("shared candidates out of place", "repeat/shared-memory", func(c *faulty) {
			if s, ok := c.Conn.(*sharing); ok {
				s.spoil = func(rows []byte) { copy(rows, rows[8:]) }
			}
		}),
		{"keeps a gradient that is shared", "repeat/shared-memory", func() *local {
			d := climbing("keeps the gradient", true)
			d.MaxDim = 1000
			return newLocal(d, nil)
		}},
		{"shared gradients out of place", "repeat/shared-memory", func() *local {
			return newLocal(small(true), func(_ int, c *faulty) {
				if s, ok := c.Conn.(*sharing); ok {
					c.step = func(ctx context.Context, r *protocol.StepRequest) (*protocol.StepResponse, error) {
						if at, ok := r.GetTell().GetGrads().GetWhere().(*protocol.Rows_Offset); ok {
							at.Offset += 8
						}
						return s.Step(ctx, r)
					}
				}
			})
		}},
	}
}

func checkpointMutants() []mutant {
	return []mutant{
		served("a generator that starts again", "checkpoint/fresh-process", func(c *faulty) {
			c.restore = func(ctx context.Context, r *protocol.InitRequest, state []byte) (*protocol.InitResponse, error) {
				r.Seed++
				return c.Conn.Restore(ctx, r, state)
			}
		}),
		served("a state of the batch before", "checkpoint/outstanding-batch", func(c *faulty) {
			c.save = func(ctx context.Context, r *protocol.CheckpointRequest) ([]byte, error) {
				state, err := c.Conn.Checkpoint(ctx, r)
				if err != nil {
					state, err = []byte("climber"), nil
				}
				return state, err
			}
		}),
		served("starts again from what it cannot read", "checkpoint/damaged", func(c *faulty) {
			c.restore = func(ctx context.Context, r *protocol.InitRequest, state []byte) (*protocol.InitResponse, error) {
				answer, err := c.Conn.Restore(ctx, r, state)
				if err != nil {
					return c.Conn.Init(ctx, r)
				}
				return answer, err
			}
		}),
		served("leaves a run that it could not restore", "checkpoint/damaged", func(c *faulty) {
			c.restore = func(ctx context.Context, r *protocol.InitRequest, state []byte) (*protocol.InitResponse, error) {
				answer, err := c.Conn.Restore(ctx, r, state)
				if err != nil {
					if _, err := c.Conn.Init(ctx, r); err != nil {
						return nil, err
					}
				}
				return answer, err
			}
		}),
		served("finished runs go on", "finish/ends-run", func(c *faulty) {
			c.finish = func(context.Context, *protocol.FinishRequest) (*protocol.FinishResponse, error) {
				return &protocol.FinishResponse{}, nil
			}
		}),
	}
}

func processMutants() []mutant {
	watched := func(name, check string, facts func(live, finished int) Facts) mutant {
		return mutant{name, check, func() *local {
			l := newLocal(small(false), nil)
			l.facts = facts
			return l
		}}
	}
	stopping := func(name string, stop func(time.Duration) error) mutant {
		return mutant{name, "process/stop", func() *local {
			l := newLocal(small(false), nil)
			l.facts, l.stop = usual, stop
			return l
		}}
	}
	return []mutant{
		{"refuses many weights", "process/million-weights", func() *local {
			return newLocal(climbing("", false), func(_ int, c *faulty) {
				c.init = func(ctx context.Context, r *protocol.InitRequest) (*protocol.InitResponse, error) {
					if r.GetDim() > 100_000 {
						return nil, &protocol.Error{Kind: tooLarge, Message: "a message of 8 MB is too large"}
					}
					return c.Conn.Init(ctx, r)
				}
			})
		}},
		{"holds more than it describes", "process/million-weights", func() *local {
			l := newLocal(climbing("", false), nil)
			l.facts = func(live, _ int) Facts {
				f := usual(live, 0)
				f.Resident <<= 7 * live
				return f
			}
			return l
		}},
		watched("keeps finished runs", "process/memory", func(live, finished int) Facts {
			f := usual(live, finished)
			f.Resident += int64(finished) << 19
			return f
		}),
		watched("a pool of threads for each run", "process/threads", func(live, finished int) Facts {
			f := usual(live, finished)
			f.Threads += 4 * live
			return f
		}),
		watched("a child process for each run", "process/leftovers", func(live, finished int) Facts {
			f := usual(live, finished)
			f.Children = live + finished
			return f
		}),
		watched("open files", "process/leftovers", func(live, finished int) Facts {
			f := usual(live, finished)
			f.Open += finished
			return f
		}),
		watched("a file for each run", "process/leftovers", func(live, finished int) Facts {
			f := usual(live, finished)
			for i := range finished {
				f.Files = append(f.Files, fmt.Sprintf("run-%d.tmp", i))
			}
			return f
		}),
		watched("prints as it goes", "process/stdout", func(live, finished int) Facts {
			f := usual(live, finished)
			f.Noise = 10 * int64(live+finished)
			return f
		}),
		stopping("ends when it is done", func(time.Duration) error { return errors.New("killed after 2s") }),
	}
}

func contractMutants() []mutant {
	fault := func(fault, check string) mutant {
		return mutant{fault, "contract/" + check, func() *local { return newLocal(climbing(fault, false), nil) }}
	}
	gradFault := func(fault, check string) mutant {
		return mutant{fault, "contract/" + check, func() *local { return newLocal(climbing(fault, true), nil) }}
	}
	defined := func(name, check string, change func(d *optimizers.Definition)) mutant {
		return mutant{name, "contract/" + check, func() *local {
			d := climbing("", false)
			change(&d)
			return newLocal(d, nil)
		}}
	}
	return []mutant{
		defined("a choice that there is not", "ParamsAreTrue", func(d *optimizers.Definition) {
			d.Params[2].Choices = append(d.Params[2].Choices, "never")
		}),
		defined("wants blocks and does not say so", "ProblemIsChecked", func(d *optimizers.Definition) {
			build := d.New
			d.New = func(config json.RawMessage, p optimizers.Problem) (optimizers.Optimizer, error) {
				if p.Blocks == nil {
					return nil, errors.New("cannot do that")
				}
				return build(config, p)
			}
		}),
		fault("short row", "CandidatesAreSound"),
		fault("one generator for all", "SameSeedSameCandidates"),
		fault("no seed", "OtherSeedOtherCandidates"),
		fault("seed and threads", "ThreadsChangeNothing"),
		fault("changes when watched", "ObservingChangesNothing"),
		fault("differences of losses", "SurvivesInfiniteLosses"),
		fault("divides by the spread", "SurvivesEqualLosses"),
		fault("squares of losses", "SurvivesHugeLosses"),
		gradFault("overflows", "SurvivesExtremeGradients"),
		fault("forgets its step", "CheckpointContinues"),
		fault("trusts a checkpoint", "CheckpointDamageIsAnError"),
		fault("worst first", "ShortlistIsBestFirst"),
		fault("multiplies", "LeavesZeroInEveryCoordinate"),
		fault("ascends", "MakesProgress"),
	}
}
