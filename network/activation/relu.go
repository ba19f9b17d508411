package activation

import "github.com/joust-bench/joust/network/kernel"

// The rectifier. Its derivative is 1 for every positive input, however large,
// which is why it does not vanish; and 0 for others, at 0 by convention, so that a
// unit that is never positive learns nothing more.
var relu = Func{
	Name:    "relu",
	Summary: "rectifier, max(0, z): slope 1 above 0, none below",
	Refs: []string{
		"Nair & Hinton 2010, Rectified linear units improve restricted Boltzmann machines (ICML)",
		"Glorot, Bordes & Bengio 2011, Deep sparse rectifier neural networks (AISTATS)",
	},
	SupDeriv:   1,
	Smooth:     false, // at 0
	FromOutput: true,
	F: func(z float64) float64 {
		if z < 0 {
			return 0
		}
		return z // NaN too
	},
	D: func(_, y float64) float64 {
		if y <= 0 {
			return 0
		}
		return 1
	},
	Float64: Kernels[float64]{kernel.ReLU[float64], fromOutput(kernel.ReLUGrad[float64])},
	Float32: Kernels[float32]{kernel.ReLU[float32], fromOutput(kernel.ReLUGrad[float32])},
}
