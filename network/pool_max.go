package network

import "slices"

// MaxPool is the maximum of every window of Kernel x Kernel values, channel by
// channel: (C, H, W) to (C, H', W'), sizes as in [Conv]. Padding is never the
// maximum. NaN is: a network that has diverged does not hide it. The gradient
// goes to the first of equal maxima, row by row.
type MaxPool struct {
	Kernel int `json:"kernel" doc:"height and width of a window"`
	Stride int `json:"stride,omitempty" doc:"0: kernel"`
	Pad    int `json:"pad,omitempty" doc:"rows and columns on each side that are never the maximum, at most half of kernel"`
}

func (MaxPool) spec() string { return "maxpool" }

type maxPool[T Float] struct {
	weightless
	pool
	y, dx Tensor[T]
	from  []int32 // the input that each output is, of each example
}

func newMaxPool[T Float](in Shape, s MaxPool) (*maxPool[T], error) {
	p, err := newPool(in, s.Kernel, s.Stride, s.Pad)
	if err != nil {
		return nil, err
	}
	return &maxPool[T]{pool: p}, nil
}

func (l *maxPool[T]) forward(_ Pass, _ []T, x Tensor[T]) Tensor[T] {
	l.y.resize(l.outputs, x.N, strideOf[T](l.outputs, x.N))
	l.from = slices.Grow(l.from[:0], l.outputs.Len()*x.N)[:l.outputs.Len()*x.N]
	for f := range l.outputs.Len() {
		row, from := l.y.Row(f), l.from[f*x.N:][:x.N]
		w := l.window(f)
		first := true
		for y := w.top; y < w.bottom; y++ {
			for x0 := w.left; x0 < w.right; x0++ {
				at := w.channel + y*l.in[2] + x0
				for n, v := range x.Row(at) {
					if first || v > row[n] || v != v && row[n] == row[n] {
						row[n], from[n] = v, int32(at)
					}
				}
				first = false
			}
		}
	}
	return l.y
}

func (l *maxPool[T]) backward(_, _ []T, dy Tensor[T], wanted bool) Tensor[T] {
	if !wanted {
		return Tensor[T]{}
	}
	l.dx.resize(l.in, dy.N, strideOf[T](l.in, dy.N))
	clear(l.dx.Data)
	for f := range l.outputs.Len() {
		from := l.from[f*dy.N:][:dy.N]
		for n, d := range dy.Row(f) {
			l.dx.Data[int(from[n])*l.dx.Stride+n] += d
		}
	}
	return l.dx
}
