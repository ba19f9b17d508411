package noise

import (
	"math"
	mathbits "math/bits"
)

// polar makes two normals of 64 random bits: a point whose squared radius is
// exponential and whose angle is uniform (Box & Muller 1958,
// doi:10.1214/aoms/1177706645), from
//
//	u = (bits>>12 + 1/2) / 2^52                  uniform in (0, 1)
//	v = (w mod 2^30 + 1/2) / 2^30 - 1/2          uniform in (-1/2, 1/2)
//	r = sqrt(-2 ln u), c = r cos(pi/2 v), s = r sin(pi/2 v)
//
// as (c, s), or (s, c) if bit 6 is set; bit 7 is the sign of c. w is the low half
// of bits with its bytes in reverse order. No operation has a branch or a table,
// and each is rounded by itself, so that vectors can do the same.
//
// u and v share 20 bits. They are the last of u, for the sake of its tail, where
// they are more than a thousandth of u once in 2^22 draws; and, by the order of
// the bytes, they say little of the angle even there: the highest of v and the
// quadrant are not among them.
//
// The polynomials are those of least relative error of their degree, below
// 2^-37.6 (Remez's algorithm; a test measures the errors): no sample shows that,
// and half the multiplications of one to the last place would be wasted.
func polar(bits uint64) (x, y float64) {
	const (
		one       = 0x3FF << 52
		sixtyFour = 0x405 << 52
		root      = 0x3FE6A09E << 32 // the high word of sqrt(1/2)

		// -2 ln((1+s)/(1-s)) / s, in s^2.
		l0 = -4.000000000016848
		l1 = -1.333333304808938
		l2 = -0.8000077174054379
		l3 = -0.5706997170378515
		l4 = -0.47234934570148823
		// sin(pi/2 v) / v, in v^2.
		s0 = 1.57079632678775
		s1 = -0.6459640961024186
		s2 = 0.07969258184289243
		s3 = -0.004681260627579776
		s4 = 0.0001581950742865496
		// cos(pi/2 v), in v^2.
		c0 = 0.9999999999999344
		c1 = -1.2337005501181886
		c2 = 0.2536695070914816
		c3 = -0.020863467311975636
		c4 = 0.0009191586040068789
		c5 = -2.484597859824764e-05
	)
	// With its bits as the fraction of a number in [1, 2), u is exact without a
	// conversion of integers, for which AVX2 has no instruction.
	u := math.Float64frombits(bits>>12|one) - (1 - 0x1p-53)
	// u = 2^k m with m in [sqrt(1/2), sqrt(2)).
	b := math.Float64bits(u) + (one - root)
	k := float64(int64(b>>52) - 0x3FF)
	m := math.Float64frombits(b&(1<<52-1) + root)
	s := (m - 1) / (m + 1)
	z := s * s
	p := math.FMA(z, l4, l3)
	p = math.FMA(z, p, l2)
	p = math.FMA(z, p, l1)
	p = math.FMA(z, p, l0)
	r := math.Sqrt(math.FMA(k, -2*math.Ln2, float64(s*p)))

	// The 30 bits are the highest below 1 of a number from 64 to 65; the bit after
	// them is the half.
	w := uint64(mathbits.ReverseBytes32(uint32(bits)))
	v := math.Float64frombits(w<<16&(1<<46-1)|sixtyFour|1<<15) - 64.5
	z = v * v
	p = math.FMA(z, s4, s3)
	p = math.FMA(z, p, s2)
	p = math.FMA(z, p, s1)
	p = math.FMA(z, p, s0)
	sin := r * float64(v*p)
	p = math.FMA(z, c5, c4)
	p = math.FMA(z, p, c3)
	p = math.FMA(z, p, c2)
	p = math.FMA(z, p, c1)
	p = math.FMA(z, p, c0)
	cos := r * math.Float64frombits(math.Float64bits(p)^bits>>7<<63)

	sb, cb := math.Float64bits(sin), math.Float64bits(cos)
	exchange := (sb ^ cb) & -(bits >> 6 & 1)
	return math.Float64frombits(cb ^ exchange), math.Float64frombits(sb ^ exchange)
}
