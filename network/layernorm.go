package network

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/joust-bench/joust/network/kernel"
)

// LayerNorm normalises every example by itself, over its features, then scales
// by gamma and shifts by beta, both weights (Ba, Kiros & Hinton 2016,
// arXiv:1607.06450):
//
//	xhat = (x - mean) / sqrt(variance + eps)    y = gamma*xhat + beta
//
// A vector (F) has a gamma and a beta for each of its F values. A sequence (T, F)
// is normalised step by step, over the F values of the step, with the F gammas
// and betas that all steps share. An image (C, H, W) is normalised over all its
// values, with a gamma and a beta for each channel, so that positions are treated
// alike (group normalisation with one group, Wu & He 2018, arXiv:1803.08494).
//
// Examples do not see each other, and there are no statistics to fix: all modes
// compute the same. Steps after the end of a sequence are 0, and not read.
type LayerNorm struct {
	Eps float64 `json:"eps,omitempty" doc:"added to the variance; 0: 1e-5"`
}

func (LayerNorm) spec() string { return "layernorm" }

// layerNorm transposes the values of a step, so that those of an example are a
// row, which the kernels of batch normalisation know how to normalise.
type layerNorm[T Float] struct {
	gradient[T]
	applied[T]
	in        Shape
	eps       T
	steps     int
	features  int // of a step, with a gamma and a beta each
	positions int // values of a feature

	y      Tensor[T]
	xhat   Tensor[T]
	invstd []T // [T][N]
	lens   []int

	// Of one step at a time.
	rows, drows []T // [N][values]: what is transposed
	dxhat       []T // [values][N]
	mean        []T // [N]
	zeros, ones []T // statistics and weights that change nothing
	sums        []T // [N]: what nobody wants to know
}

func newLayerNorm[T Float](in Shape, s LayerNorm) (*layerNorm[T], error) {
	if s.Eps < 0 || !finite(s.Eps) {
		return nil, fmt.Errorf("eps is %v, want a positive number", s.Eps)
	}
	if s.Eps == 0 {
		s.Eps = 1e-5
	}
	l := &layerNorm[T]{in: in, eps: T(s.Eps), steps: 1, features: in[0], positions: 1}
	switch len(in) {
	case 1:
	case 2:
		l.steps, l.features = in[0], in[1]
	case 3:
		l.positions = in[1] * in[2]
	default:
		return nil, fmt.Errorf("want a vector (F), a sequence (T, F) or an image (C, H, W), got %v", in)
	}
	if l.values() < 2 {
		return nil, fmt.Errorf("want at least 2 values to normalise over, got %v", in)
	}
	return l, nil
}

func (l *layerNorm[T]) out() Shape { return l.in }

// values is the number that is normalised over.
func (l *layerNorm[T]) values() int { return l.features * l.positions }

func (l *layerNorm[T]) blocks() []Block {
	f := l.features
	return []Block{{Name: "gamma", Len: f, Rows: f}, {Name: "beta", Off: f, Len: f, Rows: f}}
}

func (l *layerNorm[T]) initialize(w []float64, _ *rand.Rand) {
	for i := range l.features {
		w[i] = 1 // gamma
	}
}

// reserve makes room for n examples. It returns the distance between two values
// of an example in rows, and between two examples in the tensors.
func (l *layerNorm[T]) reserve(n int) (ld, stride int) {
	ld, stride = paddedStride[T](l.values()), strideOf[T](l.in, n)
	l.rows, l.drows = grow(l.rows, n*ld), grow(l.drows, n*ld)
	l.invstd, l.mean, l.sums = grow(l.invstd, l.steps*n), grow(l.mean, n), grow(l.sums, n)
	if most := max(n, l.features); len(l.ones) < most {
		l.zeros, l.ones = make([]T, most), slices.Repeat([]T{1}, most)
	}
	return ld, stride
}

func (l *layerNorm[T]) forward(_ Pass, w []T, x Tensor[T]) Tensor[T] {
	n, m, values := x.N, l.features, l.values()
	ld, stride := l.reserve(n)
	l.lens = x.Lens
	l.xhat.resize(l.in, n, stride)
	l.y.resize(l.in, n, stride)
	l.y.Lens = x.Lens
	for t := range l.steps {
		at := t * values * stride
		kernel.Transpose(l.rows, ld, x.Data[t*values*x.Stride:], x.Stride, values, n)
		l.silenceRows(l.rows, ld, t)
		kernel.BatchNorm(l.rows, l.rows, ld, n, values, l.ones, l.zeros, l.eps, l.mean, l.invstd[t*n:][:n])
		kernel.Transpose(l.xhat.Data[at:], stride, l.rows, ld, n, values)
		y, columns := l.y.Data[at:], l.positions*n
		kernel.BatchNormInfer(y, l.xhat.Data[at:], l.positions*stride, m, columns, w[:m], w[m:], l.zeros, l.ones)
		l.silence(y, stride, t)
		for i := range m {
			l.finish(y[i*l.positions*stride:][:columns])
		}
	}
	return l.y
}

func (l *layerNorm[T]) backward(w, dw []T, dy Tensor[T], wanted bool) Tensor[T] {
	n, m, values := dy.N, l.features, l.values()
	ld, stride := l.reserve(n)
	l.dxhat = grow(l.dxhat, values*stride)
	if wanted {
		l.room(l.in, n)
	}
	for t := range l.steps {
		xhat, columns := l.xhat.Data[t*values*stride:], l.positions*n
		for f := range values {
			copy(l.dxhat[f*stride:][:n], dy.Row(t*values+f))
		}
		l.silence(l.dxhat, stride, t)
		kernel.RowDots(dw[:m], l.dxhat, l.positions*stride, xhat, l.positions*stride, m, columns, true)
		kernel.RowSums(dw[m:], l.dxhat, l.positions*stride, m, columns, true)
		if !wanted {
			continue
		}
		for i := range m {
			kernel.Scale(l.dxhat[i*l.positions*stride:][:columns], w[i])
		}
		kernel.Transpose(l.drows, ld, l.dxhat, stride, values, n)
		kernel.Transpose(l.rows, ld, xhat, stride, values, n)
		// xhat is its own xhat, and invstd what multiplies the gradient.
		kernel.BatchNormGrad(l.drows, l.sums, l.sums, l.drows, l.rows, ld, n, values, l.invstd[t*n:][:n], l.zeros, l.ones)
		kernel.Transpose(l.dx.Data[t*values*l.dx.Stride:], l.dx.Stride, l.drows, ld, n, values)
	}
	if !wanted {
		return Tensor[T]{}
	}
	return l.dx
}

// silence sets the values of step t to 0 in the examples that have ended.
func (l *layerNorm[T]) silence(x []T, stride, t int) {
	for i, n := range l.lens {
		for f := 0; n <= t && f < l.values(); f++ {
			x[f*stride+i] = 0
		}
	}
}

// silenceRows is silence for transposed values.
func (l *layerNorm[T]) silenceRows(x []T, ld, t int) {
	for i, n := range l.lens {
		if n <= t {
			clear(x[i*ld:][:l.values()])
		}
	}
}
