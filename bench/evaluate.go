package bench

import (
	"slices"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/kernel"
	"github.com/joust-bench/joust/optimizers"
)

// gradientGroups is the number of partial gradients that a minibatch is summed
// in. It bounds the memory, at that many copies of the weights, and the cores
// that one gradient can use; it is fixed so that the order of summation does
// not depend on how many there are.
const gradientGroups = 32

// Evaluate implements [Objective].
func (o *supervised[T]) Evaluate(need optimizers.Need, candidates [][]float64, step int, evals []optimizers.Evaluation) {
	o.pass.Step = step
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
type units struct {
	fill, narrow, candidate, panel, group, sum, deltas, part func(worker, unit int)
}

func (o *supervised[T]) newUnits() units {
	return units{
		fill: o.fillPanel, narrow: o.narrowPart, candidate: o.lossOfCandidate,
		panel: o.lossOfPanel, group: o.gradientOfGroup, sum: o.sumPart,
		deltas: o.deltasOfPanel, part: o.gradientOfPart,
	}
}

// minibatch brings the examples of a step into o.panels.
func (o *supervised[T]) minibatch(step int) {
	if o.order == nil || o.current == step {
		return
	}
	o.current = step
	o.order.batch(o.index, step)
	optimizers.Parallel(len(o.workers), len(o.panels), o.units.fill)
}

func (o *supervised[T]) fillPanel(worker, p int) {
	k, x := &o.workers[worker], &o.panels[p]
	k.rows = x.fill(&o.data, &o.data.Train, o.index[p*o.panels[0].x.N:][:x.x.N], k.rows)
}

// losses evaluates a population. The unit of work is a candidate, whose
// weights then stay in one core's cache, or, when there are fewer candidates
// than cores, a panel of one.
func (o *supervised[T]) losses(candidates [][]float64, evals []optimizers.Evaluation) {
	o.sums = slices.Grow(o.sums[:0], len(o.panels))[:len(o.panels)]
	cores := o.coresFor(len(candidates) * o.batch)
	if len(candidates) < cores {
		for i, w := range candidates {
			o.share(w)
			optimizers.Parallel(o.coresFor(o.batch), len(o.panels), o.units.panel)
			evals[i].Loss = o.mean(o.sums)
		}
		return
	}
	o.candidates, o.evals = candidates, evals
	optimizers.Parallel(cores, len(candidates), o.units.candidate)
	o.candidates, o.evals = nil, nil // they are the caller's
}

func (o *supervised[T]) lossOfCandidate(worker, i int) {
	k := &o.workers[worker]
	w := k.weights(o.candidates[i])
	k.sums = k.sums[:0]
	size := o.panels[0].x.N
	for s := range o.slabs {
		// Examples do not influence each other, nor what is summed when.
		for losses := range slices.Chunk(k.losses(o, w, &o.slabs[s], 0), size) {
			k.sums = append(k.sums, sum(losses))
		}
	}
	o.evals[i].Loss = o.mean(k.sums)
}

func (o *supervised[T]) lossOfPanel(worker, p int) {
	o.sums[p] = sum(o.workers[worker].losses(o, o.w, &o.panels[p], 0))
}

// cores is how many to use for so much work: one for what takes less time than
// waking another, some ten microseconds.
func (o *supervised[T]) cores(work, least int) int {
	if work < least {
		return 1
	}
	return len(o.workers)
}

// coresFor is for so many examples, with the weights and values of each.
func (o *supervised[T]) coresFor(examples int) int { return o.cores(examples*o.cost, 1<<20) }

// stretch is the number of weights that are converted or summed together: few
// enough for the first-level cache.
const stretch = 2048

// share brings a candidate into o.w, for all workers.
func (o *supervised[T]) share(w []float64) {
	if same, ok := any(w).([]T); ok {
		o.w = same
		return
	}
	o.w = slices.Grow(o.w[:0], len(w))[:len(w)]
	o.wide = w
	optimizers.Parallel(o.cores(len(w), 1<<16), (len(w)+stretch-1)/stretch, o.units.narrow)
	o.wide = nil
}

func (o *supervised[T]) narrowPart(_, u int) {
	lo, hi := u*stretch, min((u+1)*stretch, len(o.w))
	kernel.Narrow(o.w[lo:hi], o.wide[lo:hi])
}

// gradient evaluates one candidate and its gradient, in one of three ways, of which the
// last two give the same bits.
func (o *supervised[T]) gradient(w []float64, eval *optimizers.Evaluation) {
	o.sums = slices.Grow(o.sums[:0], len(o.panels))[:len(o.panels)]
	o.share(w)
	eval.Grad = slices.Grow(eval.Grad[:0], len(w))[:len(w)]
	o.wide = eval.Grad
	switch cores := o.coresFor(o.batch); {
	case o.net().Parts() == 0:
		o.gradientByGroups()
	case cores == 1:
		o.gradientByBlocks()
	default:
		o.gradientByParts(cores)
	}
	o.wide = nil
	eval.Loss = o.mean(o.sums)
}

// gradientByBlocks computes the gradient of one block after another.
func (o *supervised[T]) gradientByBlocks() {
	k := &o.workers[0]
	k.wide = o.wide
	k.sums = k.sums[:0]
	for b := range o.blocks {
		k.more = b > 0
		for losses := range slices.Chunk(k.losses(o, o.w, &o.blocks[b], 1/T(o.batch)), o.panels[0].x.N) {
			k.sums = append(k.sums, sum(losses))
		}
	}
	k.wide = nil
	copy(o.sums, k.sums)
}

// gradientByParts computes the deltas of a few panels at a time, and then all of the
// gradient of the weights with them, part by part.
func (o *supervised[T]) gradientByParts(cores int) {
	// Whole sums at a time: their number does not change what is added to what.
	block := maxSlab / o.panels[0].x.N
	wave := min((cores+block-1)/block*block, len(o.panels))
	for len(o.slots) < wave {
		o.slots = append(o.slots, worker[T]{net: o.net().Clone()})
		o.nets = append(o.nets, o.slots[len(o.slots)-1].net)
	}
	for o.done = 0; o.done < len(o.panels); o.done += wave {
		count := min(wave, len(o.panels)-o.done)
		optimizers.Parallel(cores, count, o.units.deltas)
		o.waved = o.nets[:count]
		optimizers.Parallel(cores, o.net().Parts(), o.units.part)
	}
}

func (o *supervised[T]) deltasOfPanel(_, i int) {
	p := o.done + i
	o.sums[p] = sum(o.slots[i].losses(o, o.w, &o.panels[p], 1/T(o.batch)))
}

func (o *supervised[T]) gradientOfPart(worker, part int) {
	k := &o.workers[worker]
	k.rows = network.PartGradient(o.wide, o.waved, part, o.done > 0, k.rows)
}

// gradientByGroups cuts the panels into at most gradientGroups runs, each summed in
// order into a partial gradient, and these are added in order.
func (o *supervised[T]) gradientByGroups() {
	np := len(o.panels)
	groups := min(gradientGroups, np)
	for len(o.partial) < groups {
		o.partial = append(o.partial, make([]T, len(o.wide)))
	}
	optimizers.Parallel(o.coresFor(o.batch), groups, o.units.group)
	optimizers.Parallel(o.cores(len(o.wide), 1<<16), (len(o.wide)+stretch-1)/stretch, o.units.sum)
}

func (o *supervised[T]) gradientOfGroup(worker, g int) {
	k := &o.workers[worker]
	k.dw = o.partial[g]
	np := len(o.panels)
	groups := min(gradientGroups, np)
	clear(k.dw)
	for p := g * np / groups; p < (g+1)*np/groups; p++ {
		o.sums[p] = sum(k.losses(o, o.w, &o.panels[p], 1/T(o.batch)))
	}
}

func (o *supervised[T]) sumPart(_, u int) {
	lo, hi := u*stretch, min((u+1)*stretch, len(o.wide))
	groups := min(gradientGroups, len(o.panels))
	kernel.Widen(o.wide[lo:hi], o.partial[0][lo:hi])
	for _, dw := range o.partial[1:groups] {
		kernel.AddWide(o.wide[lo:hi], dw[lo:hi])
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
