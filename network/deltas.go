package network

import (
	"fmt"
	"slices"

	"github.com/joust-bench/joust/network/kernel"
)

// The gradient of the weights can be computed apart from the gradients that flow
// through the layers, the deltas, which need the weights but not their gradient. A
// minibatch is cut into panels for the deltas, one network each, and the weights
// into parts for their gradient, each over all of the panels. Then no core needs a
// gradient of its own that has to be cleared, filled, and added to the others': on
// networks of dense layers, that was a fifth of the time (doc.go).

// chainExamples is how many examples a sum of the gradient runs over at the
// network's precision; such sums are added up in float64.
const chainExamples = 256

// biasExamples is how many of those a sum of a bias's gradient runs over.
const biasExamples = 64

// A part is some rows of a dense layer.
type part[T Float] struct {
	layer  int // index in the root chain
	lo, hi int // rows
}

// findParts lists the parts of n, none if there are other layers with weights than
// dense ones, or if what would have to be kept of a minibatch is in shared memory.
func (n *Network[T]) findParts() {
	const most = 1 << 13 // weights of a part: they stay in the first-level cache
	c := n.root
	n.parts = nil
	for i, l := range c.nodes {
		d, ok := l.layer.(*dense[T])
		if !ok && l.lo < l.hi {
			n.parts = nil
			return
		}
		if !ok {
			continue
		}
		if i+1 < len(c.nodes) {
			switch c.nodes[i+1].layer.(type) {
			case *activate[T], *dense[T]:
			default:
				n.parts = nil
				return
			}
		}
		rows := max(12, most/d.in/12*12) // kernels take 12 at a time
		for lo := 0; lo < d.spec.Out; lo += rows {
			n.parts = append(n.parts, part[T]{i, lo, min(lo+rows, d.spec.Out)})
		}
	}
}

// Parts is the number of parts that the gradient of the weights can be computed in,
// by [PartGradient]. 0: only by [Network.Backward].
func (n *Network[T]) Parts() int { return len(n.parts) }

// Deltas takes the place of BackwardWeights where n.Parts() is not 0, and leaves
// the gradient of the weights to [PartGradient]. dy must not change before that. No
// [Observer] sees it.
func (n *Network[T]) Deltas(w []T, dy Tensor[T]) {
	n.checkBackward(w, w, dy)
	n.deferGradient(true)
	n.root.backward(w, nil, dy, false)
}

// Gradient takes the place of BackwardWeights where n.Parts() is not 0, for one core
// and at most 256 examples. It writes the gradient of the weights to dw, len Dim, or if
// add is set adds it: the bits that [Network.Deltas] and [PartGradient] of all parts
// give, but layer by layer, while what they need is in the cache. No [Observer] sees it.
func (n *Network[T]) Gradient(w []T, dw []float64, dy Tensor[T], add bool) {
	n.checkBackward(w, w, dy)
	if len(dw) != n.dim {
		panic(fmt.Sprintf("network: gradient of the weights: %d values, want %d", len(dw), n.dim))
	}
	n.deferGradient(false)
	if n.self == nil {
		n.self = []*Network[T]{n}
	}
	next := len(n.parts) - 1
	for i := len(n.root.nodes) - 1; i >= n.root.first; i-- {
		l := &n.root.nodes[i]
		dy = l.layer.backward(w[l.lo:l.hi], nil, dy, i > n.root.first)
		for ; next >= 0 && n.parts[next].layer == i; next-- {
			n.sum = PartGradient(dw, n.self, next, add, n.sum)
		}
	}
}

// deferGradient says whether what the gradient of the weights needs must outlast
// the pass back.
func (n *Network[T]) deferGradient(defers bool) {
	if n.deferred != defers {
		n.deferred = defers
		n.shareGradients(n.root, 0)
	}
}

// PartGradient computes a part, from 0 to Parts()-1, of the gradient of the weights,
// summed over what the networks had in their last [Network.Deltas], at most 256
// examples each. They are clones of one network. It writes its part of dw, len Dim,
// or if add is set adds to it; different parts may be computed at the same time. It
// returns scratch, grown to what it needs.
//
// Sums are of 256 examples at the precision of T, or of as many whole networks as
// fit into that, and those are added in float64: a call with the first so many
// networks and another one with the rest, and add, gives the same bits as one with
// all of them. How the examples of such a sum are cut into networks makes no
// difference, if all but the last have a multiple of 64.
func PartGradient[T Float](dw []float64, nets []*Network[T], index int, add bool, scratch []T) []T {
	p := nets[0].parts[index]
	l := nets[0].root.nodes[p.layer]
	d := l.layer.(*dense[T])
	rows, bias := p.hi-p.lo, 0
	if !d.spec.NoBias {
		bias = rows
	}
	matrix := dw[l.lo+p.lo*d.in:][:rows*d.in]
	scratch = slices.Grow(scratch[:0], len(matrix)+bias)[:len(matrix)+bias]
	for len(nets) > 0 {
		count, examples := 0, 0
		for count < len(nets) && (count == 0 || examples+nets[count].batch <= chainExamples) {
			examples += nets[count].batch
			count++
		}
		sum, last := scratch[:len(matrix)], count-1
		for i, n := range nets[:count] {
			d := n.root.nodes[p.layer].layer.(*dense[T])
			if i == last && !add {
				d.wideGradient(matrix, sum, p.lo, p.hi, i > 0)
				d.biasGradient(scratch[len(matrix):], p.lo, p.hi, i > 0)
			} else {
				d.weightGradient(sum, scratch[len(matrix):], p.lo, p.hi, i > 0)
			}
		}
		if add {
			kernel.AddWide(matrix, sum)
		}
		if bias > 0 {
			put(dw[l.lo+d.in*d.spec.Out+p.lo:][:rows], scratch[len(matrix):], add)
		}
		nets, add = nets[count:], true
	}
	return scratch
}

func put[T Float](dst []float64, src []T, add bool) {
	if add {
		kernel.AddWide(dst, src)
	} else {
		kernel.Widen(dst, src)
	}
}
