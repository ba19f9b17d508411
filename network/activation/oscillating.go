package activation

import (
	"math"

	"github.com/joust-bench/joust/network/kernel"
)

// The units of Noel et al.: functions with more than one zero, whose single unit
// can separate classes that no half-plane does, exclusive or among them. All have
// slope 1 at 0. The slopes of gcu, squ, ncu and mcu grow without bound, so that
// stacks of more than a few layers of them explode; half the usual initial weights,
// a clipped gradient, or one layer of them and others of something else, help.
const (
	noel2021a = "Noel, Bharadwaj, Muthiah-Nakarajan, Dutta & Oliveira 2021, Growing cosine unit, arXiv:2108.12943"
	noel2021b = "Noel, Bharadwaj, Muthiah-Nakarajan, Dutta & Oliveira 2021, Biologically inspired oscillating activation functions can bridge the performance gap between biological and artificial neurons, arXiv:2111.04020"
)

var gcu = Func{
	Name:     "gcu",
	Summary:  "growing cosine unit, z cos z: oscillates, ever more widely",
	Refs:     []string{noel2021a},
	SupDeriv: math.Inf(1),
	Smooth:   true,
	F:        func(z float64) float64 { return z * math.Cos(z) },
	D: func(z, _ float64) float64 {
		sin, cos := math.Sincos(z)
		return cos - z*sin
	},
	Float64: Kernels[float64]{kernel.GCU[float64], fromInput(kernel.GCUGrad[float64])},
	Float32: Kernels[float32]{kernel.GCU[float32], fromInput(kernel.GCUGrad[float32])},
}

var squ = Func{
	Name:     "squ",
	Summary:  "shifted quadratic unit, z²+z: zeros at -1 and 0",
	Refs:     []string{noel2021b},
	SupDeriv: math.Inf(1),
	Smooth:   true,
	F:        func(z float64) float64 { return z * (z + 1) },
	D:        func(z, _ float64) float64 { return 2*z + 1 },
	Float64:  Kernels[float64]{kernel.Quadratic[float64], fromInput(kernel.QuadraticGrad[float64])},
	Float32:  Kernels[float32]{kernel.Quadratic[float32], fromInput(kernel.QuadraticGrad[float32])},
}

var ncu = cubic(-1, Func{
	Name:    "ncu",
	Summary: "non-monotonic cubic unit, z-z³: zeros at -1, 0 and 1",
	Refs:    []string{noel2021b},
})

// What the others are compared with: it grows everywhere, so that its unit separates
// only half-planes. The formula is in early versions of the paper only.
var mcu = cubic(1, Func{
	Name:    "mcu",
	Summary: "monotonic cubic unit, z+z³: grows everywhere, what the oscillating units are compared with",
	Refs:    []string{noel2021b},
})

// cubic completes f, z + c*z³.
func cubic(c float64, f Func) Func {
	f.SupDeriv = math.Inf(1)
	f.Smooth = true
	f.F = func(z float64) float64 { return z * math.FMA(c*z, z, 1) }
	f.D = func(z, _ float64) float64 { return 1 + 3*c*z*z }
	f.Float64 = cubicKernels(c)
	f.Float32 = cubicKernels(float32(c))
	return f
}

func cubicKernels[T kernel.Float](c T) Kernels[T] {
	return Kernels[T]{
		Forward: func(dst, src []T) { kernel.Cubic(dst, src, c) },
		Grad:    func(dx, dy, z, _ []T) { kernel.CubicGrad(dx, dy, z, c) },
	}
}

// The sinc of SSU and DSU is sin(u)/u: with the one of signal processing,
// sin(pi u)/(pi u), neither would have slope 1 at 0.
var ssu = Func{
	Name:     "ssu",
	Summary:  "shifted sinc unit, π sin(z-π)/(z-π): a wave that decays on both sides of π",
	Refs:     []string{noel2021b},
	SupDeriv: 1.3703055927694596, // at 1.06002
	Smooth:   true,
	F: func(z float64) float64 {
		u := fromPi(z)
		return math.Pi * math.Sin(u) / u // u is never 0
	},
	D:       func(z, _ float64) float64 { return sincSlope(fromPi(z)) },
	Float64: Kernels[float64]{kernel.SSU[float64], fromInput(kernel.SSUGrad[float64])},
	Float32: Kernels[float32]{kernel.SSU[float32], fromInput(kernel.SSUGrad[float32])},
}

var dsu = Func{
	Name:     "dsu",
	Summary:  "decaying sine unit, π² sin z/(π²-z²): a wave that decays on both sides of 0",
	Refs:     []string{noel2021b},
	SupDeriv: 1, // at 0
	Smooth:   true,
	F: func(z float64) float64 {
		a := math.Abs(z)
		return math.Copysign(math.Pi/(math.Pi+a-piRest), z) * ssu.F(a)
	},
	D: func(z, _ float64) float64 {
		// As the difference of two sincs; at z = ±pi, one of them has slope 0.
		return (sincSlope(fromPi(z)) - sincSlope(-fromPi(-z))) / 2
	},
	Float64: Kernels[float64]{kernel.DSU[float64], fromInput(kernel.DSUGrad[float64])},
	Float32: Kernels[float32]{kernel.DSU[float32], fromInput(kernel.DSUGrad[float32])},
}

// piRest is the pi of a float64, less pi.
const piRest = -0x1.1a62633145c07p-53

// fromPi is z - pi, and not z minus a float64 next to pi.
func fromPi(z float64) float64 { return z - math.Pi + piRest }

// sincSlope is the derivative of pi*sin(u)/u. Near 0 it is the sum of the power
// series over k of (-1)^k * 2k/(2k+1)! * u^(2k-1), since the closed form there is a
// difference of nearly equal numbers.
func sincSlope(u float64) float64 {
	if math.Abs(u) >= 1 {
		return math.Pi * (math.Cos(u) - math.Sin(u)/u) / u
	}
	sum, power := 0., u // power is (-1)^(k-1) * u^(2k-1)/(2k-1)!
	for k := 1.; k <= 10; k++ {
		sum -= power / (2*k + 1)
		power *= -u * u / (2 * k * (2*k + 1))
	}
	return math.Pi * sum
}
