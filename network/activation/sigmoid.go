package activation

import (
	"math"

	"github.com/joust-bench/joust/network/kernel"
)

// The logistic function. Its derivative s(1-s) is at most 1/4, at 0, so the
// gradient loses at least three quarters in each layer whose weights do not make up for it.
var sigmoid = Func{
	Name:    "sigmoid",
	Also:    []string{"logistic"},
	Summary: "logistic, 1/(1+e^-z): between 0 and 1, saturates on both sides",
	Refs: []string{
		"Rumelhart, Hinton & Williams 1986, doi:10.1038/323533a0",
		"Hochreiter 1991, Untersuchungen zu dynamischen neuronalen Netzen (diploma thesis, TU Munich)",
	},
	SupDeriv:   0.25,
	Smooth:     true,
	FromOutput: true,
	F: func(z float64) float64 {
		if z < 0 { // 1/(1+e^-z) would lose what is small
			e := math.Exp(z)
			return e / (1 + e)
		}
		return 1 / (1 + math.Exp(-z))
	},
	D:       func(_, y float64) float64 { return y * (1 - y) },
	Float64: Kernels[float64]{kernel.Sigmoid[float64], fromOutput(kernel.SigmoidGrad[float64])},
	Float32: Kernels[float32]{kernel.Sigmoid[float32], fromOutput(kernel.SigmoidGrad[float32])},
}
