package plugins

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/builtin"
	"github.com/joust-bench/joust/plugins/protocol"
)

// refused checks an error's kind and that its message has the words.
func refused(t *testing.T, err error, kind protocol.Failure_Kind, words string) {
	t.Helper()
	var e *protocol.Error
	if !errors.As(err, &e) || e.Kind != kind || !strings.Contains(e.Message, words) {
		t.Errorf("error %v (%T), want a %v about %q", err, err, kind, words)
	}
}

func TestProblemsThatAreRefused(t *testing.T) {
	def := definition(t, "sgd")
	for _, tt := range []struct {
		name   string
		change func(*protocol.InitRequest)
		kind   protocol.Failure_Kind
		words  string
	}{
		{"no name", func(r *protocol.InitRequest) { r.Run = "" }, protocol.Failure_KIND_INVALID, "no name"},
		{"name taken", func(r *protocol.InitRequest) { r.Run = "there" }, protocol.Failure_KIND_INVALID, `"there" exists`},
		{"unknown optimizer", func(r *protocol.InitRequest) { r.Optimizer = "sdg" }, protocol.Failure_KIND_INVALID, "did you mean sgd"},
		{"dimension 0", func(r *protocol.InitRequest) { r.Dim = 0 }, protocol.Failure_KIND_INVALID, "dimension 0"},
		{"huge dimension", func(r *protocol.InitRequest) { r.Dim = math.MaxUint64 }, protocol.Failure_KIND_INVALID, "dimension 18446744073709551615"},
		{"dimension of no memory", func(r *protocol.InitRequest) { r.Dim = 1 << 50 }, protocol.Failure_KIND_INVALID, "starting weights have 96 bytes"},
		{"no weights", func(r *protocol.InitRequest) { r.Init.Where = &protocol.Rows_Data{} }, protocol.Failure_KIND_INVALID, "0 bytes, want 96"},
		{"weights cut off", func(r *protocol.InitRequest) { r.Init.Where = &protocol.Rows_Data{Data: r.Init.GetData()[:95]} }, protocol.Failure_KIND_INVALID, "95 bytes, want 96"},
		{"a weight is NaN", func(r *protocol.InitRequest) {
			v := slices.Clone(protocol.Floats(r.Init.GetData()))
			v[3] = math.NaN()
			r.Init.Where = &protocol.Rows_Data{Data: protocol.AppendFloats(nil, v)}
		}, protocol.Failure_KIND_INVALID, "starting weight 3 is NaN"},
		{"unknown member", func(r *protocol.InitRequest) { r.Config = `{"learning":1}` }, protocol.Failure_KIND_INVALID, `"learning": no such member`},
		{"out of range", func(r *protocol.InitRequest) { r.Config = `{"lr":-1}` }, protocol.Failure_KIND_INVALID, "lr: -1, want a number in"},
		{"not JSON", func(r *protocol.InitRequest) { r.Config = `[1]` }, protocol.Failure_KIND_INVALID, "want a JSON object"},
		{"no threads", func(r *protocol.InitRequest) { r.Threads = 0 }, protocol.Failure_KIND_INVALID, "0 threads"},
		{"huge budget", func(r *protocol.InitRequest) { r.Budget = math.MaxUint64 }, protocol.Failure_KIND_INVALID, "budget"},
		{"block outside", func(r *protocol.InitRequest) { r.Blocks[0].Len = math.MaxUint64 }, protocol.Failure_KIND_INVALID, "want at most the dimension, 12"},
		{"gap", func(r *protocol.InitRequest) { r.Blocks[1].Off++ }, protocol.Failure_KIND_INVALID, "block 1 (0.dense.b)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, tr := range transports {
				if tr.name == "frames" && tt.name == "not JSON" {
					continue // there a configuration is no text
				}
				conn := tr.connect(t, NewServer(builtin.All()...))
				if _, err := conn.Init(t.Context(), initRequest(def, "there", 12, 1)); err != nil {
					t.Fatal(err)
				}
				r := initRequest(def, "new", 12, 1)
				tt.change(r)
				_, err := conn.Init(t.Context(), r)
				refused(t, err, tt.kind, tt.words)
				// A refused name is free, and the other run undisturbed.
				if _, err := conn.Init(t.Context(), initRequest(def, "new", 12, 1)); err != nil {
					t.Errorf("%s: then: %v", tr.name, err)
				}
				if _, err := conn.Step(t.Context(), &protocol.StepRequest{Run: "there", Ask: &protocol.Ask{}}); err != nil {
					t.Errorf("%s: then: %v", tr.name, err)
				}
			}
		})
	}
}

func TestDimensionsThatAreRefused(t *testing.T) {
	def := definition(t, "sgd")
	def.MinDim, def.MaxDim = 4, 10
	s := NewServer(def)
	_, err := s.Init(t.Context(), initRequest(def, "1", 12, 1))
	refused(t, err, protocol.Failure_KIND_TOO_LARGE, "takes at most 10 weights, not 12")
}

func TestOrderOfCallsAndRefusedTells(t *testing.T) {
	const dim = 12
	for _, tt := range transports {
		for _, name := range []string{"sgd", "ga"} {
			t.Run(tt.name+", "+name, func(t *testing.T) {
				def := definition(t, name)
				conn := tt.connect(t, NewServer(builtin.All()...))
				step := func(r *protocol.StepRequest) (*protocol.StepResponse, error) { return conn.Step(t.Context(), r) }
				tell := func(tl *protocol.Tell) *protocol.StepRequest { return &protocol.StepRequest{Run: "1", Tell: tl} }
				ask := &protocol.StepRequest{Run: "1", Ask: &protocol.Ask{}}

				_, err := step(ask)
				refused(t, err, protocol.Failure_KIND_UNKNOWN_RUN, `no run "1"`)
				if _, err := conn.Init(t.Context(), initRequest(def, "1", dim, 1)); err != nil {
					t.Fatal(err)
				}
				_, err = step(&protocol.StepRequest{Run: "1"})
				refused(t, err, protocol.Failure_KIND_INVALID, "neither tells nor asks")
				_, err = step(tell(&protocol.Tell{Batch: 1, Losses: []float64{1}}))
				refused(t, err, protocol.Failure_KIND_WRONG_ORDER, "none is outstanding")

				c := &client{conn: conn, def: def, dim: dim, run: "1"}
				if err := c.step(t.Context(), true); err != nil {
					t.Fatal(err)
				}
				_, err = step(ask)
				refused(t, err, protocol.Failure_KIND_WRONG_ORDER, "batch 1 is outstanding")
				_, err = conn.Checkpoint(t.Context(), &protocol.CheckpointRequest{Run: "1"})
				refused(t, err, protocol.Failure_KIND_WRONG_ORDER, "batch 1 is outstanding")

				right := c.tell
				bad := func(change func(*protocol.Tell)) *protocol.Tell {
					b := &protocol.Tell{Batch: right.Batch, Losses: slices.Clone(right.Losses), Grads: right.Grads}
					change(b)
					return b
				}
				n := len(right.Losses)
				_, err = step(tell(bad(func(b *protocol.Tell) { b.Batch = 2 })))
				refused(t, err, protocol.Failure_KIND_WRONG_ORDER, "batch 1 is outstanding")
				a, err := step(&protocol.StepRequest{Run: "1", Ask: &protocol.Ask{}, Tell: bad(func(b *protocol.Tell) { b.Losses[n-1] = math.NaN() })})
				refused(t, err, protocol.Failure_KIND_INVALID, fmt.Sprintf("loss %d of batch 1 is NaN", n-1))
				if a.Told || a.Asked != nil {
					t.Errorf("a refused tell was answered %v", a)
				}
				_, err = step(tell(bad(func(b *protocol.Tell) { b.Losses = append(b.Losses, 1) })))
				refused(t, err, protocol.Failure_KIND_INVALID, "") // of frames, the size does not fit already
				if def.Need == optimizers.NeedGrad {
					_, err = step(tell(bad(func(b *protocol.Tell) { b.Grads = nil })))
					refused(t, err, protocol.Failure_KIND_INVALID, "no gradients, want 1 times 12")
					_, err = step(tell(bad(func(b *protocol.Tell) {
						b.Grads = &protocol.Rows{N: 1, Where: &protocol.Rows_Data{Data: b.Grads.GetData()[8:]}}
					})))
					refused(t, err, protocol.Failure_KIND_INVALID, "bytes")
				} else {
					_, err = step(tell(bad(func(b *protocol.Tell) {
						b.Grads = &protocol.Rows{N: uint64(n), Where: &protocol.Rows_Data{Data: make([]byte, 8*n*dim)}}
					})))
					refused(t, err, protocol.Failure_KIND_INVALID, "gradients for batch 1, want only losses")
				}
				// None of it has changed anything.
				for range 4 {
					if err := c.step(t.Context(), true); err != nil {
						t.Fatal(err)
					}
				}
				if err := c.end(t.Context()); err != nil {
					t.Fatal(err)
				}
				if want := direct(t, def, dim, 1, 5); !slices.Equal(c.trace, want) {
					t.Error("other bits after calls that were refused")
				}
				_, err = conn.Finish(t.Context(), &protocol.FinishRequest{Run: "1"})
				refused(t, err, protocol.Failure_KIND_UNKNOWN_RUN, `no run "1"`)
			})
		}
	}
}

// faulty does what its test says. It has no other ability than to be closed.
type faulty struct {
	ask    func() ([][]float64, error)
	tell   func() error
	closed *int
}

func (f *faulty) Ask() ([][]float64, error)          { return f.ask() }
func (f *faulty) Tell([]optimizers.Evaluation) error { return f.tell() }

func (f *faulty) Close() error {
	*f.closed++
	return nil
}

func faultyDefinition(f *faulty) optimizers.Definition {
	f.closed = new(int)
	one := [][]float64{make([]float64, 12)}
	if f.ask == nil {
		f.ask = func() ([][]float64, error) { return one, nil }
	}
	return optimizers.Define(optimizers.Definition{Name: "faulty"}, struct{}{}, func(struct{}, optimizers.Problem) (*faulty, error) { return f, nil })
}

func TestFaultsOfAnOptimizerEndItsRunAlone(t *testing.T) {
	for _, tt := range []struct {
		name  string
		f     *faulty
		words string
	}{
		{"panic in Tell", &faulty{tell: func() error { panic("no memory\nof it") }}, "panic in Tell: no memory of it"},
		{"index out of range", &faulty{tell: func() error { var s []int; s[len(s)]++; return nil }}, "panic in Tell: runtime error: index out of range"},
		{"error of Tell", &faulty{tell: func() error { return errors.New("singular matrix") }}, "Tell: singular matrix"},
		{"error of Ask", &faulty{ask: func() ([][]float64, error) { return nil, errors.New("singular matrix") }}, "Ask: singular matrix"},
		{"panic in Ask", &faulty{ask: func() ([][]float64, error) { panic(errors.New("boom")) }}, "panic in Ask: boom"},
		{"wrong length", &faulty{ask: func() ([][]float64, error) { return [][]float64{make([]float64, 12), make([]float64, 11)}, nil }}, "candidate 1 has 11 weights, want 12"},
	} {
		for _, tr := range transports {
			t.Run(tt.name+", "+tr.name, func(t *testing.T) {
				def, good := faultyDefinition(tt.f), definition(t, "sgd")
				s := NewServer(def, good)
				stacks := 0
				s.fault = func([]byte) { stacks++ }
				conn := tr.connect(t, s)
				for _, r := range []*protocol.InitRequest{initRequest(def, "bad", 12, 1), initRequest(good, "good", 12, 1)} {
					if _, err := conn.Init(t.Context(), r); err != nil {
						t.Fatal(err)
					}
				}
				a, err := conn.Step(t.Context(), &protocol.StepRequest{Run: "bad", Ask: &protocol.Ask{}})
				if err == nil {
					a, err = conn.Step(t.Context(), &protocol.StepRequest{Run: "bad", Tell: &protocol.Tell{Batch: a.Asked.Batch, Losses: []float64{1}}, Ask: &protocol.Ask{}})
				}
				refused(t, err, protocol.Failure_KIND_BROKEN, tt.words)
				if a.Told || a.Asked != nil {
					t.Errorf("answered %v beside the failure", a)
				}
				if want := strings.Contains(tt.words, "panic"); (stacks > 0) != want {
					t.Errorf("%d stacks of panics, want some: %v", stacks, want)
				}
				_, err = conn.Step(t.Context(), &protocol.StepRequest{Run: "bad", Ask: &protocol.Ask{}})
				refused(t, err, protocol.Failure_KIND_BROKEN, tt.words)
				_, err = conn.Diagnose(t.Context(), &protocol.DiagnoseRequest{Run: "bad"})
				refused(t, err, protocol.Failure_KIND_BROKEN, tt.words)
				if _, err := conn.Step(t.Context(), &protocol.StepRequest{Run: "good", Ask: &protocol.Ask{}}); err != nil {
					t.Errorf("the other run: %v", err)
				}
				if _, err := conn.Finish(t.Context(), &protocol.FinishRequest{Run: "bad"}); err != nil || *tt.f.closed != 1 {
					t.Errorf("Finish: %v, closed %d times, want once", err, *tt.f.closed)
				}
			})
		}
	}
}

func TestAnOptimizerThatPanicsWhenItIsBuilt(t *testing.T) {
	def := definition(t, "sgd")
	def.New = func(json.RawMessage, optimizers.Problem) (optimizers.Optimizer, error) { panic("no device") }
	s := NewServer(def)
	_, err := s.Init(t.Context(), initRequest(def, "1", 12, 1))
	refused(t, err, protocol.Failure_KIND_BROKEN, "panic in New: no device")
	_, err = s.Describe(t.Context(), nil)
	refused(t, err, protocol.Failure_KIND_BROKEN, "sgd: built with its defaults it panics: no device")
}

// TestDivergenceIsNoFault has a learning rate that is too high, by far.
func TestDivergenceIsNoFault(t *testing.T) {
	def := definition(t, "sgd")
	for _, tt := range transports {
		t.Run(tt.name, func(t *testing.T) {
			conn := tt.connect(t, NewServer(builtin.All()...))
			r := initRequest(def, "1", 12, 1)
			r.Config = `{"lr":10}`
			if _, err := conn.Init(t.Context(), r); err != nil {
				t.Fatal(err)
			}
			c := &client{conn: conn, def: def, dim: 12, run: "1"}
			var err error
			for range 1000 {
				if err = c.step(t.Context(), true); err != nil {
					break
				}
			}
			refused(t, err, protocol.Failure_KIND_DIVERGED, optimizers.ErrDiverged.Error())
			a, err := conn.Recommend(t.Context(), &protocol.RecommendRequest{Run: "1"})
			if err != nil {
				t.Fatal(err)
			}
			for i, w := range protocol.Floats(a.Rows.GetData()) {
				if math.IsNaN(w) || math.IsInf(w, 0) {
					t.Errorf("recommended weight %d is %v, want a finite number", i, w)
				}
			}
		})
	}
}

func TestWhatAnOptimizerCannotDo(t *testing.T) {
	f := &faulty{tell: func() error { return nil }}
	def := faultyDefinition(f)
	for _, tt := range transports {
		conn := tt.connect(t, NewServer(def))
		if _, err := conn.Init(t.Context(), initRequest(def, "1", 12, 1)); err != nil {
			t.Fatal(err)
		}
		_, err := conn.Recommend(t.Context(), &protocol.RecommendRequest{Run: "1"})
		refused(t, err, protocol.Failure_KIND_INVALID, "faulty recommends nothing")
		_, err = conn.Recommend(t.Context(), &protocol.RecommendRequest{Run: "1", Shortlist: 2})
		refused(t, err, protocol.Failure_KIND_INVALID, "faulty has no shortlist")
		_, err = conn.Diagnose(t.Context(), &protocol.DiagnoseRequest{Run: "1"})
		refused(t, err, protocol.Failure_KIND_INVALID, "faulty has no diagnostics")
		_, err = conn.Checkpoint(t.Context(), &protocol.CheckpointRequest{Run: "1"})
		refused(t, err, protocol.Failure_KIND_INVALID, "faulty has no checkpoint")
		_, err = conn.Restore(t.Context(), initRequest(def, "2", 12, 1), nil)
		refused(t, err, protocol.Failure_KIND_INVALID, "faulty has no checkpoint")
	}
}

// endless has more figures and a longer list than it was asked for, and has
// converged.
type endless struct{}

func (endless) Ask() ([][]float64, error)          { return nil, nil }
func (endless) Tell([]optimizers.Evaluation) error { return nil }
func (endless) Shortlist(int) [][]float64          { return [][]float64{{1}, {2}, {3}} }
func (endless) Recommend() []float64               { return nil }
func (endless) MarshalBinary() ([]byte, error)     { return nil, nil }
func (endless) Diagnostics() iter.Seq2[string, float64] {
	return func(yield func(string, float64) bool) { _ = yield("nan", math.NaN()) && yield("inf", math.Inf(1)) }
}

func (endless) UnmarshalBinary(b []byte) error {
	if len(b) > 0 {
		return io.ErrUnexpectedEOF
	}
	return nil
}

func TestConvergedAndOtherOddAnswers(t *testing.T) {
	def := optimizers.Define(optimizers.Definition{Name: "endless"}, struct{}{}, func(struct{}, optimizers.Problem) (endless, error) { return endless{}, nil })
	for _, tt := range transports {
		t.Run(tt.name, func(t *testing.T) {
			conn := tt.connect(t, NewServer(def))
			r := &protocol.InitRequest{Run: "1", Optimizer: "endless", Dim: 1, Threads: 1, Init: &protocol.Rows{N: 1, Where: &protocol.Rows_Data{Data: make([]byte, 8)}}}
			if _, err := conn.Init(t.Context(), r); err != nil {
				t.Fatal(err)
			}
			for range 2 { // it stays so
				a, err := conn.Step(t.Context(), &protocol.StepRequest{Run: "1", Ask: &protocol.Ask{}})
				if err != nil || a.Asked == nil || a.Asked.Rows.GetN() != 0 {
					t.Fatalf("asked %v (%v), want a batch without rows", a, err)
				}
			}
			_, err := conn.Step(t.Context(), &protocol.StepRequest{Run: "1", Tell: &protocol.Tell{Batch: 1}})
			refused(t, err, protocol.Failure_KIND_WRONG_ORDER, "none is outstanding")
			list, err := conn.Recommend(t.Context(), &protocol.RecommendRequest{Run: "1", Shortlist: 2})
			if err != nil || !slices.Equal(protocol.Floats(list.Rows.GetData()), []float64{1, 2}) {
				t.Errorf("shortlist %v (%v), want the first two", list, err)
			}
			figures, err := conn.Diagnose(t.Context(), &protocol.DiagnoseRequest{Run: "1"})
			if err != nil || len(figures.Figures) != 2 || !math.IsNaN(figures.Figures[0].Value) || !math.IsInf(figures.Figures[1].Value, 1) {
				t.Errorf("figures %v (%v), want NaN and +Inf", figures, err)
			}
			state, err := conn.Checkpoint(t.Context(), &protocol.CheckpointRequest{Run: "1"})
			if err != nil {
				t.Fatal(err)
			}
			r.Run = "2"
			if _, err := conn.Restore(t.Context(), r, state); err != nil {
				t.Errorf("an empty state: %v", err)
			}
			_, err = conn.Recommend(t.Context(), &protocol.RecommendRequest{Run: "1"})
			refused(t, err, protocol.Failure_KIND_BROKEN, "point 0 has 0 weights, want 1")
		})
	}
}
