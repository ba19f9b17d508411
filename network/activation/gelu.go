package activation

import (
	"math"

	"github.com/joust-bench/joust/network/kernel"
)

// The Gaussian error linear unit: z, times the probability that a standard normal
// number is below it.
var gelu = Func{
	Name:     "gelu",
	Summary:  "z Phi(z), with the normal distribution function: a smooth rectifier that dips below 0 before it",
	Refs:     []string{"Hendrycks & Gimpel 2016, Gaussian error linear units, arXiv:1606.08415"},
	SupDeriv: 1.12890414518515479, // at the root of 2
	Smooth:   true,
	F: func(z float64) float64 {
		return max(z, -normalEnd) * 0.5 * math.Erfc(-z/math.Sqrt2)
	},
	D: func(z, _ float64) float64 {
		bell := math.Exp(-0.5*z*z) / math.Sqrt(2*math.Pi)
		return 0.5*math.Erfc(-z/math.Sqrt2) + max(-normalEnd, min(normalEnd, z))*bell
	},
	Float64: Kernels[float64]{kernel.GELU[float64], fromInput(kernel.GELUGrad[float64])},
	Float32: Kernels[float32]{kernel.GELU[float32], fromInput(kernel.GELUGrad[float32])},
}

// normalEnd is where the tail of the normal distribution is 0, to a float64.
const normalEnd = 39

// The same, approximated by a tanh.
var geluTanh = Func{
	Name:     "gelu-tanh",
	Summary:  "gelu, approximated by a tanh: within 0.0005 of it",
	Refs:     []string{"Hendrycks & Gimpel 2016, Gaussian error linear units, arXiv:1606.08415, sec. 2"},
	SupDeriv: 1.12899306865877179, // at 1.4185
	Smooth:   true,
	F: func(z float64) float64 {
		z = max(z, -normalEnd)
		return z * sigmoid.F(gate(z))
	},
	D: func(z, _ float64) float64 {
		z = max(-normalEnd, min(normalEnd, z))
		s := sigmoid.F(gate(z))
		slope := 2 * math.Sqrt(2/math.Pi) * (1 + 3*0.044715*z*z)
		return s * (1 + z*slope*sigmoid.F(-gate(z)))
	},
	Float64: Kernels[float64]{kernel.GELUTanh[float64], fromInput(kernel.GELUTanhGrad[float64])},
	Float32: Kernels[float32]{kernel.GELUTanh[float32], fromInput(kernel.GELUTanhGrad[float32])},
}

// gate is twice the argument of the tanh: (1 + tanh(x))/2 is the sigmoid of 2x.
func gate(z float64) float64 { return 2 * math.Sqrt(2/math.Pi) * (z + 0.044715*z*z*z) }
