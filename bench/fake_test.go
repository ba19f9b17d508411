package bench_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network/probe"
	"github.com/joust-bench/joust/optimizers"
)

// memory is a store for tests.
type memory struct {
	mu      sync.Mutex
	results map[string]bench.Result
	saves   int
	fail    error // of the next Save
}

func (m *memory) Has(_ context.Context, id string) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, ok := m.results[id]
	return ok, nil
}

func (m *memory) Save(ctx context.Context, r bench.Result) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := cmp.Or(m.fail, ctx.Err()); err != nil {
		return err
	}
	if m.results == nil {
		m.results = make(map[string]bench.Result)
	}
	m.results[r.Trial.ID()] = r
	m.saves++
	return nil
}

// sphere is an objective without a network: f(w) = sum (w_i - 1)^2 over three
// weights, charged as minibatches of ten examples.
type sphere struct {
	noGrad  bool
	target  float64
	nan     int  // the step from which losses are NaN; 0: never
	nanGrad bool // the gradient has a NaN, though the loss is finite
	scored  *int
}

func (s *sphere) Goal() bench.Goal {
	return bench.Goal{Metric: bench.Metric{Name: "distance"}, Target: &s.target}
}
func (s *sphere) Init() []float64            { return make([]float64, 3) }
func (s *sphere) Blocks() []optimizers.Block { return nil }
func (s *sphere) Examples() int              { return 40 }
func (s *sphere) Batch() int                 { return 10 }
func (s *sphere) HasGrad() (bool, string)    { return !s.noGrad, "the loss is a step function" }

func (s *sphere) at(w []float64) (loss float64) {
	for _, v := range w {
		loss += (v - 1) * (v - 1)
	}
	return loss
}

func (s *sphere) Evaluate(need optimizers.Need, candidates [][]float64, step int, evals []optimizers.Evaluation) {
	for i, w := range candidates {
		evals[i].Loss = s.at(w)
		evals[i].Grad = nil
		if need == optimizers.NeedGrad {
			for _, v := range w {
				evals[i].Grad = append(evals[i].Grad, 2*(v-1))
			}
		}
		if s.nanGrad {
			evals[i].Grad[1] = math.NaN()
		}
		if s.nan > 0 && step+1 >= s.nan {
			evals[i].Loss = math.Inf(1)
		}
	}
}

func (s *sphere) Score(w []float64, _ bench.Split) bench.Score {
	if s.scored != nil {
		*s.scored++
	}
	return bench.Score{Loss: s.at(w), Value: math.Sqrt(s.at(w))}
}

func (s *sphere) ScoreWork(bench.Split) (part, calibration bench.Work) {
	return bench.Work{Forward: 7}, bench.Work{Forward: 5}
}
func (s *sphere) Constant() bench.Score         { return bench.Score{Loss: 3, Value: math.Sqrt(3)} }
func (s *sphere) Probe([]float64) []probe.Layer { return []probe.Layer{{Name: "w", Depth: 1}} }

func sphereTask(s sphere) bench.Task {
	return bench.Task{
		Name: "sphere",
		New:  func(json.RawMessage, bench.Setup) (bench.Objective, error) { return &s, nil },
	}
}

var noModel = bench.Model{Name: "none"}

// script is an optimizer whose behaviour a test writes down.
type script struct {
	w    []float64
	ask  func(step int, w []float64) ([][]float64, error)
	tell func(step int, w []float64, evals []optimizers.Evaluation) error
	step int
}

func (o *script) Ask() ([][]float64, error) { return o.ask(o.step, o.w) }
func (o *script) Tell(evals []optimizers.Evaluation) error {
	o.step++
	return o.tell(o.step, o.w, evals)
}

func oneCandidate(_ int, w []float64) ([][]float64, error)  { return [][]float64{w}, nil }
func nothing(int, []float64, []optimizers.Evaluation) error { return nil }
func descend(_ int, w []float64, evals []optimizers.Evaluation) error {
	for i, g := range evals[0].Grad {
		w[i] -= 0.01 * g
	}
	return nil
}

// recommending adds Recommend to a script.
type recommending struct{ script }

func (o *recommending) Recommend() []float64 { return o.w }

func define(name string, need optimizers.Need, build func(p optimizers.Problem) optimizers.Optimizer) optimizers.Definition {
	return optimizers.Definition{
		Name: name, Need: need,
		New: func(_ json.RawMessage, p optimizers.Problem) (optimizers.Optimizer, error) { return build(p), nil },
	}
}

func gradientDescent() optimizers.Definition {
	return define("descent", optimizers.NeedGrad, func(p optimizers.Problem) optimizers.Optimizer {
		return &recommending{script{w: slices.Clone(p.Init), ask: oneCandidate, tell: descend}}
	})
}

// population asks for n candidates, all at the start, and says nothing of the
// best.
func population(n int) optimizers.Definition {
	return define("population", optimizers.NeedLoss, func(p optimizers.Problem) optimizers.Optimizer {
		return &script{
			w: slices.Clone(p.Init), tell: nothing,
			ask: func(int, []float64) ([][]float64, error) {
				return slices.Repeat([][]float64{p.Init}, n), nil
			},
		}
	})
}

func scripted(name string, ask func(int, []float64) ([][]float64, error), tell func(int, []float64, []optimizers.Evaluation) error) optimizers.Definition {
	return define(name, optimizers.NeedLoss, func(p optimizers.Problem) optimizers.Optimizer {
		return &script{w: slices.Clone(p.Init), ask: ask, tell: tell}
	})
}

func runner(task bench.Task, defs ...optimizers.Definition) *bench.Runner {
	return &bench.Runner{
		Lists:   bench.Lists{Tasks: []bench.Task{task}, Models: []bench.Model{noModel}, Optimizers: defs},
		Store:   &memory{},
		Workers: 1, Threads: 1, Patience: bench.DefaultPatience,
	}
}

func trialOf(optimizer string, work float64) bench.Trial {
	return bench.Trial{
		Task: bench.Part{Name: "sphere"}, Model: bench.Part{Name: "none"}, Optimizer: bench.Part{Name: optimizer},
		Budget: bench.Budget{Work: work}, GradCost: bench.DefaultGradCost, Precision: "float64",
	}
}

var errBroken = errors.New("broken on purpose")

func brokenAsk(step int, w []float64) ([][]float64, error) {
	if step == 2 {
		return nil, fmt.Errorf("step %d: %w", step, errBroken)
	}
	return [][]float64{w}, nil
}
