package network

import (
	"math/rand/v2"

	"github.com/joust-bench/joust/network/kernel"
)

// TimeDense is [Dense] at every step of a sequence, with the same weights, (T, F) to
// (T, Out): z = W x + b, with W [Out][F] before b [Out] in the weights. After the end
// of a sequence ([Tensor.Lens]) outputs are 0, and neither inputs nor output gradients
// are read.
type TimeDense struct {
	Out int `json:"out" doc:"units"`
	// Init names the initializer of W; empty: "xavier-uniform".
	Init string `json:"init,omitempty" doc:"initializer; empty: xavier-uniform"`
	// Gain multiplies the initial W; 0: 1.
	Gain float64 `json:"gain,omitempty" doc:"multiplies the initial weights; 0: 1"`
	// NoBias leaves b out.
	NoBias bool `json:"no_bias,omitempty" doc:"leave biases out, as before a batchnorm, which cancels them"`
	// Bias and BiasStd are as in [Dense].
	Bias    float64 `json:"bias,omitempty" doc:"what biases start at"`
	BiasStd float64 `json:"bias_std,omitempty" doc:"standard deviation of the initial biases; 0: all are bias"`
}

func (TimeDense) spec() string { return "time-dense" }

// timeDense has a product for each step: the steps lie one after another, so that a
// step is a matrix with the batch in its columns, and all of them are not.
type timeDense[T Float] struct {
	steps[T]
	dense   *dense[T] // the weights
	outputs Shape
	y, dx   Tensor[T]
	dy      []T // [Out][N]: of one step
	xt      []T // [N][F]: the inputs of one step transposed
}

func newTimeDense[T Float](in Shape, s TimeDense) (*timeDense[T], error) {
	l := &timeDense[T]{}
	var err error
	if l.steps, err = newSteps[T](in); err != nil {
		return nil, err
	}
	if l.dense, err = newDense[T](in[1:], Dense(s)); err != nil {
		return nil, err
	}
	l.outputs = Shape{in[0], s.Out}
	return l, checkShape(l.outputs)
}

func (l *timeDense[T]) out() Shape { return l.outputs }

func (l *timeDense[T]) blocks() []Block { return l.dense.blocks() }

func (l *timeDense[T]) initialize(w []float64, rng *rand.Rand) { l.dense.initialize(w, rng) }

func (l *timeDense[T]) forward(_ Pass, w []T, x Tensor[T]) Tensor[T] {
	in, out := l.in, l.outputs[1]
	l.begin(x)
	l.y.resize(l.outputs, x.N, l.ld)
	l.y.Lens = x.Lens
	var bias []T
	if !l.dense.spec.NoBias {
		bias = w[in*out:]
	}
	for t := range l.reached {
		y := l.y.Data[t*out*l.ld:]
		inputs, ld := l.inputs(t)
		kernel.Gemm(out, x.N, in, y, l.ld, w, in, 1, inputs, ld, bias, false)
		l.silence(y, t, out)
	}
	clear(l.y.Data[l.reached*out*l.ld:])
	return l.y
}

func (l *timeDense[T]) backward(w, dw []T, dy Tensor[T], wanted bool) Tensor[T] {
	in, out, n := l.in, l.outputs[1], dy.N
	stride := paddedStride[T](in)
	l.dy, l.xt = grow(l.dy, out*l.ld), grow(l.xt, n*stride)
	if wanted {
		l.dx.resize(l.x.Shape, n, l.ld)
		clear(l.dx.Data[l.reached*in*l.ld:])
	}
	for t := range l.reached {
		l.gather(l.dy, dy, t, out, out)
		inputs, ld := l.inputs(t)
		kernel.Transpose(l.xt, stride, inputs, ld, in, n)
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
