package kernel

import "math"

// Softsign is dst = src / (1 + |src|), over the length of dst, which may be src.
// The error is at most 1.5 units in the last place (measured: 1.33).
func Softsign[T Float](dst, src []T) { apply(dst, src, softsignVector[T], softsign[T]) }

// An infinite z is to give 1.
func softsign[T Float](z T) T {
	z = clamp(z, -largest[T](), largest[T]())
	return z / (1 + abs(z))
}

// SoftsignGrad is dx = dy / (1 + |z|)^2, over the length of dx: the gradient at
// the input z of [Softsign]. dx may be dy or z.
func SoftsignGrad[T Float](dx, dy, z []T) {
	applySlope(dx, dy, z, softsignGradVector[T], softsignSlope[T])
}

func softsignSlope[T Float](z T) T {
	d := 1 + abs(z)
	return 1 / (d * d)
}

// LeakyReLU is dst = src, or slope * src where that is below 0, over the length
// of dst, which may be src.
func LeakyReLU[T Float](dst, src []T, slope T) {
	apply(dst, src,
		func(dst, src *T, n int) { leakyReLUVector(dst, src, slope, n) },
		func(z T) T {
			if z < 0 {
				return slope * z
			}
			return z
		})
}

// LeakyReLUGrad is dx = dy, or slope * dy where y <= 0, over the length of dx: the
// gradient at the input of [LeakyReLU], with a positive slope, from that at its
// output y. dx may be dy or y.
func LeakyReLUGrad[T Float](dx, dy, y []T, slope T) {
	applySlope(dx, dy, y,
		func(dx, dy, y *T, n int) { leakyReLUGradVector(dx, dy, y, slope, n) },
		func(y T) T {
			if y <= 0 {
				return slope
			}
			return 1
		})
}

// ELU is dst = scale * src, or gain * (e^src - 1) where src is not above 0, over
// the length of dst, which may be src. With scale and gain 1, the error is at most
// 1.5 units in the last place (measured: 1.01).
func ELU[T Float](dst, src []T, scale, gain T) {
	apply(dst, src,
		func(dst, src *T, n int) { eluVector(dst, src, scale, gain, n) },
		func(z T) T {
			if z > 0 {
				return scale * z
			}
			// Below -40, e^z - 1 rounds to -1.
			q, n := expm1(clamp(z, -40, 0))
			p := pow2[T](int(n))
			return gain * fma(p, q, p-1)
		})
}

// ELUGrad is dx = dy * scale, or dy * (y + gain) where y is not above 0, over the
// length of dx: the gradient at the input of [ELU], with a positive scale and
// gain, from that at its output y. dx may be dy or y. Where y has been rounded to
// -gain, from an input of about -37 (-17 for float32), it is 0.
func ELUGrad[T Float](dx, dy, y []T, scale, gain T) {
	applySlope(dx, dy, y,
		func(dx, dy, y *T, n int) { eluGradVector(dx, dy, y, scale, gain, n) },
		func(y T) T {
			if y > 0 {
				return scale
			}
			return y + gain
		})
}

// Step is dst = 1 where src is above 0, and otherwise 0, over the length of dst,
// which may be src. NaN is passed on. Its gradient is 0 and needs no function.
func Step[T Float](dst, src []T) {
	apply(dst, src, stepVector[T], func(z T) T {
		switch {
		case z > 0:
			return 1
		case z <= 0:
			return 0
		}
		return z
	})
}

// Quadratic is dst = src * (src + 1), over the length of dst, which may be src.
func Quadratic[T Float](dst, src []T) {
	apply(dst, src, quadraticVector[T], func(z T) T { return z * (z + 1) })
}

// QuadraticGrad is dx = dy * (2z + 1), with a fused multiply-add, over the length
// of dx: the gradient at the input z of [Quadratic]. dx may be dy or z.
func QuadraticGrad[T Float](dx, dy, z []T) {
	applySlope(dx, dy, z, quadraticGradVector[T], func(z T) T { return fma(2, z, 1) })
}

// Cubic is dst = src * (1 + c*src^2), the sum with a fused multiply-add, over the
// length of dst, which may be src.
func Cubic[T Float](dst, src []T, c T) {
	apply(dst, src,
		func(dst, src *T, n int) { cubicVector(dst, src, c, n) },
		func(z T) T { return z * fma(c*z, z, 1) })
}

// CubicGrad is dx = dy * (1 + 3c*z^2), over the length of dx: the gradient at the
// input z of [Cubic]. dx may be dy or z.
func CubicGrad[T Float](dx, dy, z []T, c T) {
	triple := 3 * c
	applySlope(dx, dy, z,
		func(dx, dy, z *T, n int) { cubicGradVector(dx, dy, z, triple, n) },
		func(z T) T { return fma(triple*z, z, 1) })
}

// apply is dst = f(src), over the length of dst: by vector, which is f in
// assembly, where there is any.
func apply[T Float](dst, src []T, vector func(dst, src *T, n int), f func(T) T) {
	src = src[:len(dst)]
	if current == portable {
		for j, z := range src {
			dst[j] = f(z)
		}
		return
	}
	for len(dst) > 0 {
		n := min(chunk, len(dst))
		vector(&dst[0], &src[0], n)
		dst, src = dst[n:], src[n:]
	}
}

// applySlope is dx = dy * slope(x), over the length of dx.
func applySlope[T Float](dx, dy, x []T, vector func(dx, dy, x *T, n int), slope func(T) T) {
	dy, x = dy[:len(dx)], x[:len(dx)]
	if current == portable {
		for j, d := range dy {
			dx[j] = d * slope(x[j])
		}
		return
	}
	for len(dx) > 0 {
		n := min(chunk, len(dx))
		vector(&dx[0], &dy[0], &x[0], n)
		dx, dy, x = dx[n:], dy[n:], x[n:]
	}
}

// atLeast returns x, or lo if that is greater. NaN stays NaN.
func atLeast[T Float](x, lo T) T {
	if x < lo {
		return lo
	}
	return x
}

// largest is the greatest finite number.
func largest[T Float]() T {
	if double[T]() {
		return T(math.Float64frombits(0x7fefffffffffffff))
	}
	return math.MaxFloat32
}

// horner returns the polynomial in x with the coefficients of its precision, the
// highest first, with a fused multiply-add for each step.
func horner[T Float](x T, c64 []float64, c32 []float32) T {
	if double[T]() {
		p := c64[0]
		for _, c := range c64[1:] {
			p = math.FMA(p, float64(x), c)
		}
		return T(p)
	}
	p := c32[0]
	for _, c := range c32[1:] {
		p = fma32(p, float32(x), c)
	}
	return T(p)
}
