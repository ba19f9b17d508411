package kernel

// Scale is y = a*y.
func Scale[T Float](y []T, a T) {
	for j := range y {
		y[j] *= a
	}
}

// Add is y = y + x, over the length of y.
func Add[T Float](y, x []T) {
	x = x[:len(y)]
	for j := range y {
		y[j] += x[j]
	}
}

// Sum2 is dst = x + b*y with a fused multiply-add, over the length of dst: a
// residual connection. dst may be x or y.
func Sum2[T Float](dst, x, y []T, b T) {
	x, y = x[:len(dst)], y[:len(dst)]
	for j := range dst {
		dst[j] = fma(b, y[j], x[j])
	}
}
