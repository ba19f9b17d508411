package activation

import (
	"math"

	"github.com/joust-bench/joust/network/kernel"
)

// A sigmoid that approaches its limits as 1/z does, not exponentially: it has some
// slope left where a tanh has none.
var softsign = Func{
	Name:    "softsign",
	Summary: "z/(1+|z|): like tanh, but saturates slowly",
	Refs: []string{
		"Bergstra, Desjardins, Lamblin & Bengio 2009, Quadratic polynomials learn better image features, Université de Montréal, TR 1337",
		"Glorot & Bengio 2010, Understanding the difficulty of training deep feedforward neural networks, AISTATS",
	},
	SupDeriv: 1,
	Smooth:   true,
	F: func(z float64) float64 {
		if math.IsInf(z, 0) {
			return math.Copysign(1, z)
		}
		return z / (1 + math.Abs(z))
	},
	D: func(z, _ float64) float64 {
		d := 1 + math.Abs(z)
		return 1 / (d * d)
	},
	Float64: Kernels[float64]{kernel.Softsign[float64], fromInput(kernel.SoftsignGrad[float64])},
	Float32: Kernels[float32]{kernel.Softsign[float32], fromInput(kernel.SoftsignGrad[float32])},
}
