package bench

import (
	"math/rand/v2"
	"slices"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/kernel"
	"github.com/joust-bench/joust/network/loss"
)

// A minibatch is cut into panels, the units of its sums, and lies in slabs of
// as many panels as are computed together when only losses are wanted.
const (
	minPanel = 64  // examples: eight vectors of AVX-512 at float64
	maxSlab  = 256 // examples
)

// cut returns the sizes of panels and slabs. They depend on the network alone,
// and not on how many cores there are, so that sums have one order. A panel of
// a small network has more examples, because each call of a layer has a cost
// that they share; a large one has less, so that a panel and the weights share a
// cache. The bound is some ten microseconds of work.
func cut[T network.Float](net *network.Network[T]) (panel, slab int) {
	const work, values = 1 << 18, 1 << 17
	fit := func(cost, bound int) int {
		n := maxSlab
		for n > minPanel && n*cost > bound {
			n /= 2
		}
		return n
	}
	panel = fit(net.Dim()+net.Activations(), work)
	return panel, max(panel, fit(net.In().Len()+net.Activations(), values))
}

// A panel is a few examples in the layout of the network, batch innermost.
type panel[T network.Float] struct {
	x     network.Tensor[T]
	t     loss.Target[T]
	first int // the number of its first example in the minibatch
}

// newPanel returns a panel for n examples of e, which are of d.
func newPanel[T network.Float](d *Data, e *Examples, n int) panel[T] {
	p := panel[T]{x: network.NewTensor[T](d.In, n)}
	if e.Lens != nil {
		p.x.Lens = make([]int, n)
	}
	labels := d.Loss == loss.SoftmaxCrossEntropy
	if d.Steps == 0 && labels {
		p.t.Labels = make([]int32, n)
		return p
	}
	y := network.NewTensor[T](d.Outputs(), n)
	p.t.Steps, p.t.Stride = d.Steps, y.Stride
	switch {
	case d.Loss == loss.CTC:
		p.t.Labels = make([]int32, len(e.Labels)/e.N*y.Stride)
		p.t.Lens, p.t.LabelLens = make([]int32, n), make([]int32, n)
		return p
	case labels:
		p.t.Labels = make([]int32, d.Steps*y.Stride)
	default:
		p.t.Values = y.Data
	}
	if d.Steps > 0 {
		p.t.Weights = make([]T, d.Steps*y.Stride)
	}
	return p
}

// part is examples lo to hi of p, where they are.
func (p *panel[T]) part(lo, hi int) panel[T] {
	return panel[T]{x: p.x.Slice(lo, hi), t: p.t.Slice(lo, hi), first: p.first + lo}
}

// fill copies the examples named by index, as many as p was made for. It
// returns rows, which is scratch, grown to what it needs.
func (p *panel[T]) fill(d *Data, e *Examples, index []int32, rows []T) []T {
	n := min(len(index), minPanel)
	outputs := d.Outputs().Len()
	rows = slices.Grow(rows[:0], n*max(d.In.Len(), outputs))
	if p.x.Examples == nil {
		rows = fillColumns(p.x.Data, p.x.Stride, e.X, d.In.Len(), index, rows)
	} else {
		p.fillExamples(e.X, index)
	}
	if p.x.Lens != nil {
		for j, i := range index {
			p.x.Lens[j] = e.Lens[i]
		}
	}
	if p.t.Weights != nil {
		rows = fillColumns(p.t.Weights, p.t.Stride, e.Weights, d.Steps, index, rows)
	}
	if p.t.Labels == nil {
		return fillColumns(p.t.Values, p.t.Stride, e.Y, outputs, index, rows)
	}
	if d.Steps == 0 {
		for j, i := range index {
			p.t.Labels[j] = e.Labels[i]
		}
		return rows
	}
	per := len(e.Labels) / e.N
	for j, i := range index {
		for u, l := range e.Labels[int(i)*per:][:per] {
			p.t.Labels[u*p.t.Stride+j] = l
		}
		if p.t.Lens != nil {
			p.t.Lens[j], p.t.LabelLens[j] = int32(e.steps(d, int(i))), int32(e.LabelLens[i])
		}
	}
	return rows
}

// fillColumns makes column j of dst example index[j] of src, which has so many
// values each. A few examples are gathered at a time, and transposed.
func fillColumns[T network.Float](dst []T, stride int, src []float64, values int, index []int32, rows []T) []T {
	for j := 0; j < len(index); j += minPanel {
		part := index[j:min(j+minPanel, len(index))]
		rows = rows[:len(part)*values]
		for r, i := range part {
			kernel.Narrow(rows[r*values:][:values], src[int(i)*values:])
		}
		kernel.Transpose(dst[j:], stride, rows, values, len(part), values)
	}
	return rows
}

// fillExamples is fillColumns of inputs whose examples are kept.
func (p *panel[T]) fillExamples(src []float64, index []int32) {
	x, values := &p.x, p.x.Shape.Len()
	for j, i := range index {
		kernel.Narrow(x.Examples[j*x.ExampleStride:][:values], src[int(i)*values:])
	}
	kernel.Transpose(x.Data, x.Stride, x.Examples, x.ExampleStride, len(index), values)
}

// newPanels returns panels of the given size for n examples of e.
func newPanels[T network.Float](d *Data, e *Examples, n, size int) []panel[T] {
	var ps []panel[T]
	for lo := 0; lo < n; lo += size {
		p := newPanel[T](d, e, min(size, n-lo))
		p.first = lo
		ps = append(ps, p)
	}
	return ps
}

// panels cuts the first n examples of e into panels of the given size.
func panels[T network.Float](d *Data, e *Examples, n, size int) []panel[T] {
	ps := newPanels[T](d, e, n, size)
	fillInOrder(ps, d, e)
	return ps
}

// fillInOrder fills panels with the first examples of e.
func fillInOrder[T network.Float](ps []panel[T], d *Data, e *Examples) {
	var index []int32
	var rows []T
	next := int32(0)
	for _, p := range ps {
		index = index[:0]
		for range p.x.N {
			index = append(index, next)
			next++
		}
		rows = p.fill(d, e, index, rows)
	}
}

// parts cuts each slab into panels of the given size.
func parts[T network.Float](slabs []panel[T], size int) []panel[T] {
	var ps []panel[T]
	for _, s := range slabs {
		for lo := 0; lo < s.x.N; lo += size {
			ps = append(ps, s.part(lo, min(lo+size, s.x.N)))
		}
	}
	return ps
}

// An order says which examples make up the minibatch of each step: epoch after
// epoch, each in a random order of its own, cut into batches without regard to
// where an epoch ends. It depends on the seed and the step alone.
type order struct {
	seed  uint64
	n     int // examples
	epoch [2]struct {
		number int // of the epoch whose order is held; -1: none
		perm   []int32
	}
}

func newOrder(seed uint64, n int) *order {
	o := &order{seed: seed, n: n}
	for i := range o.epoch {
		o.epoch[i].number, o.epoch[i].perm = -1, make([]int32, n)
	}
	return o
}

// batch fills index with the examples of a step.
func (o *order) batch(index []int32, step int) {
	for i := range index {
		at := step*len(index) + i
		index[i] = o.perm(at / o.n)[at%o.n]
	}
}

func (o *order) perm(epoch int) []int32 {
	// A batch meets at most two epochs, unless it is larger than one; then
	// they take turns.
	e := &o.epoch[epoch%2]
	if e.number != epoch {
		e.number = epoch
		for i := range e.perm {
			e.perm[i] = int32(i)
		}
		r := rand.New(rand.NewPCG(o.seed, uint64(epoch)))
		r.Shuffle(o.n, func(i, j int) { e.perm[i], e.perm[j] = e.perm[j], e.perm[i] })
	}
	return e.perm
}
