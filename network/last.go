package network

import "fmt"

// Last is the last step of each sequence ([Tensor.Lens]), (T, F) to (F).
type Last struct{}

func (Last) spec() string { return "last" }

// last picks the values of one step of each example, and gives those of all others
// a gradient of 0.
type last[T Float] struct {
	weightless
	in, outputs Shape
	at          []int // the step, of each example
	y, dx       Tensor[T]
}

func newLast[T Float](in Shape) (*last[T], error) {
	if len(in) != 2 {
		return nil, fmt.Errorf("want a sequence, (T, F), got %v", in)
	}
	return &last[T]{in: in, outputs: Shape{in[1]}}, nil
}

func (l *last[T]) out() Shape { return l.outputs }

func (l *last[T]) forward(_ Pass, _ []T, x Tensor[T]) Tensor[T] {
	x.longest(l.in[0]) // checks the lengths
	l.at = l.at[:0]
	for i := range x.N {
		n := l.in[0]
		if x.Lens != nil {
			n = x.Lens[i]
		}
		l.at = append(l.at, n-1)
	}
	l.y.resize(l.outputs, x.N, paddedStride[T](x.N))
	for f := range l.outputs[0] {
		row := l.y.Row(f)
		for i, t := range l.at {
			row[i] = x.Data[(t*l.in[1]+f)*x.Stride+i]
		}
	}
	return l.y
}

func (l *last[T]) backward(_, _ []T, dy Tensor[T], wanted bool) Tensor[T] {
	if !wanted {
		return Tensor[T]{}
	}
	l.dx.resize(l.in, dy.N, paddedStride[T](dy.N))
	clear(l.dx.Data)
	for f := range l.outputs[0] {
		row := dy.Row(f)
		for i, t := range l.at {
			l.dx.Row(t*l.in[1] + f)[i] = row[i]
		}
	}
	return l.dx
}

// longest is the number of steps of the longest sequence of x, of at most steps. It
// panics if there is not a length from 1 to steps for every example.
func (x Tensor[T]) longest(steps int) int {
	if x.Lens == nil {
		return steps
	}
	if len(x.Lens) != x.N {
		panic(fmt.Sprintf("network: lengths of %d sequences, want %d", len(x.Lens), x.N))
	}
	most := 0
	for i, n := range x.Lens {
		if n < 1 || n > steps {
			panic(fmt.Sprintf("network: length %d of sequence %d, want 1 to %d", n, i, steps))
		}
		most = max(most, n)
	}
	return most
}
