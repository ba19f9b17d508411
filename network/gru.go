package network

import (
	"math/rand/v2"

	"github.com/joust-bench/joust/network/initializer"
	"github.com/joust-bench/joust/network/kernel"
)

// GRU is a layer of gated recurrent units, (T, F) to (T, Hidden) (Cho et al. 2014,
// arXiv:1406.1078). Every step sees the inputs x of the step and the outputs h of the
// one before, starting at h = 0:
//
//	r, z = sigmoid(Wx x + Wh h + b)
//	n = tanh(Wx x + b + r*(Wh h + bn))
//	h = (1-z)*n + z*h
//
// The reset gate r comes after the product with h, as in cuDNN and PyTorch, whose
// weights these are: Wx [3*Hidden][F], the rows of r before those of z and n, Wh
// [3*Hidden][Hidden] likewise, b [3*Hidden], the sum of their two biases, and bn
// [Hidden], the second bias of n. In the paper it comes before (r*h), which needs the
// products of each step twice, one after the other.
//
// Sequences that are shorter than T are as those of [LSTM].
type GRU struct {
	Hidden int `json:"hidden" doc:"units"`
	// Init names the initializer of the matrices of each gate, [Hidden][F] and
	// [Hidden][Hidden]; empty: "xavier-uniform". The biases start at 0.
	Init      string `json:"init,omitempty" doc:"initializer; empty: xavier-uniform"`
	Recurrent string `json:"recurrent,omitempty" doc:"initializer of the weights between states; empty: as init"`
	K1        int    `json:"k1,omitempty" doc:"errors of each block of so many steps go back; 0: as k2"`
	K2        int    `json:"k2,omitempty" doc:"steps that they go back; 0: all"`
}

func (GRU) spec() string { return "gru" }

// gru is the layer. With m = Wh h + bn in the rows of n, and a what tanh is taken of,
// the gradient of a step is
//
//	dz = dh*(h-n) * (z*(1-z))    da = dh*(1-z) * (1-n^2)
//	dm = da*r                    dr = da*m * (r*(1-r))
//
// and that of the state before it is dh*z + Wh' [dr, dz, dm].
type gru[T Float] struct {
	steps[T]
	stepWatch[T]
	spec       GRU
	init       initializer.Func
	recurrence recurrence
	horizon    horizon
	outputs    Shape

	y, dx Tensor[T]
	work  []T // holds the rest

	// Of every step.
	gates []T // [T][3H][N]: r, z, n
	m     []T // [T][H][N]

	// Of one step at a time.
	zero []T // [H][N]: the state before the first
	dh   []T // [H][N]
	d    []T // [4H][N]: dr, dz, da, dm
	ldt  int // leading dimension of the next two
	dt   []T // [N][4H]: those transposed
	dwt  []T // [F+H][3H]: dWx and dWh transposed
	dw   []T // one of them
}

func newGRU[T Float](in Shape, s GRU) (*gru[T], error) {
	l := &gru[T]{spec: s}
	var err error
	if l.steps, err = newSteps[T](in); err != nil {
		return nil, err
	}
	if err := checkHidden(s.Hidden, 3, in); err != nil {
		return nil, err
	}
	if l.init, err = namedOr(s.Init, "xavier-uniform"); err != nil {
		return nil, err
	}
	if s.Recurrent == "" {
		s.Recurrent = l.init.Name
	}
	if l.recurrence, err = newRecurrence(s.Hidden, s.Recurrent, 0, 0); err != nil {
		return nil, err
	}
	if l.horizon, err = newHorizon(s.K1, s.K2, in[0]); err != nil {
		return nil, err
	}
	l.outputs = Shape{in[0], s.Hidden}
	return l, nil
}

func (l *gru[T]) out() Shape { return l.outputs }

// gate is the input matrix of one gate.
func (l *gru[T]) gate() initializer.Shape {
	return initializer.Shape{Out: l.spec.Hidden, In: l.in}
}

func (l *gru[T]) blocks() []Block {
	hidden := l.spec.Hidden
	rows := 3 * hidden
	wx, wh := rows*l.in, rows*hidden
	return []Block{
		{Name: "wx", Len: wx, Rows: rows, FanIn: l.in, Scale: l.init.Std(l.gate())},
		{Name: "wh", Off: wx, Len: wh, Rows: rows, FanIn: hidden, Scale: l.recurrence.std()},
		{Name: "b", Off: wx + wh, Len: rows, Rows: rows},
		{Name: "bn", Off: wx + wh + rows, Len: hidden, Rows: hidden},
	}
}

func (l *gru[T]) initialize(w []float64, rng *rand.Rand) {
	wx, wh := l.gate(), l.recurrence.shape()
	for gate := range 3 {
		l.init.Fill(w[gate*wx.Len():][:wx.Len()], wx, rng)
	}
	for gate := range 3 {
		l.recurrence.fill(w[3*wx.Len()+gate*wh.Len():][:wh.Len()], rng)
	}
}

// split cuts weights, or their gradient, into Wx, Wh, b and bn.
func (l *gru[T]) split(w []T) (wx, wh, b, bn []T) {
	rows := 3 * l.spec.Hidden
	wx, w = w[:rows*l.in], w[rows*l.in:]
	wh, w = w[:rows*l.spec.Hidden], w[rows*l.spec.Hidden:]
	return wx, wh, w[:rows], w[rows:]
}

func (l *gru[T]) reserve(n int) {
	hidden := l.spec.Hidden
	l.ldt = paddedStride[T](4 * hidden)
	cells := hidden * l.ld
	l.work = carve(l.work,
		piece[T]{&l.gates, l.reached * 3 * cells},
		piece[T]{&l.m, l.reached * cells},
		piece[T]{&l.zero, cells},
		piece[T]{&l.dh, cells},
		piece[T]{&l.d, 4 * cells},
		piece[T]{&l.dt, n * l.ldt},
		piece[T]{&l.dwt, (l.in + hidden) * l.ldt},
		piece[T]{&l.dw, 3 * hidden * max(l.in, hidden)},
	)
	clear(l.zero)
}

// before is the state before step t.
func (l *gru[T]) before(t int) []T {
	if t == 0 {
		return l.zero
	}
	cells := l.spec.Hidden * l.ld
	return l.y.Data[(t-1)*cells:][:cells]
}

func (l *gru[T]) forward(_ Pass, w []T, x Tensor[T]) Tensor[T] {
	n, hidden := x.N, l.spec.Hidden
	l.begin(x)
	l.reserve(n)
	l.y.resize(l.outputs, n, l.ld)
	l.y.Lens = x.Lens
	cells := hidden * l.ld
	wx, wh, b, bn := l.split(w)
	count, length := l.rows(hidden)
	for t := range l.reached {
		h, gates, m, prev := l.y.Data[t*cells:], l.gates[t*3*cells:], l.m[t*cells:], l.before(t)
		inputs, ld := l.inputs(t)
		kernel.Gemm(3*hidden, n, l.in, gates, l.ld, wx, l.in, 1, inputs, ld, b, false)
		kernel.Gemm(2*hidden, n, hidden, gates, l.ld, wh, hidden, 1, prev, l.ld, nil, true)
		kernel.Gemm(hidden, n, hidden, m, l.ld, wh[2*hidden*hidden:], hidden, 1, prev, l.ld, bn, false)
		for u := range count {
			at := u * l.ld
			r, z, a := gates[at:][:length], gates[cells+at:][:length], gates[2*cells+at:][:length]
			kernel.Sigmoid(r, r)
			kernel.Sigmoid(z, z)
			for i, m := range m[at:][:length] {
				a[i] += T(r[i] * m)
			}
			kernel.Tanh(a, a)
			h, prev := h[at:][:length], prev[at:][:length]
			for i, n := range a {
				h[i] = n + T(z[i]*(prev[i]-n))
			}
		}
		l.silence(h, t, hidden)
	}
	clear(l.y.Data[l.reached*cells:])
	return l.y
}

func (l *gru[T]) backward(w, dw []T, dy Tensor[T], wanted bool) Tensor[T] {
	hidden := l.spec.Hidden
	if wanted {
		l.dx.resize(l.x.Shape, dy.N, l.ld)
		clear(l.dx.Data)
	}
	clear(l.dwt)
	for last := l.reached - 1; last >= 0; {
		first, block := l.horizon.before(last)
		l.sweep(w, dw, dy, first, last, block, wanted)
		last = block - 1
	}
	dwx, dwh, _, _ := l.split(dw)
	kernel.Transpose(l.dw, l.in, l.dwt, l.ldt, l.in, 3*hidden)
	kernel.Add(dwx, l.dw)
	kernel.Transpose(l.dw, hidden, l.dwt[l.in*l.ldt:], l.ldt, hidden, 3*hidden)
	kernel.Add(dwh, l.dw)
	if !wanted {
		return Tensor[T]{}
	}
	return l.dx
}

// sweep goes back from step last to step first, with the errors of the steps from
// block on.
func (l *gru[T]) sweep(w, dw []T, dy Tensor[T], first, last, block int, wanted bool) {
	n, hidden := dy.N, l.spec.Hidden
	cells := hidden * l.ld
	wx, wh, _, _ := l.split(w)
	_, _, db, dbn := l.split(dw)
	dm := l.d[3*cells:]
	dwht := l.dwt[l.in*l.ldt:]
	clear(l.dh)
	for t := last; t >= first; t-- {
		// dh is what the gate z lets through of that of the step after.
		if t < last {
			kernel.Gemm(hidden, n, 2*hidden, l.dh, l.ld, wh, 1, hidden, l.d, l.ld, nil, true)
			kernel.Gemm(hidden, n, hidden, l.dh, l.ld, wh[2*hidden*hidden:], 1, hidden, dm, l.ld, nil, true)
		}
		if t >= block {
			l.addErrors(dy, t)
		}
		l.show(t, l.dh, hidden, n, l.ld)
		l.gateErrors(t)
		kernel.Transpose(l.dt, l.ldt, l.d, l.ld, 4*hidden, n)
		inputs, ld := l.inputs(t)
		kernel.Gemm(l.in, 3*hidden, n, l.dwt, l.ldt, inputs, ld, 1, l.dt, l.ldt, nil, true)
		if t > 0 {
			prev := l.before(t)
			kernel.Gemm(hidden, 2*hidden, n, dwht, l.ldt, prev, l.ld, 1, l.dt, l.ldt, nil, true)
			kernel.Gemm(hidden, hidden, n, dwht[2*hidden:], l.ldt, prev, l.ld, 1, l.dt[3*hidden:], l.ldt, nil, true)
		}
		kernel.RowSums(db, l.d, l.ld, 3*hidden, n, true)
		kernel.RowSums(dbn, dm, l.ld, hidden, n, true)
		if wanted {
			kernel.Gemm(l.in, n, 3*hidden, l.dx.Data[t*l.in*l.ld:], l.ld, wx, 1, l.in, l.d, l.ld, nil, true)
		}
	}
}

// addErrors adds the output gradients of step t to dh.
func (l *gru[T]) addErrors(dy Tensor[T], t int) {
	cells := l.spec.Hidden * l.ld
	errors := l.d[:cells] // dr of the step after is no longer needed
	l.gather(errors, dy, t, l.spec.Hidden, l.spec.Hidden)
	count, length := l.rows(l.spec.Hidden)
	for u := range count {
		kernel.Add(l.dh[u*l.ld:][:length], errors[u*l.ld:])
	}
}

// gateErrors computes dr, dz, da and dm of step t from dh, and makes dh what passes by
// the gate z.
func (l *gru[T]) gateErrors(t int) {
	cells := l.spec.Hidden * l.ld
	gates, ms, prev := l.gates[t*3*cells:], l.m[t*cells:], l.before(t)
	count, length := l.rows(l.spec.Hidden)
	for u := range count {
		at := u * l.ld
		r, z, n := gates[at:][:length], gates[cells+at:][:length], gates[2*cells+at:][:length]
		m, h, dh := ms[at:][:length], prev[at:][:length], l.dh[at:][:length]
		dr, dz := l.d[at:][:length], l.d[cells+at:][:length]
		da, dm := l.d[2*cells+at:][:length], l.d[3*cells+at:][:length]
		for i, e := range dh {
			a := e * (1 - z[i]) * (1 - T(n[i]*n[i]))
			dr[i] = a * m[i] * (r[i] * (1 - r[i]))
			dz[i] = e * (h[i] - n[i]) * (z[i] * (1 - z[i]))
			da[i], dm[i] = a, a*r[i]
			dh[i] = e * z[i]
		}
	}
}
