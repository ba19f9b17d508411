package activation

import "github.com/joust-bench/joust/network/kernel"

// leak is the slope below 0, that of the paper.
const leak = 0.01

// A rectifier that does not die: it lets a hundredth of the gradient through where
// it is negative.
var leakyReLU = Func{
	Name:       "leaky-relu",
	Summary:    "z, but 0.01 z below 0: a rectifier whose units cannot die",
	Refs:       []string{"Maas, Hannun & Ng 2013, Rectifier nonlinearities improve neural network acoustic models, ICML workshop"},
	SupDeriv:   1,
	Smooth:     false, // at 0
	FromOutput: true,
	F: func(z float64) float64 {
		if z < 0 {
			return leak * z
		}
		return z
	},
	D: func(_, y float64) float64 {
		if y <= 0 {
			return leak
		}
		return 1
	},
	Float64: leaky[float64](),
	Float32: leaky[float32](),
}

func leaky[T kernel.Float]() Kernels[T] {
	return Kernels[T]{
		Forward: func(dst, src []T) { kernel.LeakyReLU(dst, src, leak) },
		Grad:    func(dx, dy, _, y []T) { kernel.LeakyReLUGrad(dx, dy, y, leak) },
	}
}
