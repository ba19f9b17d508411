package network

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/joust-bench/joust/network/kernel"
)

// LSTM1997 is a layer of long short-term memory as it was first published, (T, F) to
// (T, Blocks*Size) (Hochreiter & Schmidhuber 1997, doi:10.1162/neco.1997.9.8.1735):
// without a forget gate, so that a state is never lost and never let go, and with
// blocks of Size cells that share an input and an output gate. Every step sees the
// inputs x of the step, and u, the activations of all gates and cells of the step
// before, starting at 0:
//
//	i, o = sigmoid(W [x, u] + b)    z = W [x, u] + b
//	c = c + i*g(z)                  y = o*h(c)
//
// with g(z) = 4*sigmoid(z) - 2, from -2 to 2, and h(c) = 2*sigmoid(c) - 1, from -1 to
// 1. The outputs are y, block after block.
//
// The weights are W [R][F+R] for the R = Blocks*(2+Size) units, the rows of the input
// gates before those of the output gates and of the cells, and its columns x before
// the units in the same order, then b [R].
//
// Sequences that are shorter than T are as those of [LSTM].
type LSTM1997 struct {
	Blocks int `json:"blocks" doc:"memory blocks"`
	Size   int `json:"size,omitempty" doc:"cells of a block; 0: 1"`
	// Range is that of the initial W, uniform from -Range to Range; 0: 0.1.
	Range float64 `json:"range,omitempty" doc:"initial weights are uniform within plus and minus it; 0: 0.1"`
	// InputBias is the initial bias of the first block's input gate, and that of
	// each next block is InputStep further, so that blocks take up their work one
	// after another: -3 and -3 are the paper's -3, -6, ..., and -1 and -2 its -1, -3,
	// -5. Likewise of the output gates: -2 and -2. Those of the cells start at 0.
	InputBias  float64 `json:"input_bias,omitempty" doc:"initial bias of the first block's input gate"`
	InputStep  float64 `json:"input_step,omitempty" doc:"added to it for each further block"`
	OutputBias float64 `json:"output_bias,omitempty" doc:"initial bias of the first block's output gate"`
	OutputStep float64 `json:"output_step,omitempty" doc:"added to it for each further block"`
	// Truncated is the learning rule of the paper: errors that arrive at the net
	// inputs of gates and cells change weights, and go no further back in time
	// (appendix A.1). Only c carries an error, by a factor of 1 a step.
	Truncated bool `json:"truncated,omitempty" doc:"only the cell state carries errors back in time, as in the paper"`
}

func (LSTM1997) spec() string { return "lstm1997" }

// lstm1997 is the layer. It computes g and h as 2*tanh(z/2) and tanh(c/2), which they
// are, without the loss of digits near 0. With e the gradient with respect to the
// activations of a step, and sums over the cells of a block, its gradient is
//
//	dzo = (eo + sum ey*h) * (o*(1-o))    dc = dc + ey*o * (1-h^2)/2
//	dzi = (ei + sum dc*g) * (i*(1-i))    dz = dc*i * (1-(g/2)^2)
type lstm1997[T Float] struct {
	steps[T]
	stepWatch[T]
	spec    LSTM1997
	units   int
	outputs Shape

	y, dx Tensor[T]
	work  []T // holds the rest

	// Of every step.
	u     []T // [T][R][N]: the activations
	halfG []T // [T][H][N]: g/2
	h     []T // [T][H][N]
	c     []T // [T+1][H][N]: before the first step, and after each

	// Of one step at a time.
	e   []T // [R][N]: the gradient of the activations
	dc  []T // [H][N]
	dz  []T // [R][N]
	ldt int // leading dimension of the next two
	dzt []T // [N][R]: dz transposed
	dwt []T // [F+R][R]: dW transposed
	dw  []T // [R][F+R]: dW
}

func newLSTM1997[T Float](in Shape, s LSTM1997) (*lstm1997[T], error) {
	l := &lstm1997[T]{}
	var err error
	if l.steps, err = newSteps[T](in); err != nil {
		return nil, err
	}
	if s.Size == 0 {
		s.Size = 1
	}
	if s.Blocks < 1 || s.Size < 1 || s.Blocks > maxLen/(2+s.Size) {
		return nil, fmt.Errorf("%d blocks of %d cells, want at least 1, and at most %d units", s.Blocks, s.Size, maxLen)
	}
	l.units = s.Blocks * (2 + s.Size)
	if err := checkHidden(l.units, 1, in); err != nil {
		return nil, err
	}
	if s.Range == 0 {
		s.Range = 0.1
	}
	for _, v := range []struct {
		name  string
		value float64
	}{
		{"range", s.Range},
		{"input_bias", s.InputBias},
		{"input_step", s.InputStep},
		{"output_bias", s.OutputBias},
		{"output_step", s.OutputStep},
	} {
		if !finite(v.value) {
			return nil, fmt.Errorf("%s is %v, want a finite number", v.name, v.value)
		}
	}
	if s.Range < 0 {
		return nil, fmt.Errorf("range is %v, want a positive number", s.Range)
	}
	l.spec, l.outputs = s, Shape{in[0], s.Blocks * s.Size}
	return l, nil
}

func (l *lstm1997[T]) out() Shape { return l.outputs }

func (l *lstm1997[T]) blocks() []Block {
	all := l.in + l.units
	return []Block{
		{Name: "w", Len: l.units * all, Rows: l.units, FanIn: all, Scale: l.spec.Range / math.Sqrt(3)},
		{Name: "b", Off: l.units * all, Len: l.units, Rows: l.units},
	}
}

func (l *lstm1997[T]) initialize(w []float64, rng *rand.Rand) {
	size := l.units * (l.in + l.units)
	for i := range size {
		w[i] = l.spec.Range * math.FMA(2, rng.Float64(), -1)
	}
	for b := range l.spec.Blocks {
		w[size+b] = math.FMA(float64(b), l.spec.InputStep, l.spec.InputBias)
		w[size+l.spec.Blocks+b] = math.FMA(float64(b), l.spec.OutputStep, l.spec.OutputBias)
	}
}

func (l *lstm1997[T]) reserve(n int) {
	l.ldt = paddedStride[T](l.units)
	units, cells := l.units*l.ld, l.outputs[1]*l.ld
	l.work = carve(l.work,
		piece[T]{&l.u, l.reached * units},
		piece[T]{&l.halfG, l.reached * cells},
		piece[T]{&l.h, l.reached * cells},
		piece[T]{&l.c, (l.reached + 1) * cells},
		piece[T]{&l.e, units},
		piece[T]{&l.dc, cells},
		piece[T]{&l.dz, units},
		piece[T]{&l.dzt, n * l.ldt},
		piece[T]{&l.dwt, (l.in + l.units) * l.ldt},
		piece[T]{&l.dw, l.units * (l.in + l.units)},
	)
}

func (l *lstm1997[T]) forward(_ Pass, w []T, x Tensor[T]) Tensor[T] {
	n, all := x.N, l.in+l.units
	l.begin(x)
	l.reserve(n)
	l.y.resize(l.outputs, n, l.ld)
	l.y.Lens = x.Lens
	units, cells := l.units*l.ld, l.outputs[1]*l.ld
	clear(l.c[:cells])
	for t := range l.reached {
		u := l.u[t*units:][:units]
		inputs, ld := l.inputs(t)
		kernel.Gemm(l.units, n, l.in, u, l.ld, w, all, 1, inputs, ld, w[l.units*all:], false)
		if t > 0 {
			kernel.Gemm(l.units, n, l.units, u, l.ld, w[l.in:], all, 1, l.u[(t-1)*units:], l.ld, nil, true)
		}
		l.cells(t)
		l.silence(u, t, l.units)
		copy(l.y.Data[t*cells:][:cells], u[units-cells:])
	}
	clear(l.y.Data[l.reached*cells:])
	return l.y
}

// cells makes the net inputs of step t, in u, the activations.
func (l *lstm1997[T]) cells(t int) {
	n, blocks, count := l.x.N, l.spec.Blocks, l.outputs[1]
	u, halfG, h := l.u[t*l.units*l.ld:], l.halfG[t*count*l.ld:], l.h[t*count*l.ld:]
	prev, next := l.c[t*count*l.ld:], l.c[(t+1)*count*l.ld:]
	for gate := range 2 * blocks {
		row := u[gate*l.ld:][:n]
		kernel.Sigmoid(row, row)
	}
	for k := range count {
		at := k * l.ld
		i, o := u[k/l.spec.Size*l.ld:][:n], u[(blocks+k/l.spec.Size)*l.ld:][:n]
		z, g, h := u[(2*blocks+k)*l.ld:][:n], halfG[at:][:n], h[at:][:n]
		prev, next := prev[at:][:n], next[at:][:n]
		kernel.Scale(z, 0.5)
		kernel.Tanh(g, z)
		for j, c := range prev {
			next[j] = c + T(2*i[j]*g[j])
			h[j] = next[j] / 2
		}
		kernel.Tanh(h, h)
		for j := range z {
			z[j] = o[j] * h[j]
		}
	}
}

func (l *lstm1997[T]) backward(w, dw []T, dy Tensor[T], wanted bool) Tensor[T] {
	n, all := dy.N, l.in+l.units
	units, cells := l.units*l.ld, l.outputs[1]*l.ld
	if wanted {
		l.dx.resize(l.x.Shape, n, l.ld)
		clear(l.dx.Data[l.reached*l.in*l.ld:])
	}
	clear(l.dc)
	clear(l.dwt)
	for t := l.reached - 1; t >= 0; t-- {
		clear(l.e[:units-cells])
		l.gather(l.e[units-cells:], dy, t, l.outputs[1], l.outputs[1])
		if t < l.reached-1 && !l.spec.Truncated { // dz is still that of the step after
			kernel.Gemm(l.units, n, l.units, l.e, l.ld, w[l.in:], 1, all, l.dz, l.ld, nil, true)
		}
		if !l.spec.Truncated {
			l.show(t, l.e[units-cells:], l.outputs[1], n, l.ld)
		}
		l.errors(t)
		if l.spec.Truncated {
			l.show(t, l.dc, l.outputs[1], n, l.ld)
		}
		kernel.Transpose(l.dzt, l.ldt, l.dz, l.ld, l.units, n)
		inputs, ld := l.inputs(t)
		kernel.Gemm(l.in, l.units, n, l.dwt, l.ldt, inputs, ld, 1, l.dzt, l.ldt, nil, true)
		if t > 0 {
			kernel.Gemm(l.units, l.units, n, l.dwt[l.in*l.ldt:], l.ldt, l.u[(t-1)*units:], l.ld, 1, l.dzt, l.ldt, nil, true)
		}
		kernel.RowSums(dw[l.units*all:], l.dz, l.ld, l.units, n, true)
		if wanted {
			kernel.Gemm(l.in, n, l.units, l.dx.Data[t*l.in*l.ld:], l.ld, w, 1, all, l.dz, l.ld, nil, false)
		}
	}
	kernel.Transpose(l.dw, all, l.dwt, l.ldt, all, l.units)
	kernel.Add(dw[:len(l.dw)], l.dw)
	if !wanted {
		return Tensor[T]{}
	}
	return l.dx
}

// errors computes dz of step t from e, and makes dc that of the step.
func (l *lstm1997[T]) errors(t int) {
	n, blocks, count := l.x.N, l.spec.Blocks, l.outputs[1]
	u, halfG, hs := l.u[t*l.units*l.ld:], l.halfG[t*count*l.ld:], l.h[t*count*l.ld:]
	for k := range count {
		at, in, out, cell := k*l.ld, k/l.spec.Size, blocks+k/l.spec.Size, 2*blocks+k
		i, o, g, h := u[in*l.ld:][:n], u[out*l.ld:][:n], halfG[at:][:n], hs[at:][:n]
		ei, eo, ey := l.e[in*l.ld:][:n], l.e[out*l.ld:][:n], l.e[cell*l.ld:][:n]
		dc, dz := l.dc[at:][:n], l.dz[cell*l.ld:][:n]
		for j, e := range ey {
			eo[j] += T(e * h[j])
			d := dc[j] + T(e*o[j]*(1-T(h[j]*h[j]))/2)
			ei[j] += T(2 * d * g[j])
			dz[j] = d * i[j] * (1 - T(g[j]*g[j]))
			dc[j] = d
		}
	}
	for gate := range 2 * blocks {
		row := l.dz[gate*l.ld:][:n]
		kernel.SigmoidGrad(row, l.e[gate*l.ld:], u[gate*l.ld:])
	}
}
