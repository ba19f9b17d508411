package network_test

import (
	"math"
	"testing"

	"github.com/joust-bench/joust/network"
)

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
