package network

import (
	"fmt"

	"github.com/joust-bench/joust/network/kernel"
)

// Amplify multiplies the gradient that passes on its way back, and nothing on the
// way forward: y = x, and dx = Factor*dy (Basodi et al. 2020,
// doi:10.26599/BDMA.2020.9020004). All
// layers below it get a gradient that is Factor times as large, and with k of them
// Factor^k times. What comes out is not the gradient of the loss any more, and not
// that of any other: a finite difference does not confirm it.
//
// An optimizer that goes by the sign of the gradient does not notice.
type Amplify struct {
	Factor float64 `json:"factor" doc:"of the gradient, above 0"`
}

func (Amplify) spec() string { return "amplify" }

// amplify hands its input on.
type amplify[T Float] struct {
	weightless
	gradient[T]
	shape  Shape
	factor T
}

func newAmplify[T Float](in Shape, s Amplify) (*amplify[T], error) {
	if !(s.Factor > 0) || !finite(s.Factor) {
		return nil, fmt.Errorf("factor is %v, want a finite number above 0", s.Factor)
	}
	return &amplify[T]{shape: in, factor: T(s.Factor)}, nil
}

func (l *amplify[T]) out() Shape { return l.shape }

func (l *amplify[T]) forward(_ Pass, _ []T, x Tensor[T]) Tensor[T] { return x }

func (l *amplify[T]) backward(_, _ []T, dy Tensor[T], wanted bool) Tensor[T] {
	if !wanted {
		return Tensor[T]{}
	}
	l.room(l.shape, dy.N)
	count, n := spans(dy, l.dx, l.dx)
	for i := range count {
		row := l.dx.Data[i*l.dx.Stride:][:n]
		copy(row, dy.Data[i*dy.Stride:])
		kernel.Scale(row, l.factor)
	}
	return l.dx
}
