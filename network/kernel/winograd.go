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
// The functions take neighbouring patches of a few examples at a time, in memory that
// stays in the cache; how that is laid out is their own matter.

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

// Patches are Count patches beside each other, each two columns to the right of the one
// before it, for N examples. The outputs of the first begin in row Row and column Col.
type Patches struct{ Row, Col, Count, N int }

// row is the distance between rows of patches and examples, [Count][N], of which
// transformed patches are [4][channels][4]: those of a row of positions and a channel lie
// beside each other. A cache line after each keeps channels from falling on the same
// cache sets; what is fused is too little for that.
func (p Patches) row(size int) int {
	if p.fused(size) {
		return p.N
	}
	return p.Count*p.N + cacheLine/size
}

// WinogradLen is the number of values that transformed patches take.
func WinogradLen[T Float](channels, patches, n int) int {
	// With room for as many more channels as winogradWeights* might look at.
	p := Patches{Count: patches, N: n}
	return 4 * (4*channels + winogradSpare) * p.row(int(unsafe.Sizeof(T(0))))
}

// WinogradInput sets v to B' d B of the patches of images x with pad zeros around them:
// the first begins in row p.Row - pad and column p.Col - pad of x. zeros is
// (2*p.Count+2)*s.Step zeros, which are read in place of what is outside.
//
// Arithmetic: for each row of B' the sum or difference of two rows of the patch, then
// for each column of B that of two columns of these.
func WinogradInput[T Float](v, x []T, s Image, p Patches, pad int, zeros []T) {
	size := int(unsafe.Sizeof(T(0)))
	channel, line, step := s.check(len(x), p.N, size)
	across, columns := p.row(size), 2*p.Count+2
	v = v[:WinogradLen[T](s.Channels, p.Count, p.N)]
	zeros = zeros[:(columns-1)*s.Step+p.N]
	if current == portable {
		winogradInputs(v, x, s, p, pad, zeros)
		return
	}
	// Where rows begin, -1 for one outside, and from the end of the patches of one
	// channel to the next channel.
	var rows [8]int
	for i := range 4 {
		rows[i], rows[4+i] = -1, -2*p.Count*step
		if y := p.Row - pad + i; y >= 0 && y < s.Height {
			rows[i] = y * line
			rows[4+i] += channel
		}
	}
	col := p.Col - pad
	lo, hi := max(0, -col), min(columns, s.Width-col)
	span := max(0, hi-lo)
	winogradInput(&v[0], 4*s.Channels*across*size, across*size, (4*across-p.Count*p.N)*size, &x[0], &rows[0], col*step, &zeros[0], step,
		lo, span, max(0, span-3), p.N, 2*p.Count, s.Channels)
}

// winogradInputs is WinogradInput in Go.
func winogradInputs[T Float](v, x []T, s Image, p Patches, pad int, zeros []T) {
	across := p.row(int(unsafe.Sizeof(T(0))))
	at := func(c, y, x0 int) []T {
		if y < 0 || y >= s.Height || x0 < 0 || x0 >= s.Width {
			return zeros[:p.N]
		}
		return x[((c*s.Height+y)*s.Width+x0)*s.Step:][:p.N]
	}
	for c := range s.Channels {
		for k := range p.Count {
			row, col := p.Row-pad, p.Col-pad+2*k
			for i, rows := range [4][2]int{{0, 2}, {1, 2}, {2, 1}, {3, 1}} {
				var a, b [4][]T
				for j := range a {
					a[j], b[j] = at(c, row+rows[0], col+j), at(c, row+rows[1], col+j)
				}
				to := v[4*(i*s.Channels+c)*across+k*p.N:]
				for e := range p.N {
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

// WinogradOutput sets the outputs of patches, in images y, to A' m A. Those below and to
// the right of the images are not written. m does not overlap y.
//
// Arithmetic: sums from the left, over columns and then over rows.
func WinogradOutput[T Float](y []T, s Image, p Patches, m []T) {
	size := int(unsafe.Sizeof(T(0)))
	channel, line, step := s.check(len(y), p.N, size)
	across := p.row(size)
	m = m[:WinogradLen[T](s.Channels, p.Count, p.N)]
	rows, columns := s.corner(p)
	if current != portable {
		winogradOutput(&y[(p.Row*s.Width+p.Col)*s.Step], channel, line, step, &m[0], 4*s.Channels*across*size, across*size, 4*across*size, p.N, rows, columns, s.Channels)
		return
	}
	for c := range s.Channels {
		for k := range p.Count {
			to := y[((c*s.Height+p.Row)*s.Width+p.Col+2*k)*s.Step:]
			for e := range p.N {
				var h [4][2]T
				for i := range h {
					f := m[4*(i*s.Channels+c)*across+k*p.N+e:]
					m0, m1, m2, m3 := f[0], f[across], f[2*across], f[3*across]
					h[i] = [2]T{m0 + m1 + m2, m1 - m2 + m3}
				}
				for j := range min(2, columns-2*k) {
					to[j*s.Step+e] = h[0][j] + h[1][j] + h[2][j]
					if rows == 2 {
						to[(s.Width+j)*s.Step+e] = h[1][j] - h[2][j] + h[3][j]
					}
				}
			}
		}
	}
}

// corner is the number of rows, 1 or 2, and columns of outputs that are in the images.
// It panics unless each patch has some.
func (s Image) corner(p Patches) (rows, columns int) {
	rows, columns = min(2, s.Height-p.Row), min(2*p.Count, s.Width-p.Col)
	if p.Row < 0 || p.Col < 0 || rows < 1 || columns < 2*p.Count-1 {
		panic("kernel: patches without outputs in the image")
	}
	return rows, columns
}

// WinogradOutputGrad sets m to A dy A' of the patches of dy, which is 0 below and to the
// right of the images.
//
// Arithmetic: sums and differences of two rows, and then of two columns of these.
func WinogradOutputGrad[T Float](m, dy []T, s Image, p Patches) {
	size := int(unsafe.Sizeof(T(0)))
	channel, line, step := s.check(len(dy), p.N, size)
	across := p.row(size)
	m = m[:WinogradLen[T](s.Channels, p.Count, p.N)]
	rows, columns := s.corner(p)
	if current != portable {
		winogradOutputGrad(&m[0], 4*s.Channels*across*size, across*size, 4*across*size, &dy[(p.Row*s.Width+p.Col)*s.Step], channel, line, step, p.N, rows, columns, s.Channels)
		return
	}
	for c := range s.Channels {
		for k := range p.Count {
			from := dy[((c*s.Height+p.Row)*s.Width+p.Col+2*k)*s.Step:]
			for e := range p.N {
				var d [2][2]T
				for i := range rows {
					for j := range min(2, columns-2*k) {
						d[i][j] = from[(i*s.Width+j)*s.Step+e]
					}
				}
				h := [4][2]T{d[0], {d[0][0] + d[1][0], d[0][1] + d[1][1]}, {d[0][0] - d[1][0], d[0][1] - d[1][1]}, d[1]}
				for i, r := range h {
					f := m[4*(i*s.Channels+c)*across+k*p.N+e:]
					f[0], f[across], f[2*across], f[3*across] = r[0], r[0]+r[1], r[0]-r[1], r[1]
				}
			}
		}
	}
}
