package network_test

import (
	"slices"
	"testing"

	"github.com/joust-bench/joust/network"
)

// Last picks the last step of each sequence, and sends the gradient there and
// nowhere else, also where an earlier batch had its last steps.
func TestLastIsTheLastStep(t *testing.T) {
	n := mustNew[float64](t, network.Shape{3, 2}, network.Last{})
	x := network.NewTensor[float64](network.Shape{3, 2}, 3)
	for f := range 6 {
		for i := range 3 {
			x.Row(f)[i] = float64(10*f + i)
		}
	}
	dy := network.NewTensor[float64](network.Shape{2}, 3)
	copy(dy.Data, []float64{1, 2, 3, 4, 5, 6})
	for _, tt := range []struct {
		lens           []int
		outputs, grads []float64
	}{
		{nil, []float64{40, 41, 42, 50, 51, 52}, []float64{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6}},
		{[]int{2, 1, 3}, []float64{20, 1, 42, 30, 11, 52}, []float64{0, 2, 0, 0, 5, 0, 1, 0, 0, 4, 0, 0, 0, 0, 3, 0, 0, 6}},
		{[]int{1, 1, 1}, []float64{0, 1, 2, 10, 11, 12}, []float64{1, 2, 3, 4, 5, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
	} {
		x.Lens = tt.lens
		y := n.Forward(train, nil, x)
		if got := values(y); !slices.Equal(got, tt.outputs) || y.Lens != nil {
			t.Errorf("lengths %v: outputs %v, lengths %v, want %v and none", tt.lens, got, y.Lens, tt.outputs)
		}
		if got := values(n.Backward(nil, nil, dy)); !slices.Equal(got, tt.grads) {
			t.Errorf("lengths %v: gradient %v, want %v", tt.lens, got, tt.grads)
		}
	}
}
