package kernel

import "math"

// log returns ln x.
func log[T Float](x T) T {
	switch {
	case x == 0:
		return T(math.Inf(-1))
	case !(x >= 0): // negative or NaN
		return T(math.NaN())
	case math.IsInf(float64(x), 1):
		return x
	}
	m, k := split(x)
	return logSum(m-1, k)
}

// log1p returns ln(1+x) for x in [0, 1], and NaN for NaN.
func log1p[T Float](x T) T {
	// Above sqrt 2, 1+x = 2*(1+f).
	if x < math.Sqrt2-1 {
		return logSum(x, 0)
	}
	return logSum((x-1)/2, 1)
}

// split returns x = m * 2^k with m in [sqrt(1/2), sqrt 2), for positive x, to
// rounding of that bound.
func split[T Float](x T) (m, k T) {
	if double[T]() {
		var e int64 = -1023
		if x < 0x1p-1022 {
			x *= 0x1p54
			e -= 54
		}
		// Adding what carries into the exponent from sqrt 2 upwards, and
		// putting the rest back from sqrt 1/2 (FreeBSD's msun, e_log.c).
		const one, half = 0x3ff0000000000000, 0x3fe6a09e00000000
		b := math.Float64bits(float64(x)) + (one - half)
		e += int64(b >> 52)
		return T(math.Float64frombits(b&(1<<52-1) + half)), T(e)
	}
	var e int32 = -127
	if x < 0x1p-126 {
		x *= 0x1p25
		e -= 25
	}
	const one, half = 0x3f800000, 0x3f3504f3
	b := math.Float32bits(float32(x)) + (one - half)
	e += int32(b >> 23)
	return T(math.Float32frombits(b&(1<<23-1) + half)), T(e)
}

// logSum returns ln(1+f) + k*ln 2 for f in [sqrt(1/2)-1, sqrt 2-1]. With
// s = f/(2+f), ln(1+f) = 2 atanh(s) = f - (f^2/2 - s*(f^2/2 + R)), where R is a
// polynomial in s^2 that stands for 2 atanh(s)/s - 2. Method, coefficients and the
// two parts of ln 2 are those of FreeBSD's msun (e_log.c, 1993, and e_logf.c); the
// errors of the polynomials are below 2^-58 and 2^-34.
func logSum[T Float](f, k T) T {
	var ln2Hi, ln2Lo T = 6.9313812256e-01, 9.0580006145e-06
	if double[T]() {
		ln2Hi, ln2Lo = 6.93147180369123816490e-01, 1.90821492927058770002e-10
	}
	s := f / (2 + f)
	z := s * s
	half := T(f * f * 0.5)
	r := s * fma(atanhPoly(z), z, half)
	r = fma(k, ln2Lo, r)
	return fma(k, ln2Hi, f-(half-r))
}

// atanhPoly returns an approximation of (2 atanh(s)/s - 2) / s^2 from z = s^2, by
// Horner's rule.
func atanhPoly[T Float](z T) T {
	var p T
	if double[T]() {
		p = 1.479819860511658591e-01
		p = fma(p, z, 1.531383769920937332e-01)
		p = fma(p, z, 1.818357216161805012e-01)
		p = fma(p, z, 2.222219843214978396e-01)
		p = fma(p, z, 2.857142874366239149e-01)
		p = fma(p, z, 3.999999999940941908e-01)
		p = fma(p, z, 6.666666666666735130e-01)
		return p
	}
	p = 0.24279078841
	p = fma(p, z, 0.28498786688)
	p = fma(p, z, 0.40000972152)
	p = fma(p, z, 0.66666662693)
	return p
}
