package network_test

import (
	"math"
	"testing"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/loss"
)

// A recurrence that stretches every vector makes the gradient explode, and training
// diverge; with its norm clipped, it does not (Pascanu et al. 2013, sec. 3.2): the
// adding problem, 16 ReLU units, 50 steps, and Wh = 1.1*I and a little noise. With Wh = I
// it is the same, since a little noise stretches: of five seeds all diverge without
// clipping, and end at 0.16 to 0.19 with it.
func TestClippingPreventsExplosion(t *testing.T) {
	for seed := range uint64(3) {
		if mse := adding(t, seed, 0); mse < 10 {
			t.Errorf("seed %d: loss %v without clipping, want it above 10 or none", seed, mse)
		}
		if mse := adding(t, seed, 1); !(mse < 0.3) {
			t.Errorf("seed %d: loss %v with clipping, want it below 0.3", seed, mse)
		}
	}
}

// adding is the mean loss of the last 20 of 400 steps of SGD on the adding problem, with
// the gradient's norm clipped to most; 0: not clipped. It is +Inf if there is none.
func adding(t *testing.T, seed uint64, most float64) float64 {
	const steps, hidden, n = 50, 16, 32
	net := mustNew[float64](t, network.Shape{steps, 2},
		network.RNN{Hidden: hidden, Func: "relu", Recurrent: "identity", Gain: 1.1, Init: "uniform"}, network.Last{}, network.Dense{Out: 1, Init: "uniform"})
	rng := newRand(seed)
	w := net.Init(rng)
	for i := range hidden * hidden {
		w[2*hidden+i] += 0.01 * rng.NormFloat64()
	}
	x := network.NewTensor[float64](net.In(), n)
	target := loss.Target[float64]{Values: make([]float64, n), Stride: n}
	losses, dy, dw := make([]float64, n), network.NewTensor[float64](net.Out(), n), make([]float64, net.Dim())
	final := 0.0
	for step := range 400 {
		clear(x.Data)
		for i := range n {
			a, b := rng.IntN(steps/2), steps/2+rng.IntN(steps/2)
			for step := range steps {
				x.Row(2 * step)[i] = rng.Float64()
			}
			x.Row(2*a + 1)[i], x.Row(2*b + 1)[i] = 1, 1
			target.Values[i] = x.Row(2 * a)[i] + x.Row(2 * b)[i]
		}
		y := net.Forward(train, w, x)
		loss.Evaluate(loss.MSE, losses, dy.Data, y.Data, y.Stride, 1, n, target, 1.0/n)
		mean := 0.0
		for _, l := range losses {
			mean += l / n
		}
		if math.IsNaN(mean) {
			return math.Inf(1)
		}
		if step >= 380 {
			final += mean / 20
		}
		clear(dw)
		net.BackwardWeights(w, dw, dy)
		norm, scale := 0.0, 1.0
		for _, g := range dw {
			norm += g * g
		}
		if norm = math.Sqrt(norm); most > 0 && norm > most {
			scale = most / norm
		}
		for i, g := range dw {
			w[i] -= 0.01 * scale * g
		}
	}
	return final
}
