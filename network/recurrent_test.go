package network_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

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
			y2 := values(net.Forward(train, w, x.Slice(lo, hi)))
			dx2 := values(net.Backward(w, sum, dy.Slice(lo, hi)))
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
		{seq, network.RNN{Hidden: 2, Init: "xavier"}, `unknown initializer "xavier"`},
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
