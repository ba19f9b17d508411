package network

import (
	"fmt"
	"math/rand/v2"

	"github.com/joust-bench/joust/network/initializer"
	"github.com/joust-bench/joust/network/kernel"
)

// ways are the scans of an image, by the direction that they go in: from the corner
// with row 0 and column 0 to the south-east, and so on.
var ways = [...]struct {
	name string
	down bool // rows in ascending order
	east bool // columns in ascending order
}{{"se", true, true}, {"sw", true, false}, {"ne", false, true}, {"nw", false, false}}

// A gridCell is what a [scan] computes at a position.
type gridCell[T Float] interface {
	// reserve makes room for the examples of a batch.
	reserve()
	// step computes the outputs h of position p from what has reached z. up and left
	// are the positions before it in the two dimensions, in the order of the scan; -1:
	// there is none. own is what follows the bias in the weights of the scan.
	step(own []T, way, p, up, left int)
	// stepBack computes z, the gradient of what had reached it, from dh, and adds
	// that of own to dOwn.
	stepBack(own, dOwn []T, way, p, up, left int)
}

// A scan runs a recurrent layer over an image (C, H, W), once for each direction. At
// every position it brings W x + U h_up + L h_left + b to the cells, with x the inputs
// there and h the outputs at the two positions before it, nothing where there are none.
//
// The weights of a direction are W [rows][C], U [rows][units], L [rows][units],
// b [rows], and the cells' own.
type scan[T Float] struct {
	cell    gridCell[T]
	in      Shape // (C, H, W)
	outputs Shape
	units   int // outputs of a position and direction
	rows    int // net inputs
	own     int // weights after the bias
	ways    int
	concat  bool

	n, ld int // examples, and the leading dimension of what has them in its columns
	y, dx Tensor[T]
	work  []T
	x     []T // [H*W][C][n]: the last input
	h     []T // [ways][H*W][units][n]
	z     []T // [rows][n]: what reaches the cells of one position; backward, its gradient
	dh    []T // [H*W][units][n], of one direction
	dxs   []T // [H*W][C][n]
	ldt   int // leading dimension of the next two
	dzt   []T // [n][rows]: z transposed
	dwt   []T // [C+2*units][rows]: the gradients of W, U and L transposed
	dw    []T // one of those
}

// newScan checks what scans have in common. directions and concat are those of the spec.
func newScan[T Float](in Shape, what string, units, rowsPerUnit, ownPerUnit, directions int, concat bool) (scan[T], error) {
	if len(in) != 3 {
		return scan[T]{}, fmt.Errorf("want an image (C, H, W), got %v", in)
	}
	if units < 1 {
		return scan[T]{}, fmt.Errorf("%s is %d, want at least 1", what, units)
	}
	if directions == 0 {
		directions = len(ways)
	}
	if directions != 1 && directions != len(ways) {
		return scan[T]{}, fmt.Errorf("directions is %d, want 1 or %d", directions, len(ways))
	}
	channels, positions := in[0], in[1]*in[2]
	if most := maxLen / len(ways) / rowsPerUnit; units > most/positions || units > most/(channels+2*units+2) {
		return scan[T]{}, fmt.Errorf("%s is %d with inputs %v, want at most %d weights, and net inputs at all positions", what, units, in, maxLen)
	}
	s := scan[T]{
		in: in, outputs: Shape{units, in[1], in[2]},
		units: units, rows: rowsPerUnit * units, own: ownPerUnit * units, ways: directions, concat: concat,
	}
	if concat {
		s.outputs[0] *= directions
	}
	return s, nil
}

func (l *scan[T]) out() Shape { return l.outputs }

// perWay is the number of weights of a direction.
func (l *scan[T]) perWay() int { return l.rows*(l.in[0]+2*l.units+1) + l.own }

// matrices are those of one gate.
func (l *scan[T]) matrices() (input, recurrent initializer.Shape) {
	return initializer.Shape{Out: l.units, In: l.in[0]}, initializer.Shape{Out: l.units, In: l.units}
}

// scanBlocks are the blocks of all directions. The cells' own weights are a block of
// units for each name; gain is that of the recurrent matrices.
func (l *scan[T]) scanBlocks(init initializer.Func, gain float64, own ...string) []Block {
	input, recurrent := l.matrices()
	var blocks []Block
	off := 0
	add := func(b Block) {
		b.Off = off
		off += b.Len
		blocks = append(blocks, b)
	}
	for _, way := range ways[:l.ways] {
		add(Block{Name: way.name + ".w", Len: l.rows * input.In, Rows: l.rows, FanIn: input.In, Scale: init.Std(input)})
		for _, name := range []string{".u", ".l"} {
			add(Block{Name: way.name + name, Len: l.rows * l.units, Rows: l.rows, FanIn: l.units, Scale: max(gain, -gain) * init.Std(recurrent)})
		}
		add(Block{Name: way.name + ".b", Len: l.rows, Rows: l.rows})
		for _, name := range own {
			add(Block{Name: way.name + "." + name, Len: l.units, Rows: l.units})
		}
	}
	return blocks
}

// fill draws the matrices of all directions, gate by gate, the recurrent ones times
// gain.
func (l *scan[T]) fill(w []float64, init initializer.Func, gain float64, rng *rand.Rand) {
	input, recurrent := l.matrices()
	for range l.ways {
		at := w
		for range l.rows / l.units {
			init.Fill(at[:input.Len()], input, rng)
			at = at[input.Len():]
		}
		for range 2 * l.rows / l.units {
			m := at[:recurrent.Len()]
			init.Fill(m, recurrent, rng)
			for i := range m {
				m[i] *= gain
			}
			at = at[recurrent.Len():]
		}
		w = w[l.perWay():]
	}
}

// scanWeights are the weights of a direction, or their gradient.
type scanWeights[T Float] struct{ w, u, l, b, own []T }

func (l *scan[T]) split(w []T, way int) (s scanWeights[T]) {
	rest := w[way*l.perWay():][:l.perWay()]
	for _, part := range [...]struct {
		dst *[]T
		len int
	}{{&s.w, l.rows * l.in[0]}, {&s.u, l.rows * l.units}, {&s.l, l.rows * l.units}, {&s.b, l.rows}, {&s.own, l.own}} {
		*part.dst, rest = rest[:part.len:part.len], rest[part.len:]
	}
	return s
}

func (l *scan[T]) positions() int { return l.in[1] * l.in[2] }

// size is the number of values of a position's outputs.
func (l *scan[T]) size() int { return l.units * l.ld }

// outputsOf are the outputs of a position.
func (l *scan[T]) outputsOf(way, p int) []T {
	return l.h[(way*l.positions()+p)*l.size():][:l.size()]
}

// visit is the step-th position of a scan, and those before it.
func (l *scan[T]) visit(way, step int) (p, up, left int) {
	height, width := l.in[1], l.in[2]
	y, x := step/width, step%width
	up, left = -1, -1
	dy, dx := width, 1
	if !ways[way].down {
		y, dy = height-1-y, -dy
	}
	if !ways[way].east {
		x, dx = width-1-x, -dx
	}
	p = y*width + x
	if step >= width {
		up = p - dy
	}
	if step%width > 0 {
		left = p - dx
	}
	return p, up, left
}

func (l *scan[T]) reserve(n int) {
	l.n, l.ld, l.ldt = n, paddedStride[T](n), paddedStride[T](l.rows)
	channels, positions := l.in[0], l.positions()
	pieces := [...]piece[T]{
		{&l.x, positions * channels * l.ld},
		{&l.h, l.ways * positions * l.size()},
		{&l.z, l.rows * l.ld},
		{&l.dh, positions * l.size()},
		{&l.dxs, positions * channels * l.ld},
		{&l.dzt, n * l.ldt},
		{&l.dwt, (channels + 2*l.units) * l.ldt},
		{&l.dw, l.rows * max(channels, l.units)},
	}
	l.work = carve(l.work, pieces[:]...)
	l.cell.reserve()
}

func (l *scan[T]) forward(_ Pass, w []T, x Tensor[T]) Tensor[T] {
	l.reserve(x.N)
	channels, positions := l.in[0], l.positions()
	for c := range channels {
		for p := range positions {
			copy(l.x[(p*channels+c)*l.ld:], x.Row(c*positions+p))
		}
	}
	l.y.resize(l.outputs, x.N, strideOf[T](l.outputs, x.N))
	for way := range l.ways {
		part := l.split(w, way)
		for step := range positions {
			p, up, left := l.visit(way, step)
			kernel.Gemm(l.rows, l.n, channels, l.z, l.ld, part.w, channels, 1, l.x[p*channels*l.ld:], l.ld, part.b, false)
			if up >= 0 {
				kernel.Gemm(l.rows, l.n, l.units, l.z, l.ld, part.u, l.units, 1, l.outputsOf(way, up), l.ld, nil, true)
			}
			if left >= 0 {
				kernel.Gemm(l.rows, l.n, l.units, l.z, l.ld, part.l, l.units, 1, l.outputsOf(way, left), l.ld, nil, true)
			}
			l.cell.step(part.own, way, p, up, left)
		}
		l.emit(way)
	}
	return l.y
}

// row is the row of outputs that unit u of a direction has at position p.
func (l *scan[T]) row(way, u, p int) int {
	if l.concat {
		u += way * l.units
	}
	return u*l.positions() + p
}

// emit brings the outputs of a direction into y, or adds them to it.
func (l *scan[T]) emit(way int) {
	for p := range l.positions() {
		h := l.outputsOf(way, p)
		for u := range l.units {
			if dst, src := l.y.Row(l.row(way, u, p)), h[u*l.ld:][:l.n]; way == 0 || l.concat {
				copy(dst, src)
			} else {
				kernel.Add(dst, src)
			}
		}
	}
}

func (l *scan[T]) backward(w, dw []T, dy Tensor[T], wanted bool) Tensor[T] {
	for way := range l.ways {
		l.backwardWay(l.split(w, way), l.split(dw, way), way, dy, wanted)
	}
	if !wanted {
		return Tensor[T]{}
	}
	channels, positions := l.in[0], l.positions()
	l.dx.resize(l.in, dy.N, strideOf[T](l.in, dy.N))
	for c := range channels {
		for p := range positions {
			copy(l.dx.Row(c*positions+p), l.dxs[(p*channels+c)*l.ld:])
		}
	}
	return l.dx
}

func (l *scan[T]) backwardWay(w, dw scanWeights[T], way int, dy Tensor[T], wanted bool) {
	n, channels, rows, units := l.n, l.in[0], l.rows, l.units
	for p := range l.positions() {
		for u := range units {
			copy(l.dh[p*l.size()+u*l.ld:], dy.Row(l.row(way, u, p)))
		}
	}
	clear(l.dwt)
	dwt := l.dwt
	dwtU, dwtL := dwt[channels*l.ldt:], dwt[(channels+units)*l.ldt:]
	for step := l.positions() - 1; step >= 0; step-- {
		p, up, left := l.visit(way, step)
		l.cell.stepBack(w.own, dw.own, way, p, up, left)
		kernel.RowSums(dw.b, l.z, l.ld, rows, n, true)
		kernel.Transpose(l.dzt, l.ldt, l.z, l.ld, rows, n)
		kernel.Gemm(channels, rows, n, dwt, l.ldt, l.x[p*channels*l.ld:], l.ld, 1, l.dzt, l.ldt, nil, true)
		if up >= 0 {
			kernel.Gemm(units, rows, n, dwtU, l.ldt, l.outputsOf(way, up), l.ld, 1, l.dzt, l.ldt, nil, true)
			kernel.Gemm(units, n, rows, l.dh[up*l.size():], l.ld, w.u, 1, units, l.z, l.ld, nil, true)
		}
		if left >= 0 {
			kernel.Gemm(units, rows, n, dwtL, l.ldt, l.outputsOf(way, left), l.ld, 1, l.dzt, l.ldt, nil, true)
			kernel.Gemm(units, n, rows, l.dh[left*l.size():], l.ld, w.l, 1, units, l.z, l.ld, nil, true)
		}
		if wanted {
			kernel.Gemm(channels, n, rows, l.dxs[p*channels*l.ld:], l.ld, w.w, 1, channels, l.z, l.ld, nil, way > 0)
		}
	}
	for _, m := range [...]struct {
		dst, src []T
		columns  int
	}{{dw.w, dwt, channels}, {dw.u, dwtU, units}, {dw.l, dwtL, units}} {
		kernel.Transpose(l.dw, m.columns, m.src, l.ldt, m.columns, rows)
		kernel.Add(m.dst, l.dw)
	}
}
