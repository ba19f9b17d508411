package loss_test

import (
	"fmt"

	"github.com/joust-bench/joust/network/loss"
)

// Two examples, side by side, with three logits each; their labels are 2 and 0.
func Example() {
	z := []float64{
		1, 5,
		2, 0,
		3, 0,
	}
	losses, dz := make([]float64, 2), make([]float64, len(z))
	target := loss.Target[float64]{Labels: []int32{2, 0}}
	loss.Evaluate(loss.SoftmaxCrossEntropy, losses, dz, z, 2, 3, 2, target, 1.0/2)
	fmt.Printf("losses   %.4f\n", losses)
	fmt.Printf("gradient %+.4f\n", dz)
	// Output:
	// losses   [0.4076 0.0134]
	// gradient [+0.0450 -0.0066 +0.1224 +0.0033 -0.1674 +0.0033]
}
