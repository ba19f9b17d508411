package report

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network/probe"
)

// Results made by hand, small enough to compute what should come of them.

var (
	accuracy = bench.Metric{Name: "accuracy", Higher: true}
	rmse     = bench.Metric{Name: "rmse", Unit: "mm"}
	nan      = math.NaN()
	inf      = math.Inf(1)
)

// goal is a goal with a target, or without one if it is NaN.
func goal(m bench.Metric, target float64) bench.Goal {
	if math.IsNaN(target) {
		return bench.Goal{Metric: m}
	}
	return bench.Goal{Metric: m, Target: &target}
}

// forward is n units of work without gradients.
func forward(n int64) bench.Work { return bench.Work{Forward: n} }

// graded is n losses with their gradients: 3n units.
func graded(n int64) bench.Work { return bench.Work{Forward: n, Backward: n} }

// point is one of a learning curve on validation data.
func point(w bench.Work, loss, value float64) bench.Point {
	return bench.Point{Work: w, Valid: bench.Score{Loss: loss, Value: value}}
}

// base is a result of one trial: exhausted after 1000 units, at the level of the
// constant predictor, accuracy 0.5 and loss 0.7, with target 0.9.
func base(model, optimizer string, seed uint64) bench.Result {
	constant := bench.Score{Loss: .7, Value: .5}
	return bench.Result{
		Trial: bench.Trial{
			Task:  bench.Part{Name: "xor", Config: json.RawMessage(`{}`)},
			Model: bench.Part{Name: model, Config: json.RawMessage(`{}`)}, Optimizer: bench.Part{Name: optimizer, Config: json.RawMessage(`{}`)},
			Seed: seed, Budget: bench.Budget{Work: 1000}, GradCost: 3,
		},
		Status: bench.Exhausted, Dim: 9, Examples: 4, Batch: 4, Goal: goal(accuracy, .9),
		Work: forward(1000), Curve: []bench.Point{point(forward(0), .7, .5), point(forward(1000), .7, .5)},
		Valid: constant, Test: constant, Constant: constant,
	}
}

// with changes a copy of a result.
func with(r bench.Result, change func(*bench.Result)) bench.Result {
	change(&r)
	return r
}

// solvedAt is a run that reaches the target at work w.
func solvedAt(model, optimizer string, seed uint64, w bench.Work) bench.Result {
	return with(base(model, optimizer, seed), func(r *bench.Result) {
		r.Status, r.Hit, r.Work = bench.Solved, &w, w
		r.Valid, r.Test = bench.Score{Loss: .1, Value: 1}, bench.Score{Loss: .1, Value: 1}
		r.Curve = []bench.Point{point(forward(0), .7, .5), point(w, .1, 1)}
	})
}

// failedRun is what is left of a trial that crashed at the start.
func failedRun(model, optimizer string, seed uint64) bench.Result {
	b := base(model, optimizer, seed)
	return bench.Result{Trial: b.Trial, Status: bench.Failed, Reason: "panic: boom"}
}

// skippedRun is a pairing that makes no sense.
func skippedRun(model, optimizer string, seed uint64) bench.Result {
	b := base(model, optimizer, seed)
	return bench.Result{Trial: b.Trial, Status: bench.Skipped, Reason: optimizer + " needs a gradient", Goal: b.Goal, Dim: 9}
}

// ends is a run that exhausts its budget with a validation and test value.
func ends(model, optimizer string, seed uint64, loss, value float64) bench.Result {
	return with(base(model, optimizer, seed), func(r *bench.Result) {
		s := bench.Score{Loss: loss, Value: value}
		r.Valid, r.Test = s, s
		r.Curve = []bench.Point{point(forward(0), .7, .5), point(forward(1000), loss, value)}
	})
}

// told makes a run that of a method that is told gradients, for the same work.
func told(r bench.Result) bench.Result {
	n := r.Work.Forward / 3
	r.Work = bench.Work{Forward: r.Work.Forward - 2*n, Backward: n}
	return r
}

// probed adds one probe with the given deltas, input first.
func probed(r bench.Result, w bench.Work, deltas ...float64) bench.Result {
	p := bench.Probe{Work: w}
	for i, d := range deltas {
		p.Layers = append(p.Layers, probe.Layer{Name: string(rune('a' + i)), Depth: i + 1, Delta: d})
	}
	r.Probes = append(r.Probes[:len(r.Probes):len(r.Probes)], p)
	return r
}

func analyse(results ...bench.Result) Summary {
	return Analyse(Input{Name: "test", Results: results, Planned: len(results)})
}

// row finds a contender of the first task.
func row(t *testing.T, s Summary, label string) Contender {
	t.Helper()
	for _, c := range s.Tasks[0].Contenders {
		if c.Label == label {
			return c
		}
	}
	t.Fatalf("no contender %q", label)
	return Contender{}
}

// near allows for rounding.
func near(got Number, want float64) bool {
	g := float64(got)
	return g == want || math.IsNaN(g) && math.IsNaN(want) || math.Abs(g-want) <= 1e-12*max(1, math.Abs(want))
}
