package network

import (
	"fmt"
	"math/rand/v2"

	"github.com/joust-bench/joust/network/initializer"
	"github.com/joust-bench/joust/network/kernel"
)

// LSTM is a layer of long short-term memory cells, (T, F) to (T, Hidden), with an
// input, a forget and an output gate each (Hochreiter & Schmidhuber 1997,
// doi:10.1162/neco.1997.9.8.1735; Gers, Schmidhuber & Cummins 2000,
// doi:10.1162/089976600300015015). Every step sees the inputs x of the step and the
// outputs h of the one before, starting at h = c = 0:
//
//	i, f, o = sigmoid(W [x, h] + b)    g = tanh(W [x, h] + b)
//	c = f*c + i*g                      h = o*tanh(c)
//
// The weights are W [4*Hidden][F+Hidden], the rows of i before those of f, o and g,
// then b [4*Hidden], then with peepholes pi, pf and po [Hidden] each. The gradient
// goes back through all steps, unless K2 or Truncated say otherwise. [LSTM1997] is the
// cell without a forget gate.
//
// A sequence that is shorter than T ([Tensor.Lens]) has outputs 0 after its last
// step, and inputs and output gradients there are not read: neither the outputs nor
// any gradient depends on them.
type LSTM struct {
	Hidden int `json:"hidden" doc:"cells"`
	// ForgetBias is the initial bias of the forget gates. At 0 they start half
	// closed, and a gradient halves at every step; 1 or more lets it live longer
	// (Jozefowicz, Zaremba & Sutskever 2015, ICML). The other biases start at 0.
	ForgetBias float64 `json:"forget_bias,omitempty" doc:"initial bias of the forget gates"`
	// Init names the initializer of the matrix of each gate, [Hidden][F+Hidden];
	// empty: "xavier-uniform".
	Init string `json:"init,omitempty" doc:"initializer; empty: xavier-uniform"`
	// Peepholes lets the gates see the cell state: i and f that of the step
	// before, o the new one (Gers, Schraudolph & Schmidhuber 2002, JMLR
	// 3:115-143). Their weights start at 0.
	Peepholes bool `json:"peepholes,omitempty" doc:"gates see the cell state"`
	// Truncated keeps the errors of the gates, and of g, from going further back in
	// time: only the cell state carries them, and the gradient with respect to c of
	// the step before is f times that of the step (Hochreiter & Schmidhuber 1997,
	// appendix A.1; Gers et al. 2002 for peepholes).
	Truncated bool `json:"truncated,omitempty" doc:"only the cell state carries errors back in time"`
	// K1 and K2 truncate back-propagation through time as in [RNN]; 0: all steps.
	K1 int `json:"k1,omitempty" doc:"errors of each block of so many steps go back; 0: as k2"`
	K2 int `json:"k2,omitempty" doc:"steps that they go back; 0: all"`
}

func (LSTM) spec() string { return "lstm" }

// lstm computes an [LSTM]. The state that backward needs is kept for every step.
type lstm[T Float] struct {
	stepWatch[T]
	spec    LSTM
	steps   int // T
	in, all int // F and F+Hidden: inputs of a step without and with h
	init    initializer.Func
	horizon horizon
	outputs Shape

	x       Tensor[T] // the last input, not its own
	y, dx   Tensor[T]
	reached int // steps of the longest sequence
	work    []T // holds the rest
	ld      int // leading dimension of what has the examples in its columns

	// Of every step.
	gates []T // [T][4H][N]: i, f, o, g
	c     []T // [T+1][H][N]: before the first step, and after each
	tanhC []T // [T][H][N]

	// Of one step at a time.
	xh     []T // [F+H][N]: its inputs
	z      []T // [4H][N]: what reaches the gates; backward, the gradient of that
	dh, dc []T // [H][N]
	ldt    int // leading dimension of the next two
	dzt    []T // [N][4H]: that gradient transposed
	dwt    []T // [F+H][4H]: dW transposed
	dw     []T // [4H][F+H]: dW
}

func newLSTM[T Float](in Shape, s LSTM) (*lstm[T], error) {
	if len(in) != 2 {
		return nil, fmt.Errorf("want a sequence, (T, F), got %v", in)
	}
	steps, features := in[0], in[1]
	if s.Hidden < 1 {
		return nil, fmt.Errorf("hidden is %d, want at least 1", s.Hidden)
	}
	if s.Hidden > maxLen/4/steps || s.Hidden > maxLen/4/(features+s.Hidden) {
		return nil, fmt.Errorf("hidden is %d with inputs %v, want at most %d weights, and values of the gates in all steps", s.Hidden, in, maxLen)
	}
	if !finite(s.ForgetBias) {
		return nil, fmt.Errorf("forget_bias is %v, want a finite number", s.ForgetBias)
	}
	init, err := namedOr(s.Init, "xavier-uniform")
	if err != nil {
		return nil, err
	}
	h, err := newHorizon(s.K1, s.K2, steps)
	if err != nil {
		return nil, err
	}
	return &lstm[T]{
		spec: s, steps: steps, in: features, all: features + s.Hidden, init: init, horizon: h,
		outputs: Shape{steps, s.Hidden},
	}, nil
}

func (l *lstm[T]) out() Shape { return l.outputs }

// gate is the matrix of one gate.
func (l *lstm[T]) gate() initializer.Shape {
	return initializer.Shape{Out: l.spec.Hidden, In: l.all}
}

func (l *lstm[T]) blocks() []Block {
	hidden, size := l.spec.Hidden, 4*l.gate().Len()
	b := []Block{
		{Name: "w", Len: size, Rows: 4 * hidden, FanIn: l.all, Scale: l.init.Std(l.gate())},
		{Name: "b", Off: size, Len: 4 * hidden, Rows: 4 * hidden},
	}
	if l.spec.Peepholes {
		for i, name := range []string{"pi", "pf", "po"} {
			b = append(b, Block{Name: name, Off: size + (4+i)*hidden, Len: hidden, Rows: hidden})
		}
	}
	return b
}

func (l *lstm[T]) initialize(w []float64, rng *rand.Rand) {
	hidden, size := l.spec.Hidden, l.gate().Len()
	for gate := range 4 {
		l.init.Fill(w[gate*size:][:size], l.gate(), rng)
	}
	for i := range hidden {
		w[4*size+hidden+i] = l.spec.ForgetBias
	}
}

// split cuts weights, or their gradient, into W, b and the peepholes, nil if there
// are none.
func (l *lstm[T]) split(w []T) (matrix, bias, peepholes []T) {
	hidden, size := l.spec.Hidden, 4*l.gate().Len()
	matrix, bias = w[:size], w[size:][:4*hidden]
	if l.spec.Peepholes {
		peepholes = w[size+4*hidden:]
	}
	return matrix, bias, peepholes
}

// reserve is the memory for n examples.
func (l *lstm[T]) reserve(n int) {
	l.ld, l.ldt = paddedStride[T](n), paddedStride[T](4*l.spec.Hidden)
	cells := l.spec.Hidden * l.ld
	l.work = carve(l.work,
		piece[T]{&l.gates, l.steps * 4 * cells},
		piece[T]{&l.c, (l.steps + 1) * cells},
		piece[T]{&l.tanhC, l.steps * cells},
		piece[T]{&l.xh, l.all * l.ld},
		piece[T]{&l.z, 4 * cells},
		piece[T]{&l.dh, cells},
		piece[T]{&l.dc, cells},
		piece[T]{&l.dzt, n * l.ldt},
		piece[T]{&l.dwt, l.all * l.ldt},
		piece[T]{&l.dw, 4 * l.gate().Len()},
	)
}

func (l *lstm[T]) forward(_ Pass, w []T, x Tensor[T]) Tensor[T] {
	n, hidden := x.N, l.spec.Hidden
	l.x, l.reached = x, x.longest(l.steps)
	l.reserve(n)
	l.y.resize(l.outputs, n, l.ld)
	l.y.Lens = x.Lens
	cells := hidden * l.ld
	matrix, bias, peepholes := l.split(w)
	clear(l.c[:cells])
	for t := range l.reached {
		h := l.y.Data[t*cells:]
		seen := l.gather(t)
		kernel.Gemm(4*hidden, n, seen, l.z, l.ld, matrix, l.all, 1, l.xh, l.ld, bias, false)
		kernel.LSTM(h, l.c[(t+1)*cells:], l.tanhC[t*cells:], l.gates[t*4*cells:], l.z, l.c[t*cells:], l.ld, hidden, n, peepholes)
		l.silence(h, hidden, t)
	}
	clear(l.y.Data[l.reached*cells:])
	return l.y
}

// gather brings the inputs of step t into xh, and returns how many rows they are:
// at the first step h is 0, and left out.
func (l *lstm[T]) gather(t int) int {
	for f := range l.in {
		copy(l.xh[f*l.ld:], l.x.Row(t*l.in+f))
	}
	l.silence(l.xh, l.in, t)
	if t == 0 {
		return l.in
	}
	cells := l.spec.Hidden * l.ld
	copy(l.xh[l.in*l.ld:], l.y.Data[(t-1)*cells:][:cells])
	return l.all
}

// silence sets rows to 0 in the examples that have ended before step t. They are
// computed like the others, on inputs of 0: their states stay finite, and as their
// output gradients are 0, so is all that they add to any gradient.
func (l *lstm[T]) silence(x []T, rows, t int) {
	for i, n := range l.x.Lens {
		if n > t {
			continue
		}
		for f := range rows {
			x[f*l.ld+i] = 0
		}
	}
}

func (l *lstm[T]) backward(w, dw []T, dy Tensor[T], wanted bool) Tensor[T] {
	dMatrix, _, _ := l.split(dw)
	if wanted {
		l.dx.resize(l.x.Shape, dy.N, l.ld)
		kept := l.reached // steps that a sweep writes
		if l.horizon.overlap() {
			kept = 0 // sweeps add to them
		}
		clear(l.dx.Data[kept*l.in*l.ld:])
	}
	clear(l.dwt)
	for last := l.reached - 1; last >= 0; {
		first, block := l.horizon.before(last)
		l.sweep(w, dw, dy, first, last, block, wanted)
		last = block - 1
	}
	kernel.Transpose(l.dw, l.all, l.dwt, l.ldt, l.all, 4*l.spec.Hidden)
	kernel.Add(dMatrix, l.dw)
	if !wanted {
		return Tensor[T]{}
	}
	return l.dx
}

// look shows the gradient with respect to the state of step t, in dh, or if that goes
// nowhere else with respect to c. z is not needed any more.
func (l *lstm[T]) look(t, n int) {
	hidden := l.spec.Hidden
	if !l.spec.Truncated || l.see == nil {
		l.show(t, l.dh, hidden, n, l.ld)
		return
	}
	cells := hidden * l.ld
	o, tanhC := l.gates[(4*t+2)*cells:], l.tanhC[t*cells:]
	for u := range hidden {
		for i := u * l.ld; i < u*l.ld+n; i++ {
			l.z[i] = l.dc[i] + T(l.dh[i]*o[i]*(1-T(tanhC[i]*tanhC[i])))
		}
	}
	l.show(t, l.z, hidden, n, l.ld)
}

// sweep goes back from step last to step first, with the errors of the steps from
// block on.
func (l *lstm[T]) sweep(w, dw []T, dy Tensor[T], first, last, block int, wanted bool) {
	n, hidden := dy.N, l.spec.Hidden
	cells := hidden * l.ld
	matrix, _, peepholes := l.split(w)
	_, dBias, dPeepholes := l.split(dw)
	if l.spec.Truncated {
		peepholes = nil // no way back for an error
	}
	clear(l.dc)
	for t := last; t >= first; t-- {
		if t >= block {
			for u := range hidden {
				copy(l.dh[u*l.ld:], dy.Row(t*hidden+u))
			}
			l.silence(l.dh, hidden, t)
		} else {
			clear(l.dh)
		}
		if t < last && !l.spec.Truncated { // z is still that of the step after
			kernel.Gemm(hidden, n, 4*hidden, l.dh, l.ld, matrix[l.in:], 1, l.all, l.z, l.ld, nil, true)
		}
		l.look(t, n)
		prev, next := l.c[t*cells:], l.c[(t+1)*cells:]
		kernel.LSTMGrad(l.z, l.dc, l.dh, l.gates[t*4*cells:], prev, l.tanhC[t*cells:], l.ld, hidden, n, peepholes)
		kernel.Transpose(l.dzt, l.ldt, l.z, l.ld, 4*hidden, n)
		seen := l.gather(t)
		kernel.Gemm(seen, 4*hidden, n, l.dwt, l.ldt, l.xh, l.ld, 1, l.dzt, l.ldt, nil, true)
		kernel.RowSums(dBias, l.z, l.ld, 4*hidden, n, true)
		if dPeepholes != nil {
			for gate, state := range [...][]T{prev, prev, next} {
				kernel.RowDots(dPeepholes[gate*hidden:], l.z[gate*cells:], l.ld, state, l.ld, hidden, n, true)
			}
		}
		if wanted {
			kernel.Gemm(l.in, n, 4*hidden, l.dx.Data[t*l.in*l.ld:], l.ld, matrix, 1, l.all, l.z, l.ld, nil, l.horizon.overlap())
		}
	}
}
