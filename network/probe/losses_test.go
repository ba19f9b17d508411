package probe

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/loss"
)

// Targets at every step, all of the same weight, are those of one long output.
func TestTargetsAtEveryStep(t *testing.T) {
	const steps, out, n = 4, 3, 16
	in := network.Shape{steps, 2}
	net := mustNew[float64](t, in, network.RNN{Hidden: 5}, network.TimeDense{Out: out})
	w, rng := net.Init(newRand(1)), newRand(2)
	x := images(rng.NormFloat64, in, n)
	once := values(images(rng.NormFloat64, network.Shape{steps, out}, n))
	every := once
	every.Steps, every.Weights = steps, make([]float64, steps*every.Stride)
	for i := range every.Weights {
		every.Weights[i] = 1. / steps
	}
	about := cmpopts.EquateApprox(1e-9, 1e-12)
	nan := cmpopts.EquateNaNs()
	if d := cmp.Diff(Measure(net, w, x, loss.MSE, once), Measure(net, w, x, loss.MSE, every), about); d != "" {
		t.Errorf("Measure (-one output +a target at every step):\n%s", d)
	}
	if d := cmp.Diff(Take(net, w, x, loss.MSE, once), Take(net, w, x, loss.MSE, every), about, nan); d != "" {
		t.Errorf("Take (-one output +a target at every step):\n%s", d)
	}
}

// The same example many times has the mean loss that it has a few times, with the
// terms that layers add: the survey is the same.
func TestSurveyOfRepeatedExamples(t *testing.T) {
	in := network.Shape{5, 3}
	for _, spec := range []network.Spec{
		network.RNN{Hidden: 4, Omega: 2},
		network.Chunker{Levels: 2, Hidden: 4, Collapse: 0.5, Read: "all"},
	} {
		net := mustNew[float64](t, in, spec, network.Flatten{}, network.Dense{Out: 1})
		w := net.Init(newRand(1))
		repeated := func(n int) Landscape {
			rng := newRand(2)
			x, y := network.NewTensor[float64](in, n), network.NewTensor[float64](network.Shape{1}, n)
			fill := func(x network.Tensor[float64]) {
				for f := range x.Shape.Len() {
					v := rng.NormFloat64()
					for i := range n {
						x.Row(f)[i] = v
					}
				}
			}
			fill(x)
			fill(y)
			return Take(net, w, x, loss.MSE, values(y)).Landscape
		}
		if d := cmp.Diff(repeated(8), repeated(64), cmpopts.EquateApprox(1e-4, 1e-6)); d != "" {
			t.Errorf("%+v (-8 times +64 times):\n%s", spec, d)
		}
	}
}

// The gradient that is measured is that of the loss which is trained, the layers' own
// losses included.
func TestLossesOfLayersAreMeasured(t *testing.T) {
	const n = 6
	in := network.Shape{7, 3}
	net := mustNew[float64](t, in, network.Chunker{Levels: 2, Hidden: 4}, network.Dense{Out: 1})
	w, rng := net.Init(newRand(1)), newRand(2)
	x, y := images(rng.NormFloat64, in, n), values(normal(rng, 1, n))
	f := func() float64 {
		z := net.Forward(network.Pass{Mode: network.Train}, w, x)
		losses := make([]float64, n)
		loss.Evaluate(loss.MSE, losses, nil, z.Data, z.Stride, 1, n, y, 0)
		net.Auxiliary(losses, 0)
		sum := 0.0
		for _, l := range losses {
			sum += l / n
		}
		return sum
	}
	square, chunker := 0.0, net.Dim()-5 // without the dense layer's weights
	for i := range chunker {
		const eps = 1e-6
		w[i] += eps
		plus := f()
		w[i] -= 2 * eps
		square += math.Pow((plus-f())/(2*eps), 2) / float64(chunker)
		w[i] += eps
	}
	got := Measure(net, w, x, loss.MSE, y)[0].Grad
	within(t, "gradient of the chunker, by finite differences", got, math.Sqrt(square), 1e-6*got)

	g := make([]float64, net.Dim())
	value := mean(net, x, loss.MSE, y)(w, g)
	within(t, "loss that is surveyed", value, f(), 1e-12)
	within(t, "its gradient", rms(vector(g[:chunker])), math.Sqrt(square), 1e-6*got)
}
