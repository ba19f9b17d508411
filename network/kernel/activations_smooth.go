package kernel

// ScaledTanh is dst = a * tanh(b*src), over the length of dst, which may be src.
func ScaledTanh[T Float](dst, src []T, a, b T) {
	apply(dst, src,
		func(dst, src *T, n int) { scaledTanhVector(dst, src, a, b, n) },
		func(z T) T { return a * tanh(b*z) })
}

// ScaledTanhGrad is dx = dy * a*b*(1 - t^2) with t = y/a, over the length of dx:
// the gradient at the input of [ScaledTanh] from that at its output y. dx may be
// dy or y.
func ScaledTanhGrad[T Float](dx, dy, y []T, a, b T) {
	ab := a * b
	applySlope(dx, dy, y,
		func(dx, dy, y *T, n int) { scaledTanhGradVector(dx, dy, y, a, ab, n) },
		func(y T) T {
			t := y / a
			return ab * fma(-t, t, 1)
		})
}

// Softplus is dst = ln(1 + e^src), over the length of dst, which may be src. The
// error is at most 2 units in the last place (measured: 1.38), denormal results
// included.
func Softplus[T Float](dst, src []T) { apply(dst, src, softplusVector[T], softplus[T]) }

// For positive z, ln(1 + e^z) = z + ln(1 + e^-z), which does not overflow.
func softplus[T Float](z T) T {
	var linear T
	if z > 0 {
		linear = z
	}
	return linear + log1p(exp(-abs(z)))
}

// SoftplusGrad is dx = dy / (1 + e^-z), over the length of dx: the gradient at the
// input z of [Softplus]. dx may be dy or z.
func SoftplusGrad[T Float](dx, dy, z []T) {
	applySlope(dx, dy, z, softplusGradVector[T], sigmoid[T])
}

// Swish is dst = src / (1 + e^-src), over the length of dst, which may be src.
// The error is at most 3 units in the last place (measured: 2.52) down to -708 (-87
// for float32), below which the function is nearly 0 and the result too.
func Swish[T Float](dst, src []T) { apply(dst, src, swishVector[T], swish[T]) }

// The factor of 0 of an infinite z is to win.
func swish[T Float](z T) T {
	z = atLeast(z, expMin[T]())
	return z * sigmoid(z)
}

// SwishGrad is dx = dy * s*(1 + z*(1 - s)), where s = 1/(1 + e^-z), over the length
// of dx: the gradient at the input z of [Swish]. dx may be dy or z.
func SwishGrad[T Float](dx, dy, z []T) { applySlope(dx, dy, z, swishGradVector[T], swishSlope[T]) }

func swishSlope[T Float](z T) T {
	z = clamp(z, expMin[T](), -expMin[T]())
	s, rest := gates(z)
	return s * fma(z, rest, 1)
}

// gates returns s = 1/(1 + e^-z) and 1 - s, without the difference, which would have
// few digits for a large z, and be multiplied by it.
func gates[T Float](z T) (s, rest T) {
	e := exp(-abs(z))
	d := 1 + e
	if z < 0 {
		return e / d, 1 / d
	}
	return 1 / d, e / d
}

// GELUTanh is the approximation of [GELU] by a hyperbolic tangent (Hendrycks &
// Gimpel 2016, arXiv:1606.08415, sec. 2), over the length of dst, which may be src:
//
//	dst = z/2 * (1 + tanh(sqrt(2/pi) * (z + 0.044715*z^3))) = z / (1 + e^-w)
//
// with w = z*(c1 + c2*z^2). The second form keeps its digits for negative z. The error
// is at most 3 units in the last place (measured: 1.89), times 1 - w for negative w,
// since an error of w is multiplied so.
func GELUTanh[T Float](dst, src []T) { apply(dst, src, geluTanhVector[T], geluTanh[T]) }

const (
	geluTanh1 = 2 * 0.797884560802865355879892119868763736951717262329869315331851659 // 2 sqrt(2/pi)
	geluTanh2 = 0.044715 * geluTanh1
)

// Beyond 40, e^-w rounds to 0 or overflows.
func geluTanh[T Float](z T) T {
	z = atLeast(z, -40)
	return z * sigmoid(z*fma(geluTanh2, z*z, geluTanh1))
}

// GELUTanhGrad is dx = dy * s*(1 + z*w'*(1 - s)), where s = 1/(1 + e^-w) and w' is
// the derivative of w, over the length of dx: the gradient at the input z of
// [GELUTanh]. dx may be dy or z.
func GELUTanhGrad[T Float](dx, dy, z []T) {
	applySlope(dx, dy, z, geluTanhGradVector[T], geluTanhSlope[T])
}

func geluTanhSlope[T Float](z T) T {
	z = clamp(z, -40, 40)
	v := z * z
	s, rest := gates(z * fma(geluTanh2, v, geluTanh1))
	return s * fma(z*fma(3*geluTanh2, v, geluTanh1), rest, 1)
}

// Mish is dst = src * tanh(ln(1 + e^src)), over the length of dst, which may be
// src. The error is at most 4 units in the last place (measured: 3.00) down to -708
// (-87 for float32), as that of [Swish].
func Mish[T Float](dst, src []T) { apply(dst, src, mishVector[T], mish[T]) }

func mish[T Float](z T) T {
	z = atLeast(z, expMin[T]())
	_, n, h := mishParts(z)
	return z * (n / h)
}

// mishParts returns e = e^-|z|, and n and h with tanh(ln(1 + e^z)) = n/h. With
// x = e^z the square of 1+x is 1 + n, and tanh(ln(1+x)) = (x^2 + 2x)/(x^2 + 2x + 2);
// for positive z, both are divided by x^2.
func mishParts[T Float](z T) (e, n, h T) {
	e = exp(-abs(z))
	if z < 0 {
		n = T(e * (e + 2))
		return e, n, n + 2
	}
	n = fma(2, e, 1)
	return e, n, n + T(2*e*e)
}

// MishGrad is dx = dy * (t + z*(1 - t^2)*s), where t = tanh(ln(1 + e^z)) and
// s = 1/(1 + e^-z), over the length of dx: the gradient at the input z of [Mish].
// dx may be dy or z.
func MishGrad[T Float](dx, dy, z []T) { applySlope(dx, dy, z, mishGradVector[T], mishSlope[T]) }

// 1 - t^2 = (h-n)*(h+n)/h^2, and h-n is known.
func mishSlope[T Float](z T) T {
	z = clamp(z, expMin[T](), -expMin[T]())
	e, n, h := mishParts(z)
	top, rest := T(1), T(2*e*e)
	if z < 0 {
		top, rest = e, 2
	}
	return fma(z, top*rest*(n+h)/((1+e)*h*h), n/h)
}
