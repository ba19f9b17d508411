package kernel

// Scale is y = a*y.
func Scale[T Float](y []T, a T) {
	if current != portable {
		for len(y) > 0 {
			n := min(chunk, len(y))
			scaleVector(&y[0], a, n)
			y = y[n:]
		}
		return
	}
	for j := range y {
		y[j] *= a
	}
}

// Add is y = y + x, over the length of y.
func Add[T Float](y, x []T) {
	x = x[:len(y)]
	if current != portable {
		for len(y) > 0 {
			n := min(chunk, len(y))
			addVector(&y[0], &x[0], n)
			y, x = y[n:], x[n:]
		}
		return
	}
	for j := range y {
		y[j] += x[j]
	}
}

// Mul is y = y*x, over the length of y. x may be y.
func Mul[T Float](y, x []T) {
	x = x[:len(y)]
	if current != portable {
		for len(y) > 0 {
			n := min(chunk, len(y))
			mulVector(&y[0], &x[0], n)
			y, x = y[n:], x[n:]
		}
		return
	}
	for j := range y {
		y[j] *= x[j]
	}
}

// Div is y = y/x, over the length of y. x may be y.
func Div[T Float](y, x []T) {
	x = x[:len(y)]
	if current != portable {
		for len(y) > 0 {
			n := min(chunk, len(y))
			divVector(&y[0], &x[0], n)
			y, x = y[n:], x[n:]
		}
		return
	}
	for j := range y {
		y[j] /= x[j]
	}
}

// Clamp puts low in place of numbers below it, and high of those above it. NaN stays.
func Clamp[T Float](y []T, low, high T) {
	if current != portable {
		for len(y) > 0 {
			n := min(chunk, len(y))
			clampVector(&y[0], low, high, n)
			y = y[n:]
		}
		return
	}
	for j, v := range y {
		if v < low {
			y[j] = low
		} else if v > high {
			y[j] = high
		}
	}
}

// Sum2 is dst = x + b*y with a fused multiply-add, over the length of dst: a
// residual connection. dst may be x or y.
func Sum2[T Float](dst, x, y []T, b T) {
	x, y = x[:len(dst)], y[:len(dst)]
	if current != portable {
		for len(dst) > 0 {
			n := min(chunk, len(dst))
			sum2Vector(&dst[0], &x[0], &y[0], b, n)
			dst, x, y = dst[n:], x[n:], y[n:]
		}
		return
	}
	for j := range dst {
		dst[j] = fma(b, y[j], x[j])
	}
}
