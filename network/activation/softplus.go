package activation

import (
	"math"

	"github.com/joust-bench/joust/network/kernel"
)

// A rectifier without a corner. Its derivative is the logistic function.
var softplus = Func{
	Name:     "softplus",
	Summary:  "ln(1+e^z): a rectifier without a corner, and never 0",
	Refs:     []string{"Dugas, Bengio, Bélisle, Nadeau & Garcia 2001, Incorporating second-order functional knowledge for better option pricing, NIPS 13"},
	SupDeriv: 1,
	Smooth:   true,
	F: func(z float64) float64 {
		return max(z, 0) + math.Log1p(math.Exp(-math.Abs(z)))
	},
	D:       func(z, _ float64) float64 { return sigmoid.F(z) },
	Float64: Kernels[float64]{kernel.Softplus[float64], fromInput(kernel.SoftplusGrad[float64])},
	Float32: Kernels[float32]{kernel.Softplus[float32], fromInput(kernel.SoftplusGrad[float32])},
}
