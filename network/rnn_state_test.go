package network_test

import (
	"math"
	"slices"
	"testing"

	"github.com/joust-bench/joust/network"
)

// One step of an RNN is a dense layer and its activation function, to the bit.
func TestRNNOfOneStep(t *testing.T) {
	for _, f := range []string{"tanh", "relu"} {
		rnn := mustNew[float64](t, network.Shape{1, 3}, network.RNN{Hidden: 4, Func: f})
		mlp := mustNew[float64](t, network.Shape{3}, network.Dense{Out: 4}, network.Activation{Func: f})
		w := rnn.Init(newRand(1))
		for i := range w[28:] {
			w[28+i] = 0.1 * float64(i)
		}
		dense := slices.Concat(w[:12], w[28:]) // without Wh
		x, dy := normal(newRand(2), network.Shape{3}, 5), normal(newRand(3), network.Shape{4}, 5)
		step := func(x network.Tensor[float64], f int) network.Tensor[float64] {
			return x.With(network.Shape{1, f}, x.Data)
		}
		if got, want := values(rnn.Forward(train, w, step(x, 3))), values(mlp.Forward(train, dense, x)); !slices.Equal(got, want) {
			t.Errorf("%s: outputs %v, want %v", f, got, want)
		}
		dw, ddense := make([]float64, len(w)), make([]float64, len(dense))
		if got, want := values(rnn.Backward(w, dw, step(dy, 4))), values(mlp.Backward(dense, ddense, dy)); !slices.Equal(got, want) {
			t.Errorf("%s: gradient of the inputs %v, want %v", f, got, want)
		}
		if got := slices.Concat(dw[:12], dw[28:]); !slices.Equal(got, ddense) {
			t.Errorf("%s: gradient %v, want %v", f, got, ddense)
		}
		if slices.ContainsFunc(dw[12:28], func(v float64) bool { return v != 0 }) {
			t.Errorf("%s: gradient of Wh %v, want 0", f, dw[12:28])
		}
	}
}

// A horizon of all steps is no horizon, to the bit, and one of a single step is Elman's
// rule: dWh is the sum of dz h' with dz = dy*f'.
func TestHorizonsOfAllStepsAndOfOne(t *testing.T) {
	in := network.Shape{6, 2}
	run := func(spec network.Spec) (dw, dx []float64, y, dy network.Tensor[float64]) {
		net := mustNew[float64](t, in, spec)
		w, x := net.Init(newRand(1)), normal(newRand(2), in, 4)
		x.Lens = []int{6, 2, 1, 5}
		y = net.Forward(train, w, x)
		dw, dy = make([]float64, net.Dim()), normal(newRand(3), net.Out(), 4)
		dx = values(net.Backward(w, dw, dy))
		return dw, dx, y, dy
	}
	for _, pair := range [][2]network.Spec{
		{network.RNN{Hidden: 3}, network.RNN{Hidden: 3, K1: 6, K2: 6}},
		{network.RNN{Hidden: 3, Initial: true}, network.RNN{Hidden: 3, Initial: true, K2: 7}},
		{network.GRU{Hidden: 3}, network.GRU{Hidden: 3, K1: 6, K2: 6}},
		{network.LSTM{Hidden: 3}, network.LSTM{Hidden: 3, K1: 6, K2: 6}},
	} {
		dw, dx, _, _ := run(pair[0])
		dw2, dx2, _, _ := run(pair[1])
		if !slices.Equal(dw2, dw) || !slices.Equal(dx2, dx) {
			t.Errorf("%+v: gradients %v and %v, want %v and %v as without a horizon", pair[1], dw2, dx2, dw, dx)
		}
	}

	dw, _, y, dy := run(network.RNN{Hidden: 3, K2: 1})
	want := make([]float64, 9)
	for step := 1; step < 6; step++ {
		for i := range 4 {
			if step >= y.Lens[i] {
				continue
			}
			for u := range 3 {
				h := y.Row(step*3 + u)[i]
				for v := range 3 {
					want[u*3+v] += dy.Row(step*3 + u)[i] * (1 - h*h) * y.Row((step-1)*3 + v)[i]
				}
			}
		}
	}
	near(t, "Elman's gradient of Wh", dw[6:15], want, 1e-14)
}

// With Wh of norm 0.9 and slopes of at most 1, the gradient of the state loses at least
// a tenth at each step back, whatever the data are. With Wx the identity, that of the
// inputs is that of the state times the slope.
func TestVanishingIsGuaranteedByTheNorm(t *testing.T) {
	const steps, hidden, n = 50, 8, 5
	for _, recurrent := range []string{"orthogonal", "identity", "lecun-normal", "xavier-uniform"} {
		for _, f := range []string{"tanh", "relu"} {
			net := mustNew[float64](t, network.Shape{steps, hidden}, network.RNN{Hidden: hidden, Func: f, Recurrent: recurrent, Norm: 0.9}, network.Last{})
			w := net.Init(newRand(1))
			clear(w[:hidden*hidden])
			for u := range hidden {
				w[u*hidden+u] = 1
			}
			x := normal(newRand(2), network.Shape{steps, hidden}, n)
			for i := range x.Data {
				x.Data[i] *= 0.1 // not saturated: nothing else makes the gradient vanish
			}
			net.Forward(train, w, x)
			dy := normal(newRand(3), network.Shape{hidden}, n)
			dx := net.Backward(w, make([]float64, net.Dim()), dy)
			for i := range n {
				size := func(row int, x network.Tensor[float64]) (s float64) {
					for u := range hidden {
						s += x.Row(row + u)[i] * x.Row(row + u)[i]
					}
					return math.Sqrt(s)
				}
				for s := range steps {
					bound := math.Pow(0.9, float64(steps-1-s)) * size(0, dy)
					if got := size(s*hidden, dx); got > bound*(1+1e-12) {
						t.Errorf("%s, %s: gradient of step %d of example %d has norm %g, want at most %g", recurrent, f, s, i, got, bound)
					}
				}
			}
		}
	}
}

// The weights that an RNN starts from: Wh as asked for, biases and state 0.
func TestRNNInitialWeights(t *testing.T) {
	init := func(s network.RNN) (wh, rest []float64, scale float64) {
		net := mustNew[float64](t, network.Shape{5, 2}, s)
		w := net.Init(newRand(1))
		off := 2 * s.Hidden
		return w[off:][:s.Hidden*s.Hidden], w[off+s.Hidden*s.Hidden:], net.Blocks()[1].Scale
	}
	wh, rest, scale := init(network.RNN{Hidden: 3, Recurrent: "identity", Gain: 1.1, Initial: true})
	if want := []float64{1.1, 0, 0, 0, 1.1, 0, 0, 0, 1.1}; !slices.Equal(wh, want) {
		t.Errorf("identity with gain 1.1: %v, want %v", wh, want)
	}
	if !slices.Equal(rest, make([]float64, 6)) {
		t.Errorf("biases and initial state %v, want zeros", rest)
	}
	if want := 1.1 / math.Sqrt(3); math.Abs(scale-want) > 1e-15 {
		t.Errorf("identity with gain 1.1: scale %v, want %v", scale, want)
	}
	// The scale is the root mean square of what is drawn: exactly for orthogonal
	// matrices, and nearly for others.
	for _, tt := range []struct {
		spec      network.RNN
		tolerance float64
	}{
		{network.RNN{Hidden: 40}, 1e-12},
		{network.RNN{Hidden: 40, Norm: 0.9}, 1e-12},
		{network.RNN{Hidden: 40, Recurrent: "lecun-normal", Gain: 1.5}, 0.1},
		{network.RNN{Hidden: 40, Recurrent: "lecun-normal", Norm: 0.9}, 0.1},
		{network.RNN{Hidden: 40, Recurrent: "zero", Norm: 0.9}, 1}, // nothing to scale
	} {
		wh, _, scale := init(tt.spec)
		square := 0.0
		for _, v := range wh {
			square += v * v / float64(len(wh))
		}
		if rms := math.Sqrt(square); math.Abs(rms-scale) > tt.tolerance*scale {
			t.Errorf("%+v: root mean square %v, want %v", tt.spec, rms, scale)
		}
	}
}
