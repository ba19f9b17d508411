package network

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/joust-bench/joust/network/kernel"
)

// batchNorm computes xhat = (x - mean)/sqrt(variance + eps) for each feature,
// or channel, and y = gamma*xhat + beta (Ioffe & Szegedy 2015,
// arXiv:1502.03167, algorithm 1). The statistics are those of the minibatch,
// with the biased variance, and in Infer those of the last Calibrate, with the
// unbiased one (algorithm 2, step 10).
type batchNorm[T Float] struct {
	gradient[T]
	applied[T]
	in        Shape
	eps       T
	features  int // with statistics of their own
	positions int // values of a feature in one example

	x            Tensor[T] // the last input, not its own unless it is xs
	y            Tensor[T]
	xs, dys      Tensor[T] // copies of arguments with another stride
	mean, invstd []T       // of the last minibatch
	learns       bool      // the last forward used those
	xhat         []T       // of one feature, when it did not

	skipped skipped[T]   // for the next forward
	above   *activate[T] // whose gradient the next backward begins with; nil: none

	calibrated             bool
	fixedMean, fixedInvstd []T // mean and 1/standard deviation of the last Calibrate
}

func newBatchNorm[T Float](in Shape, s BatchNorm) (*batchNorm[T], error) {
	if s.Eps < 0 || !finite(s.Eps) {
		return nil, fmt.Errorf("eps is %v, want a positive number", s.Eps)
	}
	if s.Eps == 0 {
		s.Eps = 1e-5
	}
	l := &batchNorm[T]{in: in, eps: T(s.Eps), features: in[0], positions: 1}
	switch len(in) {
	case 1:
	case 3:
		l.positions = in[1] * in[2]
	default:
		return nil, fmt.Errorf("want a vector (F) or an image (C, H, W), got %v", in)
	}
	return l, nil
}

func (l *batchNorm[T]) out() Shape { return l.in }

func (l *batchNorm[T]) blocks() []Block {
	f := l.features
	return []Block{{Name: "gamma", Len: f, Rows: f}, {Name: "beta", Off: f, Len: f, Rows: f}}
}

func (l *batchNorm[T]) initialize(w []float64, _ *rand.Rand) {
	for i := range l.features {
		w[i] = 1 // gamma
	}
}

// strideOf is the stride of n examples of shape s. The values of a channel of an
// image are one row, its positions one after another, which leaves no room for
// padding.
func strideOf[T Float](s Shape, n int) int {
	if len(s) == 3 && s[1]*s[2] > 1 {
		return n
	}
	return paddedStride[T](n)
}

// aligned returns x with that stride: x itself, or a copy in buf.
func (l *batchNorm[T]) aligned(buf *Tensor[T], x Tensor[T]) Tensor[T] {
	stride := strideOf[T](l.in, x.N)
	if x.Stride == stride {
		return x
	}
	buf.resize(l.in, x.N, stride)
	for f := range l.in.Len() {
		copy(buf.Row(f), x.Row(f))
	}
	return *buf
}

// normCache is the number of values of whole channels that are normalised before
// the activation is applied to them.
const normCache = 1 << 15

func (l *batchNorm[T]) forward(p Pass, w []T, x Tensor[T]) Tensor[T] {
	m, n := l.features, l.positions*x.N
	gamma, beta := w[:m], w[m:]
	x = l.aligned(&l.xs, x)
	ld := l.positions * x.Stride
	l.y.resize(l.in, x.N, x.Stride)
	l.x = x
	l.learns = p.Mode != Infer
	if !l.learns {
		if !l.calibrated {
			panic("network: a batch norm has to be calibrated before Infer: Forward once in mode Calibrate")
		}
		kernel.BatchNormInfer(l.y.Data, x.Data, ld, m, n, gamma, beta, l.fixedMean, l.fixedInvstd)
		l.finishRows(0, m, n)
		return l.y
	}
	if n < 2 {
		panic("network: a batch norm needs a minibatch of at least 2 examples, got 1: its output would not depend on the input")
	}
	l.mean, l.invstd = grow(l.mean, m), grow(l.invstd, m)
	// A few channels at a time, which stay in the cache for the activation.
	step := max(1, min(m, normCache/n))
	for i := 0; i < m; i += step {
		rows := min(step, m-i)
		kernel.BatchNorm(l.y.Data[i*ld:], x.Data[i*ld:], ld, rows, n, gamma[i:], beta[i:], l.eps, l.mean[i:], l.invstd[i:])
		l.finishRows(i, i+rows, n)
	}
	if p.Mode == Calibrate {
		l.calibrate(n)
	}
	return l.y
}

// finishRows does what is to be done to rows of n outputs while they are in the cache
// (fuse.go).
func (l *batchNorm[T]) finishRows(lo, hi, n int) {
	ld := l.positions * l.y.Stride
	for r := lo; r < hi; r++ {
		y := l.y.Data[r*ld:][:n]
		if s := &l.skipped; s.x.Data != nil {
			kernel.Sum2(y, s.x.Data[r*ld:][:n], y, s.scale)
			s.then.finish(y)
		}
		l.finish(y)
	}
}

// calibrate keeps the mean and the unbiased variance of n values,
// v*n/(n-1) + eps = (1/invstd² - eps)*n/(n-1) + eps.
func (l *batchNorm[T]) calibrate(n int) {
	unbias := float64(n) / float64(n-1)
	l.fixedMean, l.fixedInvstd = grow(l.fixedMean, l.features), grow(l.fixedInvstd, l.features)
	for i, s := range l.invstd {
		eps := float64(l.eps)
		biased := max(0, 1/(float64(s)*float64(s))-eps)
		l.fixedInvstd[i] = T(1 / math.Sqrt(math.FMA(biased, unbias, eps)))
	}
	copy(l.fixedMean, l.mean)
	l.calibrated = true
}

func (l *batchNorm[T]) backward(w, dw []T, dy Tensor[T], _ bool) Tensor[T] {
	m, n := l.features, l.positions*dy.N
	dy = l.aligned(&l.dys, dy)
	l.room(l.in, dy.N)
	ld := l.positions * dy.Stride
	for i := range m {
		row := func(t Tensor[T]) []T { return t.Data[i*ld:][:n] }
		dx, d := row(l.dx), row(dy)
		if a := l.above; a != nil {
			a.kernel.Grad(dx, d, row(a.z), row(a.y))
			d = dx
		}
		if l.learns {
			kernel.BatchNormGrad(dx, dw[i:], dw[m+i:], d, row(l.x), n, 1, n, w[i:], l.mean[i:], l.invstd[i:])
		} else {
			l.constant(i, w, dw, dx, d)
		}
	}
	l.above = nil
	return l.dx
}

// constant is backward of feature i with statistics that do not depend on the inputs.
func (l *batchNorm[T]) constant(i int, w, dw, dx, dy []T) {
	m, n := l.features, len(dy)
	l.xhat = grow(l.xhat, n)
	one, zero := [...]T{1}, [...]T{0}
	kernel.BatchNormInfer(l.xhat, l.x.Data[i*l.positions*l.x.Stride:], n, 1, n, one[:], zero[:], l.fixedMean[i:], l.fixedInvstd[i:])
	kernel.RowDots(dw[i:], dy, n, l.xhat, n, 1, n, true)
	kernel.RowSums(dw[m+i:], dy, n, 1, n, true)
	copy(dx, dy)
	kernel.Scale(dx, w[i]*l.fixedInvstd[i])
}

func (l *batchNorm[T]) copyCalibration(from layer[T]) {
	f := from.(*batchNorm[T])
	l.calibrated = f.calibrated
	l.fixedMean = append(l.fixedMean[:0], f.fixedMean...)
	l.fixedInvstd = append(l.fixedInvstd[:0], f.fixedInvstd...)
}
