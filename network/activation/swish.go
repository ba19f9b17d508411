package activation

import "github.com/joust-bench/joust/network/kernel"

// The sigmoid-weighted linear unit, which is Swish with beta 1.
var swish = Func{
	Name:    "swish",
	Also:    []string{"silu"},
	Summary: "z/(1+e^-z), also called SiLU: a smooth rectifier that dips below 0 before it",
	Refs: []string{
		"Elfwing, Uchibe & Doya 2018, doi:10.1016/j.neunet.2017.12.012, arXiv:1702.03118",
		"Ramachandran, Zoph & Le 2017, Searching for activation functions, arXiv:1710.05941",
	},
	SupDeriv: 1.09983932012886692, // at 2.39936
	Smooth:   true,
	F: func(z float64) float64 {
		if z < -745 { // where the sigmoid is 0
			return 0
		}
		return z * sigmoid.F(z)
	},
	D: func(z, _ float64) float64 {
		if z < -745 {
			return 0
		}
		s := sigmoid.F(z)
		return s * (1 + z*sigmoid.F(-z))
	},
	Float64: Kernels[float64]{kernel.Swish[float64], fromInput(kernel.SwishGrad[float64])},
	Float32: Kernels[float32]{kernel.Swish[float32], fromInput(kernel.SwishGrad[float32])},
}
