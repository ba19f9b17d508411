package network_test

import (
	"slices"
	"testing"

	"github.com/joust-bench/joust/network"
)

// The parts of a network, one after the other, compute what it computes, forward
// and backward, in each mode, on their ranges of its weights.
func TestParts(t *testing.T) {
	in := network.Shape{2, 4, 3}
	specs := network.Specs{
		network.Conv{Channels: 3, Kernel: 3, Same: true},
		network.BatchNorm{},
		network.Activation{Func: "tanh"},
		network.Residual{Body: network.Specs{network.BatchNorm{}, network.Conv{Channels: 3, Kernel: 1}}},
		network.BatchNorm{},
		network.Flatten{},
		network.Dense{Out: 2},
	}
	n := mustNew[float64](t, in, specs...)
	w, x := n.Init(newRand(1)), normal(newRand(2), in, 5)
	n.Forward(network.Pass{Mode: network.Calibrate}, w, x)
	shifted := normal(newRand(3), in, 4)
	for _, mode := range []network.Mode{network.Infer, network.Train} {
		pass := network.Pass{Mode: mode}
		want := values(n.Forward(pass, w, shifted))
		for _, cuts := range [][]int{{0, 7}, {0, 1, 7}, {0, 3, 4, 7}, {0, 1, 2, 3, 4, 5, 6, 7}, {0, 0, 7, 7}} {
			var parts []*network.Network[float64]
			var offs []int
			at := shifted
			for i := range len(cuts) - 1 {
				p, off := n.Section(cuts[i], cuts[i+1])
				at = p.Forward(pass, w[off:][:p.Dim()], at)
				parts, offs = append(parts, p), append(offs, off)
			}
			if got := values(at); !slices.Equal(got, want) {
				t.Errorf("mode %d, cut at %v: outputs %v, want %v", mode, cuts, got, want)
			}
			if mode != network.Train {
				continue
			}
			dy := normal(newRand(4), n.Out(), 4)
			dw, wantDW := make([]float64, n.Dim()), make([]float64, n.Dim())
			wantDX := values(n.Backward(w, wantDW, dy))
			d := dy
			for i := len(parts) - 1; i >= 0; i-- {
				p, off := parts[i], offs[i]
				d = p.Backward(w[off:][:p.Dim()], dw[off:][:p.Dim()], d)
			}
			if got := values(d); !slices.Equal(got, wantDX) || !slices.Equal(dw, wantDW) {
				t.Errorf("cut at %v: gradients %v and %v, want %v and %v", cuts, got, dw, wantDX, wantDW)
			}
		}
	}
	if got := n.Specs(); len(got) != 7 || got[6] != specs[6] {
		t.Errorf("specs %v, want %v", got, specs)
	}
}

// steps notes down what goes back through time.
type steps struct {
	silent
	at []int
	dh [][]float64
}

type silent struct{}

func (silent) Forward(network.Layer, []float64, network.Tensor[float64], network.Tensor[float64]) {}
func (silent) Backward(network.Layer, []float64, []float64, network.Tensor[float64])              {}

func (s *steps) Step(_ network.Layer, t int, dh network.Tensor[float64]) {
	s.at = append(s.at, t)
	s.dh = append(s.dh, slices.Clone(values(dh)))
}

// The gradient of the last state is that of its outputs, and without weights from
// one state to the next it goes no further; it is seen from the last step to the
// first, and only while somebody looks. Package probe has its value in closed form.
func TestStepObserver(t *testing.T) {
	const h, n = 3, 2
	net := mustNew[float64](t, network.Shape{4, 2}, network.LSTM{Hidden: h}, network.Last{})
	w, x := net.Init(newRand(1)), normal(newRand(2), network.Shape{4, 2}, n)
	dy := normal(newRand(3), network.Shape{h}, n)
	s := &steps{}
	net.Watch(s)
	net.Forward(network.Pass{Mode: network.Train}, w, x)
	net.Backward(w, make([]float64, net.Dim()), dy)
	if want := []int{3, 2, 1, 0}; !slices.Equal(s.at, want) {
		t.Fatalf("steps %v, want %v", s.at, want)
	}
	if !slices.Equal(s.dh[0], values(dy)) {
		t.Errorf("the gradient of the last state is %v, want that of the outputs, %v", s.dh[0], values(dy))
	}
	// With the weights from h at 0, nothing goes back through h.
	for gate := range 4 * h {
		clear(w[gate*(2+h)+2:][:h])
	}
	s.dh = nil
	net.Forward(network.Pass{Mode: network.Train}, w, x)
	net.Backward(w, make([]float64, net.Dim()), dy)
	for i, v := range slices.Concat(s.dh[1:]...) {
		if v != 0 {
			t.Errorf("without weights from h, gradient %d of earlier states is %v, want 0", i, v)
		}
	}
	net.Watch(nil)
	net.Forward(network.Pass{Mode: network.Train}, w, x)
	net.Backward(w, make([]float64, net.Dim()), dy)
	if len(s.dh) != 4 {
		t.Error("steps are seen when nobody looks")
	}
}
