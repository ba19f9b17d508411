package network

import (
	"fmt"
	"slices"

	"github.com/joust-bench/joust/network/kernel"
)

// residual computes y = x + scale*body(x). The gradient takes both ways down,
// dx = dy + body'(scale*dy): the first has the factor 1 whatever the weights
// are, so that depth alone cannot make the gradient vanish.
type residual[T Float] struct {
	gradient[T]
	applied[T]
	in     Shape
	scale  T
	body   *chain[T]
	y      Tensor[T]
	scaled Tensor[T] // scale*dy
}

func newResidual[T Float](in Shape, s Residual, body *chain[T]) (*residual[T], error) {
	if !slices.Equal(body.out, in) {
		return nil, fmt.Errorf("want a body that keeps the shape, got %v from %v", body.out, in)
	}
	if !finite(s.Scale) {
		return nil, fmt.Errorf("scale is %v, want a finite number", s.Scale)
	}
	if s.Scale == 0 {
		s.Scale = 1
	}
	return &residual[T]{in: in, scale: T(s.Scale), body: body}, nil
}

func (l *residual[T]) out() Shape { return l.in }

func (l *residual[T]) forward(p Pass, w []T, x Tensor[T]) Tensor[T] {
	b := l.body.forward(p, w, x)
	l.y.resize(l.in, x.N, strideOf[T](l.in, x.N))
	l.y.Lens = x.Lens
	sum(l.y, x, b, l.scale, l.applied)
	return l.y
}

func (l *residual[T]) backward(w, dw []T, dy Tensor[T], wanted bool) Tensor[T] {
	down := dy
	if l.scale != 1 {
		l.scaled.resize(l.in, dy.N, strideOf[T](l.in, dy.N))
		for f := range l.in.Len() {
			row := l.scaled.Row(f)
			copy(row, dy.Row(f))
			kernel.Scale(row, l.scale)
		}
		down = l.scaled
	}
	b := l.body.backward(w, dw, down, wanted)
	if !wanted {
		return Tensor[T]{}
	}
	l.room(l.in, dy.N)
	sum(l.dx, dy, b, 1, applied[T]{})
	return l.dx
}

// sum sets dst to x + b*y, and applies the activation, if there is one, to what is
// still in the cache.
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
