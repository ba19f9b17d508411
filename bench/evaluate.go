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

// minibatch brings the examples of a step into o.panels.
func (o *supervised[T]) minibatch(step int) {
	if o.order == nil || o.current == step {
		return
	}
	o.current = step
	o.order.batch(o.index, step)
	size := o.panels[0].x.N
	parallel(len(o.workers), len(o.panels), func(_, k int) {
		lo := k * size
		o.panels[k].fill(&o.data, &o.data.Train, o.index[lo:min(lo+size, len(o.index))])
	})
}

// losses evaluates a population. The unit of work is a candidate, whose
// weights then stay in one core's cache, or, when there are fewer candidates
// than cores, a panel of one.
func (o *supervised[T]) losses(candidates [][]float64, evals []optimizers.Evaluation) {
	np := len(o.panels)
	o.sums = slices.Grow(o.sums[:0], len(candidates)*np)[:len(candidates)*np]
	if len(candidates) >= len(o.workers) {
		parallel(len(o.workers), len(candidates), func(worker, i int) {
			k := &o.workers[worker]
			w := k.weights(candidates[i])
			for p := range o.panels {
				o.sums[i*np+p] = k.loss(o, w, nil, &o.panels[p], 0)
			}
		})
	} else {
		parallel(len(o.workers), len(o.sums), func(worker, u int) {
			k := &o.workers[worker]
			o.sums[u] = k.loss(o, k.weights(candidates[u/np]), nil, &o.panels[u%np], 0)
		})
	}
	for i := range candidates {
		evals[i].Loss = o.mean(o.sums[i*np:][:np])
	}
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
	scale := 1 / T(o.batch)
	parallel(len(o.workers), groups, func(worker, g int) {
		k, dw := &o.workers[worker], o.partial[g]
		v := k.weights(w)
		clear(dw)
		for p := g * np / groups; p < (g+1)*np/groups; p++ {
			o.sums[p] = k.loss(o, v, dw, &o.panels[p], scale)
		}
	})
	eval.Loss = o.mean(o.sums)
	eval.Grad = slices.Grow(eval.Grad[:0], len(w))[:len(w)]
	clear(eval.Grad)
	for _, dw := range o.partial[:groups] {
		for i, v := range dw {
			eval.Grad[i] += float64(v)
		}
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
