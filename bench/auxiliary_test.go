package bench_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/loss"
	"github.com/joust-bench/joust/optimizers"
)

// What layers lose by themselves is trained on, and not scored. A pyramid of sigmoids
// without weights has an activity of 1/2 everywhere: its outputs are off by what that is
// from the targets, and its hidden arrays cost half of the prior.
func TestScoresLeaveOutAuxiliaryLosses(t *testing.T) {
	const prior, n, pixels = 0.6, 5, 16
	rng := rand.New(rand.NewPCG(1, 1))
	images := bench.Examples{N: n}
	want := 0.0
	for range n * pixels {
		y := rng.Float64()
		images.X, images.Y = append(images.X, rng.NormFloat64()), append(images.Y, y)
		want += (0.5 - y) * (0.5 - y) / (n * pixels)
	}
	shape := network.Shape{1, 4, 4}
	data := bench.Data{
		In: shape, Image: shape, Out: pixels, Loss: loss.MSE, Goal: bench.Goal{Metric: bench.Metric{Name: "rmse"}},
		Train: images, Valid: images, Test: images,
	}
	o := supervise(t, data, bench.Setup{Layers: func(_, _ network.Shape) (network.Specs, error) {
		return network.Specs{network.Pyramid{Features: []int{2, 3}, Steps: 4, Prior: prior}}, nil
	}})
	w := make([]float64, len(o.Init()))
	evals := make([]optimizers.Evaluation, 1)
	for _, need := range []optimizers.Need{optimizers.NeedLoss, optimizers.NeedGrad} {
		evals[0].Grad = make([]float64, len(w))
		o.Evaluate(need, [][]float64{w}, 0, evals)
		if got := evals[0].Loss; math.Abs(got-(want+prior/2)) > 1e-12 {
			t.Errorf("training loss %v, want %v of the outputs and %v of activity", got, want, prior/2)
		}
	}
	for _, s := range []bench.Split{bench.Valid, bench.Test} {
		if got := o.Score(w, s); math.Abs(got.Loss-want) > 1e-12 || math.Abs(got.Value-math.Sqrt(want)) > 1e-12 {
			t.Errorf("%s: score %+v, want the loss of the outputs, %v, and its root", s, got, want)
		}
	}
}
