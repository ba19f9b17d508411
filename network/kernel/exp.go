package kernel

import "math"

// exp returns e^x.
func exp[T Float](x T) T {
	x = clamp(x, expMin[T](), expMax[T]())
	q, n := expm1(x)
	return scale2(1+q, n)
}

// expMin and expMax are arguments beyond which e^x rounds to 0 and overflows,
// and within which the exponent n of [expm1] still fits [scale2].
func expMin[T Float]() T {
	if double[T]() {
		return -746
	}
	return -104
}

func expMax[T Float]() T {
	if double[T]() {
		return 710
	}
	return 89
}

// clamp returns x, but at least lo and at most hi. NaN stays NaN: as an
// instruction, that is a maximum and a minimum with x as the second operand.
func clamp[T Float](x, lo, hi T) T {
	if x < lo {
		x = lo
	}
	if x > hi {
		x = hi
	}
	return x
}

// expm1 splits e^x = 2^n * (1+q) with n the integer nearest x/ln 2 and q in
// [-0.30, 0.42], accurate relative to q itself: q = e^r - 1, r = x - n*ln 2. For
// x below a few thousand in size.
//
// n comes from adding 1.5*2^52 (2^23 for float32), which leaves no bits for a
// fraction; r from subtracting n times ln 2 as a sum of two numbers (Cody & Waite
// 1980, Software Manual for the Elementary Functions); q from the Taylor polynomial
//
//	q = r + r^2*(1/2! + r*(1/3! + r*(1/4! + ...)))
//
// to r^13 (r^7), by Horner's rule with a fused multiply-add for each step.
func expm1[T Float](x T) (q, n T) {
	if double[T]() {
		q, n := expm1f64(float64(x))
		return T(q), T(n)
	}
	q32, n32 := expm1f32(float32(x))
	return T(q32), T(n32)
}

func expm1f64(x float64) (q, n float64) {
	const (
		toInt = 3 << 51
		ln2Hi = 0x1.62e42fefa39efp-1 // ln 2 to 53 bits,
		ln2Lo = math.Ln2 - ln2Hi     // and what that leaves
	)
	n = math.FMA(x, math.Log2E, toInt) - toInt
	r := math.FMA(-n, ln2Hi, x)
	r = math.FMA(-n, ln2Lo, r)
	q = 1. / 6227020800
	q = math.FMA(q, r, 1./479001600)
	q = math.FMA(q, r, 1./39916800)
	q = math.FMA(q, r, 1./3628800)
	q = math.FMA(q, r, 1./362880)
	q = math.FMA(q, r, 1./40320)
	q = math.FMA(q, r, 1./5040)
	q = math.FMA(q, r, 1./720)
	q = math.FMA(q, r, 1./120)
	q = math.FMA(q, r, 1./24)
	q = math.FMA(q, r, 1./6)
	q = math.FMA(q, r, 1./2)
	return math.FMA(r*r, q, r), n
}

func expm1f32(x float32) (q, n float32) {
	const (
		toInt = 3 << 22
		ln2Hi = 0x1.62e43p-1     // ln 2 to 24 bits,
		ln2Lo = math.Ln2 - ln2Hi // and what that leaves
	)
	n = fma32(x, math.Log2E, toInt) - toInt
	r := fma32(-n, ln2Hi, x)
	r = fma32(-n, ln2Lo, r)
	q = 1. / 5040
	q = fma32(q, r, 1./720)
	q = fma32(q, r, 1./120)
	q = fma32(q, r, 1./24)
	q = fma32(q, r, 1./6)
	q = fma32(q, r, 1./2)
	return fma32(r*r, q, r), n
}

// scale2 returns x * 2^n, rounded once, for an integer n from twice the least to
// twice the greatest exponent of a normal number. Two factors keep both of them
// normal; x near 1 makes the first product exact.
func scale2[T Float](x, n T) T {
	k := int(n)
	return x * pow2[T](k>>1) * pow2[T](k-k>>1)
}

// pow2 returns 2^k, which must be a normal number.
func pow2[T Float](k int) T {
	if double[T]() {
		return T(math.Float64frombits(uint64(k+1023) << 52))
	}
	return T(math.Float32frombits(uint32(k+127) << 23))
}
