package kernel

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
			Axpy(ci, a[i*rs+p*cs], row(b, p, ldb, n))
		}
	}
}

// Axpy is y = a*x + y, over the length of y, with a fused multiply-add.
func Axpy[T Float](y []T, a T, x []T) {
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

// axpy2 is Axpy(y, a, x), then Axpy(y, b, w).
func axpy2[T Float](y []T, a T, x []T, b T, w []T) {
	if !double[T]() {
		Axpy(y, a, x)
		Axpy(y, b, w)
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
