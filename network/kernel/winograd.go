package kernel

import "unsafe"

const cacheLine = 64 // bytes

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
// The functions take patches that lie beside each other in two rows of outputs.

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

// winogradRow is the distance between rows of patches and examples, [patches][n]. Of
// transformed patches there are [4][channels][4] such rows: those of a row of positions
// and a channel lie beside each other. A cache line after each keeps the channels from
// falling on the same cache sets.
func winogradRow[T Float](patches, n int) int {
	if winogradFused[T](patches, n) {
		return n
	}
	return patches*n + cacheLine/int(unsafe.Sizeof(T(0)))
}

// WinogradLen is the number of values that transformed patches take.
func WinogradLen[T Float](channels, patches, n int) int {
	return 4 * (4*channels + 7) * winogradRow[T](patches, n)
}

// WinogradInput sets v to B' d B of the patches whose first is in row and column (row,
// col) of x and further ones two columns to the right each, for n examples. They are 0
// outside the image. zeros is (2*patches+2)*Step zeros, which x may share.
//
// Arithmetic: for each row of B' the sum or difference of two rows of the patch, then
// for each column of B that of two columns of these.
func WinogradInput[T Float](v, x []T, s Image, row, col, patches, n int, zeros []T) {
	size := int(unsafe.Sizeof(T(0)))
	channel, line, step := s.check(len(x), n, size)
	across := winogradRow[T](patches, n)
	v = v[:WinogradLen[T](s.Channels, patches, n)]
	columns := 2*patches + 2
	zeros = zeros[: (columns-1)*s.Step+n : (columns-1)*s.Step+n]
	if current == portable {
		winogradInputs(v, x, s, row, col, patches, n, zeros)
		return
	}
	// Where rows begin, -1 for one outside, and from the end of the patches of one
	// channel to the next channel.
	var rows [8]int
	for i := range 4 {
		rows[i], rows[4+i] = -1, -2*patches*step
		if y := row + i; y >= 0 && y < s.Height {
			rows[i] = y * line
			rows[4+i] += channel
		}
	}
	lo, hi := max(0, -col), min(columns, s.Width-col)
	span := max(0, hi-lo)
	winogradInput(&v[0], 4*s.Channels*across*size, across*size, (4*across-patches*n)*size, &x[0], &rows[0], col*step, &zeros[0], step,
		lo, span, max(0, span-3), n, 2*patches, s.Channels)
}

// winogradInputs is WinogradInput in Go.
func winogradInputs[T Float](v, x []T, s Image, row, col, patches, n int, zeros []T) {
	across := winogradRow[T](patches, n)
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
				to := v[4*(i*s.Channels+c)*across+p*n:]
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
					to[across+e] = d[1] + d[2]
					to[2*across+e] = d[2] - d[1]
					to[3*across+e] = d[3] - d[1]
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
func WinogradOutput[T Float](y []T, s Image, row, col int, m []T, patches, n int) {
	size := int(unsafe.Sizeof(T(0)))
	channel, line, step := s.check(len(y), n, size)
	across := winogradRow[T](patches, n)
	m = m[:WinogradLen[T](s.Channels, patches, n)]
	rows, columns := s.corner(row, col, patches)
	if current != portable {
		winogradOutput(&y[(row*s.Width+col)*s.Step], channel, line, step, &m[0], 4*s.Channels*across*size, across*size, 4*across*size, n, rows, columns, s.Channels)
		return
	}
	for c := range s.Channels {
		for p := range patches {
			to := y[((c*s.Height+row)*s.Width+col+2*p)*s.Step:]
			for e := range n {
				var h [4][2]T
				for i := range h {
					f := m[4*(i*s.Channels+c)*across+p*n+e:]
					m0, m1, m2, m3 := f[0], f[across], f[2*across], f[3*across]
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
func WinogradOutputGrad[T Float](m, y []T, s Image, row, col, patches, n int) {
	size := int(unsafe.Sizeof(T(0)))
	channel, line, step := s.check(len(y), n, size)
	across := winogradRow[T](patches, n)
	m = m[:WinogradLen[T](s.Channels, patches, n)]
	rows, columns := s.corner(row, col, patches)
	if current != portable {
		winogradOutputGrad(&m[0], 4*s.Channels*across*size, across*size, 4*across*size, &y[(row*s.Width+col)*s.Step], channel, line, step, n, rows, columns, s.Channels)
		return
	}
	for c := range s.Channels {
		for p := range patches {
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
					f := m[4*(i*s.Channels+c)*across+p*n+e:]
					f[0], f[across], f[2*across], f[3*across] = r[0], r[0]+r[1], r[0]-r[1], r[1]
				}
			}
		}
	}
}
