package kernel

import "math"

// fma returns x*y + z, rounded once.
func fma[T Float](x, y, z T) T {
	if double[T]() {
		return fma64(x, y, z)
	}
	return T(fma32(float32(x), float32(y), float32(z)))
}

// fma64 is fma where T is known to be float64. The compiler makes it one
// instruction; it is apart from fma, which is too big to be inlined, for the
// loops where that matters.
func fma64[T Float](x, y, z T) T {
	return T(math.FMA(float64(x), float64(y), float64(z)))
}

// fma32 returns x*y + z, rounded once to float32. The product is exact in
// float64, so only the sum is rounded before the result is, and rounding twice
// is wrong only where [halfway] says so.
func fma32(x, y, z float32) float32 {
	p := float64(x) * float64(y)
	s := p + float64(z)
	if halfway(s) {
		s = roundToOdd(p, float64(z))
	}
	return float32(s)
}

// halfway reports whether s may be in the middle between two float32s, which is
// where rounding s differs from rounding the number that s was rounded from.
// Such a middle has at most 25 significant bits, and 28 zeros after them; what
// else has, such as 0 and every float32, costs time and no more.
func halfway(s float64) bool { return math.Float64bits(s)<<36 == 0 }

// roundToOdd returns p + z rounded to odd: if the sum is not a float64, the one
// of its two neighbours whose last bit is 1. That bit then stands for all the
// bits below it, so that rounding the result again, to a format at least two
// bits shorter, gives what rounding p + z once would have (Boldo & Melquiond
// 2008, doi:10.1109/TC.2007.70819).
//
// Inlined, it would halve the speed of loops that hardly ever need it.
//
//go:noinline
func roundToOdd(p, z float64) float64 {
	s := p + z
	// p + z = s + e exactly (Knuth's TwoSum). Some processors fuse the product
	// that p is into these; it is exact, so they cannot tell.
	t := s - p
	e := (p - (s - t)) + (z - t)
	b := math.Float64bits(s)
	if b&1 == 1 || e == 0 || math.IsNaN(e) { // NaN if s is
		return s
	}
	if (e > 0) == (s > 0) {
		b++ // away from zero
	} else {
		b--
	}
	return math.Float64frombits(b)
}
