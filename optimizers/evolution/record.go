package evolution

import (
	"math"
	"slices"

	"github.com/joust-bench/joust/optimizers"
)

// A record is what the criteria remember of the losses of a run.
type record struct {
	n, lambda int
	maxIter   float64

	generation uint64 // of this run
	// Of the latest generations, generation g in place g mod len.
	best, median []float64
	equal        []bool // the best and a middling candidate were equal; n places

	scratch [2][]float64
}

// newRecord has room for what any run with at least lambda candidates needs.
func newRecord(n, lambda int) *record {
	r := &record{n: n, equal: make([]bool, n)}
	r.tune(lambda)
	room := min(maxWindow, max(r.stagnationWindow(), int(r.maxIter/5)))
	r.best, r.median = make([]float64, room), make([]float64, room)
	part := room*3/10 + 1
	r.scratch = [2][]float64{make([]float64, part), make([]float64, part)}
	return r
}

const maxWindow = 20_000 // generations that stagnation looks back on at most

// tune sets what depends on the population.
func (r *record) tune(lambda int) {
	n := float64(r.n)
	r.lambda = lambda
	r.maxIter = 100 + float64(50*float64((n+3)*(n+3))/math.Sqrt(float64(lambda)))
}

// start forgets the last run.
func (r *record) start() {
	r.generation = 0
	clear(r.best)
	clear(r.median)
	clear(r.equal)
}

// note remembers the losses of a generation, given in order.
func (r *record) note(order []int, evals []optimizers.Evaluation) {
	at := func(place int) float64 { return evals[order[place]].Loss }
	i := int(r.generation % uint64(len(r.best)))
	r.best[i], r.median[i] = at(0), at(len(order)/2)
	middling := min(int(math.Ceil(0.1+float64(float64(len(order))/4))), len(order)-1)
	r.equal[r.generation%uint64(len(r.equal))] = at(0) == at(middling)
	r.generation++
}

// flat reports whether the losses no longer say where to go: TolHistFun and
// EqualFunVals. The worst is the highest loss of the last generation.
func (r *record) flat(worst float64) string {
	window := uint64(r.flatWindow())
	if r.generation >= window {
		low, high := worst, worst
		for g := r.generation - window; g < r.generation; g++ {
			x := r.best[g%uint64(len(r.best))]
			low, high = min(low, x), max(high, x)
		}
		if high-low < 1e-12 || low == high {
			return stopTolHistFun
		}
	}
	if r.generation >= uint64(r.n) {
		equal := 0
		for _, e := range r.equal {
			if e {
				equal++
			}
		}
		if 3*equal > r.n {
			return stopEqualFunVals
		}
	}
	return stopNot
}

// flatWindow is 10 + ceil(30 n / lambda), stagnationWindow 120 + ceil(30 n /
// lambda), but not more than there is room for.
func (r *record) flatWindow() int { return min(10+(30*r.n+r.lambda-1)/r.lambda, maxWindow) }

func (r *record) stagnationWindow() int { return min(120+(30*r.n+r.lambda-1)/r.lambda, maxWindow) }

// stagnates compares the medians of the first and the last 30 % of a window, the
// last fifth of the run. It is not asked in every generation, because sorting
// takes longer than a generation of a small dimension does.
func (r *record) stagnates() bool {
	window := min(max(int(r.generation/5), r.stagnationWindow()), len(r.best))
	if r.generation < uint64(window) || r.generation%10 != 0 {
		return false
	}
	return r.noBetter(r.best, window) && r.noBetter(r.median, window)
}

// noBetter reports whether the latest of the last so many values are as bad as
// the earliest.
func (r *record) noBetter(ring []float64, window int) bool {
	part := window * 3 / 10
	first, last := r.scratch[0][:part], r.scratch[1][:part]
	start, end := r.generation-uint64(window), r.generation-uint64(part)
	for i := range part {
		first[i] = ring[(start+uint64(i))%uint64(len(ring))]
		last[i] = ring[(end+uint64(i))%uint64(len(ring))]
	}
	slices.Sort(first)
	slices.Sort(last)
	return last[part/2] >= first[part/2]
}

// state is for a checkpoint.
func (r *record) state() []any { return []any{&r.generation, r.best, r.median, r.equal} }
