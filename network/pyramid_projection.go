package network

import "github.com/joust-bench/joust/network/kernel"

// A projection adds to the arrays of one layer of a pyramid weighted sums over
// arrays of another, or the same. There are two kinds. One has a window,
//
//	z[o][y][x] += sum over c, i, j of W[o][c][i][j] * a[c][y*down+i-pad][x*right+j-pad]
//
// and the other has tiles: a cell has children, with weights for each,
//
//	z[o][y*rows+i][x*cols+j] += sum over c of W[o][i][j][c] * a[c][y][x]
//
// Borders are as wide as pad, and nothing is read beyond.
type projection[T Float] struct {
	to, from    *grid
	rows, cols  int // of the window, or a tile
	down, right int // strides of the window
	pad         int
	tiles       bool

	weights, ld  int  // where they are, and how many a unit has
	arrays       int  // of the layer from that there are weights for
	first, count int  // those among them that this projection is from
	fixed        bool // they are the inputs

	n       int   // examples
	from0   []int // what the first cells of the target are from, as offsets in the source
	to0     []int // where the first cells of the source went, from the least on
	flipped []T   // the weights in the order of to0
}

// cell is the place of cell (y, x) of array 0 of g, in a frame of g alone.
func (g *grid) cell(y, x int) int { return (y+1)*g.pitch() + x + 1 }

// reset prepares for n examples.
func (p *projection[T]) reset(n int) {
	if p.n == n {
		return
	}
	p.n = n
	offsets := func(dst []int, arrays int, g *grid, y, x, rows, cols, step int) []int {
		dst = dst[:0]
		for k := range arrays {
			for i := range rows {
				for j := range cols {
					dst = append(dst, n*(k*g.channel()+(y+step*i)*g.pitch()+x+step*j))
				}
			}
		}
		return dst
	}
	if p.tiles {
		p.from0 = offsets(p.from0, p.count, p.from, 1, 1, 1, 1, 1)
		p.to0 = offsets(p.to0, p.to.k, p.to, 1, 1, p.rows, p.cols, 1)
		return
	}
	border := 1 - p.pad
	p.from0 = offsets(p.from0, p.count, p.from, border, border, p.rows, p.cols, 1)
	p.to0 = offsets(p.to0, p.to.k, p.to, p.rows/p.down-1, p.cols/p.right-1, p.rows/p.down, p.cols/p.right, -1)
}

// matrix is the weights that p uses, from their first row on: of cell (i, j) of
// a tile, or of the window.
func (p *projection[T]) matrix(w []T, i, j int) []T {
	if p.tiles {
		return w[p.weights+(i*p.cols+j)*p.arrays+p.first:]
	}
	return w[p.weights+p.first*p.rows*p.cols:]
}

// source cuts the arrays that p is from out of a frame, or is the inputs.
func (p *projection[T]) source(frame []T) []T {
	if p.fixed {
		return frame
	}
	return frame[p.n*p.from.off:][:p.n*p.from.cells()]
}

func (p *projection[T]) target(frame []T) []T {
	return frame[p.n*p.to.off:][:p.n*p.to.cells()]
}

// forward adds the projection of a frame, or the inputs, to frame z.
func (p *projection[T]) forward(w, z, a []T) {
	n := p.n
	z, a = p.target(z), p.source(a)
	ldz := n * p.to.channel()
	if !p.tiles {
		m := p.matrix(w, 0, 0)
		for y := range p.to.h {
			kernel.GemmRows(p.to.k, p.to.w, n, z[n*p.to.cell(y, 0):], ldz, n, m, p.ld, 1, a[n*y*p.down*p.from.pitch():], n*p.right, p.from0, nil, true)
		}
		return
	}
	for y := range p.from.h {
		for i := range p.rows {
			for j := range p.cols {
				kernel.GemmRows(p.to.k, p.from.w, n, z[n*p.to.cell(y*p.rows+i, j):], ldz, n*p.cols, p.matrix(w, i, j), p.ld, 1, a[n*y*p.from.pitch():], n, p.from0, nil, true)
			}
		}
	}
}

// weightGradient adds to dw, given the gradient dz of what p was added to, with
// its border: dot products of rows of cells, where those lie together.
func (p *projection[T]) weightGradient(dw, dz, a []T) {
	dz, a = p.target(dz), p.source(a)
	if !p.tiles && p.right == 1 {
		for y := range p.to.h {
			p.dots(dw, dz[p.n*p.to.cell(y, 0):], a[p.n*y*p.from.pitch():], p.n*p.to.w, 0, 0)
		}
		return
	}
	if !p.tiles {
		for y := range p.to.h {
			for x := range p.to.w {
				p.dots(dw, dz[p.n*p.to.cell(y, x):], a[p.n*(y*p.down*p.from.pitch()+x*p.right):], p.n, 0, 0)
			}
		}
		return
	}
	for y := range p.to.h {
		for x := range p.to.w {
			p.dots(dw, dz[p.n*p.to.cell(y, x):], a[p.n*(y/p.rows*p.from.pitch()+x/p.cols):], p.n, y%p.rows, x%p.cols)
		}
	}
}

// dots adds to the gradient of a matrix the dot products of so many columns.
func (p *projection[T]) dots(dw, dz, a []T, columns, i, j int) {
	m := p.matrix(dw, i, j)
	for c := 0; c < columns; c += dotColumns {
		kernel.DotRows(p.to.k, min(dotColumns, columns-c), m, p.ld, dz[c:], p.n*p.to.channel(), a[c:], p.from0)
	}
}

// The gradient of a source cell sums over the target cells that it went into. Of a
// tile those are the cells. Of a window, with y + pad = down*q + r, they are rows
// q-u, by the weights in row down*u+r, u from 0; and so for columns. For the cells
// of one remainder in rows and one in columns that is a window of stride 1, as in
// [conv.inputGradient].

// flip brings the weights into the order of to0: for each remainder of rows and of
// columns [count][k][rows/down][cols/right]. Those of tiles can be read where they
// are.
func (p *projection[T]) flip(w []T) {
	if p.tiles {
		return
	}
	m := p.matrix(w, 0, 0)
	p.flipped = p.flipped[:0]
	for ry := range p.down {
		for rx := range p.right {
			for c := range p.count {
				for o := range p.to.k {
					window := m[o*p.ld+c*p.rows*p.cols:]
					for i := ry; i < p.rows; i += p.down {
						for j := rx; j < p.cols; j += p.right {
							p.flipped = append(p.flipped, window[i*p.cols+j])
						}
					}
				}
			}
		}
	}
}

// inputGradient adds to frame da, or the gradient of the inputs, given dz as in
// [projection.weightGradient]. flip came before.
func (p *projection[T]) inputGradient(w, da, dz []T) {
	n := p.n
	dz, da = p.target(dz), p.source(da)
	lda := n * p.from.channel()
	if p.tiles {
		m := p.matrix(w, 0, 0)
		for y := range p.from.h {
			kernel.GemmRows(p.count, p.from.w, n, da[n*p.from.cell(y, 0):], lda, n, m, 1, p.arrays, dz[n*y*p.rows*p.to.pitch():], n*p.cols, p.to0, nil, true)
		}
		return
	}
	k := len(p.to0)
	taps := p.rows / p.down // of a remainder
	tapsX := p.cols / p.right
	for y := range p.from.h {
		q, ry := (y+p.pad)/p.down, (y+p.pad)%p.down
		for rx := range p.right {
			x := (rx - p.pad + p.right) % p.right
			columns := (p.from.w - x + p.right - 1) / p.right
			part := p.flipped[(ry*p.right+rx)*p.count*k:]
			// The first of to0 is the window's last, which is taps-1 before q.
			at := (q-taps+2)*p.to.pitch() + (x+p.pad)/p.right - tapsX + 2
			kernel.GemmRows(p.count, columns, n, da[n*p.from.cell(y, x):], lda, n*p.right, part, k, 1, dz[n*at:], n, p.to0, nil, true)
		}
	}
}
