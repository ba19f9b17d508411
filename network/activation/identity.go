package activation

import "github.com/joust-bench/joust/network/kernel"

// The identity. Layers of it are one linear map, however many there are, which is
// what theories of deep networks start from.
var identity = Func{
	Name:       "identity",
	Also:       []string{"linear"},
	Summary:    "z itself: a network of it is linear",
	Refs:       []string{"Saxe, McClelland & Ganguli 2014, Exact solutions to the nonlinear dynamics of learning in deep linear neural networks, arXiv:1312.6120"},
	SupDeriv:   1,
	Smooth:     true,
	FromOutput: true,
	F:          func(z float64) float64 { return z },
	D:          func(_, _ float64) float64 { return 1 },
	Float64:    same[float64](),
	Float32:    same[float32](),
}

func same[T kernel.Float]() Kernels[T] {
	return Kernels[T]{
		Forward: func(dst, src []T) { copy(dst, src[:len(dst)]) },
		Grad:    func(dx, dy, _, _ []T) { copy(dx, dy[:len(dx)]) },
	}
}
