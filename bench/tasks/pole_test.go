package tasks

import (
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/optimizers"
)

func balanced(t *testing.T, config string, threads int, precision string) bench.Objective {
	t.Helper()
	s := setup(3, "")
	s.Layers = func(_, out network.Shape) (network.Specs, error) {
		return network.Specs{network.Dense{Out: out.Len(), NoBias: true}}, nil
	}
	s.Threads, s.Precision = threads, precision
	o, err := named(t, "pole-balancing").New(json.RawMessage(config), s)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// A linear controller that pushes under the pole, and towards the middle, balances
// one pole from everywhere; one that pushes the other way does not, nor does none.
func TestPolesAreBalancedByPushingUnderThem(t *testing.T) {
	for _, precision := range []string{"float64", "float32"} {
		o := balanced(t, `{}`, 1, precision)
		good, bad := []float64{0.5, 1, 4, 3}, []float64{-0.5, -1, -4, -3}
		if got := o.Score(good, bench.Test); got.Loss != 0 || got.Value != 1 || !o.Goal().Reached(got.Value) {
			t.Errorf("%s: %+v, want every episode balanced", precision, got)
		}
		for name, got := range map[string]bench.Score{"pushing away": o.Score(bad, bench.Valid), "no force": o.Constant()} {
			if got.Value != 0 || got.Loss < 0.8 || got.Loss >= 1 {
				t.Errorf("%s: %s has %+v, want a fall within a fifth of the time", precision, name, got)
			}
		}
	}
}

// Work is the steps that were simulated: the loss says how many.
func TestPoleWorkIsWhatWasSimulated(t *testing.T) {
	o := balanced(t, `{"starts":3,"limit":200}`, 1, "float64")
	if o.Examples() != 600 || o.Batch() != 600 {
		t.Errorf("%d examples, %d in a minibatch, want 600", o.Examples(), o.Batch())
	}
	evals := make([]optimizers.Evaluation, 2)
	o.Evaluate(optimizers.NeedLoss, [][]float64{{0.5, 1, 4, 3}, {0, 0, 0, 0}}, 0, evals)
	if evals[0].Loss != 0 || evals[1].Loss < 0.3 || evals[1].Loss >= 1 {
		t.Fatalf("losses %v and %v, want 0 and about 0.7", evals[0].Loss, evals[1].Loss)
	}
	want := int64(math.Round(600 + 600*(1-evals[1].Loss)))
	if got := o.(bench.Metered).Spent(); got != (bench.Work{Forward: want}) {
		t.Errorf("spent %+v, want %d forward passes", got, want)
	}
	if part, calibration := o.ScoreWork(bench.Valid); part.Forward != 20*200 || calibration != (bench.Work{}) {
		t.Errorf("scoring costs %+v and %+v, want at most 4000 steps", part, calibration)
	}
}

func TestPoleHasNoGradient(t *testing.T) {
	o := balanced(t, `{}`, 1, "float64")
	if has, why := o.HasGrad(); has || why == "" || o.Probe(o.Init()) != nil {
		t.Errorf("a gradient: %t (%s)", has, why)
	}
}

func TestPoleSameBitsForAnyNumberOfThreads(t *testing.T) {
	for _, config := range []string{`{"limit":100}`, `{"poles":2,"limit":100}`} {
		var want []float64
		for _, threads := range []int{1, 2, 3} {
			o := balanced(t, config, threads, "float64")
			var candidates [][]float64
			for k := range 9 {
				w := slices.Clone(o.Init())
				for i := range w {
					w[i] += float64(k*(i+1)%7) - 2
				}
				candidates = append(candidates, w)
			}
			evals := make([]optimizers.Evaluation, len(candidates))
			o.Evaluate(optimizers.NeedLoss, candidates, 0, evals)
			got := []float64{float64(o.(bench.Metered).Spent().Forward), o.Score(candidates[1], bench.Test).Loss}
			for _, e := range evals {
				got = append(got, e.Loss)
			}
			if want == nil {
				want = got
			} else if !slices.Equal(got, want) {
				t.Errorf("%s: %d threads gave %v, want %v", config, threads, got, want)
			}
		}
	}
}

func TestPoleDoesNotAllocate(t *testing.T) {
	o := balanced(t, `{"limit":50}`, 1, "float32")
	evals, candidates := make([]optimizers.Evaluation, 2), [][]float64{o.Init(), {0.5, 1, 4, 3}}
	run := func() { o.Evaluate(optimizers.NeedLoss, candidates, 0, evals) }
	run()
	if n := testing.AllocsPerRun(10, run); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

func TestPoleRefuses(t *testing.T) {
	with := func(specs ...network.Spec) error {
		s := setup(1, "")
		s.Layers = func(_, _ network.Shape) (network.Specs, error) { return specs, nil }
		_, err := named(t, "pole-balancing").New(nil, s)
		return err
	}
	for want, err := range map[string]error{
		"it normalises over a minibatch":                 with(network.Dense{Out: 3}, network.BatchNorm{}, network.Dense{Out: 1}),
		"output has shape (2), want (1)":                 with(network.Dense{Out: 2}),
		"no weights to train":                            with(),
		"layer 0 (lstm): want a sequence, (T, F), got (": with(network.LSTM{Hidden: 2}),
	} {
		if want == "no weights to train" {
			want = "output has shape (4)" // the identity
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want an error with %q", err, want)
		}
	}
	var why bench.Unsuited
	if err := with(network.Dense{Out: 3}, network.BatchNorm{}, network.Dense{Out: 1}); !errors.As(err, &why) {
		t.Errorf("%v: want it to say that the model does not suit", err)
	}
}
