package network

import (
	"fmt"

	"github.com/joust-bench/joust/network/kernel"
)

// CReLU is a rectifier that keeps both signs, max(z, 0) and then max(-z, 0): (F) to
// (2F), images (C, H, W) to (2C, H, W), and every step of a sequence, (T, F) to
// (T, 2F) (Shang et al. 2016, arXiv:1603.05201). With weights drawn by the
// initializer "looks-linear" the layer above sees z itself at first (Balduzzi et al.
// 2017, arXiv:1702.08591).
type CReLU struct{}

func (CReLU) spec() string { return "crelu" }

// crelu computes [CReLU]. The derivative at 0 is 0 for both halves.
type crelu[T Float] struct {
	weightless
	gradient[T]
	in, outputs Shape
	groups      int // steps, each with the two halves of its own
	rows        int // values of a half
	y           Tensor[T]
	negative    []T // the gradient through the second half, of one row
}

func newCReLU[T Float](in Shape) (*crelu[T], error) {
	l := &crelu[T]{in: in, outputs: append(Shape{}, in...), groups: 1, rows: in.Len()}
	doubled := 0
	switch len(in) {
	case 1, 3:
	case 2:
		doubled, l.groups, l.rows = 1, in[0], in[1]
	default:
		return nil, fmt.Errorf("want a vector (F), a sequence (T, F) or an image (C, H, W), got %v", in)
	}
	l.outputs[doubled] *= 2
	if err := checkShape(l.outputs); err != nil {
		return nil, err
	}
	return l, nil
}

func (l *crelu[T]) out() Shape { return l.outputs }

// halves calls f with the row of every input, and the two of outputs that it makes.
func (l *crelu[T]) halves(f func(in, positive, negative int)) {
	for g := range l.groups {
		for r := range l.rows {
			f(g*l.rows+r, 2*g*l.rows+r, (2*g+1)*l.rows+r)
		}
	}
}

func (l *crelu[T]) forward(_ Pass, _ []T, x Tensor[T]) Tensor[T] {
	l.y.resize(l.outputs, x.N, strideOf[T](l.outputs, x.N))
	l.y.Lens = x.Lens
	l.halves(func(in, positive, negative int) {
		kernel.ReLU(l.y.Row(positive), x.Row(in))
		row := l.y.Row(negative)
		copy(row, x.Row(in))
		kernel.Scale(row, -1)
		kernel.ReLU(row, row)
	})
	return l.y
}

func (l *crelu[T]) backward(_, _ []T, dy Tensor[T], wanted bool) Tensor[T] {
	if !wanted {
		return Tensor[T]{}
	}
	l.room(l.in, dy.N)
	l.negative = grow(l.negative, dy.N)
	l.halves(func(in, positive, negative int) {
		dx := l.dx.Row(in)
		kernel.ReLUGrad(dx, dy.Row(positive), l.y.Row(positive))
		kernel.ReLUGrad(l.negative, dy.Row(negative), l.y.Row(negative))
		kernel.Sum2(dx, dx, l.negative, -1)
	})
	return l.dx
}
