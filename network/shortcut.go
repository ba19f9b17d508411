package network

import (
	"errors"
	"fmt"
)

// ZeroPad is the shortcut of a [Residual] that has no weights (He et al. 2016,
// arXiv:1512.03385, section 3.3, option A): every Stride-th row and column of an
// image, (C, H, W) to (Channels, H', W') with H' = H/Stride rounded up, and channels
// of zeros after the first C. A vector (F) becomes (Channels), without a stride.
type ZeroPad struct {
	Channels int `json:"channels" doc:"of the outputs, or their length"`
	Stride   int `json:"stride,omitempty" doc:"0: 1"`
}

func (ZeroPad) spec() string { return "zeropad" }

type zeroPad[T Float] struct {
	weightless
	gradient[T]
	in, outputs Shape
	stride      int
	y           Tensor[T]
}

func newZeroPad[T Float](in Shape, s ZeroPad) (*zeroPad[T], error) {
	if s.Stride == 0 {
		s.Stride = 1
	}
	switch {
	case len(in) != 1 && len(in) != 3:
		return nil, fmt.Errorf("want a vector (F) or an image (C, H, W), got %v", in)
	case s.Channels < in[0]:
		return nil, fmt.Errorf("channels is %d, want at least the %d that there are", s.Channels, in[0])
	case s.Stride < 1:
		return nil, fmt.Errorf("stride is %d, want at least 1", s.Stride)
	case len(in) == 1 && s.Stride > 1:
		return nil, errors.New("want no stride for a vector")
	}
	out := Shape{s.Channels}
	for _, d := range in[1:] {
		s.Stride = min(s.Stride, max(in[1], in[2])) // a longer one takes no other values
		out = append(out, (d-1)/s.Stride+1)
	}
	if err := checkShape(out); err != nil {
		return nil, fmt.Errorf("output: %w", err)
	}
	return &zeroPad[T]{in: in, outputs: out, stride: s.Stride}, nil
}

func (l *zeroPad[T]) out() Shape { return l.outputs }

// taken calls f with the rows of the values that are taken, and where to.
func (l *zeroPad[T]) taken(f func(to, from int)) {
	h, w := 1, 1
	if len(l.in) == 3 {
		h, w = l.in[1], l.in[2]
	}
	to := 0
	for c := range l.in[0] {
		for y := 0; y < h; y += l.stride {
			for x := 0; x < w; x += l.stride {
				f(to, (c*h+y)*w+x)
				to++
			}
		}
	}
}

func (l *zeroPad[T]) forward(_ Pass, _ []T, x Tensor[T]) Tensor[T] {
	l.y.resize(l.outputs, x.N, strideOf[T](l.outputs, x.N))
	clear(l.y.Data)
	l.taken(func(to, from int) { copy(l.y.Row(to), x.Row(from)) })
	return l.y
}

func (l *zeroPad[T]) backward(_, _ []T, dy Tensor[T], wanted bool) Tensor[T] {
	if !wanted {
		return Tensor[T]{}
	}
	l.room(l.in, dy.N)
	clear(l.dx.Data)
	l.taken(func(to, from int) { copy(l.dx.Row(from), dy.Row(to)) })
	return l.dx
}
