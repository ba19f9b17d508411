package network

import "github.com/joust-bench/joust/network/kernel"

// A predictorGradient is what the backward pass of a [predictor] computes.
type predictorGradient[T Float] struct {
	scale     T             // of the losses of the predictions
	imitation T             // of that of the imitation
	above     *predictor[T] // what is imitated
	blamed    bool          // whether an output, and not only a state, was read

	memory []T
	read   []T    // [hidden+outputs][n]: the gradient of what was read in the last steps
	do     []T    // [outputs][n]
	deltas [2][]T // [hidden][ages][n]: the gradient of net inputs, by the age of the error
	dz     []T    // [hidden][n]: its sum over the ages
	du     []T    // [T][inputs][n]
	ldt    int    // leading dimension of the next four
	dzt    []T    // [n][hidden]: dz transposed
	dot    []T    // [n][outputs]: do transposed
	dwt    []T    // [inputs+hidden][hidden]: the gradients of Wx and Wh transposed
	dwot   []T    // [hidden][outputs]: those of Wo and Wc
	dw     []T    // one of those
}

// ages is the number of ages that errors are told apart by: 1 if they go all the way.
func (p *predictor[T]) ages() int {
	if p.endless() {
		return 1
	}
	return p.horizon
}

func (p *predictor[T]) endless() bool { return p.horizon == 0 || p.horizon >= p.steps }

// prepare makes room for a backward pass. Nothing has been read yet.
func (p *predictor[T]) prepare() {
	b := &p.backward
	b.ldt = paddedStride[T](max(p.hidden, p.outputs()))
	size := p.hidden * p.ld
	pieces := [...]piece[T]{
		{&b.read, (p.hidden + p.outputs()) * p.ld},
		{&b.do, p.outputs() * p.ld},
		{&b.deltas[0], p.ages() * size},
		{&b.deltas[1], p.ages() * size},
		{&b.dz, size},
		{&b.du, p.steps * p.inputs() * p.ld},
		{&b.dzt, p.n * b.ldt},
		{&b.dot, p.n * b.ldt},
		{&b.dwt, (p.inputs() + p.hidden) * b.ldt},
		{&b.dwot, p.hidden * b.ldt},
		{&b.dw, p.hidden * max(p.inputs(), p.hidden, p.outputs())},
	}
	b.memory = carve(b.memory, pieces[:]...)
	clear(b.read)
	b.scale, b.imitation, b.above, b.blamed = 0, 0, nil, false
}

// value is value at of example i in its last step: states, then outputs.
func (p *predictor[T]) value(at, i int) T {
	k := p.lens[i] - 1
	if at < p.hidden {
		return p.state(k, at)[i]
	}
	return p.output(k, at-p.hidden)[i]
}

// blame gives that value the gradient d.
func (p *predictor[T]) blame(at, i int, d T) {
	p.backward.read[at*p.ld+i] = d
	p.backward.blamed = p.backward.blamed || at >= p.hidden
}

// errors computes the gradient of the outputs of step k, and reports whether there is
// one.
func (p *predictor[T]) errors(k int) bool {
	b := &p.backward
	if b.scale == 0 && b.imitation == 0 && !b.blamed {
		return false
	}
	next := k + 1
	clear(b.do)
	if next < p.reached && b.scale != 0 {
		kernel.SoftmaxCrossEntropy(p.ce, b.do, p.o[k*p.outputs()*p.ld:], p.ld, p.symbols, p.n, p.labels[next*p.n:][:p.n], b.scale)
		for t := range p.times {
			f := p.symbols + t
			o, u, d := p.output(k, f), p.input(next, f), b.do[f*p.ld:]
			for i := range p.n {
				d[i] = 2 * (o[i] - u[i]) * b.scale
			}
		}
		for f := range p.inputs() {
			d := b.do[f*p.ld:][:p.n]
			for i := range d {
				if next < p.lens[i] {
					d[i] /= T(p.predictions(i))
				} else {
					d[i] = 0
				}
			}
		}
	}
	if b.imitation != 0 {
		for u := range p.imitated {
			f := p.inputs() + u
			o, d := p.output(k, f), b.do[f*p.ld:]
			for i, steps := range p.lens {
				if k < steps {
					d[i] = 2 * (o[i] - p.model(b.above, k, u, i)) * b.imitation / T(steps)
				}
			}
		}
	}
	if b.blamed {
		for f := range p.outputs() {
			p.addRead(b.do[f*p.ld:], p.hidden+f, k)
		}
	}
	return true
}

// addRead adds the gradient of value at, of the examples that end with step k, to d.
func (p *predictor[T]) addRead(d []T, at, k int) {
	for i, steps := range p.lens {
		if k == steps-1 {
			d[i] += p.backward.read[at*p.ld+i]
		}
	}
}

// propagate adds the gradient of the weights to dw, and with wanted computes that of the
// inputs. An error that arises at a step trains the weights of that step and of as many
// before as the horizon has; errors of different ages are kept apart for that. If not nil,
// see sees the gradient of each state, of errors of all ages together.
func (p *predictor[T]) propagate(w, dw predictorWeights[T], wanted bool, see seeStep[T]) {
	b := &p.backward
	n, hidden, inputs, outputs := p.n, p.hidden, p.inputs(), p.outputs()
	ages := p.ages()
	ldd := ages * p.ld
	clear(b.dwt)
	clear(b.dwot)
	for k := p.reached - 1; k >= 0; k-- {
		after, now := b.deltas[k%2], b.deltas[1-k%2]
		if k == p.reached-1 {
			clear(after)
		}
		if p.errors(k) {
			kernel.Gemm(hidden, n, outputs, now, ldd, w.wo, 1, hidden, b.do, p.ld, nil, false)
			kernel.RowSums(dw.bo, b.do, p.ld, outputs, n, true)
			kernel.Transpose(b.dot, b.ldt, b.do, p.ld, outputs, n)
			kernel.Gemm(hidden, outputs, n, b.dwot, b.ldt, p.h[k*hidden*p.ld:], p.ld, 1, b.dot, b.ldt, nil, true)
		} else {
			for u := range hidden {
				clear(now[u*ldd:][:n])
			}
		}
		for u := range hidden {
			p.addRead(now[u*ldd:], u, k)
		}
		switch {
		case p.endless():
			kernel.Gemm(hidden, n, hidden, now, ldd, w.wh, 1, hidden, after, ldd, nil, true)
		case ages > 1: // each is a step older
			kernel.Gemm(hidden, (ages-2)*p.ld+n, hidden, now[p.ld:], ldd, w.wh, 1, hidden, after, ldd, nil, false)
		}
		if see != nil {
			see(p.name, k, p.sumAges(b.dz, now))
		}
		for u := range hidden {
			dz := b.dz[u*p.ld:][:n]
			for age := range ages {
				d := now[u*ldd+age*p.ld:][:n]
				kernel.TanhGrad(d, d, p.state(k, u))
				if age == 0 {
					copy(dz, d)
				} else {
					kernel.Add(dz, d)
				}
			}
		}
		kernel.RowSums(dw.b, b.dz, p.ld, hidden, n, true)
		kernel.Transpose(b.dzt, b.ldt, b.dz, p.ld, hidden, n)
		kernel.Gemm(inputs, hidden, n, b.dwt, b.ldt, p.u[k*inputs*p.ld:], p.ld, 1, b.dzt, b.ldt, nil, true)
		if k > 0 {
			kernel.Gemm(hidden, hidden, n, b.dwt[inputs*b.ldt:], b.ldt, p.h[(k-1)*hidden*p.ld:], p.ld, 1, b.dzt, b.ldt, nil, true)
		}
		if wanted {
			kernel.Gemm(inputs, n, hidden, b.du[k*inputs*p.ld:], p.ld, w.wx, 1, inputs, b.dz, p.ld, nil, false)
		}
	}
	for _, m := range [...]struct {
		dst, src      []T
		rows, columns int
	}{{dw.wx, b.dwt, hidden, inputs}, {dw.wh, b.dwt[inputs*b.ldt:], hidden, hidden}, {dw.wo, b.dwot, outputs, hidden}} {
		kernel.Transpose(b.dw, m.columns, m.src, b.ldt, m.columns, m.rows)
		kernel.Add(m.dst, b.dw)
	}
}

// sumAges writes the sum of what is told apart by age to sum.
func (p *predictor[T]) sumAges(sum, of []T) Tensor[T] {
	ages := p.ages()
	for u := range p.hidden {
		row := sum[u*p.ld:][:p.n]
		copy(row, of[u*ages*p.ld:])
		for age := 1; age < ages; age++ {
			kernel.Add(row, of[(u*ages+age)*p.ld:])
		}
	}
	return Tensor[T]{Shape: Shape{p.hidden}, N: p.n, Stride: p.ld, Data: sum}
}

// decompress adds the gradient of the inputs to that of the level below, whose surprises
// they are.
func (p *predictor[T]) decompress(below *predictor[T]) {
	for k := range below.reached {
		for i := range p.n {
			if !below.surprise[k*p.n+i] {
				continue
			}
			m := int(below.tick[k*p.n+i])
			for f := range below.inputs() {
				below.backward.du[(k*below.inputs()+f)*p.ld+i] += p.backward.du[(m*p.inputs()+f)*p.ld+i]
			}
		}
	}
}
