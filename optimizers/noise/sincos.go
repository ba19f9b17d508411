package noise

import "math"

// SinCos returns the sine and cosine of an angle given in turns, 2 pi turns
// radians, for turns in [0, 1]. Both are within 2 ulp, and exact at the quarter
// turns. Unlike math.Sincos it has the same bits on every machine. The polynomials
// are those of FreeBSD's msun (k_sin.c, k_cos.c; Sun Microsystems 1993).
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
