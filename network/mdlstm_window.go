package network

import "fmt"

// Window gathers the values of every window of Height x Width positions into one, (C, H,
// W) to (C*Height*Width, H/Height, W/Width): a hierarchy of scans looks at fewer and fewer
// positions, and at more of the image at each (Graves & Schmidhuber 2009, NIPS 21, sec.
// 2.2). Windows do not overlap; where the last ones reach beyond the image they see 0.
// Channel (c*Height+y)*Width+x is channel c at row y and column x of the window.
type Window struct {
	Height int `json:"height" doc:"of a window"`
	Width  int `json:"width" doc:"of a window"`
}

func (Window) spec() string { return "window" }

// gather is a copy of rows.
type gather[T Float] struct {
	weightless
	spec        Window
	in, outputs Shape
	y, dx       Tensor[T]
}

func newGather[T Float](in Shape, s Window) (*gather[T], error) {
	if len(in) != 3 {
		return nil, fmt.Errorf("want an image (C, H, W), got %v", in)
	}
	if s.Height < 1 || s.Width < 1 || s.Height > in[1] || s.Width > in[2] {
		return nil, fmt.Errorf("window %dx%d, want at least 1x1 and at most the image, %dx%d", s.Height, s.Width, in[1], in[2])
	}
	out := Shape{in[0] * s.Height * s.Width, (in[1] + s.Height - 1) / s.Height, (in[2] + s.Width - 1) / s.Width}
	if err := checkShape(out); err != nil {
		return nil, err
	}
	return &gather[T]{spec: s, in: in, outputs: out}, nil
}

func (l *gather[T]) out() Shape { return l.outputs }

// from is the row of the inputs that row f of the outputs is; -1: none.
func (l *gather[T]) from(f int) int {
	height, width := l.outputs[1], l.outputs[2]
	channel, y, x := f/(height*width), f/width%height, f%width
	c, wy, wx := channel/(l.spec.Height*l.spec.Width), channel/l.spec.Width%l.spec.Height, channel%l.spec.Width
	y, x = y*l.spec.Height+wy, x*l.spec.Width+wx
	if y >= l.in[1] || x >= l.in[2] {
		return -1
	}
	return (c*l.in[1]+y)*l.in[2] + x
}

func (l *gather[T]) forward(_ Pass, _ []T, x Tensor[T]) Tensor[T] {
	l.y.resize(l.outputs, x.N, strideOf[T](l.outputs, x.N))
	for f := range l.outputs.Len() {
		if from := l.from(f); from >= 0 {
			copy(l.y.Row(f), x.Row(from))
		} else {
			clear(l.y.Row(f))
		}
	}
	return l.y
}

func (l *gather[T]) backward(_, _ []T, dy Tensor[T], wanted bool) Tensor[T] {
	if !wanted {
		return Tensor[T]{}
	}
	l.dx.resize(l.in, dy.N, strideOf[T](l.in, dy.N))
	for f := range l.outputs.Len() {
		if from := l.from(f); from >= 0 {
			copy(l.dx.Row(from), dy.Row(f))
		}
	}
	return l.dx
}
