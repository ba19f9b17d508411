package network_test

import (
	"math"
	"testing"

	"github.com/joust-bench/joust/network"
)

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
