package network

import (
	"errors"
	"fmt"
	"slices"

	"github.com/joust-bench/joust/network/kernel"
)

// Residual adds the output of Body to its input, y = x + Scale*Body(x) (He et al.
// 2016, arXiv:1512.03385). A body that changes the shape needs a Shortcut that does
// the same to the input, y = Shortcut(x) + Scale*Body(x): a [ZeroPad], or a 1x1
// [Conv] or a [Dense], which are options A and B of the paper, section 3.3. The
// weights of Body come before those of Shortcut.
type Residual struct {
	Body     Specs   `json:"body" doc:"layers whose output is added"`
	Scale    float64 `json:"scale,omitempty" doc:"multiplies it; 0: 1"`
	Shortcut Specs   `json:"shortcut,omitempty" doc:"layers for the input, where the body changes the shape; empty: the identity"`
}

func (Residual) spec() string { return "residual" }

func (s Residual) nested(f func(Specs) Specs) Spec {
	s.Body, s.Shortcut = f(s.Body), f(s.Shortcut)
	return s
}

// residual computes y = shortcut(x) + scale*body(x). The gradient takes both ways
// down, dx = shortcut'(dy) + body'(scale*dy): when the shortcut is the identity the
// first has the factor 1 whatever the weights are, so that depth alone cannot make
// the gradient vanish.
type residual[T Float] struct {
	gradient[T]
	applied[T]
	in       Shape
	scale    T
	body     *chain[T]
	shortcut *chain[T] // without layers, the identity
	split    int       // where its weights begin
	y        Tensor[T]
	scaled   Tensor[T] // scale*dy
}

// residual builds a residual and the chains nested in it.
func (n *Network[T]) residual(in Shape, s Residual, path string, depth int) (*residual[T], error) {
	if len(s.Body) == 0 {
		return nil, errors.New("want a body of at least one layer")
	}
	if !finite(s.Scale) {
		return nil, fmt.Errorf("scale is %v, want a finite number", s.Scale)
	}
	if s.Scale == 0 {
		s.Scale = 1
	}
	begin := n.dim
	body, err := n.chain(in, s.Body, path+".", depth+1)
	if err != nil {
		return nil, err
	}
	split := n.dim - begin
	shortcut, err := n.chain(in, s.Shortcut, path+".shortcut.", depth+1)
	if err != nil {
		return nil, fmt.Errorf("shortcut: %w", err)
	}
	switch {
	case slices.Equal(body.out, shortcut.out):
	case len(s.Shortcut) == 0:
		return nil, fmt.Errorf("want a body that keeps the shape, got %v from %v, or a shortcut", body.out, in)
	default:
		return nil, fmt.Errorf("want a body and a shortcut with outputs of one shape, got %v and %v", body.out, shortcut.out)
	}
	return &residual[T]{in: in, scale: T(s.Scale), body: body, shortcut: shortcut, split: split}, nil
}

func (l *residual[T]) out() Shape { return l.body.out }

func (l *residual[T]) forward(p Pass, w []T, x Tensor[T]) Tensor[T] {
	if n := l.lastNorm(x); n != nil {
		n.skipped = skipped[T]{x, l.scale, l.applied}
		y := l.body.forward(p, w[:l.split], x)
		n.skipped = skipped[T]{}
		y.Lens = x.Lens
		return y
	}
	b := l.body.forward(p, w[:l.split], x)
	s := l.shortcut.forward(p, w[l.split:], x)
	l.y.resize(l.out(), x.N, strideOf[T](l.out(), x.N))
	l.y.Lens = s.Lens
	sum(l.y, s, b, l.scale, l.applied)
	return l.y
}

func (l *residual[T]) backward(w, dw []T, dy Tensor[T], wanted bool) Tensor[T] {
	down := dy
	if l.scale != 1 {
		l.scaled.resize(l.out(), dy.N, strideOf[T](l.out(), dy.N))
		for f := range l.out().Len() {
			row := l.scaled.Row(f)
			copy(row, dy.Row(f))
			kernel.Scale(row, l.scale)
		}
		down = l.scaled
	}
	skip := l.shortcut.backward(w[l.split:], dw[l.split:], dy, wanted)
	if wanted {
		l.room(l.in, dy.N)
		if len(l.shortcut.nodes) > 0 {
			// It is in memory that the body is about to use.
			copyRows(l.dx, skip)
			skip = l.dx
		}
	}
	b := l.body.backward(w[:l.split], dw[:l.split], down, wanted)
	if !wanted {
		return Tensor[T]{}
	}
	sum(l.dx, skip, b, 1, applied[T]{})
	return l.dx
}

// sum sets dst to x + b*y, and applies the activation, if there is one, to what is
// still in the cache. dst may be x.
func sum[T Float](dst, x, y Tensor[T], b T, then applied[T]) {
	const most = 1 << 12 // elements at a time
	count, n := spans(dst, x, y)
	for i := range count {
		for j := 0; j < n; j += most {
			part := min(most, n-j)
			d := dst.Data[i*dst.Stride+j:][:part]
			kernel.Sum2(d, x.Data[i*x.Stride+j:][:part], y.Data[i*y.Stride+j:][:part], b)
			then.finish(d)
		}
	}
}
