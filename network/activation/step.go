package activation

import "github.com/joust-bench/joust/network/kernel"

// The hard threshold, the oldest unit. Its derivative is 0 wherever it has one, and
// is taken as 0 at the threshold too, so that back-propagation gets exactly nothing
// through it: only a search that needs no gradient can train the layers below.
var step = Func{
	Name:       "step",
	Also:       []string{"threshold", "heaviside"},
	Summary:    "hard threshold: 1 above 0, else 0; no slope, so that no gradient passes",
	Refs:       []string{"McCulloch & Pitts 1943, A logical calculus of the ideas immanent in nervous activity, doi:10.1007/BF02478259"},
	SupDeriv:   0,
	Smooth:     false, // at 0
	FromOutput: true,
	F: func(z float64) float64 {
		switch {
		case z > 0:
			return 1
		case z <= 0:
			return 0
		}
		return z // NaN
	},
	D:       func(_, _ float64) float64 { return 0 },
	Float64: hard[float64](),
	Float32: hard[float32](),
}

func hard[T kernel.Float]() Kernels[T] {
	return Kernels[T]{
		Forward: kernel.Step[T],
		Grad:    func(dx, _, _, _ []T) { clear(dx) },
	}
}
