package kernel

import "unsafe"

// Gemm is the matrix product of every dense layer, forward and backward. For
// i < m and j < n
//
//	C[i][j] = s + sum over p < k of A[i][p] * B[p][j]
//
// with C[i][j] = c[i*ldc+j], A[i][p] = a[i*rs+p*cs] and B[p][j] = b[p*ldb+j].
// A is usually a matrix of weights where it lies in the flat vector: rs, cs is
// (k, 1) for W [m][k] and (1, m) for the transpose of W [k][m]. B and C hold the
// batch in their columns. The start s is bias[i] if bias is not nil, else
// C[i][j] if accumulate is set, else +0; asking for both is a mistake of the
// caller's, and panics.
//
// C must not overlap A, B or bias. Only the n columns of C are written.
//
// Arithmetic: s, then one fused multiply-add for each p, ascending.
func Gemm[T Float](m, n, k int, c []T, ldc int, a []T, rs, cs int, b []T, ldb int, bias []T, accumulate bool) {
	if bias != nil && accumulate {
		panic("kernel: Gemm with both bias and accumulate")
	}
	if n <= 0 {
		return
	}
	if current != portable && m > 0 && k > 0 && rs >= 0 && cs >= 0 {
		gemmPanels(m, n, k, c, ldc, a, rs, cs, b, ldb, bias, accumulate, nil, 0)
		return
	}
	for i := range m {
		ci := row(c, i, ldc, n)
		switch {
		case bias != nil:
			fill(ci, bias[i])
		case !accumulate:
			clear(ci)
		}
		// Two steps of p at a time: C is loaded and stored half as often.
		p := 0
		for ; p+1 < k; p += 2 {
			axpy2(ci, a[i*rs+p*cs], row(b, p, ldb, n), a[i*rs+(p+1)*cs], row(b, p+1, ldb, n))
		}
		if p < k {
			axpy(ci, a[i*rs+p*cs], row(b, p, ldb, n))
		}
	}
}

// GemmWide is Gemm without bias whose result goes to dst, in float64, in rows ldd
// apart. c is scratch: the sums start there if accumulate is set, and what it holds
// afterwards is anything. dst must not overlap the others, and only the n columns of
// its m rows are written.
func GemmWide[T Float](m, n, k int, dst []float64, ldd int, c []T, ldc int, a []T, rs, cs int, b []T, ldb int, accumulate bool) {
	if m <= 0 || n <= 0 {
		return
	}
	if current != portable && k > 0 && rs >= 0 && cs >= 0 && !double[T]() {
		gemmPanels(m, n, k, c, ldc, a, rs, cs, b, ldb, nil, accumulate, dst, ldd)
		return
	}
	if same, ok := any(dst).([]T); ok && !accumulate {
		Gemm(m, n, k, same, ldd, a, rs, cs, b, ldb, nil, false)
		return
	}
	Gemm(m, n, k, c, ldc, a, rs, cs, b, ldb, nil, accumulate)
	for i := range m {
		Widen(row(dst, i, ldd, n), row(c, i, ldc, n))
	}
}

// panelRows is the number of rows that gemmPanel* take at most.
func panelRows() int {
	if current == avx512 {
		return 12
	}
	return 6
}

// gemmPanels is Gemm in assembly: panels of rows, over all columns. Long sums go
// in parts, each of which goes on from what the one before left in C, and so in
// the same order. The last one leaves the result in wide instead, if that is not nil.
func gemmPanels[T Float](m, n, k int, c []T, ldc int, a []T, rs, cs int, b []T, ldb int, bias []T, accumulate bool, wide []float64, ldw int) {
	matrixEnd(c, ldc, m, n)
	if wide != nil {
		matrixEnd(wide, ldw, m, n)
	}
	matrixEnd(b, ldb, k, n)
	_ = a[(m-1)*rs+(k-1)*cs]
	start := 0
	if accumulate {
		start = 1
	}
	if bias != nil {
		_, start = bias[m-1], 2
	}
	const (
		maxDepth = 1024    // steps of p in a part: 12 rows of A in the cache, or nearly
		maxWork  = 1 << 16 // of columns and steps in a call: B in half of L2, and with 12 rows 7 to 50 µs
	)
	panels := (m + panelRows() - 1) / panelRows() // of nearly equal height
	parts := (k + maxDepth - 1) / maxDepth
	size := int(unsafe.Sizeof(T(0)))
	for part := range parts {
		p, end := part*k/parts, (part+1)*k/parts
		depth := end - p
		width := max(maxWork/depth&^63, 64)
		for j := 0; j < n; j += width {
			for panel := range panels {
				i, end := panel*m/panels, (panel+1)*m/panels
				var from *T
				if start == 2 {
					from = &bias[i]
				}
				var w *float64
				lines := 0
				if wide != nil && part == parts-1 {
					w, lines = &wide[i*ldw+j], ldw*8
				}
				gemmPanel(end-i, &c[i*ldc+j], ldc*size, &a[i*rs+p*cs], rs*size, cs*size, &b[p*ldb+j], ldb*size, min(width, n-j), depth, from, start, w, lines)
			}
		}
		start = 1
	}
}

// gemmPanel calls the function for so many rows.
func gemmPanel[T Float](rows int, c *T, ldc int, a *T, rs, cs int, b *T, ldb, n, k int, bias *T, start int, w *float64, ldw int) {
	switch rows {
	case 1:
		gemmPanel1(c, ldc, a, rs, cs, b, ldb, n, k, bias, start, w, ldw)
	case 2:
		gemmPanel2(c, ldc, a, rs, cs, b, ldb, n, k, bias, start, w, ldw)
	case 3:
		gemmPanel3(c, ldc, a, rs, cs, b, ldb, n, k, bias, start, w, ldw)
	case 4:
		gemmPanel4(c, ldc, a, rs, cs, b, ldb, n, k, bias, start, w, ldw)
	case 5:
		gemmPanel5(c, ldc, a, rs, cs, b, ldb, n, k, bias, start, w, ldw)
	case 6:
		gemmPanel6(c, ldc, a, rs, cs, b, ldb, n, k, bias, start, w, ldw)
	case 7:
		gemmPanel7(c, ldc, a, rs, cs, b, ldb, n, k, bias, start, w, ldw)
	case 8:
		gemmPanel8(c, ldc, a, rs, cs, b, ldb, n, k, bias, start, w, ldw)
	case 9:
		gemmPanel9(c, ldc, a, rs, cs, b, ldb, n, k, bias, start, w, ldw)
	case 10:
		gemmPanel10(c, ldc, a, rs, cs, b, ldb, n, k, bias, start, w, ldw)
	case 11:
		gemmPanel11(c, ldc, a, rs, cs, b, ldb, n, k, bias, start, w, ldw)
	case 12:
		gemmPanel12(c, ldc, a, rs, cs, b, ldb, n, k, bias, start, w, ldw)
	}
}

// Axpy is y = a*x + y, over the length of y, with a fused multiply-add.
func Axpy[T Float](y []T, a T, x []T) {
	x = x[:len(y)]
	if current != portable {
		for len(y) > 0 {
			n := min(chunk, len(y))
			axpyVector(&y[0], a, &x[0], n)
			y, x = y[n:], x[n:]
		}
		return
	}
	axpy(y, a, x)
}

// axpy is Axpy in Go.
func axpy[T Float](y []T, a T, x []T) {
	x = x[:len(y)]
	if double[T]() {
		for j, z := range y {
			y[j] = fma64(a, x[j], z)
		}
		return
	}
	// fma32 without the call, which costs more than the arithmetic. Converting a
	// in the loop would make each step wait for the one before, by a dependency of
	// the instruction on its old destination: a third of the speed.
	w := float64(a)
	for j := range y {
		p, z := w*float64(x[j]), float64(y[j])
		s := p + z
		if halfway(s) {
			s = roundToOdd(p, z)
		}
		y[j] = T(s)
	}
}

// axpy2 is axpy(y, a, x), then axpy(y, b, w).
func axpy2[T Float](y []T, a T, x []T, b T, w []T) {
	if !double[T]() {
		axpy(y, a, x)
		axpy(y, b, w)
		return
	}
	x, w = x[:len(y)], w[:len(y)]
	for j, z := range y {
		y[j] = fma64(b, w[j], fma64(a, x[j], z))
	}
}

// fill sets every element of x to v.
func fill[T Float](x []T, v T) {
	for j := range x {
		x[j] = v
	}
}
