package activation_test

import (
	"fmt"
	"math"

	"github.com/joust-bench/joust/network/activation"
)

// How much of a gradient passes ten layers at best, if the weights neither
// stretch nor shrink it.
func Example() {
	for _, f := range activation.All() {
		fmt.Printf("%-11s %.1e\n", f.Name, math.Pow(f.SupDeriv, 10))
	}
	// Output:
	// step        0.0e+00
	// identity    1.0e+00
	// sigmoid     9.5e-07
	// tanh        1.0e+00
	// scaled-tanh 3.8e+00
	// softplus    1.0e+00
	// softsign    1.0e+00
	// relu        1.0e+00
	// leaky-relu  1.0e+00
	// elu         1.0e+00
	// gelu        3.4e+00
	// gelu-tanh   3.4e+00
	// selu        2.8e+02
	// swish       2.6e+00
	// mish        2.3e+00
	// gcu         +Inf
	// squ         +Inf
	// ncu         +Inf
	// mcu         +Inf
	// ssu         2.3e+01
	// dsu         1.0e+00
}

// A layer finds its kernels once, and applies them to a minibatch at a time.
func ExampleOf() {
	f, err := activation.ByName("relu")
	if err != nil {
		fmt.Println(err)
		return
	}
	k := activation.Of[float32](f)
	x, dy := []float32{-1, 2, 3}, []float32{10, 20, 30}
	k.Forward(x, x)
	k.Grad(dy, dy, nil, x)
	fmt.Println(x, dy)
	// Output:
	// [0 2 3] [0 20 30]
}
