package network

import (
	"fmt"

	"github.com/joust-bench/joust/network/kernel"
)

// Collapse turns an image into a sequence that is read from left to right, (C, H, W) to
// (W, C), by summing over the height (Graves & Schmidhuber 2009, NIPS 21, sec. 2.3): a
// line of handwriting for a loss on sequences.
type Collapse struct{}

func (Collapse) spec() string { return "collapse" }

type collapse[T Float] struct {
	weightless
	in, outputs Shape
	y, dx       Tensor[T]
}

func newCollapse[T Float](in Shape) (*collapse[T], error) {
	if len(in) != 3 {
		return nil, fmt.Errorf("want an image (C, H, W), got %v", in)
	}
	return &collapse[T]{in: in, outputs: Shape{in[2], in[0]}}, nil
}

func (l *collapse[T]) out() Shape { return l.outputs }

func (l *collapse[T]) forward(_ Pass, _ []T, x Tensor[T]) Tensor[T] {
	channels, height, width := l.in[0], l.in[1], l.in[2]
	l.y.resize(l.outputs, x.N, paddedStride[T](x.N))
	for f := range l.outputs.Len() {
		c, column, sum := f%channels, f/channels, l.y.Row(f)
		copy(sum, x.Row(c*height*width+column))
		for y := 1; y < height; y++ {
			kernel.Add(sum, x.Row((c*height+y)*width+column))
		}
	}
	return l.y
}

func (l *collapse[T]) backward(_, _ []T, dy Tensor[T], wanted bool) Tensor[T] {
	if !wanted {
		return Tensor[T]{}
	}
	channels, height, width := l.in[0], l.in[1], l.in[2]
	l.dx.resize(l.in, dy.N, strideOf[T](l.in, dy.N))
	for f := range l.in.Len() {
		copy(l.dx.Row(f), dy.Row(f%width*channels+f/(height*width)))
	}
	return l.dx
}
