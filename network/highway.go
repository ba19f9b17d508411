package network

import (
	"errors"
	"fmt"
	"slices"

	"github.com/joust-bench/joust/network/kernel"
)

// Highway lets a gate choose between the output of Body and the input, value by
// value: y = t*Body(x) + (1-t)*x with t = Gate(x) (Srivastava, Greff & Schmidhuber
// 2015, arXiv:1505.00387, eq. 3). Both keep the shape; the gate's last layer should
// be a sigmoid, and its bias start below 0, so that the input passes at first. The
// weights of Body come before those of Gate.
type Highway struct {
	Body Specs `json:"body" doc:"what is chosen if the gate is 1; keeps the shape"`
	Gate Specs `json:"gate" doc:"ends in a sigmoid; keeps the shape"`
}

func (Highway) spec() string { return "highway" }

func (s Highway) nested(f func(Specs) Specs) Spec {
	s.Body, s.Gate = f(s.Body), f(s.Gate)
	return s
}

type highway[T Float] struct {
	gradient[T]
	shape      Shape
	body, gate *chain[T]
	split      int // where the gate's weights begin
	x, h, t    Tensor[T]
	y          Tensor[T]
	dh, dt     Tensor[T]
}

// highway builds a highway layer and the chains nested in it.
func (n *Network[T]) highway(in Shape, s Highway, path string, depth int) (*highway[T], error) {
	if len(s.Body) == 0 || len(s.Gate) == 0 {
		return nil, errors.New("want a body and a gate of at least one layer")
	}
	begin := n.dim
	body, err := n.chain(in, s.Body, path+".", depth+1)
	if err != nil {
		return nil, err
	}
	split := n.dim - begin
	gate, err := n.chain(in, s.Gate, path+".gate.", depth+1)
	if err != nil {
		return nil, fmt.Errorf("gate: %w", err)
	}
	if !slices.Equal(body.out, in) || !slices.Equal(gate.out, in) {
		return nil, fmt.Errorf("want a body and a gate that keep the shape, got %v and %v from %v", body.out, gate.out, in)
	}
	return &highway[T]{shape: in, body: body, gate: gate, split: split}, nil
}

func (l *highway[T]) out() Shape { return l.shape }

func (l *highway[T]) forward(p Pass, w []T, x Tensor[T]) Tensor[T] {
	l.x = x
	l.h = l.body.forward(p, w[:l.split], x)
	l.t = l.gate.forward(p, w[l.split:], x)
	l.y.resize(l.shape, x.N, strideOf[T](l.shape, x.N))
	l.y.Lens = x.Lens
	for f := range l.shape.Len() {
		y, h, t := l.y.Row(f), l.h.Row(f), l.t.Row(f)
		for i, v := range x.Row(f) {
			y[i] = v + T(t[i]*(h[i]-v))
		}
	}
	return l.y
}

func (l *highway[T]) backward(w, dw []T, dy Tensor[T], wanted bool) Tensor[T] {
	stride := strideOf[T](l.shape, dy.N)
	l.dh.resize(l.shape, dy.N, stride)
	l.dt.resize(l.shape, dy.N, stride)
	if wanted {
		l.room(l.shape, dy.N)
	}
	for f := range l.shape.Len() {
		dh, dt, x, h, t := l.dh.Row(f), l.dt.Row(f), l.x.Row(f), l.h.Row(f), l.t.Row(f)
		for i, d := range dy.Row(f) {
			dh[i] = d * t[i]
			dt[i] = d * (h[i] - x[i])
		}
		if wanted {
			kernel.Sum2(l.dx.Row(f), dy.Row(f), dh, -1)
		}
	}
	// What is below the body and the gate is in memory that they share.
	for _, way := range []struct {
		chain *chain[T]
		w, dw []T
		dy    Tensor[T]
	}{{l.gate, w[l.split:], dw[l.split:], l.dt}, {l.body, w[:l.split], dw[:l.split], l.dh}} {
		d := way.chain.backward(way.w, way.dw, way.dy, wanted)
		if wanted {
			sum(l.dx, l.dx, d, 1, applied[T]{})
		}
	}
	if !wanted {
		return Tensor[T]{}
	}
	return l.dx
}
