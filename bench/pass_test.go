package bench_test

import (
	"slices"
	"testing"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/optimizers"
)

func dropping(_, out network.Shape) (network.Specs, error) {
	return network.Specs{
		network.Dense{Out: 40},
		network.Noise{Shift: 0.1, Scale: 1.1, ShiftSpread: 0.1, ScaleSpread: 0.1},
		network.Activation{Func: "tanh"},
		network.Dropout{Rate: 0.4},
		network.Dense{Out: out.Len()},
	}, nil
}

// What layers draw at random belongs to the step: the same for all candidates, in
// populations and with gradients, on any number of threads, however the minibatch is
// cut.
func TestRandomChoicesAreTheSameForAllCandidates(t *testing.T) {
	for _, precision := range []string{"float64", "float32"} {
		for _, batch := range []int{0, 200} {
			want := threeSteps(t, bench.Setup{Batch: batch, Layers: dropping, Precision: precision, Threads: 1})
			for _, threads := range []int{2, 3} {
				if got := threeSteps(t, bench.Setup{Batch: batch, Layers: dropping, Precision: precision, Threads: threads}); !slices.Equal(got, want) {
					t.Errorf("%s, batch %d: %d threads differ from 1", precision, batch, threads)
				}
			}
		}
	}
}

// They change from step to step and with the seed, and when a step is evaluated again
// they are as before; scores draw nothing.
func TestRandomChoicesChangeWithTheStep(t *testing.T) {
	loss := func(o bench.Objective, w []float64, step int) float64 {
		evals := make([]optimizers.Evaluation, 1)
		o.Evaluate(optimizers.NeedLoss, [][]float64{w}, step, evals)
		return evals[0].Loss
	}
	d := blobs(300)
	o := supervise(t, d, bench.Setup{Layers: dropping, Seed: 1})
	w := o.Init()
	score := o.Score(w, bench.Test)
	first := loss(o, w, 0)
	if got := loss(o, w, 1); got == first {
		t.Errorf("steps 0 and 1 have the same loss %v, want others to be dropped", got)
	}
	if got := loss(o, w, 0); got != first {
		t.Errorf("step 0 again has loss %v, want %v", got, first)
	}
	if got := loss(supervise(t, d, bench.Setup{Layers: dropping, Seed: 2}), w, 0); got == first {
		t.Errorf("seeds 1 and 2 have the same loss %v, want others to be dropped", got)
	}
	if got := o.Score(w, bench.Test); got != score {
		t.Errorf("score %v after training steps, want %v", got, score)
	}
}
