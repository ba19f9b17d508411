package network

import (
	"fmt"

	"github.com/joust-bench/joust/network/kernel"
)

// Dropout sets each value to 0 with probability Rate in mode [Train], and divides
// the others by 1-Rate, so that the expectation stays (Srivastava et al. 2014, JMLR
// 15:1929-1958, with the factor in training). In the other modes it is the
// identity.
//
// Which values, is a function of the [Pass]'s seed and step, the layer, the
// example and the value: the same for all the candidates of a step, however the
// minibatch is cut.
type Dropout struct {
	// Rate is from 0 to less than 1, to the nearest multiple of 2^-16.
	Rate float64 `json:"rate" doc:"share that is left out, from 0 to less than 1"`
}

func (Dropout) spec() string { return "dropout" }

type dropout[T Float] struct {
	weightless
	gradient[T]
	shape  Shape
	number int    // of the layer
	drop   uint64 // of 2^16
	pass   Pass   // the last one
	y      Tensor[T]
}

func newDropout[T Float](in Shape, s Dropout, number int) (*dropout[T], error) {
	if !(s.Rate >= 0 && s.Rate < 1) {
		return nil, fmt.Errorf("rate is %v, want from 0 to less than 1", s.Rate)
	}
	drop := min(uint64(s.Rate*kernel.DropoutParts+0.5), kernel.DropoutParts-1)
	return &dropout[T]{shape: in, number: number, drop: drop}, nil
}

func (l *dropout[T]) out() Shape { return l.shape }

func (l *dropout[T]) forward(p Pass, _ []T, x Tensor[T]) Tensor[T] {
	l.pass = p
	if !l.acts() {
		return x
	}
	l.y.resize(l.shape, x.N, strideOf[T](l.shape, x.N))
	l.y.Lens = x.Lens
	l.mask(l.y, x)
	return l.y
}

func (l *dropout[T]) acts() bool { return l.pass.Mode == Train && l.drop > 0 }

// mask is the forward pass, and for gradients the backward pass.
func (l *dropout[T]) mask(dst, src Tensor[T]) {
	for f := range l.shape.Len() {
		kernel.Dropout(dst.Row(f), src.Row(f), l.pass.key(l.number, f), l.pass.First, l.drop)
	}
}

func (l *dropout[T]) backward(_, _ []T, dy Tensor[T], wanted bool) Tensor[T] {
	if !wanted {
		return Tensor[T]{}
	}
	l.room(l.shape, dy.N)
	if l.acts() {
		l.mask(l.dx, dy)
	} else {
		copyRows(l.dx, dy)
	}
	return l.dx
}

// copyRows copies the values of src, of the same shape and as many examples, to
// dst.
func copyRows[T Float](dst, src Tensor[T]) {
	for f := range dst.Shape.Len() {
		copy(dst.Row(f), src.Row(f))
	}
}

// key selects the random numbers of one value of one layer, for all examples.
func (p Pass) key(layer, value int) uint64 {
	return kernel.Mix(kernel.Mix(kernel.Mix(p.Seed, uint64(p.Step)), uint64(layer)), uint64(value))
}
