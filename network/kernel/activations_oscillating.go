package kernel

// The oscillating units of Noel et al. 2021 (arXiv:2108.12943, arXiv:2111.04020).

// GCU is dst = src * cos(src), the growing cosine unit, over the length of dst,
// which may be src. The error is at most 3 units in the last place (measured:
// 2.07), for every finite argument; NaN for +-Inf.
func GCU[T Float](dst, src []T) {
	applyTrig(dst, src, gcuVector[T], func(z T) T { return z * cos(z) })
}

// GCUGrad is dx = dy * (cos(z) - z*sin(z)), with a fused multiply-add, over the
// length of dx: the gradient at the input z of [GCU]. dx may be dy or z.
func GCUGrad[T Float](dx, dy, z []T) {
	applyTrigSlope(dx, dy, z, gcuGradVector[T], func(z T) T { return fma(-z, sin(z), cos(z)) })
}

// SSU is dst = pi * sin(u)/u with u = src - pi, the shifted sinc unit, over the
// length of dst, which may be src; NaN for +-Inf. The error is at most 4 units in
// the last place (measured: 2.96), next to pi too, where the result is pi.
func SSU[T Float](dst, src []T) { applyTrig(dst, src, ssuVector[T], ssu[T]) }

// sin(u) = -sin(z), and pi is a sum of two numbers: for no z is the difference
// 0, or wrong by more than rounding.
func ssu[T Float](z T) T {
	hi, lo := twoPartPi[T]()
	return hi * sin(z) / (hi - z + lo)
}

// SSUGrad is dx = dy * pi*(cos(u) - sin(u)/u)/u with u = z - pi, over the length of
// dx: the gradient at the input z of [SSU], 0 for z = pi. dx may be dy or z.
func SSUGrad[T Float](dx, dy, z []T) { applyTrigSlope(dx, dy, z, ssuGradVector[T], ssuSlope[T]) }

func ssuSlope[T Float](z T) T {
	slope, _, _ := sincSlope(z)
	return slope
}

// sincSlope returns the derivative of SSU at z, and sin(z) and u = z - pi. Near
// u = 0 the difference has no digits, and the derivative is that of the power
// series, pi * sum over k >= 1 of (-1)^k * 2k/(2k+1)! * u^(2k-1). Up to u = 2 few
// terms are enough: what is left out is below 2^-60 (2^-28) of the sum.
func sincSlope[T Float](z T) (slope, sine, u T) {
	hi, lo := twoPartPi[T]()
	u, sine = z-hi-lo, sin(z)
	if abs(u) < 2 {
		return hi * (u * horner(u*u, sincSlope64[:], sincSlope32[:])), sine, u
	}
	return hi * ((sine/u - cos(z)) / u), sine, u
}

var sincSlope64 = [...]float64{
	24. / 15511210043330985984000000, -22. / 25852016738884976640000, 20. / 51090942171709440000,
	-18. / 121645100408832000, 16. / 355687428096000, -14. / 1307674368000, 12. / 6227020800,
	-10. / 39916800, 8. / 362880, -6. / 5040, 4. / 120, -2. / 6,
}

var sincSlope32 = [...]float32{
	-14. / 1307674368000, 12. / 6227020800, -10. / 39916800, 8. / 362880, -6. / 5040, 4. / 120, -2. / 6,
}

// twoPartPi returns pi as a sum, with the greater part rounded to nearest.
func twoPartPi[T Float]() (hi, lo T) {
	if double[T]() {
		return 0x1.921fb54442d18p+1, 0x1.1a62633145c07p-53
	}
	return 0x1.921fb6p+1, -0x1.777a5cp-24
}

// DSU is dst = pi^2 * sin(src) / (pi^2 - src^2), the decaying sine unit: half the
// difference of two [SSU], at src and at -src mirrored; over the length of dst, which
// may be src; NaN for +-Inf. The error is at most 6 units in the last place
// (measured: 4.49), next to +-pi too, where the result is +-pi/2.
func DSU[T Float](dst, src []T) { applyTrig(dst, src, dsuVector[T], dsu[T]) }

func dsu[T Float](z T) T {
	hi, lo := twoPartPi[T]()
	return hi * sin(z) / (hi - z + lo) * (hi / (hi + z + lo))
}

// DSUGrad is dx = dy times the derivative of [DSU] at z, over the length of dx,
// -1/4 for z = +-pi. dx may be dy or z.
func DSUGrad[T Float](dx, dy, z []T) { applyTrigSlope(dx, dy, z, dsuGradVector[T], dsuSlope[T]) }

// With a = |z| and v = a + pi, DSU(a) = SSU(a) * pi/v, whose derivative is
// (SSU'(a) - SSU(a)/v) * pi/v; and that of an odd function is even.
func dsuSlope[T Float](z T) T {
	hi, lo := twoPartPi[T]()
	a := abs(z)
	slope, sine, u := sincSlope(a)
	v := a + hi + lo
	return (slope + hi*sine/u/v) * (hi / v)
}

// applyTrig is [apply] for functions whose assembly reduces only arguments that
// are not huge.
func applyTrig[T Float](dst, src []T, vector func(dst, src *T, n int), f func(T) T) {
	src = src[:len(dst)]
	for len(dst) > 0 {
		n := min(trigBlock, len(dst))
		if current != portable && !anyHuge(src[:n]) {
			vector(&dst[0], &src[0], n)
		} else {
			for j, z := range src[:n] {
				dst[j] = f(z)
			}
		}
		dst, src = dst[n:], src[n:]
	}
}

// applyTrigSlope is [applySlope] for the same.
func applyTrigSlope[T Float](dx, dy, z []T, vector func(dx, dy, z *T, n int), slope func(T) T) {
	dy, z = dy[:len(dx)], z[:len(dx)]
	for len(dx) > 0 {
		n := min(trigBlock, len(dx))
		if current != portable && !anyHuge(z[:n]) {
			vector(&dx[0], &dy[0], &z[0], n)
		} else {
			for j, x := range z[:n] {
				dx[j] = dy[j] * slope(x)
			}
		}
		dx, dy, z = dx[n:], dy[n:], z[n:]
	}
}
