package kernel

import "unsafe"

// GemmRows is [Gemm] with the rows of B and the columns of C wherever they are,
// which makes a convolution a matrix product without a copy of its input for
// each weight (Dukhan 2019, arXiv:1907.02129). For i < m, g < groups and j < n
//
//	C[i][g][j] = s + sum over p of A[i][p] * B[p][g][j]
//
// with C[i][g][j] = c[i*ldc+g*stepc+j], A[i][p] = a[i*rs+p*cs] and B[p][g][j] =
// b[offsets[p]+g*stepb+j]; there are as many p as offsets, and none is negative.
// In a convolution the groups are the positions of a row of the output, n
// examples each, and the offsets those of the first position's inputs; rows of B
// overlap. The start s is that of Gemm.
//
// Columns of C must not overlap each other, A, B or bias. Nothing between the
// groups is written.
//
// Arithmetic: as Gemm, s and then one fused multiply-add for each p, ascending.
func GemmRows[T Float](m, groups, n int, c []T, ldc, stepc int, a []T, rs, cs int, b []T, stepb int, offsets []int, bias []T, accumulate bool) {
	if bias != nil && accumulate {
		panic("kernel: GemmRows with both bias and accumulate")
	}
	if groups <= 0 || n <= 0 {
		return
	}
	if stepc == n && stepb == n {
		groups, n = 1, groups*n // one after another, they are one
	}
	k := len(offsets)
	if current != portable && m > 0 && k > 0 && rs >= 0 && cs >= 0 {
		rowsPanels(m, groups, n, c, ldc, stepc, a, rs, cs, b, stepb, offsets, bias, accumulate)
		return
	}
	for i := range m {
		for g := range groups {
			ci := c[i*ldc+g*stepc:][:n:n]
			switch {
			case bias != nil:
				fill(ci, bias[i])
			case !accumulate:
				clear(ci)
			}
			bg := b[g*stepb:]
			p := 0
			for ; p+1 < k; p += 2 {
				axpy2(ci, a[i*rs+p*cs], bg[offsets[p]:][:n], a[i*rs+(p+1)*cs], bg[offsets[p+1]:][:n])
			}
			if p < k {
				axpy(ci, a[i*rs+p*cs], bg[offsets[p]:][:n])
			}
		}
	}
}

// rowsPanels is GemmRows in assembly, cut as in [gemmPanels].
func rowsPanels[T Float](m, groups, n int, c []T, ldc, stepc int, a []T, rs, cs int, b []T, stepb int, offsets []int, bias []T, accumulate bool) {
	if ldc < 0 || stepc < 0 || stepb < 0 {
		panic("kernel: negative distance between rows or groups")
	}
	_ = c[(m-1)*ldc+(groups-1)*stepc:][:n]
	k := len(offsets)
	_ = a[(m-1)*rs+(k-1)*cs]
	rowsEnd(b, (groups-1)*stepb+n, offsets)
	start := 0
	if accumulate {
		start = 1
	}
	if bias != nil {
		_, start = bias[m-1], 2
	}
	const (
		maxDepth = 256
		maxWork  = 1 << 16
	)
	panels := (m + panelRows() - 1) / panelRows()
	parts := (k + maxDepth - 1) / maxDepth
	size := int(unsafe.Sizeof(T(0)))
	for part := range parts {
		p, end := part*k/parts, (part+1)*k/parts
		depth := end - p
		width := max(maxWork/depth&^63, 64)
		for g := range groups {
			cg, bg := c[g*stepc:], b[g*stepb:]
			for j := 0; j < n; j += width {
				for panel := range panels {
					i, end := panel*m/panels, (panel+1)*m/panels
					var from *T
					if start == 2 {
						from = &bias[i]
					}
					gemmRows(end-i, &cg[i*ldc+j], ldc*size, &a[i*rs+p*cs], rs*size, cs*size, &bg[j], &offsets[p], min(width, n-j), depth, from, start)
				}
			}
		}
		start = 1
	}
}

// rowsEnd panics unless n values at each of the offsets are in x.
func rowsEnd[T Float](x []T, n int, offsets []int) {
	least, most := offsets[0], offsets[0]
	for _, o := range offsets {
		least, most = min(least, o), max(most, o)
	}
	_, _ = x[least], x[most:][:n]
}

// gemmRows calls the function for so many rows.
func gemmRows[T Float](rows int, c *T, ldc int, a *T, rs, cs int, b *T, offsets *int, n, k int, bias *T, start int) {
	switch rows {
	case 1:
		gemmRows1(c, ldc, a, rs, cs, b, offsets, n, k, bias, start)
	case 2:
		gemmRows2(c, ldc, a, rs, cs, b, offsets, n, k, bias, start)
	case 3:
		gemmRows3(c, ldc, a, rs, cs, b, offsets, n, k, bias, start)
	case 4:
		gemmRows4(c, ldc, a, rs, cs, b, offsets, n, k, bias, start)
	case 5:
		gemmRows5(c, ldc, a, rs, cs, b, offsets, n, k, bias, start)
	case 6:
		gemmRows6(c, ldc, a, rs, cs, b, offsets, n, k, bias, start)
	case 7:
		gemmRows7(c, ldc, a, rs, cs, b, offsets, n, k, bias, start)
	case 8:
		gemmRows8(c, ldc, a, rs, cs, b, offsets, n, k, bias, start)
	case 9:
		gemmRows9(c, ldc, a, rs, cs, b, offsets, n, k, bias, start)
	case 10:
		gemmRows10(c, ldc, a, rs, cs, b, offsets, n, k, bias, start)
	case 11:
		gemmRows11(c, ldc, a, rs, cs, b, offsets, n, k, bias, start)
	case 12:
		gemmRows12(c, ldc, a, rs, cs, b, offsets, n, k, bias, start)
	}
}

// DotRows adds to C the dot products of rows, the gradient of a convolution's
// weights from one row of its output's gradient: for i < m and each p
//
//	C[i][p] += sum over j < n of A[i][j] * B[p][j]
//
// with C[i][p] = c[i*ldc+p], A[i][j] = a[i*lda+j] and B[p][j] = b[offsets[p]+j].
// C must not overlap A or B. n = 0 writes nothing; rows of more than 16384 are left
// to Go.
//
// Arithmetic: as [RowDots], in 16 lanes with a fused multiply-add for each
// element; the sum is added to C.
func DotRows[T Float](m, n int, c []T, ldc int, a []T, lda int, b []T, offsets []int) {
	if n <= 0 || m <= 0 || len(offsets) == 0 {
		return
	}
	if !inAssembly(m, n) || n > maxRow4 {
		for i := range m {
			for p, o := range offsets {
				c[i*ldc+p] += dot(row(a, i, lda, n), b[o:][:n])
			}
		}
		return
	}
	matrixEnd(a, lda, m, n)
	matrixEnd(c, ldc, m, len(offsets))
	rowsEnd(b, n, offsets)
	rows, cols := dotTile[T]()
	size := int(unsafe.Sizeof(T(0)))
	var (
		dots [24]T
		rest [6]int
	)
	for i := 0; i < m; i += rows {
		height := min(rows, m-i)
		for p := 0; p < len(offsets); p += cols {
			width := min(cols, len(offsets)-p)
			table := &offsets[p]
			if width < cols {
				// The last tile repeats a row to be full.
				for j := range cols {
					rest[j] = offsets[min(p+j, len(offsets)-1)]
				}
				table = &rest[0]
			}
			dotRows(height, &dots[0], &a[i*lda], lda*size, &b[0], table, n)
			for r := range height {
				sums := dots[r*cols:][:width]
				for j := range c[(i+r)*ldc+p:][:width] {
					c[(i+r)*ldc+p+j] += sums[j]
				}
			}
		}
	}
}

// dotTile is the most rows of A, and the number of rows of B, that dotRows*
// take: gen/conv.go.
func dotTile[T Float]() (rows, cols int) {
	switch {
	case current == avx512 && !double[T]():
		return 4, 6
	case current == avx512:
		return 3, 4
	case !double[T]():
		return 2, 3
	}
	return 1, 3
}

// dotRows calls the function for so many rows.
func dotRows[T Float](rows int, dst, a *T, lda int, b *T, offsets *int, n int) {
	switch rows {
	case 1:
		dotRows1(dst, a, lda, b, offsets, n)
	case 2:
		dotRows2(dst, a, lda, b, offsets, n)
	case 3:
		dotRows3(dst, a, lda, b, offsets, n)
	case 4:
		dotRows4(dst, a, lda, b, offsets, n)
	}
}
