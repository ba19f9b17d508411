package network

import (
	"fmt"
	"math/rand/v2"
	"strconv"

	"github.com/joust-bench/joust/network/initializer"
	"github.com/joust-bench/joust/network/kernel"
)

// Chunker is the neural history compressor, (T, F) to (Hidden) (Schmidhuber 1992,
// doi:10.1162/neco.1992.4.2.234): a hierarchy of recurrent networks that each learn to
// predict their next input, and hand on to the next level only what they did not
// predict, and when. What is far apart in the sequence is close together there: an error
// has few steps to go back.
//
// Inputs are sequences of F symbols, of which the largest value of a step says which.
// A level computes, from its inputs u,
//
//	h_k = tanh(Wx u_k + Wh h_{k-1} + b)        o_k = Wo h_k + bo
//
// with o_k its prediction of u_{k+1}: the softmax of the first F outputs is the
// probability of each symbol. Level 0 sees the sequence. A level above has a step for
// every surprise of the one below, the first input always being one, and sees that
// input and after it the time since the surprise before: steps of the level below, over
// TimeScale. It predicts times as it does symbols, by an output each, and is surprised
// as well by one that does not round to the right number of steps.
//
// The levels' own losses are auxiliary ([Network.Auxiliary]), for each example and level
// the mean over predictions of the cross-entropy of the symbol, and the squared error of
// the times. No gradient passes through what is or is not a surprise.
//
// Sequences may be shorter than T ([Tensor.Lens]); what is after their end is not read.
//
// The weights of level i are Wx [Hidden][F+i], Wh [Hidden][Hidden], b [Hidden],
// Wo [F+i][Hidden], with Collapse and a level above Wc [Hidden][Hidden], then
// bo [F+i], and with Wc bc [Hidden].
type Chunker struct {
	Levels int `json:"levels" doc:"1: a recurrent network that predicts"`
	Hidden int `json:"hidden" doc:"units of each level"`
	// Surprise is the probability below which a symbol that comes is a surprise: more
	// than 0.5, at most 1. 0: where another is more probable.
	Surprise float64 `json:"surprise,omitempty" doc:"probability below which a symbol is a surprise, more than 0.5; 0: where another is more probable"`
	// Truncation is how many steps of its level an error is propagated back, the step
	// where it arises among them; 0: all. At 1 a step learns from its own errors.
	Truncation int `json:"truncation,omitempty" doc:"steps of its level that an error goes back; 0: all"`
	// Collapse is the weight of one more loss of each level below another: the squared
	// distance of the prediction Wc h + bc from the state h of the level above, held
	// since its last step; the mean over steps. It makes a level learn what the one above
	// knows, which gets no gradient of it. 0: none.
	Collapse float64 `json:"collapse,omitempty" doc:"weight of the loss that makes a level learn what the one above knows; 0: none"`
	// Read is what the outputs are, at the end of each sequence. "top": h of the last
	// level. "all": h of all, from level 0 on, (Levels*Hidden). "collapsed": what the
	// level below the last predicts for it. That one is not computed then: what it knew
	// the others have to know. Empty: "top".
	Read string `json:"read,omitempty" doc:"outputs: top, all or collapsed; empty: top"`
	// TimeScale is the time that counts as 1; 0: T.
	TimeScale float64 `json:"time_scale,omitempty" doc:"time that counts as 1; 0: T"`
	// Init names the initializer of all matrices; empty: "xavier-uniform".
	Init string `json:"init,omitempty" doc:"initializer of all matrices; empty: xavier-uniform"`
}

func (Chunker) spec() string { return "chunker" }

// chunker computes a [Chunker].
type chunker[T Float] struct {
	stepWatch[T]
	spec    Chunker
	steps   int // T
	symbols int // F
	init    initializer.Func
	outputs Shape
	levels  []*predictor[T] // those that are computed
	all     []*predictor[T]

	x     Tensor[T] // the last input, not its own
	y, dx Tensor[T]
	scale T // of the gradient of the auxiliary losses
}

func newChunker[T Float](in Shape, s Chunker) (*chunker[T], error) {
	if len(in) != 2 {
		return nil, fmt.Errorf("want a sequence, (T, F), got %v", in)
	}
	steps, symbols := in[0], in[1]
	if symbols < 2 {
		return nil, fmt.Errorf("want sequences of at least 2 symbols, got %v", in)
	}
	const maxLevels = 100
	switch {
	case s.Levels < 1 || s.Levels > maxLevels:
		return nil, fmt.Errorf("levels is %d, want 1 to %d", s.Levels, maxLevels)
	case s.Hidden < 1:
		return nil, fmt.Errorf("hidden is %d, want at least 1", s.Hidden)
	case s.Hidden > maxLen/s.Levels/(3*s.Hidden+3*(symbols+s.Levels)) || s.Hidden > maxLen/2/s.Levels/steps:
		return nil, fmt.Errorf("hidden is %d with %d levels and inputs %v, want at most %d weights, and values in all steps", s.Hidden, s.Levels, in, maxLen)
	case s.Surprise != 0 && !(s.Surprise > 0.5 && s.Surprise <= 1):
		return nil, fmt.Errorf("surprise is %v, want 0 or a probability of more than 0.5", s.Surprise)
	case s.Truncation < 0:
		return nil, fmt.Errorf("truncation is %d, want at least 0", s.Truncation)
	case s.Collapse < 0 || !finite(s.Collapse):
		return nil, fmt.Errorf("collapse is %v, want a finite number of at least 0", s.Collapse)
	case s.TimeScale < 0 || !finite(s.TimeScale):
		return nil, fmt.Errorf("time_scale is %v, want a finite number of at least 0", s.TimeScale)
	}
	if s.TimeScale == 0 {
		s.TimeScale = float64(steps)
	}
	l := &chunker[T]{spec: s, steps: steps, symbols: symbols, outputs: Shape{s.Hidden}}
	computed := s.Levels
	switch s.Read {
	case "", "top":
		l.spec.Read = "top"
	case "all":
		l.outputs = Shape{s.Levels * s.Hidden}
	case "collapsed":
		if s.Levels < 2 || s.Collapse == 0 {
			return nil, fmt.Errorf("read is %q, want collapse above 0 and at least 2 levels for it", s.Read)
		}
		computed--
	default:
		return nil, fmt.Errorf("read is %q, want top, all or collapsed", s.Read)
	}
	var err error
	if l.init, err = namedOr(s.Init, "xavier-uniform"); err != nil {
		return nil, err
	}
	bound := make([]T, 1) // of the loss of a symbol that is no surprise
	kernel.Log(bound, []T{T(s.Surprise)})
	off := 0
	for i := range s.Levels {
		p := &predictor[T]{
			name: "level" + strconv.Itoa(i), symbols: symbols, times: i, hidden: s.Hidden, steps: steps,
			horizon: s.Truncation, argmax: s.Surprise == 0, bound: -bound[0], timeScale: s.TimeScale,
		}
		if s.Collapse > 0 && i+1 < s.Levels {
			p.imitated = s.Hidden
		}
		p.off = off
		off += p.dim()
		l.all = append(l.all, p)
	}
	l.levels = l.all[:computed]
	return l, nil
}

func (l *chunker[T]) out() Shape { return l.outputs }

func (l *chunker[T]) blocks() []Block {
	var blocks []Block
	off := 0
	for _, p := range l.all {
		for _, part := range p.parts() {
			b := Block{Name: p.name + "." + part.name, Off: off, Len: part.rows * max(1, part.columns), Rows: part.rows, FanIn: part.columns}
			if part.columns > 0 {
				b.Scale = l.init.Std(initializer.Shape{Out: part.rows, In: part.columns})
			}
			off += b.Len
			blocks = append(blocks, b)
		}
	}
	return blocks
}

func (l *chunker[T]) initialize(w []float64, rng *rand.Rand) {
	for _, p := range l.all {
		for _, part := range p.parts() {
			n := part.rows * max(1, part.columns)
			if part.columns > 0 {
				l.init.Fill(w[:n], initializer.Shape{Out: part.rows, In: part.columns}, rng)
			}
			w = w[n:]
		}
	}
}

func (l *chunker[T]) forward(_ Pass, w []T, x Tensor[T]) Tensor[T] {
	l.x, l.scale = x, 0
	first := l.levels[0]
	first.receive(x, x.longest(l.steps))
	for i, p := range l.levels {
		p.run(p.weights(w))
		if i+1 < len(l.levels) {
			l.levels[i+1].compress(p)
		}
	}
	l.y.resize(l.outputs, x.N, paddedStride[T](x.N))
	l.eachRead(func(p *predictor[T], row, at, n int) {
		l.y.Row(row)[n] = p.value(at, n)
	})
	return l.y
}

// eachRead goes through what the outputs are: value at, of the state and then of the
// outputs of p in the last step of example n, is row of the outputs.
func (l *chunker[T]) eachRead(f func(p *predictor[T], row, at, n int)) {
	hidden := l.spec.Hidden
	read, at := l.levels[len(l.levels)-1:], 0
	switch l.spec.Read {
	case "all":
		read = l.levels
	case "collapsed":
		at = hidden + read[0].inputs()
	}
	for i, p := range read {
		for u := range hidden {
			for n := range l.x.N {
				f(p, i*hidden+u, at+u, n)
			}
		}
	}
}

// lose implements [auxiliary].
func (l *chunker[T]) lose(losses []T, scale T) {
	l.scale = scale
	for i, p := range l.levels {
		p.lose(losses)
		if i+1 < len(l.levels) && p.imitated > 0 {
			p.imitate(losses, l.levels[i+1], T(l.spec.Collapse))
		}
	}
}

func (l *chunker[T]) backward(w, dw []T, dy Tensor[T], wanted bool) Tensor[T] {
	for i, p := range l.levels {
		p.prepare()
		p.backward.scale = l.scale
		if i+1 < len(l.levels) && p.imitated > 0 {
			p.backward.imitation, p.backward.above = l.scale*T(l.spec.Collapse), l.levels[i+1]
		}
	}
	l.eachRead(func(p *predictor[T], row, at, n int) {
		p.blame(at, n, dy.Row(row)[n])
	})
	for i := len(l.levels) - 1; i >= 0; i-- {
		p := l.levels[i]
		p.propagate(p.weights(w), p.weights(dw), wanted, l.see)
		if wanted && i+1 < len(l.levels) {
			l.levels[i+1].decompress(p)
		}
	}
	if !wanted {
		return Tensor[T]{}
	}
	first := l.levels[0]
	l.dx.resize(l.x.Shape, dy.N, paddedStride[T](dy.N))
	clear(l.dx.Data)
	for f := range first.reached * l.symbols {
		copy(l.dx.Row(f), first.backward.du[f*first.ld:])
	}
	return l.dx
}
