package network

import (
	"fmt"
	"math/rand/v2"

	"github.com/joust-bench/joust/network/initializer"
	"github.com/joust-bench/joust/network/kernel"
)

// dense computes z = W x + b with W [out][in] before b [out]. Its gradients are
// dW = dz x', db = the row sums of dz, dx = W' dz, summed over the batch as the
// loss that sent dz weighs it.
type dense[T Float] struct {
	gradient[T]
	spec    Dense
	in      int
	init    initializer.Func
	outputs Shape
	x       Tensor[T] // the last input, not its own
	z       Tensor[T]
	dz      Tensor[T] // the last gradient of z, not its own
	rows    []T       // x, example by example, ldr apart: its own, or in xt
	ldr     int
	xt      *[]T // shared as the gradient is
}

func newDense[T Float](in Shape, s Dense) (*dense[T], error) {
	if len(in) != 1 {
		return nil, fmt.Errorf("want a vector, got %v", in)
	}
	if s.Out < 1 {
		return nil, fmt.Errorf("out is %d, want at least 1", s.Out)
	}
	if s.Out > maxLen/in[0] {
		return nil, fmt.Errorf("%d x %d weights, want at most %d", s.Out, in[0], maxLen)
	}
	if !finite(s.Gain) {
		return nil, fmt.Errorf("gain is %v, want a finite number", s.Gain)
	}
	if !(s.BiasStd >= 0) || !finite(s.BiasStd) {
		return nil, fmt.Errorf("bias_std is %v, want a finite number of at least 0", s.BiasStd)
	}
	if !finite(s.Bias) || s.NoBias && s.Bias != 0 {
		return nil, fmt.Errorf("bias is %v, want a finite number, and none with no_bias", s.Bias)
	}
	init, err := namedOr(s.Init, "xavier-uniform")
	if err != nil {
		return nil, err
	}
	if s.Gain == 0 {
		s.Gain = 1
	}
	l := &dense[T]{spec: s, in: in[0], init: init, outputs: Shape{s.Out}, xt: new([]T)}
	l.share(new([]T)) // inside another layer nobody else does
	return l, nil
}

func (l *dense[T]) out() Shape { return l.outputs }

func (l *dense[T]) matrix() initializer.Shape { return initializer.Shape{Out: l.spec.Out, In: l.in} }

func (l *dense[T]) blocks() []Block {
	out, size := l.spec.Out, l.spec.Out*l.in
	b := []Block{{Name: "w", Len: size, Rows: out, FanIn: l.in, Scale: max(l.spec.Gain, -l.spec.Gain) * l.init.Std(l.matrix())}}
	if !l.spec.NoBias {
		b = append(b, Block{Name: "b", Off: size, Len: out, Rows: out, Scale: l.spec.BiasStd})
	}
	return b
}

func (l *dense[T]) initialize(w []float64, rng *rand.Rand) {
	m := l.matrix()
	matrix := w[:m.Len()]
	l.init.Fill(matrix, m, rng)
	for i := range matrix {
		matrix[i] *= l.spec.Gain
	}
	bias := w[m.Len():] // none without one
	for i := range bias {
		bias[i] = l.spec.Bias
		if l.spec.BiasStd > 0 {
			bias[i] += float64(l.spec.BiasStd * rng.NormFloat64())
		}
	}
}

func (l *dense[T]) forward(_ Pass, w []T, x Tensor[T]) Tensor[T] {
	in, out := l.in, l.spec.Out
	l.x = x
	l.z.resize(l.outputs, x.N, paddedStride[T](x.N))
	var bias []T
	if !l.spec.NoBias {
		bias = w[in*out:]
	}
	kernel.Gemm(out, x.N, in, l.z.Data, l.z.Stride, w, in, 1, x.Data, x.Stride, bias, false)
	return l.z
}

// backward leaves the gradient of the weights for later if dw is nil (deltas.go).
func (l *dense[T]) backward(w, dw []T, dz Tensor[T], wanted bool) Tensor[T] {
	in, out, n := l.in, l.spec.Out, dz.N
	l.dz = dz
	l.rows, l.ldr = l.x.Examples, l.x.ExampleStride
	if l.rows == nil {
		l.ldr = paddedStride[T](in)
		*l.xt = grow(*l.xt, n*l.ldr)
		l.rows = *l.xt
		kernel.Transpose(l.rows, l.ldr, l.x.Data, l.x.Stride, in, n)
	}
	if dw != nil {
		l.weightGradient(dw[:in*out], dw[in*out:], 0, out, true)
	}
	if !wanted {
		return Tensor[T]{}
	}
	l.room(l.x.Shape, n)
	kernel.Gemm(in, n, out, l.dx.Data, l.dx.Stride, w, 1, in, dz.Data, dz.Stride, nil, false)
	return l.dx
}

// wideGradient is weightGradient of the matrix alone, in float64: what dw has, added
// to if add is set, and changed to anything.
func (l *dense[T]) wideGradient(wide []float64, dw []T, lo, hi int, add bool) {
	dz := l.dz.Data[lo*l.dz.Stride:]
	kernel.GemmWide(hi-lo, l.in, l.dz.N, wide, l.in, dw, l.in, dz, l.dz.Stride, 1, l.rows, l.ldr, add)
}

// weightGradient sets dw, or adds to it, and db if there is a bias, the gradient with
// respect to rows lo to hi of W and to their biases, of what backward was given.
func (l *dense[T]) weightGradient(dw, db []T, lo, hi int, add bool) {
	dz := l.dz.Data[lo*l.dz.Stride:]
	kernel.Gemm(hi-lo, l.in, l.dz.N, dw, l.in, dz, l.dz.Stride, 1, l.rows, l.ldr, nil, add)
	l.biasGradient(db, lo, hi, add)
}

// biasGradient adds up some examples after others, however many there are, so that
// cutting a minibatch between them does not change the sum.
func (l *dense[T]) biasGradient(db []T, lo, hi int, add bool) {
	if l.spec.NoBias {
		return
	}
	for j := 0; j < l.dz.N; j += biasExamples {
		kernel.RowSums(db, l.dz.Data[lo*l.dz.Stride+j:], l.dz.Stride, hi-lo, min(biasExamples, l.dz.N-j), add || j > 0)
	}
}

// namedOr is the initializer of that name, or if that is empty the usual one.
func namedOr(name, usual string) (initializer.Func, error) {
	if name == "" {
		name = usual
	}
	return initializer.ByName(name)
}
