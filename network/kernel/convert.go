package kernel

// Narrow is dst = src, rounded to the nearest T, over the length of dst.
func Narrow[T Float](dst []T, src []float64) {
	src = src[:len(dst)]
	if current != portable {
		for len(dst) > 0 {
			n := min(chunk, len(dst))
			narrowVector(&dst[0], &src[0], n)
			dst, src = dst[n:], src[n:]
		}
		return
	}
	for i, v := range src {
		dst[i] = T(v)
	}
}

// Widen is dst = src, over the length of dst.
func Widen[T Float](dst []float64, src []T) {
	src = src[:len(dst)]
	if current != portable {
		for len(dst) > 0 {
			n := min(chunk, len(dst))
			widenVector(&dst[0], &src[0], n)
			dst, src = dst[n:], src[n:]
		}
		return
	}
	for i, v := range src {
		dst[i] = float64(v)
	}
}

// AddWide is dst = dst + src in float64, over the length of dst.
func AddWide[T Float](dst []float64, src []T) {
	src = src[:len(dst)]
	if current != portable {
		for len(dst) > 0 {
			n := min(chunk, len(dst))
			addWideVector(&dst[0], &src[0], n)
			dst, src = dst[n:], src[n:]
		}
		return
	}
	for i, v := range src {
		dst[i] += float64(v)
	}
}
