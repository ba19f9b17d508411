package network

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/joust-bench/joust/network/loss"
)

// An event is an input of a level that it did not predict, and its step.
type event struct {
	step   int
	symbol int
	times  []int // counts of steps, one for each level below
}

// events are the inputs of level p in example i, all or those that surprised it.
func events(p *predictor[float64], i int, all bool) (list []event) {
	for k := range p.lens[i] {
		if !all && !p.surprise[k*p.n+i] {
			continue
		}
		e := event{step: k, symbol: int(p.labels[k*p.n+i])}
		for t := range p.times {
			e.times = append(e.times, int(p.counts[(k*p.times+t)*p.n+i]))
		}
		list = append(list, e)
	}
	return list
}

// decode reconstructs all inputs of a level, of which there are so many, from the events:
// between them it takes what the level predicts. It computes the level on its own.
func decode(p *predictor[float64], w predictorWeights[float64], steps int, list []event) (inputs []event) {
	h, o := make([]float64, p.hidden), []float64(nil)
	for k := range steps {
		e := event{step: k}
		if len(list) > 0 && list[0].step == k {
			e, list = list[0], list[1:]
		} else {
			for s := range p.symbols {
				if o[s] > o[e.symbol] {
					e.symbol = s
				}
			}
			for t := range p.times {
				e.times = append(e.times, int(math.Floor(o[p.symbols+t]*p.timeScale+0.5)))
			}
		}
		inputs = append(inputs, e)
		u := make([]float64, p.inputs())
		u[e.symbol] = 1
		for t, n := range e.times {
			u[p.symbols+t] = float64(n) / p.timeScale
		}
		h = affine(w.wx, u, w.b, affine(w.wh, h, nil, make([]float64, p.hidden)))
		for j := range h {
			h[j] = math.Tanh(h[j])
		}
		o = affine(w.wo, h, w.bo, make([]float64, p.outputs()))
	}
	return inputs
}

// affine adds m x + b to y.
func affine(m, x, b, y []float64) []float64 {
	for i := range y {
		if b != nil {
			y[i] += b[i]
		}
		for j, v := range x {
			y[i] += m[i*len(x)+j] * v
		}
	}
	return y
}

// spread are the events of the level below that the inputs of a level stand for.
func spread(inputs []event) (list []event) {
	step := 0
	for _, e := range inputs {
		last := len(e.times) - 1
		step += e.times[last]
		below := event{step: step, symbol: e.symbol, times: e.times[:last]}
		if last == 0 {
			below.times = nil
		}
		list = append(list, below)
	}
	return list
}

func chunkerOf(t *testing.T, steps, symbols int, s Chunker) (*Network[float64], *chunker[float64]) {
	t.Helper()
	n, err := New[float64](Shape{steps, symbols}, s)
	if err != nil {
		t.Fatal(err)
	}
	return n, n.leaves[0].layer.(*chunker[float64])
}

// oneHot are sequences of symbols as inputs.
func oneHot(symbols int, sequences ...[]int) Tensor[float64] {
	x := NewTensor[float64](Shape{len(sequences[0]), symbols}, len(sequences))
	for i, s := range sequences {
		for k, symbol := range s {
			x.Row(k*symbols + symbol)[i] = 1
		}
	}
	return x
}

// Whatever the weights, and with either criterion, the sequence is what the surprises of
// the last level say, and the weights.
func TestCompressionLosesNothing(t *testing.T) {
	const steps, symbols, examples = 17, 5, 3
	rng := rand.New(rand.NewPCG(1, 2))
	for _, spec := range []Chunker{
		{Levels: 1, Hidden: 6},
		{Levels: 2, Hidden: 4},
		{Levels: 3, Hidden: 5},
		{Levels: 4, Hidden: 3, Collapse: 1},
		{Levels: 3, Hidden: 5, Surprise: 0.6},
		{Levels: 2, Hidden: 4, Surprise: 0.95},
	} {
		predicted := make([]int, spec.Levels)
		for trial := range 60 {
			n, l := chunkerOf(t, steps, symbols, spec)
			w := make([]float64, n.Dim())
			for i := range w {
				w[i] = 2 * rng.NormFloat64()
			}
			for _, p := range l.levels { // random weights would hardly ever hit a time
				for t := range p.times {
					row := p.symbols + t
					for i := range p.hidden {
						p.weights(w).wo[row*p.hidden+i] /= 100
					}
					p.weights(w).bo[row] = 1 / p.timeScale
				}
			}
			sequences := make([][]int, examples)
			for i := range sequences {
				for range steps {
					sequences[i] = append(sequences[i], rng.IntN(symbols)*min(1, rng.IntN(3)))
				}
			}
			x := oneHot(symbols, sequences...)
			x.Lens = []int{steps, 1 + rng.IntN(steps), steps}
			n.Forward(Pass{Mode: Train}, w, x)
			for i := range examples {
				list := events(l.levels[spec.Levels-1], i, false)
				for level := spec.Levels - 1; level >= 0; level-- {
					p := l.levels[level]
					inputs := decode(p, p.weights(w), p.lens[i], list)
					if want := events(p, i, true); fmt.Sprint(inputs) != fmt.Sprint(want) {
						t.Fatalf("%+v, trial %d, level %d: decoded %v, want %v", spec, trial, level, inputs, want)
					}
					predicted[level] += len(inputs) - len(list)
					if level > 0 {
						list = spread(inputs)
						continue
					}
					for k, e := range inputs {
						if e.symbol != sequences[i][k] {
							t.Fatalf("%+v, trial %d: decoded symbol %d is %d, want %d", spec, trial, k, e.symbol, sequences[i][k])
						}
					}
				}
			}
		}
		if predicted[0] == 0 {
			t.Errorf("%+v: no symbol was predicted, want some", spec)
		}
		if spec.Surprise == 0 && slices.Contains(predicted, 0) {
			t.Errorf("%+v: inputs of the levels that were predicted: %v, want some at each", spec, predicted)
		}
	}
}

// successor sets the weights of a first level, with a unit for each symbol, to predict
// symbol s+1 after s.
func successor(p *predictor[float64], w predictorWeights[float64]) {
	for s := range p.symbols {
		w.wx[s*p.symbols+s], w.b[s] = 20, -10
		w.wo[(s+1)%p.symbols*p.hidden+s] = 50
	}
}

// A level that predicts everything hands on the first symbol, and what breaks the rule;
// the level above has no step otherwise, and its state stays what it is.
func TestChunkerTicksOnlyAtSurprises(t *testing.T) {
	const symbols = 5
	for _, surprise := range []float64{0, 0.95} {
		spec := Chunker{Levels: 3, Hidden: symbols, Surprise: surprise}
		n, l := chunkerOf(t, 12, symbols, spec)
		w := n.Init(rand.New(rand.NewPCG(1, 2)))
		first := l.levels[0]
		clear(w[:first.dim()])
		successor(first, first.weights(w))
		y := n.Forward(Pass{Mode: Train}, w, oneHot(symbols,
			[]int{1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2},
			[]int{0, 1, 2, 3, 4, 0, 3, 4, 0, 2, 3, 4}, // at 6 and 9, others than after 5 and 8
		))
		if want := []int{1, 3}; !slices.Equal(l.levels[1].lens, want) {
			t.Errorf("surprise %g: level 1 has %v steps, want %v", surprise, l.levels[1].lens, want)
		}
		want := "[{0 0 [0]} {1 3 [6]} {2 2 [3]}]"
		if got := fmt.Sprint(events(l.levels[1], 1, true)); got != want {
			t.Errorf("surprise %g: inputs of level 1 (step, symbol, time) %s, want %s", surprise, got, want)
		}
		long := slices.Clone(y.Row(0)[:1])
		short, _ := chunkerOf(t, 12, symbols, spec)
		x := oneHot(symbols, []int{1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2})
		x.Lens = []int{2}
		if got := short.Forward(Pass{Mode: Train}, w, x).Row(0)[:1]; !slices.Equal(got, long) {
			t.Errorf("surprise %g: state %v of the last level after 2 steps, want %v as after 12", surprise, got, long)
		}
		losses := make([]float64, 1)
		short.Auxiliary(losses, 0)
		if losses[0] > 1e-12 {
			t.Errorf("surprise %g: loss %g of predictions that are right, want 0", surprise, losses[0])
		}
	}
}

// The gradient of the losses is their slope, as long as what is a surprise stays that:
// each loss in turn, and the level above gets none of the imitation's.
func TestAuxiliaryGradientIsTheSlope(t *testing.T) {
	const steps, symbols = 9, 3
	for _, spec := range []Chunker{
		{Levels: 1, Hidden: 4},
		{Levels: 3, Hidden: 4, Surprise: 0.6},
		{Levels: 2, Hidden: 3, Collapse: 0.7},
		{Levels: 3, Hidden: 3, Collapse: 2, Read: "collapsed"},
	} {
		n, l := chunkerOf(t, steps, symbols, spec)
		rng := rand.New(rand.NewPCG(3, 4))
		w := n.Init(rng)
		for i := range w {
			w[i] += 0.5 * rng.NormFloat64()
		}
		x := oneHot(symbols, []int{0, 1, 1, 2, 0, 1, 1, 2, 0}, []int{2, 2, 0, 1, 0, 2, 1, 0, 0})
		x.Lens = []int{9, 6}
		gates := func() (g []bool) {
			for _, p := range l.levels {
				g = append(g, p.surprise[:p.reached*p.n]...)
			}
			return g
		}
		loss := func(scale float64) (sum float64) {
			n.Forward(Pass{Mode: Train}, w, x)
			losses := make([]float64, 2)
			n.Auxiliary(losses, scale)
			return losses[0] + losses[1]
		}
		const scale = 0.25
		zero := NewTensor[float64](n.Out(), 2)
		grad := make([]float64, n.Dim())
		if loss(scale) == 0 {
			t.Errorf("%+v: loss 0, want one", spec)
		}
		n.BackwardWeights(w, grad, zero)
		frozen := gates()
		if !slices.Contains(frozen[4:], true) || spec.Levels > 1 && !slices.Contains(frozen, false) {
			t.Fatalf("%+v: surprises %v, want some inputs to be one and others not", spec, frozen)
		}
		// What the last computed level loses by being imitated is not in its gradient.
		end := n.Dim()
		if last := l.levels[len(l.levels)-1]; spec.Collapse > 0 {
			end = l.levels[1].off
			if spec.Read == "collapsed" {
				end = last.off
			}
		}
		for i := range w[:end] {
			const h = 1e-5
			old := w[i]
			w[i] = old + h
			above := loss(0)
			if !slices.Equal(gates(), frozen) {
				t.Fatalf("%+v: weight %d: a step of %g changes what is a surprise", spec, i, h)
			}
			w[i] = old - h
			below := loss(0)
			if !slices.Equal(gates(), frozen) {
				t.Fatalf("%+v: weight %d: a step of %g changes what is a surprise", spec, i, h)
			}
			w[i] = old
			if slope := scale * (above - below) / (2 * h); !(math.Abs(grad[i]-slope) <= 1e-6*max(1e-3, math.Abs(slope))) {
				t.Errorf("%+v: gradient of weight %d is %g, want the slope %g", spec, i, grad[i], slope)
			}
		}
		// Without a call of Auxiliary, the gradient is that of the outputs: here 0.
		n.Forward(Pass{Mode: Train}, w, x)
		clear(grad)
		n.BackwardWeights(w, grad, zero)
		for i, g := range grad {
			if g != 0 {
				t.Fatalf("%+v: gradient %g of weight %d without auxiliary losses, want 0", spec, g, i)
			}
		}
	}
}

// The levels above learn nothing from being imitated.
func TestImitationTeachesOnlyTheImitator(t *testing.T) {
	x := oneHot(3, []int{0, 1, 1, 2, 0, 1, 1, 2, 0}, []int{2, 2, 0, 1, 0, 2, 1, 0, 0})
	gradient := func(collapse float64) []float64 {
		n, l := chunkerOf(t, 9, 3, Chunker{Levels: 2, Hidden: 4, Collapse: collapse})
		w := n.Init(rand.New(rand.NewPCG(1, 2)))
		n.Forward(Pass{Mode: Train}, w, x)
		n.Auxiliary(make([]float64, 2), 1)
		dw := make([]float64, n.Dim())
		n.BackwardWeights(w, dw, NewTensor[float64](n.Out(), 2))
		return dw[l.levels[1].off:]
	}
	if a, b := gradient(1e-9), gradient(100); !slices.Equal(a, b) {
		t.Errorf("gradient of the last level %v with a great weight of the imitation, want %v as with a small one", b, a)
	}
}

// A chunks is a network that learns which of two sequences it sees that differ in
// their first symbol alone (Schmidhuber 1992, sec. 6), by Adam, one at a time.
type chunks struct {
	n           *Network[float64]
	layer       *chunker[float64]
	rng         *rand.Rand
	w, mean, sq []float64
	lag, blocks int
}

// chunksOf shares the weights w, if there are any.
func chunksOf(t *testing.T, lag int, s Chunker, w []float64) *chunks {
	t.Helper()
	n, err := New[float64](Shape{lag + 1, lag + 2}, s, Dense{Out: 1})
	if err != nil {
		t.Fatal(err)
	}
	c := &chunks{n: n, layer: n.leaves[0].layer.(*chunker[float64]), rng: rand.New(rand.NewPCG(1, 2)), w: w, lag: lag}
	if w == nil {
		c.w = n.Init(c.rng)
	}
	c.mean, c.sq = make([]float64, n.Dim()), make([]float64, n.Dim())
	return c
}

// block shows the network a sequence, and returns whether it was told which, and by how
// many symbols it was surprised. It learns afterwards.
func (c *chunks) block(rate float64) (right bool, surprises int) {
	class := c.rng.IntN(2)
	sequence := []int{class}
	for b := range c.lag {
		sequence = append(sequence, 2+b)
	}
	y := c.n.Forward(Pass{Mode: Train}, c.w, oneHot(c.lag+2, sequence))
	right = (y.Row(0)[0] > 0) == (class == 1)
	losses, dy := make([]float64, 1), NewTensor[float64](Shape{1}, 1)
	loss.Evaluate(loss.BinaryCrossEntropy, losses, dy.Data, y.Data, y.Stride, 1, 1, loss.Target[float64]{Values: []float64{float64(class)}, Stride: 1}, 1)
	c.n.Auxiliary(losses, 1)
	dw := make([]float64, len(c.w))
	c.n.BackwardWeights(c.w, dw, dy)
	for _, s := range c.layer.levels[0].surprise[:c.lag+1] {
		if s {
			surprises++
		}
	}
	c.blocks++
	first, second := 1-math.Pow(0.9, float64(c.blocks)), 1-math.Pow(0.999, float64(c.blocks))
	for i, g := range dw {
		c.mean[i] += 0.1 * (g - c.mean[i])
		c.sq[i] += 0.001 * (g*g - c.sq[i])
		c.w[i] -= rate * c.mean[i] / first / (math.Sqrt(c.sq[i]/second) + 1e-8)
	}
	return right, surprises
}

// run is so many blocks, and how many of the last hundred were right.
func (c *chunks) run(blocks int) (right, surprises int) {
	for b := range blocks {
		if ok, n := c.block(0.01); b >= blocks-100 {
			surprises += n
			if ok {
				right++
			}
		}
	}
	return right, surprises
}

// With errors that go back three steps a recurrent network does not learn what was 20
// steps ago: of a hundred it gets half right, with a deviation of 5. A level above it
// does, since all but the first symbol are predicted: one surprise a block.
func TestChunkerBridgesALag(t *testing.T) {
	two := chunksOf(t, 20, Chunker{Levels: 2, Hidden: 16, Surprise: 0.95, Truncation: 3}, nil)
	if right, surprises := two.run(300); right != 100 || surprises > 150 {
		t.Errorf("two levels after 300 sequences: %d of 100 right, with %d surprises, want all, and 150 at most", right, surprises)
	}
	one := chunksOf(t, 20, Chunker{Levels: 1, Hidden: 16, Truncation: 3}, nil)
	if right, surprises := one.run(300); right > 70 || surprises > 150 {
		t.Errorf("one level after 300 sequences: %d of 100 right, with %d surprises, want 70 and 150 at most", right, surprises)
	}
}

// A level that imitates the one above knows what that knows: the class is read from it
// alone, without a step of training, and it can be trained further by itself.
func TestCollapsedChunkerBridgesTheLagAlone(t *testing.T) {
	spec := Chunker{Levels: 2, Hidden: 24, Surprise: 0.95, Truncation: 3, Collapse: 1}
	both := chunksOf(t, 10, spec, nil)
	both.run(700)
	spec.Read = "collapsed"
	alone := chunksOf(t, 10, spec, slices.Clone(both.w))
	above := slices.Clone(both.w[alone.layer.all[1].off:][:alone.layer.all[1].dim()])
	right := 0
	for range 100 {
		if ok, _ := alone.block(0.001); ok {
			right++
		}
	}
	if right != 100 {
		t.Errorf("the first level alone: %d of 100 right, want all", right)
	}
	if got := alone.w[alone.layer.all[1].off:][:len(above)]; !slices.Equal(got, above) {
		t.Error("training the first level alone changed the second")
	}
}
