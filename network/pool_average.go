package network

import "github.com/joust-bench/joust/network/kernel"

// AveragePool is the mean of every window of Kernel x Kernel values, channel by
// channel: (C, H, W) to (C, H', W'), sizes as in [Conv]. Padding counts as zeros,
// and the divisor is always Kernel*Kernel.
type AveragePool struct {
	Kernel int `json:"kernel" doc:"height and width of a window"`
	Stride int `json:"stride,omitempty" doc:"0: kernel"`
	Pad    int `json:"pad,omitempty" doc:"rows and columns of zeros on each side, at most half of kernel"`
}

func (AveragePool) spec() string { return "averagepool" }

type averagePool[T Float] struct {
	weightless
	pool
	y, dx Tensor[T]
}

func newAveragePool[T Float](in Shape, s AveragePool) (*averagePool[T], error) {
	p, err := newPool(in, s.Kernel, s.Stride, s.Pad)
	if err != nil {
		return nil, err
	}
	return &averagePool[T]{pool: p}, nil
}

func (l *averagePool[T]) forward(_ Pass, _ []T, x Tensor[T]) Tensor[T] {
	l.y.resize(l.outputs, x.N, strideOf[T](l.outputs, x.N))
	clear(l.y.Data)
	scale := 1 / T(l.kernel*l.kernel)
	for f := range l.outputs.Len() {
		row := l.y.Row(f)
		w := l.window(f)
		for y := w.top; y < w.bottom; y++ {
			for x0 := w.left; x0 < w.right; x0++ {
				kernel.Add(row, x.Row(w.channel+y*l.in[2]+x0))
			}
		}
		kernel.Scale(row, scale)
	}
	return l.y
}

func (l *averagePool[T]) backward(_, _ []T, dy Tensor[T], wanted bool) Tensor[T] {
	if !wanted {
		return Tensor[T]{}
	}
	l.dx.resize(l.in, dy.N, strideOf[T](l.in, dy.N))
	clear(l.dx.Data)
	scale := 1 / T(l.kernel*l.kernel)
	for f := range l.outputs.Len() {
		w := l.window(f)
		for y := w.top; y < w.bottom; y++ {
			for x := w.left; x < w.right; x++ {
				kernel.Axpy(l.dx.Row(w.channel+y*l.in[2]+x), scale, dy.Row(f))
			}
		}
	}
	return l.dx
}

// GlobalAveragePool is the mean of every channel, (C, H, W) to (C) (Lin, Chen &
// Yan 2014, arXiv:1312.4400, section 3.2).
type GlobalAveragePool struct{}

func (GlobalAveragePool) spec() string { return "globalaveragepool" }

type globalAveragePool[T Float] struct {
	weightless
	in, outputs Shape
	scale       [1]T // 1/(H*W)
	y, dx       Tensor[T]
}

func newGlobalAveragePool[T Float](in Shape) (*globalAveragePool[T], error) {
	if _, _, err := slide(in, 1, 1, 0); err != nil {
		return nil, err
	}
	return &globalAveragePool[T]{in: in, outputs: in[:1:1], scale: [1]T{1 / T(in[1]*in[2])}}, nil
}

func (l *globalAveragePool[T]) out() Shape { return l.outputs }

// forward is a product with a row of weights that are all the same.
func (l *globalAveragePool[T]) forward(_ Pass, _ []T, x Tensor[T]) Tensor[T] {
	positions := l.in[1] * l.in[2]
	l.y.resize(l.outputs, x.N, paddedStride[T](x.N))
	for c := range l.outputs[0] {
		kernel.Gemm(1, x.N, positions, l.y.Row(c), x.N, l.scale[:], 0, 0, x.Data[c*positions*x.Stride:], x.Stride, nil, false)
	}
	return l.y
}

func (l *globalAveragePool[T]) backward(_, _ []T, dy Tensor[T], wanted bool) Tensor[T] {
	if !wanted {
		return Tensor[T]{}
	}
	positions := l.in[1] * l.in[2]
	l.dx.resize(l.in, dy.N, strideOf[T](l.in, dy.N))
	for c := range l.outputs[0] {
		first := l.dx.Row(c * positions)
		copy(first, dy.Row(c))
		kernel.Scale(first, l.scale[0])
		for p := 1; p < positions; p++ {
			copy(l.dx.Row(c*positions+p), first)
		}
	}
	return l.dx
}
