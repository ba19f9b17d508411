package bench

import (
	"math"
	"slices"

	"github.com/joust-bench/joust/optimizers"
)

// A sighting is what was noted down of a step before the optimizer was told of it.
type sighting struct {
	step   int       // that was under way, counted from 1; 0: none yet
	before []float64 // the point that was recommended
	search *Search
}

// watch notes down a step whose candidates were evaluated and charged, if a
// checkpoint or the end follows, and reports whether it did. What it evaluates
// besides is free.
func (r *race) watch(candidates [][]float64, told []optimizers.Evaluation) bool {
	units := r.res.Work.Units(r.trial.GradCost)
	end := r.spent()
	if !end && !r.grid.due(units) {
		return false
	}
	grid := r.grid // a copy, to look ahead
	r.seen.step, r.seen.search = r.res.Steps, nil
	r.seen.before = append(r.seen.before[:0], r.rec.current()...)
	if len(candidates) < 2 {
		return true
	}
	losses := make([]float64, len(told))
	for i, e := range told {
		losses[i] = e.Loss
	}
	s := measureSearch(losses)
	s.Rank = math.NaN()
	if grid.pass(units) || end {
		s.Rank = r.rank(candidates, losses)
	}
	r.seen.search = &s
	return true
}

// rankedCandidates is how many are evaluated on a second minibatch, at most.
const rankedCandidates = 64

// rank correlates the losses of candidates on the minibatch of the step with those on
// the next one.
func (r *race) rank(candidates [][]float64, losses []float64) float64 {
	if r.obj.Batch() >= r.obj.Examples() {
		return 1
	}
	n := min(len(candidates), rankedCandidates)
	again := make([]optimizers.Evaluation, n)
	r.obj.Evaluate(optimizers.NeedLoss, candidates[:n], r.res.Steps, again)
	second := make([]float64, n)
	for i, e := range again {
		second[i] = e.Loss
	}
	return spearman(losses[:n], second)
}

// look adds a probe of w, at the last point of the curve: of the start, with a survey.
func (r *race) look(w []float64) {
	// The work of the checkpoint: by now, electing w may have been charged.
	p := Probe{Work: r.res.Curve[len(r.res.Curve)-1].Work, Layers: r.obj.Probe(w)}
	if p.Layers == nil {
		return
	}
	if r.seen.step == r.res.Steps && r.res.Steps > 0 {
		p.Search = r.seen.search
		p.Updates = updates(r.obj.Blocks(), r.seen.before, w)
	}
	if d, ok := r.opt.(optimizers.Diagnoser); ok {
		for name, value := range d.Diagnostics() {
			p.Diagnostics = append(p.Diagnostics, Diagnostic{name, value})
		}
	}
	if s, ok := r.obj.(Surveyor); ok && r.res.Steps == 0 {
		p.Survey = s.Survey(w)
	}
	r.res.Probes = append(r.res.Probes, p)
	r.probed = r.res.Steps
}

// lookAtEnd makes the last probe one of the final weights, with a survey. They may
// have been elected, and not be those that were probed last.
func (r *race) lookAtEnd(w []float64) {
	t0 := r.now()
	switch n := len(r.res.Probes); {
	case n > 0 && r.res.Steps == 0:
		return // the start is the end
	case n == 0 || r.probed < r.res.Steps:
		r.look(w)
	default:
		r.res.Probes[n-1].Layers = r.obj.Probe(w)
	}
	if s, ok := r.obj.(Surveyor); ok && len(r.res.Probes) > 0 {
		r.res.Probes[len(r.res.Probes)-1].Survey = s.Survey(w)
	}
	r.res.Timing.Free += r.now().Sub(t0)
}

// updates returns, for each layer with a weight matrix, the size of its change over
// that of its weights, biases included. A layer whose weights are all 0 has not
// changed or has by its own size: 0 or 1.
func updates(blocks []optimizers.Block, before, after []float64) []float64 {
	list := []float64{}
	for i := 0; i < len(blocks); {
		layer, from, matrix := blocks[i].Layer, blocks[i].Off, false
		to := from
		for ; i < len(blocks) && blocks[i].Layer == layer; i++ {
			to += blocks[i].Len
			matrix = matrix || blocks[i].FanIn > 0
		}
		if !matrix {
			continue
		}
		var change, size float64
		for k, v := range after[from:to] {
			d := v - before[from+k]
			change += float64(d * d)
			size += float64(v * v)
		}
		switch {
		case change == 0:
			list = append(list, 0)
		case size == 0:
			list = append(list, 1)
		default:
			list = append(list, finiteOr(math.Sqrt(change/size), math.MaxFloat64))
		}
	}
	return list
}

// measureSearch measures the losses of the candidates of a step.
func measureSearch(losses []float64) Search {
	s := Search{Candidates: len(losses)}
	var mean, square, n float64
	for _, l := range losses {
		if l < math.MaxFloat64 {
			n++
		}
	}
	for _, l := range losses {
		if l < math.MaxFloat64 {
			mean += l / n
		}
	}
	for _, l := range losses {
		if l < math.MaxFloat64 {
			d := l - mean
			square += float64(d*d) / n
		}
		if n > 0 && l < mean {
			s.Better += 1 / float64(len(losses))
		}
	}
	if square > 0 {
		s.Spread = finiteOr(math.Sqrt(square)/math.Abs(mean), math.MaxFloat64)
	}
	return s
}

// finiteOr is v, or other if it is not finite.
func finiteOr(v, other float64) float64 {
	if v-v != 0 {
		return other
	}
	return v
}

// spearman is the correlation of the ranks of a and b, equal values sharing theirs. It
// is 0 if all of one are equal.
func spearman(a, b []float64) float64 {
	x, y := ranks(a), ranks(b)
	middle := float64(len(a)-1) / 2 // the mean of the ranks from 0
	var xy, xx, yy float64
	for i := range x {
		dx, dy := x[i]-middle, y[i]-middle
		xy += float64(dx * dy)
		xx += float64(dx * dx)
		yy += float64(dy * dy)
	}
	if xx == 0 || yy == 0 {
		return 0
	}
	return xy / math.Sqrt(float64(xx*yy))
}

// ranks returns those of v, from 0; equal values have the mean of theirs.
func ranks(v []float64) []float64 {
	order := make([]int, len(v))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		switch {
		case v[i] < v[j]:
			return -1
		case v[i] > v[j]:
			return 1
		}
		return 0
	})
	r := make([]float64, len(v))
	for i := 0; i < len(order); {
		j := i
		for j < len(order) && v[order[j]] == v[order[i]] {
			j++
		}
		for k := i; k < j; k++ {
			r[order[k]] = float64(i+j-1) / 2
		}
		i = j
	}
	return r
}
