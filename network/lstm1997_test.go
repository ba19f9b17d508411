package network_test

import (
	"math"
	"slices"
	"testing"

	"github.com/joust-bench/joust/network"
)

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
