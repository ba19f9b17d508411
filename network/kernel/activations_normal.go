package kernel

// GELU is dst = src * Phi(src), with Phi the cumulative distribution function of
// the standard normal distribution (Hendrycks & Gimpel 2016, arXiv:1606.08415),
// over the length of dst, which may be src. The error is at most 5 units in the
// last place (measured: 4.09), down to -37 (-12 for float32), below which the
// function is nearly 0 and the result too.
func GELU[T Float](dst, src []T) { apply(dst, src, geluVector[T], gelu[T]) }

func gelu[T Float](z T) T {
	z = atLeast(z, -normalMax[T]())
	cdf, _ := normal(z)
	return z * cdf
}

// GELUGrad is dx = dy * (Phi(z) + z*phi(z)), with phi the density, over the length
// of dx: the gradient at the input z of [GELU]. dx may be dy or z.
func GELUGrad[T Float](dx, dy, z []T) { applySlope(dx, dy, z, geluGradVector[T], geluSlope[T]) }

func geluSlope[T Float](z T) T {
	z = clamp(z, -normalMax[T](), normalMax[T]())
	cdf, bell := normal(z)
	return fma(z, bell*inverseSqrt2Pi, cdf)
}

const inverseSqrt2Pi = 0.398942280401432677939946059934381868475858631164934657665925829670

// normalMax is an argument beyond which the density, and the tail, round to 0.
func normalMax[T Float]() T {
	if double[T]() {
		return 39
	}
	return 15
}

// normal returns the normal distribution function Phi(z), to 4 units in the last
// place (measured: 3.54, down to -37 and -13), and e^(-z^2/2), which is its density times sqrt(2 pi).
//
// With a = |z|, Phi(-a) = e^(-a^2/2) * R(a), and (a+4)*R(a) is a smooth function of
// t = (a-4)/(a+4), which is in [-1, 1): a polynomial (Shepherd & Laframboise 1981,
// doi:10.1090/S0025-5718-1981-0595058-X, do this for erfc). Chebyshev interpolation
// makes its relative error less than 2^-57 (2^-27). What rounding a^2 loses goes
// back into the exponential, since a large a multiplies it.
func normal[T Float](z T) (cdf, bell T) {
	a := min(abs(z), normalMax[T]()) // NaN if z is
	square := T(a * a)
	lost := fma(a, a, -square)
	bell = exp(-0.5 * square)
	bell = fma(bell, -0.5*lost, bell)

	d := a + 4
	inverse := 1 / d
	t := fma(-8, inverse, 1)
	// And once more, by what t leaves of a-4 = t*(a+4).
	t = fma(inverse, fma(-t, a, fma(-4, t+1, a)), t)
	// A division by d, for what rounding the inverse would add.
	tail := T(bell * (horner(t, normalTail64[:], normalTail32[:]) / d))
	if z < 0 {
		return tail, bell
	}
	return 1 - tail, bell
}

// normalTail64 and normalTail32 are the polynomial of [normal], the highest power
// first.
var normalTail64 = [...]float64{
	-7.262419810409579e-10, -2.5220994578780736e-09, 1.91827702037334e-09,
	1.961961086135556e-08, 1.3280797787310328e-08, -8.540841815685125e-08,
	-1.549649174224745e-07, 2.7180452962592834e-07, 1.0215540371961016e-06,
	-6.296965605815823e-07, -5.9201733230161025e-06, 7.166663245221031e-07,
	3.5144686053003464e-05, -1.9082584797734333e-06, -0.000231094935169459,
	0.00013334431240964574, 0.0016308184575887011, -0.003479692367393595,
	-0.007540188966726791, 0.06039657489093656, -0.18652185795965726,
	0.38713740074221453, -0.6078966419718921, 0.7552851304157515,
}

var normalTail32 = [...]float32{
	-5.155659e-05, -0.00023179868, 0.0001710546, 0.0016452193, -0.0034893174, -0.007545268,
	0.06039753, -0.18652128, 0.38713735, -0.6078967, 0.75528514,
}
