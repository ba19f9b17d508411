package activation

import (
	"math"

	"github.com/joust-bench/joust/network/kernel"
)

// The hyperbolic tangent: a sigmoid centred at 0 with derivative 1 there, so that
// a layer of small inputs passes the gradient on.
var tanh = Func{
	Name:    "tanh",
	Summary: "hyperbolic tangent: between -1 and 1, slope 1 at 0, saturates on both sides",
	Refs: []string{
		"LeCun, Bottou, Orr & Müller 1998, Efficient BackProp, doi:10.1007/3-540-49430-8_2",
	},
	SupDeriv:   1,
	Smooth:     true,
	FromOutput: true,
	F:          math.Tanh,
	D:          func(_, y float64) float64 { return (1 - y) * (1 + y) },
	Float64:    Kernels[float64]{kernel.Tanh[float64], fromOutput(kernel.TanhGrad[float64])},
	Float32:    Kernels[float32]{kernel.Tanh[float32], fromOutput(kernel.TanhGrad[float32])},
}
