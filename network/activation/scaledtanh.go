package activation

import (
	"math"

	"github.com/joust-bench/joust/network/kernel"
)

// The hyperbolic tangent, stretched so that it is about 1 at 1 and -1 at -1, where
// targets of 1 and -1 are reached before it saturates.
var scaledTanh = Func{
	Name:    "scaled-tanh",
	Summary: "1.7159 tanh(0.6666 z): nearly 1 at 1, where it does not saturate yet",
	Refs: []string{
		"LeCun, Bottou, Orr & Müller 1998, Efficient BackProp, sec. 4.4, doi:10.1007/3-540-49430-8_2",
		"Ciresan, Meier, Gambardella & Schmidhuber 2010, doi:10.1162/NECO_a_00052, arXiv:1003.0358",
	},
	SupDeriv:   stretch * squeeze,
	Smooth:     true,
	FromOutput: true,
	F:          func(z float64) float64 { return stretch * math.Tanh(squeeze*z) },
	D: func(_, y float64) float64 {
		t := y / stretch
		return stretch * squeeze * (1 - t) * (1 + t)
	},
	Float64: stretched[float64](),
	Float32: stretched[float32](),
}

// The constants of Ciresan et al. 2010; LeCun et al. have 2/3 for the second.
const (
	stretch = 1.7159
	squeeze = 0.6666
)

func stretched[T kernel.Float]() Kernels[T] {
	return Kernels[T]{
		Forward: func(dst, src []T) { kernel.ScaledTanh(dst, src, stretch, squeeze) },
		Grad:    func(dx, dy, _, y []T) { kernel.ScaledTanhGrad(dx, dy, y, stretch, squeeze) },
	}
}
