package initializer

import (
	"math"
	"math/rand/v2"
)

// identity is for recurrent weights, which then remember; with a convolution the
// weight is the middle one of the field.
func identity() Func {
	return Func{
		Name:    "identity",
		Also:    []string{"irnn"},
		Summary: "1 on the diagonal and else 0: a recurrent ReLU layer (IRNN) that starts by copying its state",
		Refs:    []string{"Le, Jaitly & Hinton 2015, A simple way to initialize recurrent networks of rectified linear units, arXiv:1504.00941"},
		Std: func(s Shape) float64 {
			return math.Sqrt(float64(min(s.Out, s.In)) / float64(s.Len()))
		},
		Fill: func(w []float64, s Shape, _ *rand.Rand) {
			clear(w)
			field := max(1, s.Field)
			for i := range min(s.Out, s.In) {
				w[(i*s.In+i)*field+field/2] = 1
			}
		},
	}
}
