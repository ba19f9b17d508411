package network_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/joust-bench/joust/network"
)

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
