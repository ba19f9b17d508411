package kernel_test

import (
	"fmt"

	"github.com/joust-bench/joust/network/kernel"
)

// A dense layer of two inputs and one output, on a minibatch of three examples:
// W x + b, then the gradients of W, b and x when each output should grow by one.
func ExampleGemm() {
	const in, out, n = 2, 1, 3
	w := []float64{2, -1 /* W */, 0.5 /* b */}
	x := []float64{
		1, 2, 3, // the first input of each example
		4, 5, 6, // the second
	}
	z := make([]float64, out*n)
	kernel.Gemm(out, n, in, z, n, w, in, 1, x, n, w[out*in:], false)
	fmt.Println("z ", z)

	dz, dw := []float64{1, 1, 1}, make([]float64, len(w))
	dx, xt := make([]float64, in*n), make([]float64, n*in)
	kernel.Gemm(in, n, out, dx, n, w, 1, in, dz, n, nil, false)
	kernel.Transpose(xt, in, x, n, in, n)
	kernel.Gemm(out, in, n, dw, in, dz, n, 1, xt, in, nil, true)
	kernel.RowSums(dw[out*in:], dz, n, out, n, true)
	fmt.Println("dw", dw)
	fmt.Println("dx", dx)
	// Output:
	// z  [-1.5 -0.5 0.5]
	// dw [6 15 3]
	// dx [2 2 2 -1 -1 -1]
}

func ExampleSoftmaxCrossEntropy() {
	const classes, n = 3, 1
	logits := []float64{1, 2, 3}
	losses, dz := make([]float64, n), make([]float64, classes*n)
	kernel.SoftmaxCrossEntropy(losses, dz, logits, n, classes, n, []int32{2}, 1)
	fmt.Printf("loss %.4f, gradient %.4f\n", losses, dz)
	// Output:
	// loss [0.4076], gradient [0.0900 0.2447 -0.3348]
}
