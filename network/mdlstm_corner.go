package network

import "fmt"

// Corner is the last row and column of an image, (C, H, W) to (C): where a scan to the
// south-east has seen all of it.
type Corner struct{}

func (Corner) spec() string { return "corner" }

type corner[T Float] struct {
	weightless
	in, outputs Shape
	y, dx       Tensor[T]
}

func newCorner[T Float](in Shape) (*corner[T], error) {
	if len(in) != 3 {
		return nil, fmt.Errorf("want an image (C, H, W), got %v", in)
	}
	return &corner[T]{in: in, outputs: Shape{in[0]}}, nil
}

func (l *corner[T]) out() Shape { return l.outputs }

// row is the row of the inputs that channel c of the outputs is.
func (l *corner[T]) row(c int) int { return (c+1)*l.in[1]*l.in[2] - 1 }

func (l *corner[T]) forward(_ Pass, _ []T, x Tensor[T]) Tensor[T] {
	l.y.resize(l.outputs, x.N, paddedStride[T](x.N))
	for c := range l.in[0] {
		copy(l.y.Row(c), x.Row(l.row(c)))
	}
	return l.y
}

func (l *corner[T]) backward(_, _ []T, dy Tensor[T], wanted bool) Tensor[T] {
	if !wanted {
		return Tensor[T]{}
	}
	l.dx.resize(l.in, dy.N, strideOf[T](l.in, dy.N))
	clear(l.dx.Data)
	for c := range l.in[0] {
		copy(l.dx.Row(l.row(c)), dy.Row(c))
	}
	return l.dx
}
