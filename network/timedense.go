package network

import (
	"fmt"
	"math/rand/v2"

	"github.com/joust-bench/joust/network/kernel"
)

// TimeDense is [Dense] at every step of a sequence, with the same weights, (T, F) to
// (T, Out): z = W x + b, with W [Out][F] before b [Out] in the weights. After the end
// of a sequence ([Tensor.Lens]) outputs are 0, and neither inputs nor output gradients
// are read.
type TimeDense struct {
	Out    int     `json:"out"`
	Init   string  `json:"init,omitempty"`    // as in [Dense]
	Gain   float64 `json:"gain,omitempty"`    // as in [Dense]
	NoBias bool    `json:"no_bias,omitempty"` // leaves b out
}

func (TimeDense) spec() string { return "time-dense" }

// timeDense is a product for each step.
type timeDense[T Float] struct {
	dense   *dense[T] // has the weights
	in      Shape
	outputs Shape
	x       Tensor[T] // the last input, not its own
	y, dx   Tensor[T]
	reached int // steps of the longest sequence
	ld      int
	own, dy []T // of one step: inputs, and gradients of outputs
	xt      []T // the inputs of one step transposed
}

func newTimeDense[T Float](in Shape, s TimeDense) (*timeDense[T], error) {
	if len(in) != 2 {
		return nil, fmt.Errorf("want a sequence, (T, F), got %v", in)
	}
	d, err := newDense[T](in[1:], Dense(s))
	if err != nil {
		return nil, err
	}
	l := &timeDense[T]{dense: d, in: in, outputs: Shape{in[0], s.Out}}
	return l, checkShape(l.outputs)
}

func (l *timeDense[T]) out() Shape { return l.outputs }

func (l *timeDense[T]) blocks() []Block { return l.dense.blocks() }

func (l *timeDense[T]) initialize(w []float64, rng *rand.Rand) { l.dense.initialize(w, rng) }

func (l *timeDense[T]) forward(_ Pass, w []T, x Tensor[T]) Tensor[T] {
	in, out := l.in[1], l.outputs[1]
	l.x, l.reached, l.ld = x, x.longest(l.in[0]), paddedStride[T](x.N)
	l.own, l.dy = grow(l.own, in*l.ld), grow(l.dy, out*l.ld)
	l.y.resize(l.outputs, x.N, l.ld)
	l.y.Lens = x.Lens
	var bias []T
	if !l.dense.spec.NoBias {
		bias = w[in*out:]
	}
	for t := range l.reached {
		y := l.y.Data[t*out*l.ld:]
		kernel.Gemm(out, x.N, in, y, l.ld, w, in, 1, l.gather(l.own, x, t, in), l.ld, bias, false)
		l.silence(y, out, t)
	}
	clear(l.y.Data[l.reached*out*l.ld:])
	return l.y
}

func (l *timeDense[T]) backward(w, dw []T, dy Tensor[T], wanted bool) Tensor[T] {
	in, out, n := l.in[1], l.outputs[1], dy.N
	stride := paddedStride[T](in)
	l.xt = grow(l.xt, n*stride)
	if wanted {
		l.dx.resize(l.in, n, l.ld)
		clear(l.dx.Data[l.reached*in*l.ld:])
	}
	for t := range l.reached {
		l.gather(l.dy, dy, t, out)
		kernel.Transpose(l.xt, stride, l.gather(l.own, l.x, t, in), l.ld, in, n)
		kernel.Gemm(out, in, n, dw, in, l.dy, l.ld, 1, l.xt, stride, nil, true)
		if !l.dense.spec.NoBias {
			kernel.RowSums(dw[in*out:], l.dy, l.ld, out, n, true)
		}
		if wanted {
			kernel.Gemm(in, n, out, l.dx.Data[t*in*l.ld:], l.ld, w, 1, in, l.dy, l.ld, nil, false)
		}
	}
	if !wanted {
		return Tensor[T]{}
	}
	return l.dx
}

// gather brings the rows of step t of x into dst, with 0 for what has ended.
func (l *timeDense[T]) gather(dst []T, x Tensor[T], t, rows int) []T {
	for f := range rows {
		copy(dst[f*l.ld:], x.Row(t*rows+f))
	}
	l.silence(dst, rows, t)
	return dst
}

// silence sets rows to 0 in the examples that have ended before step t.
func (l *timeDense[T]) silence(x []T, rows, t int) {
	for i, n := range l.x.Lens {
		for f := 0; f < rows && n <= t; f++ {
			x[f*l.ld+i] = 0
		}
	}
}
