package network_test

import (
	"math"
	"testing"

	"github.com/joust-bench/joust/network"
)

// One gated unit with weights 0 and the bias of n at 1. The reset gate lets a quarter of
// bn through, and the update gate keeps three quarters of the state: 1 - (3/4)^t of the
// new one are there after t steps.
func TestGRUByHand(t *testing.T) {
	n := mustNew[float64](t, network.Shape{3, 1}, network.GRU{Hidden: 1})
	w := make([]float64, n.Dim())
	copy(w[3+3:], []float64{-math.Log(3), math.Log(3), 1, 2}) // after Wx [3][1], Wh [3][1]: the biases of r, z, n, and bn
	y := n.Forward(train, w, normal(newRand(1), network.Shape{3, 1}, 2))
	for step := range 3 {
		want := math.Tanh(1+0.25*2) * (1 - math.Pow(0.75, float64(step+1)))
		for _, got := range y.Row(step) {
			if math.Abs(got-want) > 1e-15 {
				t.Errorf("step %d: h = %v, want %v", step+1, got, want)
			}
		}
	}
}
