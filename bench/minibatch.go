package bench

import (
	"math/rand/v2"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/loss"
)

// panelSize is the number of examples that are computed together. A minibatch
// is cut into panels of this size, whatever the number of cores, so that sums
// over it have one order. It is eight vectors of AVX-512 at float64, enough to
// keep a core busy, and small enough for a panel and the weights to share L2.
const panelSize = 64

// A panel is a few examples in the layout of the network, batch innermost.
type panel[T network.Float] struct {
	x network.Tensor[T]
	t loss.Target[T]
}

// newPanel returns a panel for n examples of d.
func newPanel[T network.Float](d *Data, n int) panel[T] {
	p := panel[T]{x: network.NewTensor[T](d.In, n)}
	if d.Loss == loss.SoftmaxCrossEntropy {
		p.t.Labels = make([]int32, n)
		return p
	}
	y := network.NewTensor[T](network.Shape{d.Out}, n)
	p.t.Values, p.t.Stride = y.Data, y.Stride
	return p
}

// fill copies the examples named by index, as many as p was made for.
func (p *panel[T]) fill(d *Data, e *Examples, index []int32) {
	features := d.In.Len()
	for j, i := range index {
		for f, v := range e.X[int(i)*features:][:features] {
			p.x.Data[f*p.x.Stride+j] = T(v)
		}
		if p.t.Labels != nil {
			p.t.Labels[j] = e.Labels[i]
			continue
		}
		for o, v := range e.Y[int(i)*d.Out:][:d.Out] {
			p.t.Values[o*p.t.Stride+j] = T(v)
		}
	}
}

// panels cuts the first n examples of e into panels of the given size.
func panels[T network.Float](d *Data, e *Examples, n, size int) []panel[T] {
	index := make([]int32, n)
	for i := range index {
		index[i] = int32(i)
	}
	var ps []panel[T]
	for lo := 0; lo < n; lo += size {
		hi := min(lo+size, n)
		p := newPanel[T](d, hi-lo)
		p.fill(d, e, index[lo:hi])
		ps = append(ps, p)
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
