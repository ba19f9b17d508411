package network

import (
	"math"

	"github.com/joust-bench/joust/network/kernel"
)

// A predictor is a level of a [Chunker]: a recurrent network over sequences of different
// lengths, which predicts its next input. Inputs are symbols, then times; outputs are
// what it predicts for them, then what it imitates.
type predictor[T Float] struct {
	name           string
	symbols, times int // of its inputs
	hidden         int
	imitated       int // outputs for the state of the level above
	steps          int // at most
	horizon        int // steps that an error is propagated back; 0: all
	off            int // of its weights among the layer's

	argmax    bool    // whether a symbol surprises unless it is the most probable
	bound     T       // otherwise, if its loss is above
	timeScale float64 // the time that counts as 1

	n, ld    int
	reached  int     // steps of the longest sequence
	lens     []int   // of each example
	labels   []int32 // [T][n]: the symbol of each input
	counts   []int32 // [T][times][n]: the times of each input, in steps
	surprise []bool  // [T][n]: whether the input is one
	tick     []int32 // [T][n]: the step of the level above that began last

	memory []T
	u      []T // [T][predicted][n]: inputs
	h      []T // [T][hidden][n]: states
	o      []T // [T][outputs][n]
	loss   []T // [n]: the sum over predictions
	ce     []T // [n]: of the symbols of one step, and scratch

	backward predictorGradient[T]
}

// inputs is their number, and that of the outputs that predict the next ones.
func (p *predictor[T]) inputs() int { return p.symbols + p.times }

func (p *predictor[T]) outputs() int { return p.inputs() + p.imitated }

// A weightBlock is a matrix of weights, or a bias, which has no columns.
type weightBlock struct {
	name          string
	rows, columns int
}

func (p *predictor[T]) parts() []weightBlock {
	parts := []weightBlock{
		{"wx", p.hidden, p.inputs()},
		{"wh", p.hidden, p.hidden},
		{"b", p.hidden, 0},
		{"wo", p.inputs(), p.hidden},
		{"wc", p.imitated, p.hidden},
		{"bo", p.inputs(), 0},
		{"bc", p.imitated, 0},
	}
	if p.imitated == 0 {
		parts = []weightBlock{parts[0], parts[1], parts[2], parts[3], parts[5]}
	}
	return parts
}

// predictorWeights are those of a level, or their gradient. wo and bo include what
// follows them for the imitation.
type predictorWeights[T Float] struct{ wx, wh, b, wo, bo []T }

// dim is the number of weights.
func (p *predictor[T]) dim() int {
	return p.hidden*(p.inputs()+p.hidden+1) + p.outputs()*(p.hidden+1)
}

func (p *predictor[T]) weights(w []T) (s predictorWeights[T]) {
	w = w[p.off:][:p.dim()]
	for _, m := range [...]piece[T]{
		{&s.wx, p.hidden * p.inputs()},
		{&s.wh, p.hidden * p.hidden},
		{&s.b, p.hidden},
		{&s.wo, p.outputs() * p.hidden},
		{&s.bo, p.outputs()},
	} {
		*m.dst, w = w[:m.len:m.len], w[m.len:]
	}
	return s
}

// reserve makes room for n examples of any lengths.
func (p *predictor[T]) reserve(n int) {
	p.n, p.ld = n, paddedStride[T](n)
	pieces := [...]piece[T]{
		{&p.u, p.steps * p.inputs() * p.ld},
		{&p.h, p.steps * p.hidden * p.ld},
		{&p.o, p.steps * p.outputs() * p.ld},
		{&p.loss, n},
		{&p.ce, n},
	}
	p.memory = carve(p.memory, pieces[:]...)
	if cap(p.lens) < n {
		p.lens = make([]int, n)
		p.labels, p.tick = make([]int32, p.steps*n), make([]int32, p.steps*n)
		p.counts, p.surprise = make([]int32, p.steps*p.times*n), make([]bool, p.steps*n)
	}
	p.lens = p.lens[:n]
}

// input, state and output are value i of step k, of all examples.
func (p *predictor[T]) input(k, i int) []T  { return p.u[(k*p.inputs()+i)*p.ld:][:p.n] }
func (p *predictor[T]) state(k, i int) []T  { return p.h[(k*p.hidden+i)*p.ld:][:p.n] }
func (p *predictor[T]) output(k, i int) []T { return p.o[(k*p.outputs()+i)*p.ld:][:p.n] }

// receive takes sequences as inputs: the lowest level's.
func (p *predictor[T]) receive(x Tensor[T], reached int) {
	p.reserve(x.N)
	p.reached = reached
	for i := range p.lens {
		p.lens[i] = reached
		if x.Lens != nil {
			p.lens[i] = x.Lens[i]
		}
	}
	for k := range reached {
		labels := p.labels[k*p.n:][:p.n]
		clear(labels)
		for s := range p.symbols {
			row, most := p.input(k, s), int32(s)
			copy(row, x.Row(k*p.symbols+s))
			for i, v := range row {
				switch {
				case k >= p.lens[i]:
					row[i] = 0
				case v > p.input(k, int(labels[i]))[i]:
					labels[i] = most
				}
			}
		}
	}
}

// compress takes the surprises of the level below as inputs.
func (p *predictor[T]) compress(below *predictor[T]) {
	p.reserve(below.n)
	clear(p.lens)
	for k := range below.reached {
		for i := range p.n {
			if below.surprise[k*p.n+i] {
				p.lens[i]++
			}
		}
	}
	p.reached = 0
	for i, n := range p.lens {
		p.reached = max(p.reached, n)
		p.lens[i] = 0
	}
	clear(p.u[:p.reached*p.inputs()*p.ld])
	clear(p.labels[:p.reached*p.n])
	for k := range below.reached {
		for i := range p.n {
			if below.surprise[k*p.n+i] {
				p.admit(below, k, i)
			}
			below.tick[k*p.n+i] = int32(p.lens[i] - 1)
		}
	}
}

// admit gives example i one more input, that of step k of the level below.
func (p *predictor[T]) admit(below *predictor[T], k, i int) {
	m, elapsed := p.lens[i], int32(0)
	p.lens[i]++
	if m > 0 {
		// The step before began where the tick of the level below last changed.
		before := k - 1
		for before > 0 && !below.surprise[before*p.n+i] {
			before--
		}
		elapsed = int32(k - before)
	}
	for f := range below.inputs() {
		p.input(m, f)[i] = below.input(k, f)[i]
	}
	for t := range below.times {
		p.counts[(m*p.times+t)*p.n+i] = below.counts[(k*below.times+t)*p.n+i]
	}
	p.counts[(m*p.times+p.times-1)*p.n+i] = elapsed
	p.input(m, p.inputs()-1)[i] = T(float64(elapsed) / p.timeScale)
	p.labels[m*p.n+i] = below.labels[k*p.n+i]
}

// run computes states and outputs, losses and surprises.
func (p *predictor[T]) run(w predictorWeights[T]) {
	n, hidden := p.n, p.hidden
	clear(p.loss)
	for i, steps := range p.lens {
		p.surprise[i] = steps > 0
	}
	size := hidden * p.ld
	for k := range p.reached {
		h := p.h[k*size:][:size]
		kernel.Gemm(hidden, n, p.inputs(), h, p.ld, w.wx, p.inputs(), 1, p.u[k*p.inputs()*p.ld:], p.ld, w.b, false)
		if k > 0 {
			kernel.Gemm(hidden, n, hidden, h, p.ld, w.wh, hidden, 1, p.h[(k-1)*size:], p.ld, nil, true)
		}
		for u := range hidden {
			kernel.Tanh(p.state(k, u), p.state(k, u))
		}
		kernel.Gemm(p.outputs(), n, hidden, p.o[k*p.outputs()*p.ld:], p.ld, w.wo, hidden, 1, h, p.ld, w.bo, false)
		if k+1 < p.reached {
			p.expect(k)
		}
	}
}

// expect compares what step k predicts with what comes.
func (p *predictor[T]) expect(k int) {
	next := k + 1
	labels := p.labels[next*p.n:][:p.n]
	kernel.SoftmaxCrossEntropy(p.ce, nil, p.o[k*p.outputs()*p.ld:], p.ld, p.symbols, p.n, labels, 0)
	for i, label := range labels {
		at := next*p.n + i
		if next >= p.lens[i] {
			p.surprise[at] = false
			continue
		}
		p.loss[i] += p.ce[i]
		if p.argmax {
			p.surprise[at] = p.likeliest(k, i) != label
		} else {
			p.surprise[at] = !(p.ce[i] <= p.bound)
		}
		for t := range p.times {
			v := p.output(k, p.symbols+t)[i]
			e := v - p.input(next, p.symbols+t)[i]
			p.loss[i] += T(e * e)
			if nearest(v, p.timeScale) != float64(p.counts[(next*p.times+t)*p.n+i]) {
				p.surprise[at] = true
			}
		}
	}
}

// likeliest is the symbol that example i has most probably after step k, the first of
// equals.
func (p *predictor[T]) likeliest(k, i int) (best int32) {
	most := p.output(k, 0)[i]
	for s := 1; s < p.symbols; s++ {
		if v := p.output(k, s)[i]; v > most {
			most, best = v, int32(s)
		}
	}
	return best
}

// nearest is the number of steps that v means: the nearest, and the greater of two.
func nearest[T Float](v T, scale float64) float64 {
	return math.Floor(float64(float64(v)*scale) + 0.5)
}

// predictions is the number of them for example i.
func (p *predictor[T]) predictions(i int) int { return max(0, p.lens[i]-1) }

// lose adds the mean loss of the predictions.
func (p *predictor[T]) lose(losses []T) {
	for i, loss := range p.loss {
		if k := p.predictions(i); k > 0 {
			losses[i] += loss / T(k)
		}
	}
}

// imitate adds weight times the mean squared distance from the level above.
func (p *predictor[T]) imitate(losses []T, above *predictor[T], weight T) {
	sums := p.ce
	clear(sums)
	for k := range p.reached {
		for u := range p.imitated {
			for i, o := range p.output(k, p.inputs()+u) {
				if k < p.lens[i] {
					d := o - p.model(above, k, u, i)
					sums[i] += T(d * d)
				}
			}
		}
	}
	for i, steps := range p.lens {
		losses[i] += T(weight * (sums[i] / T(steps)))
	}
}

// model is unit u of the state of the level above at step k of example i.
func (p *predictor[T]) model(above *predictor[T], k, u, i int) T {
	return above.h[(int(p.tick[k*p.n+i])*above.hidden+u)*above.ld+i]
}
