package network_test

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/loss"
	"github.com/joust-bench/joust/network/probe"
)

// recurrent are layers of sequences (T, 3) whose memory is laid out in steps.
func recurrent() []network.Spec {
	return []network.Spec{
		network.RNN{Hidden: 4, Initial: true},
		network.RNN{Hidden: 3, K1: 2, K2: 4, Func: "relu"},
		network.RNN{Hidden: 4, Omega: 0.5},
		network.GRU{Hidden: 4},
		network.LSTM{Hidden: 3, Peepholes: true},
		network.LSTM1997{Blocks: 2, Size: 2, Range: 0.5},
		network.SequentialRNN{Hidden: 3, Out: 2, Recurrence: "self"},
		network.SequentialRNN{Hidden: 3, Out: 2, Logits: true},
		network.TimeDense{Out: 4},
		network.Bidirectional{Body: network.Specs{network.GRU{Hidden: 2}, network.Activation{Func: "tanh"}}},
	}
}

// Rows that are padded, as those of a batch of 128 are, give what rows without padding
// give.
func TestWideBatchesOfSequences(t *testing.T) {
	in := network.Shape{5, 3}
	const n = 128
	for _, spec := range recurrent() {
		net := mustNew[float64](t, in, spec)
		w, x, dy := net.Init(newRand(1)), normal(newRand(2), in, n), normal(newRand(3), net.Out(), n)
		for i := range n {
			x.Lens = append(x.Lens, 1+i%5)
		}
		y := values(net.Forward(train, w, x))
		dw := make([]float64, net.Dim())
		dx := values(net.Backward(w, dw, dy))

		sum := make([]float64, net.Dim())
		for _, part := range [][2]int{{0, 50}, {50, 51}, {51, n}} {
			lo, hi := part[0], part[1]
			cut := func(x network.Tensor[float64]) network.Tensor[float64] {
				x.Data, x.N = x.Data[lo:], hi-lo
				if x.Lens != nil {
					x.Lens = x.Lens[lo:hi]
				}
				return x
			}
			y2 := values(net.Forward(train, w, cut(x)))
			dx2 := values(net.Backward(w, sum, cut(dy)))
			for i, v := range y2 {
				if want := y[i/(hi-lo)*n+lo+i%(hi-lo)]; v != want {
					t.Fatalf("%+v: output %d of examples %d to %d is %v, want %v as in the whole batch", spec, i, lo, hi, v, want)
				}
			}
			for i, v := range dx2 {
				if want := dx[i/(hi-lo)*n+lo+i%(hi-lo)]; v != want {
					t.Fatalf("%+v: gradient of input %d of examples %d to %d is %v, want %v as in the whole batch", spec, i, lo, hi, v, want)
				}
			}
		}
		near(t, fmt.Sprintf("%+v: gradient as a sum of parts", spec), sum, dw, 1e-11)
	}
}

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

// One gated unit with weights 0 and the bias of n at 1: both gates are at 1/2.
func TestGRUByHand(t *testing.T) {
	n := mustNew[float64](t, network.Shape{3, 1}, network.GRU{Hidden: 1})
	w := make([]float64, n.Dim())
	w[3+3+2] = 1   // after Wx [3][1], Wh [3][1]: the biases of r, z, n
	w[3+3+3] = 0.5 // bn, of which the reset gate lets half through
	y := n.Forward(train, w, normal(newRand(1), network.Shape{3, 1}, 2))
	c := math.Tanh(1.25)
	for step, want := range []float64{c / 2, c * 3 / 4, c * 7 / 8} {
		for _, got := range y.Row(step) {
			if math.Abs(got-want) > 1e-15 {
				t.Errorf("step %d: h = %v, want %v", step+1, got, want)
			}
		}
	}
}

// The cell of 1997 with weights 0, the bias of the cell at 1, and gates at 1/2 and at
// sigmoid(2): c grows by half of g(1) each step.
func TestLSTM1997ByHand(t *testing.T) {
	n := mustNew[float64](t, network.Shape{4, 1}, network.LSTM1997{Blocks: 1})
	w := make([]float64, n.Dim())
	w[3*4+1], w[3*4+2] = 2, 1 // after W [3][4]: the biases of i, o and the cell
	y := n.Forward(train, w, normal(newRand(1), network.Shape{4, 1}, 2))
	sigmoid := func(z float64) float64 { return 1 / (1 + math.Exp(-z)) }
	for step := range 4 {
		c := float64(step+1) * 0.5 * (4*sigmoid(1) - 2)
		want := sigmoid(2) * (2*sigmoid(c) - 1)
		for _, got := range y.Row(step) {
			if math.Abs(got-want) > 1e-15 {
				t.Errorf("step %d: y = %v, want %v", step+1, got, want)
			}
		}
	}
}

// The networks of the paper's experiments 4 to 6 have as many weights as its tables 7
// to 9 say.
func TestLSTM1997HasThePapersWeights(t *testing.T) {
	for _, tt := range []struct{ in, blocks, size, out, want int }{
		{2, 2, 2, 1, 93},  // adding
		{8, 2, 2, 4, 156}, // temporal order of two symbols
		{8, 3, 2, 8, 308}, // of three
	} {
		n := mustNew[float64](t, network.Shape{10, tt.in}, network.LSTM1997{Blocks: tt.blocks, Size: tt.size}, network.TimeDense{Out: tt.out})
		if n.Dim() != tt.want {
			t.Errorf("%d inputs, %d blocks of %d, %d outputs: %d weights, want %d", tt.in, tt.blocks, tt.size, tt.out, n.Dim(), tt.want)
		}
	}
	n := mustNew[float64](t, network.Shape{3, 2}, network.LSTM1997{Blocks: 3, Size: 2, InputBias: -1, InputStep: -2, OutputBias: -2, OutputStep: -2})
	w := n.Init(newRand(1))
	matrix, bias := w[:12*14], w[12*14:]
	if want := []float64{-1, -3, -5, -2, -4, -6, 0, 0, 0, 0, 0, 0}; !slices.Equal(bias, want) {
		t.Errorf("initial biases %v, want %v", bias, want)
	}
	if m := slices.Max(matrix); m > 0.1 || m < 0.09 || slices.Min(matrix) < -0.1 || slices.Min(matrix) > -0.09 {
		t.Errorf("initial weights from %v to %v, want from -0.1 to 0.1", slices.Min(matrix), m)
	}
}

// One hidden unit computes parity, since the output sees it in the same step: it is the
// AND of the input and the output before, and takes away twice that from their sum.
func TestSequentialRNNComputesParity(t *testing.T) {
	n := mustNew[float64](t, network.Shape{60, 1}, network.SequentialRNN{Hidden: 1, Out: 1})
	logits := mustNew[float64](t, network.Shape{60, 1}, network.SequentialRNN{Hidden: 1, Out: 1, Logits: true})
	// Columns x, h, o, then the bias.
	w := []float64{80, 0, 80, -120, 80, -160, 80, -40}
	x := network.NewTensor[float64](network.Shape{60, 1}, 8)
	rng, parity := newRand(1), make([]float64, 8)
	for step := range 60 {
		for i := range x.Row(step) {
			x.Row(step)[i] = float64(rng.IntN(2))
		}
	}
	y, z := n.Forward(train, w, x), logits.Forward(train, w, x)
	for step := range 60 {
		for i, v := range x.Row(step) {
			parity[i] = math.Abs(parity[i] - v)
			if got := y.Row(step)[i]; math.Abs(got-parity[i]) > 1e-6 {
				t.Fatalf("example %d, step %d: output %v, want %v", i, step, got, parity[i])
			}
			if got, want := 1/(1+math.Exp(-z.Row(step)[i])), y.Row(step)[i]; math.Abs(got-want) > 1e-15 {
				t.Fatalf("example %d, step %d: logit of %v, want that of %v", i, step, got, want)
			}
		}
	}
}

// The first half of a bidirectional layer's outputs are its body's, and the second half
// those of the body on the reversed sequence.
func TestBidirectionalIsTwoBodies(t *testing.T) {
	in, body := network.Shape{5, 2}, network.Specs{network.LSTM{Hidden: 3}, network.TimeDense{Out: 2}}
	both := mustNew[float64](t, in, network.Bidirectional{Body: body})
	one := mustNew[float64](t, in, body...)
	w, x := both.Init(newRand(1)), normal(newRand(2), in, 3)
	x.Lens = []int{5, 3, 1}
	reverse := func(x network.Tensor[float64]) network.Tensor[float64] {
		r := network.NewTensor[float64](x.Shape, x.N)
		r.Lens = x.Lens
		for i, n := range x.Lens {
			for f := range n * 2 {
				r.Row(f)[i] = x.Row((n-1-f/2)*2 + f%2)[i]
			}
		}
		return r
	}
	y := both.Forward(train, w, x)
	first := values(one.Forward(train, w[:one.Dim()], x))
	second := values(reverse(one.Forward(train, w[one.Dim():], reverse(x))))
	for step := range 5 {
		for f := range 4 {
			want := first
			if f >= 2 {
				want = second
			}
			at := (step*2 + f%2) * 3
			if got := y.Row(step*4 + f); !slices.Equal(got, want[at:at+3]) {
				t.Errorf("step %d, output %d: %v, want %v", step, f, got, want[at:at+3])
			}
		}
	}
	var names []string
	for _, b := range both.Blocks() {
		names = append(names, b.Name)
	}
	want := []string{
		"0.bidirectional.forward.0.lstm.w", "0.bidirectional.forward.0.lstm.b", "0.bidirectional.forward.1.time-dense.w", "0.bidirectional.forward.1.time-dense.b",
		"0.bidirectional.backward.0.lstm.w", "0.bidirectional.backward.0.lstm.b", "0.bidirectional.backward.1.time-dense.w", "0.bidirectional.backward.1.time-dense.b",
	}
	if d := cmp.Diff(want, names); d != "" {
		t.Errorf("blocks (-want +got):\n%s", d)
	}
}

// What was built can be built again whatever happens to the specs' slices.
func TestBidirectionalKeepsItsBody(t *testing.T) {
	body := network.Specs{network.RNN{Hidden: 3}}
	n := mustNew[float64](t, network.Shape{4, 2}, network.Bidirectional{Body: body})
	body[0] = network.Last{}
	if got := n.Clone().Dim(); got != n.Dim() {
		t.Errorf("a clone has %d weights, want %d", got, n.Dim())
	}
}

// At each step, the layer is a dense one.
func TestTimeDenseIsDenseAtEachStep(t *testing.T) {
	in := network.Shape{4, 3}
	all := mustNew[float64](t, in, network.TimeDense{Out: 2, Init: "he-normal", Gain: 0.5})
	one := mustNew[float64](t, network.Shape{3}, network.Dense{Out: 2, Init: "he-normal", Gain: 0.5})
	w := all.Init(newRand(1))
	if !slices.Equal(w, one.Init(newRand(1))) {
		t.Error("initial weights are not those of a dense layer")
	}
	x := normal(newRand(2), in, 5)
	y := values(all.Forward(train, w, x))
	for step := range 4 {
		part := values(one.Forward(train, w, x.With(network.Shape{3}, x.Data[step*3*x.Stride:])))
		if !slices.Equal(y[step*10:][:10], part) {
			t.Errorf("step %d: outputs %v, want %v", step, y[step*10:][:10], part)
		}
	}
}

// A recurrence that stretches every vector makes the gradient explode, and training
// diverge; with its norm clipped, it does not (Pascanu et al. 2013, sec. 3.2): the
// adding problem, 16 ReLU units, 50 steps, and Wh = 1.1*I and a little noise.
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

func TestRecurrentErrors(t *testing.T) {
	seq := network.Shape{5, 2}
	tanh := network.Activation{Func: "tanh"}
	for _, spec := range recurrent() {
		if _, err := network.New[float64](network.Shape{5}, spec); err == nil || !strings.Contains(err.Error(), "want a sequence, (T, F), got (5)") {
			t.Errorf("%+v on a vector: error %v", spec, err)
		}
	}
	for _, tt := range []struct {
		in   network.Shape
		spec network.Spec
		want string
	}{
		{seq, network.RNN{}, "layer 0 (rnn): hidden is 0, want at least 1"},
		{seq, network.RNN{Hidden: 40000}, "hidden is 40000 with inputs (5, 2), want at most"},
		{network.Shape{1e6, 2}, network.RNN{Hidden: 2000}, "hidden is 2000 with inputs"},
		{seq, network.RNN{Hidden: math.MaxInt}, "want at most"},
		{seq, network.RNN{Hidden: 2, Func: "tan"}, `activation "tan", want one of`},
		{seq, network.RNN{Hidden: 2, Init: "identity"}, `unknown initializer "identity"`},
		{seq, network.RNN{Hidden: 2, Recurrent: "gauss"}, `unknown initializer "gauss"`},
		{seq, network.RNN{Hidden: 2, Gain: math.NaN()}, "gain is NaN, want a finite number"},
		{seq, network.RNN{Hidden: 2, Norm: math.Inf(1)}, "norm is +Inf, want a finite number"},
		{seq, network.RNN{Hidden: 2, Norm: -1}, "norm is -1 and gain 0, want one of them, and no negative norm"},
		{seq, network.RNN{Hidden: 2, Norm: 1, Gain: 2}, "norm is 1 and gain 2, want one of them"},
		{seq, network.RNN{Hidden: 2, Omega: -1}, "omega is -1 and k2 0, want one of them, and no negative omega"},
		{seq, network.RNN{Hidden: 2, Omega: 1, K2: 3}, "omega is 1 and k2 3, want one of them"},
		{seq, network.RNN{Hidden: 2, K1: 3}, "k1 is 3 without a k2"},
		{seq, network.RNN{Hidden: 2, K1: 3, K2: 2}, "k1 is 3 and k2 is 2, want k1 at most k2"},
		{seq, network.LSTM{Hidden: 2, K2: -2}, "k1 is 0 and k2 is -2, want at least 1"},
		{seq, network.GRU{}, "layer 0 (gru): hidden is 0"},
		{seq, network.GRU{Hidden: 20000}, "hidden is 20000 with inputs"},
		{seq, network.GRU{Hidden: 2, Init: "xavier"}, `"xavier"`},
		{seq, network.GRU{Hidden: 2, Recurrent: "xavier"}, `"xavier"`},
		{seq, network.GRU{Hidden: 2, K1: 1}, "k1 is 1 without a k2"},
		{seq, network.LSTM1997{}, "0 blocks of 1 cells, want at least 1"},
		{seq, network.LSTM1997{Blocks: 1, Size: -1}, "1 blocks of -1 cells"},
		{seq, network.LSTM1997{Blocks: math.MaxInt, Size: math.MaxInt - 2}, "want at least 1, and at most"},
		{seq, network.LSTM1997{Blocks: 10000, Size: 4}, "want at most"},
		{seq, network.LSTM1997{Blocks: 1, Range: -1}, "range is -1, want a positive number"},
		{seq, network.LSTM1997{Blocks: 1, OutputStep: math.NaN()}, "output_step is NaN"},
		{seq, network.SequentialRNN{Out: 1}, "hidden is 0"},
		{seq, network.SequentialRNN{Hidden: 1}, "out is 0 with 1 hidden units"},
		{seq, network.SequentialRNN{Hidden: 30000, Out: 30000}, "out is 30000"},
		{seq, network.SequentialRNN{Hidden: 1, Out: math.MaxInt}, "out is"},
		{seq, network.SequentialRNN{Hidden: 1, Out: 1, Recurrence: "some"}, `recurrence "some", want full, self or none`},
		{seq, network.SequentialRNN{Hidden: 1, Out: 1, Func: "tan"}, `"tan"`},
		{seq, network.SequentialRNN{Hidden: 1, Out: 1, OutFunc: "tan"}, `"tan"`},
		{seq, network.SequentialRNN{Hidden: 1, Out: 1, Init: "tan"}, `"tan"`},
		{seq, network.TimeDense{}, "layer 0 (time-dense): out is 0"},
		{network.Shape{1e6, 2}, network.TimeDense{Out: 2000}, "want at most 1000000000 values"},
		{seq, network.Bidirectional{}, "want a body of at least one layer"},
		{seq, network.Bidirectional{Body: network.Specs{network.Last{}}}, "want a body to as many steps, (5, G), got (2)"},
		{network.Shape{4, 4}, network.Bidirectional{Body: network.Specs{network.Flatten{}}}, "got (16)"},
		{seq, network.Bidirectional{Body: network.Specs{tanh, network.Dense{Out: 2}}}, "layer 1 (dense): want a vector"},
	} {
		_, err := network.New[float64](tt.in, tt.spec)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v %+v: error %v, want %q in it", tt.in, tt.spec, err, tt.want)
		}
	}
}

// Blocks are named, and laid out as the layers' comments say.
func TestRecurrentBlocks(t *testing.T) {
	for _, tt := range []struct {
		spec network.Spec
		want string // name:length/rows/fan-in
	}{
		{network.RNN{Hidden: 3, Initial: true}, "wx:6/3/2 wh:9/3/3 b:3/3/0 h0:3/3/0"},
		{network.GRU{Hidden: 3}, "wx:18/9/2 wh:27/9/3 b:9/9/0 bn:3/3/0"},
		{network.LSTM1997{Blocks: 2, Size: 3}, "w:120/10/12 b:10/10/0"},
		{network.SequentialRNN{Hidden: 3, Out: 4}, "wh:27/3/9 bh:3/3/0 wo:36/4/9 bo:4/4/0"},
		{network.SequentialRNN{Hidden: 3, Out: 4, Recurrence: "self"}, "wh:21/3/7 bh:3/3/0 wo:36/4/9 bo:4/4/0"},
		{network.SequentialRNN{Hidden: 3, Out: 4, Recurrence: "none"}, "wh:18/3/6 bh:3/3/0 wo:36/4/9 bo:4/4/0"},
		{network.TimeDense{Out: 3}, "w:6/3/2 b:3/3/0"},
	} {
		var got []string
		for _, b := range mustNew[float64](t, network.Shape{5, 2}, tt.spec).Blocks() {
			name := b.Name[strings.LastIndexByte(b.Name, '.')+1:]
			got = append(got, fmt.Sprintf("%s:%d/%d/%d", name, b.Len, b.Rows, b.FanIn))
		}
		if got := strings.Join(got, " "); got != tt.want {
			t.Errorf("%+v: blocks %s, want %s", tt.spec, got, tt.want)
		}
	}
}

// Specs come back from JSON as they were.
func TestRecurrentSpecsJSON(t *testing.T) {
	want := network.Specs{
		network.RNN{Hidden: 3, Func: "relu", Init: "he-normal", Recurrent: "identity", Gain: 1.1, Initial: true, K1: 2, K2: 4},
		network.RNN{Hidden: 3, Norm: 0.9, Omega: 2},
		network.GRU{Hidden: 3, Init: "he-normal", Recurrent: "orthogonal", K1: 1, K2: 2},
		network.LSTM{Hidden: 3, Truncated: true, K1: 1, K2: 2},
		network.LSTM1997{Blocks: 2, Size: 3, Range: 0.2, InputBias: -1, InputStep: -2, OutputBias: -3, OutputStep: -4, Truncated: true},
		network.Bidirectional{Body: network.Specs{network.Bidirectional{Body: network.Specs{network.TimeDense{Out: 2, Init: "zero", Gain: 3, NoBias: true}}}}},
		network.SequentialRNN{Hidden: 2, Out: 3, Func: "tanh", OutFunc: "relu", Recurrence: "none", Logits: true, Init: "zero"},
	}
	b, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got network.Specs
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("from %s (-want +got):\n%s", b, d)
	}
}

// A probe sees recurrent layers, those in a bidirectional one too, and the outputs in
// Infer mode are those of Train.
func TestRecurrentLayersAreObserved(t *testing.T) {
	in := network.Shape{6, 2}
	n := mustNew[float64](t, in, network.Bidirectional{Body: network.Specs{network.RNN{Hidden: 3}}}, network.GRU{Hidden: 2}, network.Last{}, network.Dense{Out: 2})
	w := n.Init(newRand(1))
	x := normal(newRand(2), in, 4)
	x.Lens = []int{6, 1, 3, 5}
	if a, b := values(n.Forward(train, w, x)), values(n.Forward(network.Pass{}, w, x)); !slices.Equal(a, b) {
		t.Errorf("Infer: outputs %v, want those of Train, %v", b, a)
	}
	health := probe.Measure(n, w, x, loss.MSE, loss.Target[float64]{Values: make([]float64, 8), Stride: 4})
	var names []string
	for _, h := range health {
		names = append(names, h.Name)
		if !(h.Delta > 0 && h.Grad > 0 && h.Weight > 0 && h.Std > 0) {
			t.Errorf("health %+v, want a gradient, and outputs", h)
		}
	}
	if want := []string{"0.bidirectional.forward.0.rnn", "0.bidirectional.backward.0.rnn", "1.gru", "3.dense"}; !slices.Equal(names, want) {
		t.Errorf("layers %q, want %q", names, want)
	}
}
