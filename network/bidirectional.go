package network

import (
	"errors"
	"fmt"

	"github.com/joust-bench/joust/network/kernel"
)

// Bidirectional is two copies of Body, each with weights of its own, (T, F) to (T, 2G)
// for a body to (T, G): one sees the sequence as it is, the other from its last step to
// its first (Schuster & Paliwal 1997, doi:10.1109/78.650093). The outputs of a step are
// those of the first copy, then those of the second, at that step: what came before it
// and what comes after it. The weights of the first come first.
//
// A sequence that is shorter than T ([Tensor.Lens]) is reversed within its length.
// Outputs after its end are 0, and output gradients there are not read.
type Bidirectional struct {
	Body Specs `json:"body" doc:"(T, F) to (T, G), each direction with weights of its own"`
}

func (Bidirectional) spec() string { return "bidirectional" }

func (s Bidirectional) nested(f func(Specs) Specs) Spec {
	s.Body = f(s.Body)
	return s
}

type bidirectional[T Float] struct {
	steps[T]
	there, back *chain[T]
	split       int // weights of there
	each        int // outputs of each at a step
	outputs     Shape

	reversed Tensor[T]
	y, dx    Tensor[T]
	dy       Tensor[T] // of one copy
}

// bidirectional builds the copies of the body.
func (n *Network[T]) bidirectional(in Shape, s Bidirectional, path string, depth int) (*bidirectional[T], error) {
	if len(s.Body) == 0 {
		return nil, errors.New("want a body of at least one layer")
	}
	l := &bidirectional[T]{}
	var err error
	if l.steps, err = newSteps[T](in); err != nil {
		return nil, err
	}
	off := n.dim
	if l.there, err = n.chain(in, s.Body, path+".forward.", depth+1); err != nil {
		return nil, err
	}
	l.split = n.dim - off
	if l.back, err = n.chain(in, s.Body, path+".backward.", depth+1); err != nil {
		return nil, err
	}
	out := l.there.out
	if len(out) != 2 || out[0] != in[0] {
		return nil, fmt.Errorf("want a body to as many steps, (%d, G), got %v", in[0], out)
	}
	l.each, l.outputs = out[1], Shape{out[0], 2 * out[1]}
	return l, checkShape(l.outputs)
}

func (l *bidirectional[T]) out() Shape { return l.outputs }

func (l *bidirectional[T]) forward(p Pass, w []T, x Tensor[T]) Tensor[T] {
	l.begin(x)
	l.reversed.resize(x.Shape, x.N, l.ld)
	l.reversed.Lens = x.Lens
	l.y.resize(l.outputs, x.N, l.ld)
	l.y.Lens = x.Lens
	for t := range l.total {
		l.reverse(l.reversed.Data[t*l.in*l.ld:], x, t, l.in, l.in)
	}
	size := l.each * l.ld
	y := l.there.forward(p, w[:l.split], x)
	for t := range l.total {
		l.gather(l.y.Data[2*t*size:], y, t, l.each, l.each)
	}
	y = l.back.forward(p, w[l.split:], l.reversed)
	for t := range l.total {
		l.reverse(l.y.Data[(2*t+1)*size:], y, t, l.each, l.each)
	}
	return l.y
}

func (l *bidirectional[T]) backward(w, dw []T, dy Tensor[T], wanted bool) Tensor[T] {
	n, size := dy.N, l.each*l.ld
	l.dy.resize(l.there.out, n, l.ld)
	for t := range l.total {
		l.gather(l.dy.Data[t*size:], dy, t, 2*l.each, l.each)
	}
	dx := l.there.backward(w[:l.split], dw[:l.split], l.dy, wanted)
	if wanted {
		// The other chain has its gradients in the same memory.
		l.dx.resize(l.x.Shape, n, l.ld)
		for t := range l.total {
			l.gather(l.dx.Data[t*l.in*l.ld:], dx, t, l.in, l.in)
		}
	}
	second := dy
	second.Data = dy.Data[l.each*dy.Stride:]
	for t := range l.total {
		l.reverse(l.dy.Data[t*size:], second, t, 2*l.each, l.each)
	}
	dx = l.back.backward(w[l.split:], dw[l.split:], l.dy, wanted)
	if !wanted {
		return Tensor[T]{}
	}
	l.own = grow(l.own, l.in*l.ld)
	for t := range l.total {
		l.reverse(l.own, dx, t, l.in, l.in)
		for f := range l.in {
			kernel.Add(l.dx.Row(t*l.in+f), l.own[f*l.ld:])
		}
	}
	return l.dx
}

// reverse is gather for what is step t of the reversed sequence.
func (l *bidirectional[T]) reverse(dst []T, x Tensor[T], t, pitch, rows int) {
	if l.x.Lens == nil {
		l.gather(dst, x, l.total-1-t, pitch, rows)
		return
	}
	for f := range rows {
		row := dst[f*l.ld:][:x.N]
		for i, n := range l.x.Lens {
			row[i] = 0
			if t < n {
				row[i] = x.Data[((n-1-t)*pitch+f)*x.Stride+i]
			}
		}
	}
}
