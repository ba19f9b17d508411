package activation

import (
	"math"

	"github.com/joust-bench/joust/network/kernel"
)

// The exponential linear unit, with alpha 1: linear above 0, and below it a curve
// to -1, so that the mean of the outputs is nearer to 0 than that of a rectifier's.
var elu = exponentialLinear(1, 1, Func{
	Name:    "elu",
	Summary: "z, but e^z-1 below 0: a rectifier with outputs of either sign",
	Refs:    []string{"Clevert, Unterthiner & Hochreiter 2016, arXiv:1511.07289"},
	// The slope is 1 on both sides of 0.
	Smooth: true,
})

// The self-normalising unit: with weights of variance 1/fan-in, inputs of mean 0
// and variance 1 give outputs of mean 0 and variance 1, and layers upon layers pull
// them back to it.
var selu = exponentialLinear(seluScale, seluScale*seluAlpha, Func{
	Name:    "selu",
	Summary: "scaled elu, which keeps mean 0 and variance 1 from layer to layer with lecun-normal weights",
	Refs:    []string{"Klambauer, Unterthiner, Mayr & Hochreiter 2017, Self-normalizing neural networks, arXiv:1706.02515, eq. 2 and 14"},
	Smooth:  false, // at 0
})

// The constants of Klambauer et al. 2017, for which mean 0 and variance 1 are a
// fixed point.
const (
	seluAlpha = 1.6732632423543772848170429916717
	seluScale = 1.0507009873554804934193349852946
)

// exponentialLinear completes f, scale*z for positive z and gain*(e^z - 1) for
// others.
func exponentialLinear(scale, gain float64, f Func) Func {
	f.SupDeriv = max(scale, gain)
	f.FromOutput = true
	f.F = func(z float64) float64 {
		if z > 0 {
			return scale * z
		}
		return gain * math.Expm1(z)
	}
	f.D = func(_, y float64) float64 {
		if y > 0 {
			return scale
		}
		return y + gain
	}
	f.Float64 = exponential(scale, gain)
	f.Float32 = exponential(float32(scale), float32(gain))
	return f
}

func exponential[T kernel.Float](scale, gain T) Kernels[T] {
	return Kernels[T]{
		Forward: func(dst, src []T) { kernel.ELU(dst, src, scale, gain) },
		Grad:    func(dx, dy, _, y []T) { kernel.ELUGrad(dx, dy, y, scale, gain) },
	}
}
