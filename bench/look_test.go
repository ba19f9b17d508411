package bench_test

import (
	"encoding/json"
	"iter"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network/probe"
	"github.com/joust-bench/joust/optimizers"
)

// blobTask is the blobs with a network of one hidden layer.
func blobTask(n int) bench.Task {
	return bench.Task{Name: "sphere", New: func(_ json.RawMessage, s bench.Setup) (bench.Objective, error) {
		s.Layers = mlp(false)
		return bench.Supervise(blobs(n), s)
	}}
}

// Every contender is probed at the same work, whether or not it uses gradients, and
// surveyed at the start and the end.
func TestProbesOfEveryContender(t *testing.T) {
	pop := scripted("pop", func(step int, w []float64) ([][]float64, error) {
		list := make([][]float64, 5)
		for i := range list {
			list[i] = slices.Clone(w)
			list[i][0] += float64(i+step%3) / 10
		}
		return list, nil
	}, nothing)
	r := runner(blobTask(300), gradientDescent(), pop)
	for _, tt := range []struct {
		optimizer string
		step      float64 // its work
	}{{"descent", 30}, {"pop", 50}} {
		trial := trialOf(tt.optimizer, 100000)
		trial.Batch = 10
		res := runTrial(t, r, trial)
		if n := len(res.Probes); n != 14 {
			t.Errorf("%s: %d probes, want 14", tt.optimizer, n)
		}
		for i, p := range res.Probes {
			first, last := i == 0, i == len(res.Probes)-1
			want := 0.0
			if !first {
				want = 100 * math.Pow(10, float64(i-1)/4)
			}
			if got := p.Work.Units(3); !last && (got < want || got > want+2*tt.step) {
				t.Errorf("%s: probe %d at work %v, want the first step from %v on", tt.optimizer, i, got, want)
			}
			if got := p.Survey != nil; got != (first || last) {
				t.Errorf("%s: probe %d of %d has a survey: %v", tt.optimizer, i, len(res.Probes), got)
			}
			if len(p.Layers) != 2 || !first && len(p.Updates) != 2 || first && p.Updates != nil {
				t.Errorf("%s: probe %d has %d layers and updates %v, want 2, but no updates at the start", tt.optimizer, i, len(p.Layers), p.Updates)
			}
			if got := p.Search != nil; got != (tt.optimizer == "pop" && !first) {
				t.Errorf("%s: probe %d has a search: %v", tt.optimizer, i, got)
			}
			if s := p.Search; s != nil && (s.Candidates != 5 || !(s.Spread > 0) || !(s.Better > 0 && s.Better < 1) || !(s.Rank >= -1 && s.Rank <= 1)) {
				t.Errorf("%s: probe %d: %+v, want figures of 5 candidates", tt.optimizer, i, *s)
			}
		}
		if s := res.Probes[0].Survey; len(s.Layers) != 2 || len(s.Stages) != 2 || !(s.Sharpness > 0) || !(s.Layers[0].Rank > 1) {
			t.Errorf("%s: survey %+v, want figures of two layers", tt.optimizer, *s)
		}
	}
}

// A step of gradient descent by lr times g changes the weights by that.
func TestUpdatesAreThoseOfTheLastStep(t *testing.T) {
	const lr = 1e-3
	slow := define("slow", optimizers.NeedGrad, func(p optimizers.Problem) optimizers.Optimizer {
		return &script{w: slices.Clone(p.Init), ask: oneCandidate, tell: func(_ int, w []float64, evals []optimizers.Evaluation) error {
			for i, g := range evals[0].Grad {
				w[i] -= lr * g
			}
			return nil
		}}
	})
	// All of the data at each step, which the probes use too: 100 of them.
	res := runTrial(t, runner(blobTask(100), slow), trialOf("slow", 30000))
	for i, p := range res.Probes[2 : len(res.Probes)-1] {
		for l, u := range p.Updates {
			// The gradient of one step before, which lr is too small to change much.
			if want := lr * p.Layers[l].Grad / p.Layers[l].Weight; !(math.Abs(u/want-1) < 0.02) {
				t.Errorf("probe %d, layer %d: update %v, want about %v", i+2, l, u, want)
			}
		}
	}
}

// The candidates of a probe are evaluated on a second minibatch, that of the next
// step: this is free, and told to nobody. With all of the data there is only one.
func TestRankIsFree(t *testing.T) {
	var told []float64
	pop := scripted("pop", func(step int, w []float64) ([][]float64, error) {
		a, b := slices.Clone(w), slices.Clone(w)
		a[0], b[1] = float64(step), 2
		return [][]float64{a, b, w}, nil
	}, func(_ int, _ []float64, evals []optimizers.Evaluation) error {
		for _, e := range evals {
			told = append(told, e.Loss)
		}
		return nil
	})
	trial := trialOf("pop", 6000)
	trial.Batch = 10
	res := runTrial(t, runner(blobTask(80), pop), trial)
	if got, want := res.Work.Forward, int64(30*res.Steps); got != want+10*40 { // ten finalists, on 40 examples
		t.Errorf("work %d, want %d for the steps, and 400 to choose the final point", got, want)
	}
	// The same steps, with no probes in between.
	o := supervise(t, blobs(80), bench.Setup{Batch: 10})
	evals := make([]optimizers.Evaluation, 3)
	for step := range res.Steps {
		w := o.Init()
		a, b := slices.Clone(w), slices.Clone(w)
		a[0], b[1] = float64(step), 2
		o.Evaluate(optimizers.NeedLoss, [][]float64{a, b, w}, step, evals)
		for i, e := range evals {
			if e.Loss != told[3*step+i] {
				t.Fatalf("step %d: told a loss of %v, want %v, as without probes", step, told[3*step+i], e.Loss)
			}
		}
	}
	// Ranks are those on the minibatch of the next step, of three candidates.
	below := 0
	for i, p := range res.Probes {
		if p.Search == nil || math.IsNaN(p.Search.Rank) {
			continue
		}
		step := int(p.Work.Forward / 30) // made so far
		w := o.Init()
		a, b := slices.Clone(w), slices.Clone(w)
		a[0], b[1] = float64(step-1), 2
		o.Evaluate(optimizers.NeedLoss, [][]float64{a, b, w}, step, evals)
		d2 := 0.0 // of the ranks
		for j, e := range evals {
			d := 0.0
			for k, f := range evals {
				if f.Loss < e.Loss {
					d++
				}
				if told[3*step-3+k] < told[3*step-3+j] {
					d--
				}
			}
			d2 += d * d
		}
		want := 1 - 6*d2/24
		if math.Abs(p.Search.Rank-want) > 1e-12 {
			t.Errorf("probe %d: rank correlation %v, want %v", i, p.Search.Rank, want)
		}
		if want < 1 {
			below++
		}
	}
	if below == 0 {
		t.Error("all rank correlations are 1, the test shows nothing")
	}
	trial.Batch = 0
	for i, p := range runTrial(t, runner(blobTask(80), pop), trial).Probes {
		if p.Search != nil && p.Search.Rank != 1 {
			t.Errorf("probe %d on all of the data: rank correlation %v, want 1", i, p.Search.Rank)
		}
	}
}

type diagnoser struct{ script }

func (d *diagnoser) Diagnostics() iter.Seq2[string, float64] {
	return func(yield func(string, float64) bool) { _ = yield("sigma", float64(d.step)) && yield("condition", 2) }
}

func TestDiagnosticsAreKept(t *testing.T) {
	def := define("o", optimizers.NeedLoss, func(p optimizers.Problem) optimizers.Optimizer {
		return &diagnoser{script{w: slices.Clone(p.Init), ask: oneCandidate, tell: nothing}}
	})
	for i, p := range runTrial(t, runner(sphereTask(sphere{}), def), trialOf("o", 1e4)).Probes {
		want := []bench.Diagnostic{{Name: "sigma", Value: float64(p.Work.Forward / 10)}, {Name: "condition", Value: 2}}
		if d := cmp.Diff(want, p.Diagnostics); d != "" {
			t.Errorf("probe %d: %s", i, d)
		}
	}
}

// The last probe is of the final weights, also if they were elected after it.
func TestLastProbeIsOfTheFinalWeights(t *testing.T) {
	pop := scripted("pop", func(step int, w []float64) ([][]float64, error) {
		list := make([][]float64, 12)
		for i := range list {
			list[i] = slices.Clone(w)
			list[i][i] += 0.5
		}
		return list, nil
	}, nothing)
	trial := trialOf("pop", 4000)
	trial.Batch = 5
	res := runTrial(t, runner(blobTask(90), pop), trial)
	o := supervise(t, blobs(90), bench.Setup{Batch: 5})
	last := res.Probes[len(res.Probes)-1]
	if d := cmp.Diff(o.Probe(res.Weights), last.Layers); d != "" {
		t.Errorf("final weights (-), last probe (+):\n%s", d)
	}
	if d := cmp.Diff(o.(bench.Surveyor).Survey(res.Weights), last.Survey); d != "" {
		t.Errorf("final weights (-), last survey (+):\n%s", d)
	}
}

// Surveys are in float64 whatever the network is, and do not depend on threads.
func TestSurveyPrecision(t *testing.T) {
	var want *probe.Survey
	for _, s := range []bench.Setup{{}, {Threads: 3}, {Precision: "float32"}} {
		for _, norm := range []bool{false, true} {
			s.Layers = mlp(norm)
			o := supervise(t, blobs(100), s)
			got := o.(bench.Surveyor).Survey(o.Init())
			if norm {
				if got == nil || got.Stages[0].Chi == want.Stages[0].Chi {
					t.Errorf("survey with a batch norm: %+v, want another one", got)
				}
				continue
			}
			if want == nil {
				want = got
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%+v: %s", s, d)
			}
		}
	}
}
