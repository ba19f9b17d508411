package kernel

import "math"

// Exp is dst = e^src, over the length of dst, which may be src. The error is at
// most 1.1 units in the last place (measured: 1.01), denormal results included.
func Exp[T Float](dst, src []T) {
	src = src[:len(dst)]
	if current != portable {
		for len(dst) > 0 {
			n := min(chunk, len(dst))
			expVector(&dst[0], &src[0], n)
			dst, src = dst[n:], src[n:]
		}
		return
	}
	for j := range dst {
		dst[j] = exp(src[j])
	}
}

// Log is dst = ln(src), over the length of dst, which may be src: -Inf for 0 and
// NaN below. The error is at most 0.9 units in the last place (measured: 0.81).
func Log[T Float](dst, src []T) {
	src = src[:len(dst)]
	if current != portable {
		for len(dst) > 0 {
			n := min(chunk, len(dst))
			logVector(&dst[0], &src[0], n)
			dst, src = dst[n:], src[n:]
		}
		return
	}
	for j := range dst {
		dst[j] = log(src[j])
	}
}

// Sigmoid is dst = 1/(1+e^-src), the logistic function, over the length of dst,
// which may be src. The error is at most 2.5 units in the last place (measured:
// 2.27), denormal results included.
func Sigmoid[T Float](dst, src []T) {
	src = src[:len(dst)]
	if current != portable {
		for len(dst) > 0 {
			n := min(chunk, len(dst))
			sigmoidVector(&dst[0], &src[0], n)
			dst, src = dst[n:], src[n:]
		}
		return
	}
	for j := range dst {
		dst[j] = sigmoid(src[j])
	}
}

// sigmoid divides 1, or for negative z e^z, by 1 + e^-|z|, so that nothing
// overflows and small values keep their digits.
func sigmoid[T Float](z T) T {
	e := exp(-abs(z))
	var top T = 1
	if z < 0 {
		top = e
	}
	return top / (1 + e)
}

// SigmoidGrad is dx = dy * (y*(1-y)), over the length of dx: the gradient at the
// input of [Sigmoid] from that at its output y. dx may be dy or y. Where y has
// been rounded to 1, from an input of about 36.8 (16.7 for float32), it is 0.
func SigmoidGrad[T Float](dx, dy, y []T) {
	dy, y = dy[:len(dx)], y[:len(dx)]
	if current != portable {
		for len(dx) > 0 {
			n := min(chunk, len(dx))
			sigmoidGradVector(&dx[0], &dy[0], &y[0], n)
			dx, dy, y = dx[n:], dy[n:], y[n:]
		}
		return
	}
	for j := range dx {
		dx[j] = dy[j] * (y[j] * (1 - y[j]))
	}
}

// Tanh is dst = tanh(src), over the length of dst, which may be src. The error is
// at most 2.7 units in the last place (measured: 2.49), down to the least numbers.
func Tanh[T Float](dst, src []T) {
	src = src[:len(dst)]
	if current != portable {
		for len(dst) > 0 {
			n := min(chunk, len(dst))
			tanhVector(&dst[0], &src[0], n)
			dst, src = dst[n:], src[n:]
		}
		return
	}
	for j := range dst {
		dst[j] = tanh(src[j])
	}
}

// tanh returns -t/(2+t) with the sign of x, where t = e^(-2|x|) - 1.
func tanh[T Float](x T) T {
	// Beyond 20, tanh rounds to 1.
	q, n := expm1(clamp(-2*abs(x), -40, 0))
	p := pow2[T](int(n))
	t := fma(p, q, p-1)
	return copysign(-t/(2+t), x)
}

// TanhGrad is dx = dy * (1 - y*y), with a fused multiply-add, over the length of
// dx: the gradient at the input of [Tanh] from that at its output y. dx may be
// dy or y. Where y has been rounded to 1, from an input of about 19 (9 for
// float32), it is 0.
func TanhGrad[T Float](dx, dy, y []T) {
	dy, y = dy[:len(dx)], y[:len(dx)]
	if current != portable {
		for len(dx) > 0 {
			n := min(chunk, len(dx))
			tanhGradVector(&dx[0], &dy[0], &y[0], n)
			dx, dy, y = dx[n:], dy[n:], y[n:]
		}
		return
	}
	for j := range dx {
		dx[j] = dy[j] * fma(-y[j], y[j], 1)
	}
}

// ReLU is dst = max(src, 0), over the length of dst, which may be src. -0 and
// NaN are passed on.
func ReLU[T Float](dst, src []T) {
	src = src[:len(dst)]
	if current != portable {
		for len(dst) > 0 {
			n := min(chunk, len(dst))
			reluVector(&dst[0], &src[0], n)
			dst, src = dst[n:], src[n:]
		}
		return
	}
	for j, z := range src {
		if z < 0 {
			z = 0
		}
		dst[j] = z
	}
}

// ReLUGrad is dx = dy, but 0 where y <= 0, over the length of dx: the gradient at
// the input of [ReLU] from that at its output y, with the derivative at 0 taken
// as 0. dx may be dy or y.
func ReLUGrad[T Float](dx, dy, y []T) {
	dy, y = dy[:len(dx)], y[:len(dx)]
	if current != portable {
		for len(dx) > 0 {
			n := min(chunk, len(dx))
			reluGradVector(&dx[0], &dy[0], &y[0], n)
			dx, dy, y = dx[n:], dy[n:], y[n:]
		}
		return
	}
	for j, d := range dy {
		if y[j] <= 0 {
			d = 0
		}
		dx[j] = d
	}
}

func abs[T Float](x T) T { return T(math.Abs(float64(x))) }

func copysign[T Float](x, sign T) T { return T(math.Copysign(float64(x), float64(sign))) }
