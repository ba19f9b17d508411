package kernel

import "unsafe"

// Convolutions of 3x3 weights with a stride of 1 in 16 multiplications for four
// outputs instead of 36: Winograd's F(2x2, 3x3) (Winograd 1980,
// doi:10.1137/1.9781611970364; Lavin & Gray 2016, arXiv:1509.09308, section 4.1). With
// d a patch of 4x4 inputs, g the weights and * the product element by element, the 2x2
// outputs are
//
//	A' ((G g G') * (B' d B)) A
//
//	     1  0 -1  0          1   0   0          1  1  1  0
//	B' = 0  1  1  0     G =  1/2 1/2 1/2   A' = 0  1 -1  1
//	     0 -1  1  0          1/2 -1/2 1/2
//	     0 -1  0  1          0   0   1
//
// which is theirs with the last row of B' and the last column of A' negated, so that
// nothing has to be. Summed over channels the product is 16 matrix products ([Gemm]),
// one for each of the 16 positions. A gradient of the inputs is such a convolution
// too, by the weights turned around; that of the weights is F(3x3, 2x2) with the same
// matrices, G' (sum over patches and examples of (A dy A') * (B' d B)) G.
//
// Transformed patches are [4][4] matrices of [channels][patches][n], and the
// functions take the patches that lie beside each other in two rows of outputs.

// An Image says where the values of images are: row y and column x of channel c, for
// n examples, is ((c*Height+y)*Width+x)*Step to n more.
type Image struct{ Channels, Height, Width, Step int }

// check panics unless images for n examples are in x, and returns their distances
// in bytes.
func (s Image) check(length, n, size int) (channel, row, column int) {
	if min(s.Channels, s.Height, s.Width, n) < 1 || s.Step < n || length < (s.Channels*s.Height*s.Width-1)*s.Step+n {
		panic("kernel: images that are not all there")
	}
	column = s.Step * size
	return s.Height * s.Width * column, s.Width * column, column
}

// Transformed says where the positions of transformed patches are: row c of position
// p, of all patches and examples, is at p*Apart + c*Ld.
type Transformed struct{ Apart, Ld int }

// check panics unless they are in x.
func (t Transformed) check(length, channels, patches, n int) {
	if t.Apart < 0 || t.Ld < 0 || patches < 1 || length < 15*t.Apart+(channels-1)*t.Ld+patches*n {
		panic("kernel: transformed patches that are not all there")
	}
}

// WinogradInput sets v to B' d B of the patches whose first is in row and column (row,
// col) of x and further ones two columns to the right each, for n examples. They are 0
// outside the image. zeros is (2*patches+2)*Step zeros, which x may share.
//
// Arithmetic: for each row of B' the sum or difference of two rows of the patch, then
// for each column of B that of two columns of these.
func WinogradInput[T Float](v []T, t Transformed, x []T, s Image, row, col, patches, n int, zeros []T) {
	size := int(unsafe.Sizeof(T(0)))
	channel, line, step := s.check(len(x), n, size)
	t.check(len(v), s.Channels, patches, n)
	columns := 2*patches + 2
	zeros = zeros[: (columns-1)*s.Step+n : (columns-1)*s.Step+n]
	if current == portable {
		winogradInputs(v, t, x, s, row, col, patches, n, zeros)
		return
	}
	var rows [4]int
	for i := range rows {
		rows[i] = -1
		if y := row + i; y >= 0 && y < s.Height {
			rows[i] = y * line
		}
	}
	lo, hi := max(0, -col), min(columns, s.Width-col)
	span := max(0, hi-lo)
	winogradInput(&v[0], t.Apart*size, t.Ld*size, &x[0], channel, &rows[0], col*step, &zeros[0], step,
		lo, span, max(0, span-3), n, patches, s.Channels)
}

// winogradInputs is WinogradInput in Go.
func winogradInputs[T Float](v []T, t Transformed, x []T, s Image, row, col, patches, n int, zeros []T) {
	at := func(c, y, x0 int) []T {
		if y < 0 || y >= s.Height || x0 < 0 || x0 >= s.Width {
			return zeros[:n]
		}
		return x[((c*s.Height+y)*s.Width+x0)*s.Step:][:n]
	}
	for c := range s.Channels {
		for p := range patches {
			for i, rows := range [4][2]int{{0, 2}, {1, 2}, {2, 1}, {3, 1}} {
				var a, b [4][]T
				for j := range a {
					a[j], b[j] = at(c, row+rows[0], col+2*p+j), at(c, row+rows[1], col+2*p+j)
				}
				to := v[4*i*t.Apart+c*t.Ld+p*n:]
				for e := range n {
					var d [4]T
					for j := range d {
						if i == 1 {
							d[j] = a[j][e] + b[j][e]
						} else {
							d[j] = a[j][e] - b[j][e]
						}
					}
					to[e] = d[0] - d[2]
					to[t.Apart+e] = d[1] + d[2]
					to[2*t.Apart+e] = d[2] - d[1]
					to[3*t.Apart+e] = d[3] - d[1]
				}
			}
		}
	}
}

// WinogradOutput sets the outputs of patches beside each other, the first of which
// has its first output in row and column (row, col) of y, to A' m A, for n
// examples. Outputs below and to the right of the image are not written. m does not
// overlap y.
//
// Arithmetic: sums from the left, over columns and then over rows.
func WinogradOutput[T Float](y []T, s Image, row, col int, m []T, t Transformed, patches, n int) {
	size := int(unsafe.Sizeof(T(0)))
	channel, line, step := s.check(len(y), n, size)
	t.check(len(m), s.Channels, patches, n)
	rows, columns := s.corner(row, col, patches)
	if current != portable {
		winogradOutput(&y[(row*s.Width+col)*s.Step], channel, line, step, &m[0], t.Apart*size, t.Ld*size, n, rows, columns, s.Channels)
		return
	}
	for c := range s.Channels {
		for p := range patches {
			from := m[c*t.Ld+p*n:]
			to := y[((c*s.Height+row)*s.Width+col+2*p)*s.Step:]
			for e := range n {
				var h [4][2]T
				for i := range h {
					f := from[4*i*t.Apart+e:]
					m0, m1, m2, m3 := f[0], f[t.Apart], f[2*t.Apart], f[3*t.Apart]
					h[i] = [2]T{m0 + m1 + m2, m1 - m2 + m3}
				}
				for j := range min(2, columns-2*p) {
					to[j*s.Step+e] = h[0][j] + h[1][j] + h[2][j]
					if rows == 2 {
						to[(s.Width+j)*s.Step+e] = h[1][j] - h[2][j] + h[3][j]
					}
				}
			}
		}
	}
}

// corner is the number of rows, 1 or 2, and columns of outputs that are in the image.
// It panics unless each patch has some.
func (s Image) corner(row, col, patches int) (rows, columns int) {
	rows, columns = min(2, s.Height-row), min(2*patches, s.Width-col)
	if row < 0 || col < 0 || rows < 1 || columns < 2*patches-1 {
		panic("kernel: patches outside the image")
	}
	return rows, columns
}

// WinogradOutputGrad sets m to A dy A' for such patches, where y is dy, and 0 below
// and to the right of the image.
//
// Arithmetic: sums and differences of two rows, and then of two columns of these.
func WinogradOutputGrad[T Float](m []T, t Transformed, y []T, s Image, row, col, patches, n int) {
	size := int(unsafe.Sizeof(T(0)))
	channel, line, step := s.check(len(y), n, size)
	t.check(len(m), s.Channels, patches, n)
	rows, columns := s.corner(row, col, patches)
	if current != portable {
		winogradOutputGrad(&m[0], t.Apart*size, t.Ld*size, &y[(row*s.Width+col)*s.Step], channel, line, step, n, rows, columns, s.Channels)
		return
	}
	for c := range s.Channels {
		for p := range patches {
			to := m[c*t.Ld+p*n:]
			from := y[((c*s.Height+row)*s.Width+col+2*p)*s.Step:]
			for e := range n {
				var d [2][2]T
				for i := range rows {
					for j := range min(2, columns-2*p) {
						d[i][j] = from[(i*s.Width+j)*s.Step+e]
					}
				}
				h := [4][2]T{d[0], {d[0][0] + d[1][0], d[0][1] + d[1][1]}, {d[0][0] - d[1][0], d[0][1] - d[1][1]}, d[1]}
				for i, r := range h {
					f := to[4*i*t.Apart+e:]
					f[0], f[t.Apart], f[2*t.Apart], f[3*t.Apart] = r[0], r[0]+r[1], r[0]-r[1], r[1]
				}
			}
		}
	}
}

// WinogradDots adds the products of rows of a with rows of b, element by element, to
// 16 lanes for each pair: for i < m, p < k and j < n
//
//	acc[i][p][j mod 16] += a[i*lda+j] * b[p*ldb+j]
//
// acc is [m][k][16], and m and k are multiples of 4. It overlaps neither a nor b.
//
// Arithmetic: a fused multiply-add for each element, j ascending; a lane that starts
// at +0 is never -0.
func WinogradDots[T Float](acc []T, m, k int, a []T, lda int, b []T, ldb, n int) {
	if m <= 0 || k <= 0 || n <= 0 {
		return
	}
	if m%4 != 0 || k%4 != 0 {
		panic("kernel: WinogradDots of rows that are not a multiple of 4")
	}
	matrixEnd(a, lda, m, n)
	matrixEnd(b, ldb, k, n)
	acc = acc[:m*k*16]
	if current != portable && n <= maxRow4 {
		size := int(unsafe.Sizeof(T(0)))
		// A call is for so many rows that it takes some 50 µs at most.
		const maxWork = 1 << 20
		step := max(4, min(m, maxWork/(k*n)&^3))
		for i := 0; i < m; i += step {
			winogradDots(&acc[i*k*16], &a[i*lda], lda*size, &b[0], ldb*size, n, min(step, m-i), k)
		}
		return
	}
	for i := range m {
		for p := range k {
			s := acc[(i*k+p)*16:][:16]
			ai, bp := row(a, i, lda, n), row(b, p, ldb, n)
			for j, v := range ai {
				s[j%16] = fma(v, bp[j], s[j%16])
			}
		}
	}
}

// WinogradFilter sets u to the G g G' of m x k filters, [4][4] matrices of [m][k], of
// which filter (i, p) is the 3x3 weights from w[i*rs+p*cs] on, backwards if turned is
// set.
func WinogradFilter[T Float](u []T, t Transformed, w []T, rs, cs, m, k int, turned bool) {
	// column is G times a column.
	column := func(x, y, z T) [4]T { return [4]T{x, T(0.5 * (x + z + y)), T(0.5 * (x + z - y)), z} }
	for i := range m {
		for p := range k {
			g := [9]T(w[i*rs+p*cs:])
			if turned {
				g = [9]T{g[8], g[7], g[6], g[5], g[4], g[3], g[2], g[1], g[0]}
			}
			to := u[i*t.Ld+p:]
			h0, h1, h2 := column(g[0], g[3], g[6]), column(g[1], g[4], g[7]), column(g[2], g[5], g[8])
			for r := range 4 {
				for c, v := range column(h0[r], h1[r], h2[r]) {
					to[(4*r+c)*t.Apart] = v
				}
			}
		}
	}
}

// WinogradFilterGrad adds G' u G, of [4][4] matrices of [m][k], to the 3x3 weights of
// m x k filters.
func WinogradFilterGrad[T Float](dw []T, m, k int, u []T, t Transformed) {
	// column is G' times a column.
	column := func(x, y, z, last T) [3]T {
		even, odd := T(0.5*(y+z)), T(0.5*(y-z))
		return [3]T{x + even, odd, even + last}
	}
	for i := range m {
		for p := range k {
			from, to := u[i*t.Ld+p:], dw[(i*k+p)*9:][:9]
			var h [4][3]T
			for c := range h {
				h[c] = column(from[c*t.Apart], from[(4+c)*t.Apart], from[(8+c)*t.Apart], from[(12+c)*t.Apart])
			}
			for r := range 3 {
				for c, v := range column(h[0][r], h[1][r], h[2][r], h[3][r]) {
					to[3*r+c] += v
				}
			}
		}
	}
}
