package noise

import "math"

// The elementary functions here, unlike those of package math, are the same
// sequence of correctly rounded operations on every machine, and have no
// branches, so that vector code can give the same bits. Their polynomials are
// those of FreeBSD's msun (e_log.c, k_sin.c, k_cos.c; Sun Microsystems 1993).

// log returns the natural logarithm of a normal positive x, within 1 ulp.
func log(x float64) float64 {
	const (
		ln2Hi = 6.93147180369123816490e-01 // 32 bits: its product with an exponent is exact
		ln2Lo = 1.90821492927058770002e-10
		l1    = 6.666666666666735130e-01
		l2    = 3.999999999940941908e-01
		l3    = 2.857142874366239149e-01
		l4    = 2.222219843214978396e-01
		l5    = 1.818357216161805012e-01
		l6    = 1.531383769920937332e-01
		l7    = 1.479819860511658591e-01
		root  = 0x3FE6A09E << 32 // the high word of sqrt(1/2)
		one   = 0x3FF << 52
	)
	// x = 2^k (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)).
	bits := math.Float64bits(x) + (one - root)
	k := float64(int64(bits>>52) - 0x3FF)
	f := math.Float64frombits(bits&(1<<52-1)+root) - 1

	// log(1+f) = 2 atanh(s) = 2s + s R(s^2) with s = f/(2+f), and 2s is
	// f - f^2/2 + s f^2/2, of which the leading term f is exact.
	s := f / (2 + f)
	z := s * s
	r := math.FMA(z, l7, l6)
	r = math.FMA(z, r, l5)
	r = math.FMA(z, r, l4)
	r = math.FMA(z, r, l3)
	r = math.FMA(z, r, l2)
	r = math.FMA(z, r, l1)
	half := float64(0.5*f) * f
	r = math.FMA(z, r, half)
	return math.FMA(k, ln2Hi, f-(half-math.FMA(s, r, float64(k*ln2Lo))))
}

// SinCos returns the sine and cosine of an angle given in turns, 2 pi turns
// radians, for turns in [0, 1]. Both are within 2 ulp, and exact at the quarter
// turns. Unlike math.Sincos it has the same bits on every machine.
func SinCos(turns float64) (sin, cos float64) {
	const (
		s1 = -1.66666666666666324348e-01
		s2 = 8.33333333332248946124e-03
		s3 = -1.98412698298579493134e-04
		s4 = 2.75573137070700676789e-06
		s5 = -2.50507602534068634195e-08
		s6 = 1.58969099521155010221e-10
		c1 = 4.16666666666666019037e-02
		c2 = -1.38888888888741095749e-03
		c3 = 2.48015872894767294178e-05
		c4 = -2.75573143513906633035e-07
		c5 = 2.08757232129817482790e-09
		c6 = -1.13596475577881948265e-11
	)
	// The nearest quarter turn, and what is left: exact, in [-1/2, 1/2].
	quarters := math.Floor(float64(4*turns) + 0.5)
	x := (math.Pi / 2) * (float64(4*turns) - quarters)
	z := x * x

	p := math.FMA(z, s6, s5)
	p = math.FMA(z, p, s4)
	p = math.FMA(z, p, s3)
	p = math.FMA(z, p, s2)
	p = math.FMA(z, p, s1)
	sin = math.FMA(float64(x*z), p, x)

	p = math.FMA(z, c6, c5)
	p = math.FMA(z, p, c4)
	p = math.FMA(z, p, c3)
	p = math.FMA(z, p, c2)
	p = math.FMA(z, p, c1)
	cos = math.FMA(z, math.FMA(z, p, -0.5), 1)

	// Turn by the quarters: exchange on odd ones; the sine is negative in the
	// second half of the turn, the cosine in the second and third quarter.
	q := uint64(int64(quarters))
	sb, cb := math.Float64bits(sin), math.Float64bits(cos)
	odd := -(q & 1)
	sb, cb = sb^((sb^cb)&odd), cb^((sb^cb)&odd)
	sb ^= q >> 1 << 63
	cb ^= (q + 1) >> 1 << 63
	return math.Float64frombits(sb), math.Float64frombits(cb)
}
