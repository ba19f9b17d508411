package kernel

import "math"

// Sin is dst = sin(src), over the length of dst, which may be src. The error is
// at most 2.5 units in the last place (measured: 2.39), for every finite
// argument; NaN for +-Inf.
func Sin[T Float](dst, src []T) {
	src = src[:len(dst)]
	for len(dst) > 0 {
		n := min(trigBlock, len(dst))
		if current != portable && !anyHuge(src[:n]) {
			sinVector(&dst[0], &src[0], n)
		} else {
			for j, x := range src[:n] {
				dst[j] = sin(x)
			}
		}
		dst, src = dst[n:], src[n:]
	}
}

// Cos is dst = cos(src), as [Sin].
func Cos[T Float](dst, src []T) {
	src = src[:len(dst)]
	for len(dst) > 0 {
		n := min(trigBlock, len(dst))
		if current != portable && !anyHuge(src[:n]) {
			cosVector(&dst[0], &src[0], n)
		} else {
			for j, x := range src[:n] {
				dst[j] = cos(x)
			}
		}
		dst, src = dst[n:], src[n:]
	}
}

// SinGrad is dx = dy * cos(z), over the length of dx: the gradient at the input z
// of [Sin]. dx may be dy or z.
func SinGrad[T Float](dx, dy, z []T) {
	dy, z = dy[:len(dx)], z[:len(dx)]
	for len(dx) > 0 {
		n := min(trigBlock, len(dx))
		if current != portable && !anyHuge(z[:n]) {
			sinGradVector(&dx[0], &dy[0], &z[0], n)
		} else {
			for j, x := range z[:n] {
				dx[j] = dy[j] * cos(x)
			}
		}
		dx, dy, z = dx[n:], dy[n:], z[n:]
	}
}

// CosGrad is dx = -(dy * sin(z)), over the length of dx: the gradient at the input
// z of [Cos]. dx may be dy or z.
func CosGrad[T Float](dx, dy, z []T) {
	dy, z = dy[:len(dx)], z[:len(dx)]
	for len(dx) > 0 {
		n := min(trigBlock, len(dx))
		if current != portable && !anyHuge(z[:n]) {
			cosGradVector(&dx[0], &dy[0], &z[0], n)
		} else {
			for j, x := range z[:n] {
				dx[j] = -(dy[j] * sin(x))
			}
		}
		dx, dy, z = dx[n:], dy[n:], z[n:]
	}
}

// trigBlock is how many elements go to assembly together, or, if one of them is
// huge, do not.
const trigBlock = 1 << 9

// anyHuge reports whether the size of an element is above [trigLimit].
func anyHuge[T Float](x []T) bool {
	var found uint32
	anyAbove(&found, &x[0], trigLimit[T](), len(x))
	return found != 0
}

// trigLimit is the size of an argument to which n, and what n times the third part
// of pi leaves, are exact enough: 2^30, and 2^15 for float32.
func trigLimit[T Float]() T {
	if double[T]() {
		return 1 << 30
	}
	return 1 << 15
}

// sin returns (-1)^n * sin(r), where n is the integer nearest x/pi and
// r = x - n*pi is in [-pi/2, pi/2]. As in [expm1], n comes from adding 1.5*2^52
// (2^23), and pi is the sum of three numbers, so that r is right to its last place
// though x may be as near to a multiple of pi as a float can be.
func sin[T Float](x T) T {
	if !(abs(x) <= trigLimit[T]()) {
		return sinHuge(x, 0)
	}
	toInt, pi1, pi2, pi3 := piParts[T]()
	n := fma(x, 1/math.Pi, toInt) - toInt
	r := fma(-n, pi1, x)
	r = fma(-n, pi2, r)
	r = fma(-n, pi3, r)
	return turn(sinNear(r), int64(n))
}

// cos returns (-1)^k * sin((k+1/2)*pi - x) with k the integer nearest x/pi - 1/2.
func cos[T Float](x T) T {
	if !(abs(x) <= trigLimit[T]()) {
		return sinHuge(x, 1)
	}
	toInt, pi1, pi2, pi3 := piParts[T]()
	k := fma(x, 1/math.Pi, -0.5) + toInt - toInt
	n := k + 0.5
	r := fma(n, pi1, -x)
	r = fma(n, pi2, r)
	r = fma(n, pi3, r)
	return turn(sinNear(r), int64(k))
}

// piParts returns 1.5*2^52 (2^23), and pi as a sum. All parts are positive, so that
// with n = 0 an argument of -0 stays what it is.
func piParts[T Float]() (toInt, pi1, pi2, pi3 T) {
	if double[T]() {
		return 3 << 51, 0x1.921fb54442d18p+1, 0x1.1a62633145c06p-53, 0x1.c1cd129024e09p-106
	}
	return 3 << 22, 0x1.921fb4p+1, 0x1.4442dp-23, 0x1.84698ap-47
}

// turn changes the sign of y for odd n.
func turn[T Float](y T, n int64) T {
	if n&1 != 0 {
		return -y
	}
	return y
}

// sinNear returns sin(r) = r * (1 + r^2*P(r^2)), for r in [-pi/2, pi/2] and a
// little beyond. P has the least relative error of its degree, 7 (3 for float32),
// by Remez's algorithm: below 2^-57 (2^-26) after its coefficients are rounded. In
// this form, and not r + r^3*P, -0 gives -0.
func sinNear[T Float](r T) T {
	z := r * r
	if double[T]() {
		p := fma64(z, 2.7209990441931673e-15, -7.642975115006906e-13)
		p = fma64(z, p, 1.6058939090098072e-10)
		p = fma64(z, p, -2.5052106860831656e-08)
		p = fma64(z, p, 2.7557319211009754e-06)
		p = fma64(z, p, -0.00019841269841208494)
		p = fma64(z, p, 0.008333333333333193)
		p = fma64(z, p, -0.16666666666666666)
		return r * fma64(z, p, 1)
	}
	p := fma(z, 2.6054885893245228e-06, -0.0001980947854463011)
	p = fma(z, p, 0.008333064615726471)
	p = fma(z, p, -0.16666659712791443)
	return r * fma(z, p, 1)
}

// sinHuge returns sin(x + quarter*pi/2) for a quarter of 0 or 1 and x of at least
// 2^15 in size. The digits of x/pi that matter come from integers (Payne & Hanek
// 1983, doi:10.1145/1057600.1057602).
func sinHuge[T Float](x T, quarter uint64) T {
	if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
		return T(math.NaN())
	}
	n, r := reduceHuge(math.Abs(float64(x)), quarter)
	y := turn(sinNear(T(r)), n)
	if quarter == 0 && x < 0 {
		return -y
	}
	return y
}
