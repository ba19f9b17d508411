package bench

import (
	"slices"

	"github.com/joust-bench/joust/optimizers"
)

// gradientGroups is the number of partial gradients that a minibatch is summed
// in. It bounds the memory, at that many copies of the weights, and the cores
// that one gradient can use; it is fixed so that the order of summation does
// not depend on how many there are.
const gradientGroups = 32

// Evaluate implements [Objective].
func (o *supervised[T]) Evaluate(need optimizers.Need, candidates [][]float64, step int, evals []optimizers.Evaluation) {
	o.minibatch(step)
	if need == optimizers.NeedGrad {
		for i, w := range candidates {
			o.gradient(w, &evals[i])
		}
		return
	}
	o.losses(candidates, evals)
}

// units are the functions that evaluation hands to [parallel], made once: a
// function literal in a loop would be allocated in each step.
type units struct{ fill, candidate, panel, group func(worker, unit int) }

func (o *supervised[T]) newUnits() units {
	return units{fill: o.fillPanel, candidate: o.lossOfCandidate, panel: o.lossOfPanel, group: o.gradientOfGroup}
}

// minibatch brings the examples of a step into o.panels.
func (o *supervised[T]) minibatch(step int) {
	if o.order == nil || o.current == step {
		return
	}
	o.current = step
	o.order.batch(o.index, step)
	parallel(len(o.workers), len(o.panels), o.units.fill)
}

func (o *supervised[T]) fillPanel(_, p int) {
	size := o.panels[0].x.N
	index := o.index[p*size:]
	o.panels[p].fill(&o.data, &o.data.Train, index[:min(size, len(index))])
}

// losses evaluates a population. The unit of work is a candidate, whose
// weights then stay in one core's cache, or, when there are fewer candidates
// than cores, a panel of one.
func (o *supervised[T]) losses(candidates [][]float64, evals []optimizers.Evaluation) {
	np := len(o.panels)
	o.candidates = candidates
	o.sums = slices.Grow(o.sums[:0], len(candidates)*np)[:len(candidates)*np]
	if len(candidates) >= len(o.workers) {
		parallel(len(o.workers), len(candidates), o.units.candidate)
	} else {
		parallel(len(o.workers), len(o.sums), o.units.panel)
	}
	o.candidates = nil // they are the optimizer's
	for i := range candidates {
		evals[i].Loss = o.mean(o.sums[i*np:][:np])
	}
}

func (o *supervised[T]) lossOfCandidate(worker, i int) {
	k := &o.workers[worker]
	w := k.weights(o.candidates[i])
	for p := range o.panels {
		o.sums[i*len(o.panels)+p] = k.loss(o, w, nil, &o.panels[p], 0)
	}
}

func (o *supervised[T]) lossOfPanel(worker, u int) {
	k, np := &o.workers[worker], len(o.panels)
	o.sums[u] = k.loss(o, k.weights(o.candidates[u/np]), nil, &o.panels[u%np], 0)
}

// gradient evaluates one candidate and its gradient. The panels are cut into
// at most gradientGroups runs, each summed in order into a partial gradient,
// and these are added in order.
func (o *supervised[T]) gradient(w []float64, eval *optimizers.Evaluation) {
	np := len(o.panels)
	groups := min(gradientGroups, np)
	for len(o.partial) < groups {
		o.partial = append(o.partial, make([]T, len(w)))
	}
	o.sums = slices.Grow(o.sums[:0], np)[:np]
	o.point = w
	parallel(len(o.workers), groups, o.units.group)
	o.point = nil // it is the optimizer's
	eval.Loss = o.mean(o.sums)
	eval.Grad = slices.Grow(eval.Grad[:0], len(w))[:len(w)]
	clear(eval.Grad)
	for _, dw := range o.partial[:groups] {
		for i, v := range dw {
			eval.Grad[i] += float64(v)
		}
	}
}

func (o *supervised[T]) gradientOfGroup(worker, g int) {
	k, dw := &o.workers[worker], o.partial[g]
	np := len(o.panels)
	groups := min(gradientGroups, np)
	w := k.weights(o.point)
	clear(dw)
	for p := g * np / groups; p < (g+1)*np/groups; p++ {
		o.sums[p] = k.loss(o, w, dw, &o.panels[p], 1/T(o.batch))
	}
}

// mean is the mean loss of a minibatch from the sums over its panels.
func (o *supervised[T]) mean(sums []float64) float64 {
	total := 0.0
	for _, s := range sums {
		total += s
	}
	return finite(total / float64(o.batch))
}
