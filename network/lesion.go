package network

import (
	"fmt"
	"reflect"
	"slices"
)

// Lesion takes layers out of the network, counted in what was given to [New], and
// puts back those that it does not name. A [Residual] is then its shortcut alone,
// and any other layer, which has to keep the shape, the identity (Veit, Wilber &
// Belongie 2016, arXiv:1605.06431, section 4.1). Weights stay where they are, and
// those of what was taken out have a gradient of 0. What was calibrated with other
// lesions has to be calibrated again. The result of the last Forward is gone.
func (n *Network[T]) Lesion(layers ...int) error {
	lesions := make([]bool, len(n.specs))
	for _, i := range layers {
		if i < 0 || i >= len(lesions) {
			return fmt.Errorf("lesion of layer %d, want one of the %d that there are", i, len(lesions))
		}
		l := n.root.nodes[i].whole()
		if _, ok := l.(*residual[T]); !ok && !slices.Equal(l.out(), n.inputOf(i)) {
			return fmt.Errorf("lesion of layer %d (%s): want a layer that keeps the shape, got %v from %v", i, n.specs[i].spec(), l.out(), n.inputOf(i))
		}
		lesions[i] = true
	}
	n.lesion(lesions)
	return nil
}

// lesion has the lesions that it is given, and no others.
func (n *Network[T]) lesion(lesions []bool) {
	n.lesions = slices.Clone(lesions)
	for i := range n.root.nodes {
		n.root.nodes[i].lesion(lesions[i])
	}
	// Layers that are out take no turns with memory, and cannot apply what
	// follows them.
	n.shareGradients(n.root, 0)
	n.root.fuse()
	n.findParts()
	n.batch = 0
}

// inputOf is the shape of the inputs of layer i.
func (n *Network[T]) inputOf(i int) Shape {
	if i == 0 {
		return n.in
	}
	return n.root.nodes[i-1].layer.out()
}

// whole is the layer, lesioned or not.
func (l *node[T]) whole() layer[T] {
	if b, ok := l.layer.(*bypass[T]); ok {
		return b.around
	}
	return l.layer
}

func (l *node[T]) lesion(out bool) {
	l.applying, l.activation = nil, nil
	l.layer = l.whole()
	_, l.leaf = l.layer.(leaf[T])
	if !out {
		return
	}
	b := &bypass[T]{around: l.layer, chain: &chain[T]{out: l.layer.out()}}
	if r, ok := l.layer.(*residual[T]); ok {
		b.chain, b.split = r.shortcut, r.split
	}
	l.layer, l.leaf = b, false
}

// bypass is what is left of a layer that has been taken out.
type bypass[T Float] struct {
	around layer[T]
	*chain[T]
	split int // where the weights of the chain begin
	dx    Tensor[T]
}

func (b *bypass[T]) out() Shape { return b.chain.out }

func (b *bypass[T]) forward(p Pass, w []T, x Tensor[T]) Tensor[T] {
	return b.chain.forward(p, w[b.split:], x)
}

func (b *bypass[T]) backward(w, dw []T, dy Tensor[T], wanted bool) Tensor[T] {
	dx := b.chain.backward(w[b.split:], dw[b.split:], dy, wanted)
	if !wanted || len(b.nodes) == 0 {
		return dx
	}
	// It is in memory of chains inside another, which the body of a residual below
	// is about to use.
	b.dx.resize(dx.Shape, dx.N, strideOf[T](dx.Shape, dx.N))
	copyRows(b.dx, dx)
	return b.dx
}

// Swap exchanges the weights, or gradients, w of layers i and j, counted in what
// was given to [New], which have to be alike and have inputs of one shape: the
// network with the two in each other's place (Veit et al. 2016, section 4.2). What
// was calibrated has to be calibrated again.
func (n *Network[T]) Swap(w []T, i, j int) error {
	n.checkWeights("weights", w)
	last := len(n.specs) - 1
	if min(i, j) < 0 || max(i, j) > last {
		return fmt.Errorf("swap of layers %d and %d, want two of the %d that there are", i, j, last+1)
	}
	if a, b := n.specs[i], n.specs[j]; !reflect.DeepEqual(a, b) || !slices.Equal(n.inputOf(i), n.inputOf(j)) {
		return fmt.Errorf("swap of layers %d and %d: want layers that are alike, got %s of %v and %s of %v", i, j, a.spec(), n.inputOf(i), b.spec(), n.inputOf(j))
	}
	if i == j {
		return nil
	}
	a, b := n.root.nodes[i], n.root.nodes[j]
	v := w[b.lo:b.hi]
	for k := range v {
		v[k], w[a.lo+k] = w[a.lo+k], v[k]
	}
	return nil
}
