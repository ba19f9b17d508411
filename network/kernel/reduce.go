package kernel

import "unsafe"

// RowSums is dst[i] = sum over j < n of src[i*ld+j], for i < m, added to dst[i]
// if accumulate is set: the gradient of a bias from that of its layer's output.
//
// Arithmetic: in 16 lanes, as the package comment says.
func RowSums[T Float](dst, src []T, ld, m, n int, accumulate bool) {
	if inAssembly(m, n) {
		matrixEnd(src, ld, m, n)
		dst = dst[:m]
		size, add := int(unsafe.Sizeof(T(0))), word(accumulate)
		i := 0
		for ; i+4 <= m && n <= maxRow4; i += 4 {
			rowSums4(&dst[i], &src[i*ld], ld*size, n, add)
		}
		for ; i < m; i++ {
			rowSums1(&dst[i], &src[i*ld], 0, n, add)
		}
		return
	}
	for i := range m {
		var s T
		if n > 0 {
			s = sum(row(src, i, ld, n))
		}
		if accumulate {
			s += dst[i]
		}
		dst[i] = s
	}
}

// RowDots is dst[i] = sum over j < n of x[i*ldx+j]*y[i*ldy+j], for i < m, added
// to dst[i] if accumulate is set. x and y may be the same.
//
// Arithmetic: in 16 lanes, as the package comment says, with a fused multiply-add
// for each element.
func RowDots[T Float](dst, x []T, ldx int, y []T, ldy, m, n int, accumulate bool) {
	if inAssembly(m, n) {
		matrixEnd(x, ldx, m, n)
		matrixEnd(y, ldy, m, n)
		dst = dst[:m]
		size, add := int(unsafe.Sizeof(T(0))), word(accumulate)
		i := 0
		for ; i+4 <= m && n <= maxRow4; i += 4 {
			rowDots4(&dst[i], &x[i*ldx], ldx*size, &y[i*ldy], ldy*size, n, add)
		}
		for ; i < m; i++ {
			rowDots1(&dst[i], &x[i*ldx], 0, &y[i*ldy], 0, n, add)
		}
		return
	}
	for i := range m {
		var s T
		if n > 0 {
			s = dot(row(x, i, ldx, n), row(y, i, ldy, n))
		}
		if accumulate {
			s += dst[i]
		}
		dst[i] = s
	}
}

// Assembly takes a row, or four, in one call, which cannot be preempted: longer
// ones have fewer rows, and the longest are left to Go.
const (
	maxRow  = 1 << 17
	maxRow4 = 1 << 14
)

// inAssembly reports whether there is anything to be done, in assembly.
func inAssembly(m, n int) bool {
	return current != portable && m > 0 && n > 0 && n <= maxRow
}

// word is b for assembly.
func word(b bool) int {
	if b {
		return 1
	}
	return 0
}

// lanes are the partial sums of a reduction over a row. Lane l starts at +0 and
// takes the elements j with j mod 16 = l, in order; then the sixteen are added
// in a fixed tree. One AVX-512 register holds the lanes in float32, two in
// float64; AVX2 takes two and four. A lane that has run out of elements may
// add zeros: a sum that started at +0 is never -0, so they change nothing.
type lanes[T Float] [16]T

// total adds the lanes: l and l+8, then l and l+4, l and l+2, l and l+1.
func (s *lanes[T]) total() T {
	for half := 8; half > 0; half /= 2 {
		for l := range half {
			s[l] += s[l+half]
		}
	}
	return s[0]
}

// sum returns the sum of x, in lanes.
func sum[T Float](x []T) T {
	var s lanes[T]
	for ; len(x) >= len(s); x = x[len(s):] {
		for l, v := range x[:len(s)] {
			s[l] += v
		}
	}
	for l, v := range x {
		s[l] += v
	}
	return s.total()
}

// dot returns the sum of x*y, in lanes. y is as long as x.
func dot[T Float](x, y []T) T {
	var s lanes[T]
	for j, v := range x {
		l := j % len(s)
		s[l] = fma(v, y[j], s[l])
	}
	return s.total()
}
