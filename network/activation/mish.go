package activation

import (
	"math"

	"github.com/joust-bench/joust/network/kernel"
)

// Mish, z times the tanh of the softplus of z.
var mish = Func{
	Name:     "mish",
	Summary:  "z tanh(ln(1+e^z)): a smooth rectifier that dips below 0 before it",
	Refs:     []string{"Misra 2019, Mish: a self regularized non-monotonic activation function, arXiv:1908.08681"},
	SupDeriv: 1.08849816125172786, // at 1.49057
	Smooth:   true,
	F: func(z float64) float64 {
		if z < -745 { // where e^z is 0
			return 0
		}
		return z * math.Tanh(softplus.F(z))
	},
	D: func(z, _ float64) float64 {
		if math.Abs(z) > 745 {
			return max(0, math.Copysign(1, z))
		}
		t := math.Tanh(softplus.F(z))
		return t + z*(1-t)*(1+t)*sigmoid.F(z)
	},
	Float64: Kernels[float64]{kernel.Mish[float64], fromInput(kernel.MishGrad[float64])},
	Float32: Kernels[float32]{kernel.Mish[float32], fromInput(kernel.MishGrad[float32])},
}
