package network

import "fmt"

// pool is the geometry of layers that make one value of each window of an image.
type pool struct {
	in, outputs         Shape
	kernel, stride, pad int
}

func newPool(in Shape, kernel, stride, pad int) (pool, error) {
	if stride == 0 {
		stride = kernel
	}
	h, w, err := slide(in, kernel, stride, pad)
	if err != nil {
		return pool{}, err
	}
	if pad > kernel/2 {
		return pool{}, fmt.Errorf("padding is %d, want at most %d, half of the kernel", pad, kernel/2)
	}
	return pool{in: in, outputs: Shape{in[0], h, w}, kernel: kernel, stride: stride, pad: pad}, nil
}

func (l *pool) out() Shape { return l.outputs }

// A poolWindow is the part of a window that is in the image.
type poolWindow struct {
	channel                  int // its first value
	top, bottom, left, right int
}

// window returns that of output f.
func (l *pool) window(f int) poolWindow {
	h, w := l.outputs[1], l.outputs[2]
	c, y, x := f/(h*w), f/w%h*l.stride-l.pad, f%w*l.stride-l.pad
	return poolWindow{
		channel: c * l.in[1] * l.in[2],
		top:     max(0, y), bottom: min(l.in[1], y+l.kernel),
		left: max(0, x), right: min(l.in[2], x+l.kernel),
	}
}
