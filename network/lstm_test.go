package network_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/loss"
	"github.com/joust-bench/joust/network/probe"
)

// One cell with weights 0 and the bias of g at 1: three steps worked out by hand.
func TestLSTMByHand(t *testing.T) {
	n := mustNew[float64](t, network.Shape{3, 1}, network.LSTM{Hidden: 1})
	w := make([]float64, n.Dim())
	w[8+3] = 1 // after W [4][2]: the biases of i, f, o, g
	y := n.Forward(train, w, normal(newRand(1), network.Shape{3, 1}, 2))
	for step, want := range []float64{.1816997422, .2581184019, .2913017215} {
		for _, got := range y.Row(step) {
			if math.Abs(got-want) > 1e-10 {
				t.Errorf("step %d: h = %.10f, want %.10f", step+1, got, want)
			}
		}
	}
}

// With the forget gates open, the input gates closed and no recurrent weights, the
// gradient of a cell state is the same at all steps before the loss. It shows in
// the gradient of the inputs, which reach the cells with the same factor each time.
func TestLSTMConstantErrorCarousel(t *testing.T) {
	const steps, hidden = 50, 3
	n := mustNew[float64](t, network.Shape{steps, 1}, network.LSTM{Hidden: hidden, ForgetBias: 40}, network.Last{})
	w := make([]float64, n.Dim())
	columns := 1 + hidden
	for u := range hidden {
		w[(3*hidden+u)*columns] = 1 + float64(u) // x to g
		w[4*hidden*columns+u] = -40              // i
		w[4*hidden*columns+hidden+u] = 40        // f
		w[4*hidden*columns+2*hidden+u] = 0.5     // o
	}
	x := network.NewTensor[float64](network.Shape{steps, 1}, 2)
	n.Forward(train, w, x)
	dy := normal(newRand(1), network.Shape{hidden}, 2)
	dx := n.Backward(w, make([]float64, n.Dim()), dy)
	// At x = 0, g = 0 and tanh'(0) = 1: dx is the sum over cells of dc*i*w, and
	// dc is dh*o*(1-tanh(c)^2) with c = 0.
	for i := range 2 {
		want := 0.
		for u := range hidden {
			want += dy.Row(u)[i] / (1 + math.Exp(-0.5)) / (1 + math.Exp(40)) * (1 + float64(u))
		}
		for s := range steps {
			if got := dx.Row(s)[i]; !(math.Abs(got-want) <= 1e-12*math.Abs(want)) {
				t.Errorf("gradient of the input at step %d, example %d: %g, want %g", s, i, got, want)
			}
		}
	}
}

// The gradient that reaches the first of 100 inputs vanishes with forget gates that
// start half closed, and does not with open ones.
func TestLSTMForgetBiasKeepsTheGradient(t *testing.T) {
	share := func(bias float64) float64 {
		n := mustNew[float64](t, network.Shape{100, 2}, network.LSTM{Hidden: 32, ForgetBias: bias}, network.Last{})
		w := n.Init(newRand(1))
		n.Forward(train, w, normal(newRand(2), network.Shape{100, 2}, 8))
		dx := n.Backward(w, make([]float64, n.Dim()), normal(newRand(3), network.Shape{32}, 8))
		size := func(row int) (s float64) {
			for _, v := range dx.Row(row) {
				s += v * v
			}
			return math.Sqrt(s)
		}
		return size(0) / size(2*99)
	}
	// The gates are about sigmoid(bias), to the power of 99: 1e-30 at 0, 0.5 at 5.
	if closed, open := share(0), share(5); closed > 1e-9 || open < 1e-2 {
		t.Errorf("the first input has %.1e of the last one's gradient at bias 0, %.1e at bias 5, want below 1e-9 and above 1e-2", closed, open)
	}
}

func TestLSTMBlocks(t *testing.T) {
	n := mustNew[float64](t, network.Shape{7, 2}, network.LSTM{Hidden: 3, ForgetBias: 1.5, Init: "lecun-normal", Peepholes: true})
	want := []network.Block{
		{Name: "0.lstm.w", Off: 0, Len: 60, Rows: 12, FanIn: 5, Scale: math.Sqrt(1.0 / 5)},
		{Name: "0.lstm.b", Off: 60, Len: 12, Rows: 12},
		{Name: "0.lstm.pi", Off: 72, Len: 3, Rows: 3},
		{Name: "0.lstm.pf", Off: 75, Len: 3, Rows: 3},
		{Name: "0.lstm.po", Off: 78, Len: 3, Rows: 3},
	}
	if d := cmp.Diff(want, n.Blocks()); d != "" {
		t.Errorf("blocks (-want +got):\n%s", d)
	}
	w := n.Init(newRand(1))
	if got, want := w[60:], append([]float64{0, 0, 0, 1.5, 1.5, 1.5}, make([]float64, 15)...); !slices.Equal(got, want) {
		t.Errorf("initial biases and peepholes %v, want %v", got, want)
	}
	if slices.Contains(w[:60], 0) {
		t.Errorf("initial weights %v, want none 0", w[:60])
	}
	// The fan-out of a gate is the number of cells: U(±√(6/(F+H+H))).
	b := mustNew[float64](t, network.Shape{7, 2}, network.LSTM{Hidden: 3}).Blocks()
	if len(b) != 2 || math.Abs(b[0].Scale-math.Sqrt(2.0/8)) > 1e-15 {
		t.Errorf("blocks without peepholes %v, want w at a scale of 0.5, and b", b)
	}
}

func TestSequenceErrors(t *testing.T) {
	seq := network.Shape{5, 2}
	for _, tt := range []struct {
		in   network.Shape
		spec network.Spec
		want string
	}{
		{network.Shape{5}, network.LSTM{Hidden: 2}, "layer 0 (lstm): want a sequence, (T, F), got (5)"},
		{network.Shape{5}, network.Last{}, "layer 0 (last): want a sequence, (T, F), got (5)"},
		{seq, network.LSTM{}, "hidden is 0, want at least 1"},
		{seq, network.LSTM{Hidden: 16000}, "hidden is 16000 with inputs (5, 2), want at most"},
		{network.Shape{1e6, 2}, network.LSTM{Hidden: 1000}, "hidden is 1000 with inputs (1000000, 2), want at most"},
		{seq, network.LSTM{Hidden: math.MaxInt}, "want at most"},
		{seq, network.LSTM{Hidden: 2, ForgetBias: math.NaN()}, "forget_bias is NaN, want a finite number"},
		{seq, network.LSTM{Hidden: 2, Init: "xavier"}, `"xavier"`},
	} {
		_, err := network.New[float64](tt.in, tt.spec)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v %+v: error %v, want %q in it", tt.in, tt.spec, err, tt.want)
		}
	}
}

func TestWrongLengthsPanic(t *testing.T) {
	for _, spec := range []network.Spec{network.LSTM{Hidden: 2}, network.Last{}} {
		n := mustNew[float64](t, network.Shape{5, 2}, spec)
		w := n.Init(newRand(1))
		for _, tt := range []struct {
			lens []int
			want string
		}{
			{[]int{1, 2}, "lengths of 2 sequences, want 3"},
			{[]int{1, 0, 5}, "length 0 of sequence 1, want 1 to 5"},
			{[]int{1, 5, 6}, "length 6 of sequence 2, want 1 to 5"},
		} {
			x := normal(newRand(1), network.Shape{5, 2}, 3)
			x.Lens = tt.lens
			func() {
				defer func() {
					if s, _ := recover().(string); !strings.Contains(s, tt.want) {
						t.Errorf("%+v, lengths %v: panic %q, want %q in it", spec, tt.lens, s, tt.want)
					}
				}()
				n.Forward(train, w, x)
			}()
		}
	}
}

// A probe sees the layer as it sees others, for sequences of different lengths too,
// and the layer's outputs in Infer mode are those of Train.
func TestLSTMIsObserved(t *testing.T) {
	in := network.Shape{6, 2}
	n := mustNew[float64](t, in, network.LSTM{Hidden: 3}, network.Last{}, network.Dense{Out: 2})
	w := n.Init(newRand(1))
	x := normal(newRand(2), in, 4)
	x.Lens = []int{6, 1, 3, 5}
	if a, b := values(n.Forward(train, w, x)), values(n.Forward(network.Pass{}, w, x)); !slices.Equal(a, b) {
		t.Errorf("Infer: outputs %v, want those of Train, %v", b, a)
	}
	health := probe.Measure(n, w, x, loss.MSE, loss.Target[float64]{Values: make([]float64, 8), Stride: 4})
	if len(health) != 2 || health[0].Name != "0.lstm" || health[1].Name != "2.dense" {
		t.Fatalf("layers %+v, want 0.lstm and 2.dense", health)
	}
	if h := health[0]; !(h.Delta > 0 && h.Grad > 0 && h.Weight > 0 && h.Std > 0 && h.Std < 1) {
		t.Errorf("health %+v, want a gradient, and outputs between -1 and 1", h)
	}
}
