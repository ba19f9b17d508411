package network

import (
	"fmt"
	"math/rand/v2"

	"github.com/joust-bench/joust/network/activation"
	"github.com/joust-bench/joust/network/initializer"
)

// SequentialRNN is a fully recurrent network whose outputs are units too, (T, F) to (T,
// Out), updated in the order of the historical experiments (Hochreiter & Schmidhuber
// 1996, LSTM can solve hard long time lag problems, NIPS 9): within a step first the
// hidden units, then the outputs, which see the new hidden state; the hidden units see
// the outputs of the step before. States start at 0:
//
//	h = f(Whx x + Whh h + Who o + bh)
//	o = g(Wox x + Woh h + Woo o + bo)    with h from the line above
//
// With one hidden unit it computes parity, which a synchronous update cannot.
//
// The weights are Wh [Hidden][F+S+Out], with columns for x, h and o, and bh [Hidden],
// then Wo [Out][F+Hidden+Out] likewise, and bo [Out]. S, the columns for h, is what
// Recurrence says.
//
// Sequences that are shorter than T are as those of [LSTM].
type SequentialRNN struct {
	Hidden int `json:"hidden" doc:"units"`
	Out    int `json:"out" doc:"output units"`
	// Func is f and OutFunc g, functions of package activation; empty: "sigmoid".
	Func    string `json:"func,omitempty" doc:"activation function of hidden units; empty: sigmoid"`
	OutFunc string `json:"out_func,omitempty" doc:"that of outputs; empty: sigmoid"`
	// Logits makes the outputs of the layer what g is taken of, instead of o, which the
	// units see: for losses that apply a sigmoid themselves.
	Logits bool `json:"logits,omitempty" doc:"outputs are given before out_func"`
	// Recurrence is how the hidden units see each other: "full" (S = Hidden), "self",
	// each itself alone (S = 1), or "none" (S = 0); empty: "full".
	Recurrence string `json:"recurrence,omitempty" doc:"how hidden units see each other: full, self or none; empty: full"`
	// Init names the initializer of Wh and Wo; empty: "xavier-uniform". The biases
	// start at 0.
	Init string `json:"init,omitempty" doc:"initializer; empty: xavier-uniform"`
}

func (SequentialRNN) spec() string { return "sequential-rnn" }

type sequentialRNN[T Float] struct {
	steps[T]
	stepWatch[T]
	spec    SequentialRNN
	hidden  unitGroup[T]
	visible unitGroup[T] // the output units
	outputs Shape

	y, dx Tensor[T]
	work  []T // holds the rest

	h, o []T // [T][H][N], [T][O][N]
	dy   []T // [O][N]
	zero []T // [max(H,O)][N]: the states before the first step
	self []T // [H]: the gradient of the weights from each hidden unit to itself
	dw   []T // of either group
}

// A unitGroup is the hidden units, or the output units: what is summed is x, units of
// the layer, and the outputs of the step before.
type unitGroup[T Float] struct {
	units      int
	from       int // units whose activations it sums, between x and outputs
	columns    int // of its weights
	kernel     activation.Kernels[T]
	fromOutput bool
	init       initializer.Func

	z   []T // [T][units][N]: net inputs
	da  []T // [units][N]: the gradient of the activations of a step
	dz  []T // [units][N]: and of the net inputs
	ldt int // leading dimension of the next two
	dzt []T // [N][units]: dz transposed
	dwt []T // [columns][units]: dW transposed
}

func newSequentialRNN[T Float](in Shape, s SequentialRNN) (*sequentialRNN[T], error) {
	l := &sequentialRNN[T]{spec: s}
	var err error
	if l.steps, err = newSteps[T](in); err != nil {
		return nil, err
	}
	if err := checkHidden(s.Hidden, 1, in); err != nil {
		return nil, err
	}
	if s.Out < 1 || s.Out > maxLen/in[0] || s.Out > maxLen/2-in[1]-s.Hidden || s.Out > maxLen/(in[1]+s.Hidden+s.Out) {
		return nil, fmt.Errorf("out is %d with %d hidden units and inputs %v, want at least 1, and at most %d weights, and values in all steps", s.Out, s.Hidden, in, maxLen)
	}
	seen := map[string]int{"": s.Hidden, "full": s.Hidden, "self": 1, "none": 0}
	self, ok := seen[s.Recurrence]
	if !ok {
		return nil, fmt.Errorf("recurrence %q, want full, self or none", s.Recurrence)
	}
	if l.hidden, err = newUnitGroup[T](s.Hidden, self, s.Func, s); err != nil {
		return nil, err
	}
	if l.visible, err = newUnitGroup[T](s.Out, s.Hidden, s.OutFunc, s); err != nil {
		return nil, err
	}
	l.hidden.columns, l.visible.columns = in[1]+self+s.Out, in[1]+s.Hidden+s.Out
	l.outputs = Shape{in[0], s.Out}
	return l, nil
}

func newUnitGroup[T Float](units, from int, name string, s SequentialRNN) (unitGroup[T], error) {
	if name == "" {
		name = "sigmoid"
	}
	f, err := activation.ByName(name)
	if err != nil {
		return unitGroup[T]{}, err
	}
	init, err := namedOr(s.Init, "xavier-uniform")
	return unitGroup[T]{units: units, from: from, kernel: activation.Of[T](f), fromOutput: f.FromOutput, init: init}, err
}

// weights is the number of weights of the group, without biases.
func (g *unitGroup[T]) weights() int { return g.units * g.columns }

func (g *unitGroup[T]) shape() initializer.Shape {
	return initializer.Shape{Out: g.units, In: g.columns}
}

func (l *sequentialRNN[T]) out() Shape { return l.outputs }

func (l *sequentialRNN[T]) blocks() []Block {
	var blocks []Block
	off := 0
	for _, part := range []struct {
		name string
		g    *unitGroup[T]
	}{{"h", &l.hidden}, {"o", &l.visible}} {
		g := part.g
		blocks = append(blocks,
			Block{Name: "w" + part.name, Off: off, Len: g.weights(), Rows: g.units, FanIn: g.columns, Scale: g.init.Std(g.shape())},
			Block{Name: "b" + part.name, Off: off + g.weights(), Len: g.units, Rows: g.units})
		off += g.weights() + g.units
	}
	return blocks
}

func (l *sequentialRNN[T]) initialize(w []float64, rng *rand.Rand) {
	for _, g := range []*unitGroup[T]{&l.hidden, &l.visible} {
		g.init.Fill(w[:g.weights()], g.shape(), rng)
		w = w[g.weights()+g.units:]
	}
}

// split cuts weights, or their gradient, into Wh, bh, Wo and bo.
func (l *sequentialRNN[T]) split(w []T) (wh, bh, wo, bo []T) {
	hidden, visible := l.hidden.weights(), l.visible.weights()
	wh, w = w[:hidden], w[hidden:]
	bh, w = w[:l.hidden.units], w[l.hidden.units:]
	return wh, bh, w[:visible], w[visible:]
}

func (l *sequentialRNN[T]) reserve(n int) {
	h, o := &l.hidden, &l.visible
	h.ldt, o.ldt = paddedStride[T](h.units), paddedStride[T](o.units)
	l.work = carve(l.work,
		piece[T]{&l.h, l.reached * h.units * l.ld},
		piece[T]{&l.o, l.reached * o.units * l.ld},
		piece[T]{&l.dy, o.units * l.ld},
		piece[T]{&h.z, l.reached * h.units * l.ld},
		piece[T]{&o.z, l.reached * o.units * l.ld},
		piece[T]{&l.zero, max(h.units, o.units) * l.ld},
		piece[T]{&h.da, h.units * l.ld},
		piece[T]{&h.dz, h.units * l.ld},
		piece[T]{&o.da, o.units * l.ld},
		piece[T]{&o.dz, o.units * l.ld},
		piece[T]{&h.dzt, n * h.ldt},
		piece[T]{&o.dzt, n * o.ldt},
		piece[T]{&h.dwt, h.columns * h.ldt},
		piece[T]{&o.dwt, o.columns * o.ldt},
		piece[T]{&l.self, h.units},
		piece[T]{&l.dw, max(h.weights(), o.weights())},
	)
	clear(l.zero)
}

// of is step t of the states, units rows each; before the first they are 0.
func (l *sequentialRNN[T]) of(states []T, t, units int) []T {
	if t < 0 {
		return l.zero
	}
	return states[t*units*l.ld:][:units*l.ld]
}
