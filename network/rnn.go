package network

import (
	"fmt"
	"math/rand/v2"

	"github.com/joust-bench/joust/network/activation"
	"github.com/joust-bench/joust/network/initializer"
)

// RNN is a layer of recurrent units, (T, F) to (T, Hidden) (Elman 1990,
// doi:10.1207/s15516709cog1402_1). Every step sees the inputs x of the step and the
// outputs h of the one before, starting at h = 0:
//
//	h = f(Wx x + Wh h + b)
//
// The weights are Wx [Hidden][F], Wh [Hidden][Hidden], b [Hidden], then with Initial
// h0 [Hidden]. Back-propagation through time multiplies the gradient by Wh' and by f'
// for each step that it goes back: if the norm of Wh times the largest slope of f is
// less than 1, it vanishes whatever the data (Pascanu, Mikolov & Bengio 2013,
// arXiv:1211.5063).
//
// A sequence that is shorter than T ([Tensor.Lens]) has outputs 0 after its last
// step, and inputs and output gradients there are not read: neither the outputs nor
// any gradient depends on them.
type RNN struct {
	Hidden int `json:"hidden" doc:"units"`
	// Func is a function of package activation; empty: "tanh".
	Func string `json:"func,omitempty" doc:"activation function; empty: tanh"`
	Init string `json:"init,omitempty" doc:"initializer of the weights from the inputs; empty: xavier-uniform"`
	// Recurrent names the initializer of Wh. With "identity" and a ReLU a state lasts
	// (Le, Jaitly & Hinton 2015, arXiv:1504.00941). The Gaussian matrix whose eigenvalues
	// fill a circle of radius Gain is "lecun-normal".
	Recurrent string  `json:"recurrent,omitempty" doc:"initializer of the weights between states; empty: orthogonal"`
	Gain      float64 `json:"gain,omitempty" doc:"multiplies the latter; 0: 1"`
	// Norm scales the initial Wh, instead of Gain, so that this is its spectral
	// norm, the largest factor by which it stretches a vector; 0: it is as drawn.
	Norm    float64 `json:"norm,omitempty" doc:"their spectral norm at first, in place of gain; 0: as drawn"`
	Initial bool    `json:"initial,omitempty" doc:"the state before the first step is made of weights"`
	// K1 and K2 truncate back-propagation through time (Williams & Peng 1990,
	// doi:10.1162/neco.1990.2.4.490): the errors of each block of K1 steps go back
	// over K2, counted from the end of the block, and what was before that is taken
	// as constant. K2 = 1 is Elman's rule. K1 is at most K2; 0: as K2. 0 both: all
	// steps, the gradient itself, as for K1 = K2 = T.
	K1 int `json:"k1,omitempty" doc:"errors of each block of so many steps go back; 0: as k2"`
	K2 int `json:"k2,omitempty" doc:"steps that they go back; 0: all"`
	// Omega weighs the regulariser that keeps the norm of the gradient from step to step
	// (Pascanu et al. 2013, eq. 9); see omega.go. Backward adds its gradient; the
	// outputs, and so the loss, do not show it. It needs all steps: no K2.
	Omega float64 `json:"omega,omitempty" doc:"weight of the term that keeps the gradient's norm from step to step"`
}

func (RNN) spec() string { return "rnn" }

// rnn is the layer. Its gradient with respect to the net inputs z of a step is
//
//	dz = dh * f'(z)    dh = dy + Wh' dz of the step after
//
// and dWx = dz x', dWh = dz h', db = dz, dx = Wx' dz, summed over steps and batch.
type rnn[T Float] struct {
	steps[T]
	stepWatch[T]
	spec       RNN
	kernel     activation.Kernels[T]
	fromOutput bool // the derivative needs h alone
	init       initializer.Func
	recurrence recurrence
	horizon    horizon
	outputs    Shape

	y, dx Tensor[T]
	work  []T // holds the rest, but for z

	z     []T // [T][H][N]: net inputs, if the derivative needs them
	h0    []T // [H][N]
	dh    []T // [H][N]: of one step, as dz
	dz    []T
	ldt   int // leading dimension of the next two
	dzt   []T // [N][H]: dz transposed
	dwt   []T // [F+H][H]: dWx and dWh transposed
	dw    []T // one of them
	omega omega[T]
	share T // of an example in the loss
}

func newRNN[T Float](in Shape, s RNN) (*rnn[T], error) {
	l := &rnn[T]{spec: s}
	var err error
	if l.steps, err = newSteps[T](in); err != nil {
		return nil, err
	}
	if err := checkHidden(s.Hidden, 1, in); err != nil {
		return nil, err
	}
	for _, v := range []struct {
		name  string
		value float64
	}{{"gain", s.Gain}, {"norm", s.Norm}, {"omega", s.Omega}} {
		if !finite(v.value) {
			return nil, fmt.Errorf("%s is %v, want a finite number", v.name, v.value)
		}
	}
	if s.Norm < 0 || s.Norm > 0 && s.Gain != 0 {
		return nil, fmt.Errorf("norm is %v and gain %v, want one of them, and no negative norm", s.Norm, s.Gain)
	}
	if s.Omega < 0 || s.Omega > 0 && s.K2 > 0 {
		return nil, fmt.Errorf("omega is %v and k2 %d, want one of them, and no negative omega", s.Omega, s.K2)
	}
	if s.Func == "" {
		s.Func = "tanh"
	}
	f, err := activation.ByName(s.Func)
	if err != nil {
		return nil, err
	}
	l.kernel, l.fromOutput = activation.Of[T](f), f.FromOutput
	if l.init, err = namedOr(s.Init, "xavier-uniform"); err != nil {
		return nil, err
	}
	if l.recurrence, err = newRecurrence(s.Hidden, s.Recurrent, s.Gain, s.Norm); err != nil {
		return nil, err
	}
	if l.horizon, err = newHorizon(s.K1, s.K2, in[0]); err != nil {
		return nil, err
	}
	l.outputs = Shape{in[0], s.Hidden}
	return l, nil
}

// checkHidden bounds the weights, and the values in all steps, of a layer with so many
// rows of weights for each unit.
func checkHidden(hidden, rows int, in Shape) error {
	if hidden < 1 {
		return fmt.Errorf("hidden is %d, want at least 1", hidden)
	}
	if hidden > maxLen/rows/in[0] || hidden > maxLen/rows-in[1] || hidden > maxLen/rows/(in[1]+hidden) {
		return fmt.Errorf("hidden is %d with inputs %v, want at most %d weights, and values in all steps", hidden, in, maxLen)
	}
	return nil
}

func (l *rnn[T]) out() Shape { return l.outputs }

// inputWeights is the shape of Wx.
func (l *rnn[T]) inputWeights() initializer.Shape {
	return initializer.Shape{Out: l.spec.Hidden, In: l.in}
}

func (l *rnn[T]) blocks() []Block {
	hidden := l.spec.Hidden
	wx, wh := hidden*l.in, hidden*hidden
	b := []Block{
		{Name: "wx", Len: wx, Rows: hidden, FanIn: l.in, Scale: l.init.Std(l.inputWeights())},
		{Name: "wh", Off: wx, Len: wh, Rows: hidden, FanIn: hidden, Scale: l.recurrence.std()},
		{Name: "b", Off: wx + wh, Len: hidden, Rows: hidden},
	}
	if l.spec.Initial {
		b = append(b, Block{Name: "h0", Off: wx + wh + hidden, Len: hidden, Rows: hidden})
	}
	return b
}

func (l *rnn[T]) initialize(w []float64, rng *rand.Rand) {
	s := l.inputWeights()
	l.init.Fill(w[:s.Len()], s, rng)
	l.recurrence.fill(w[s.Len():][:l.recurrence.shape().Len()], rng)
}

// split cuts weights, or their gradient, into Wx, Wh, b and h0.
func (l *rnn[T]) split(w []T) (wx, wh, b, h0 []T) {
	hidden := l.spec.Hidden
	size := hidden * l.in
	wx, w = w[:size], w[size:]
	wh, w = w[:hidden*hidden], w[hidden*hidden:]
	return wx, wh, w[:hidden], w[hidden:]
}

func (l *rnn[T]) reserve(n int) {
	hidden := l.spec.Hidden
	l.ldt = paddedStride[T](hidden)
	cells := hidden * l.ld
	l.work = carve(l.work,
		piece[T]{&l.h0, cells},
		piece[T]{&l.dh, cells},
		piece[T]{&l.dz, cells},
		piece[T]{&l.dzt, n * l.ldt},
		piece[T]{&l.dwt, (l.in + hidden) * l.ldt},
		piece[T]{&l.dw, hidden * max(l.in, hidden)},
	)
	if !l.fromOutput {
		l.z = grow(l.z, l.reached*cells)
	}
}
