package bench

import (
	"cmp"
	"slices"

	"github.com/joust-bench/joust/optimizers"
)

// shortlistLen is how many candidates are evaluated again before one of them
// is final.
const shortlistLen = 10

// A recommendation knows the point that an optimizer stands for at any time:
// what it recommends, or the best of those it holds, or, for one that says
// neither, the best of those it asked about.
type recommendation struct {
	opt  optimizers.Optimizer
	init []float64 // before the first step
	told bool
	best []rated // by loss, at most shortlistLen; of optimizers that say nothing
}

type rated struct {
	loss float64
	w    []float64
}

// certain reports whether the optimizer names one point itself.
func (r *recommendation) certain() bool {
	_, ok := r.opt.(optimizers.Recommender)
	return ok
}

// note remembers the best candidates of a step, if the optimizer does not.
func (r *recommendation) note(candidates [][]float64, evals []optimizers.Evaluation) {
	r.told = true
	if _, ok := r.opt.(optimizers.Shortlister); ok || r.certain() {
		return
	}
	for i, e := range evals {
		if len(r.best) == shortlistLen && e.Loss >= r.best[len(r.best)-1].loss {
			continue
		}
		// A later candidate of equal loss comes after the earlier.
		at, _ := slices.BinarySearchFunc(r.best, e.Loss, func(b rated, loss float64) int {
			if b.loss <= loss {
				return -1
			}
			return cmp.Compare(b.loss, loss)
		})
		var w []float64
		if len(r.best) == shortlistLen {
			w, r.best = r.best[shortlistLen-1].w, r.best[:shortlistLen-1]
		}
		r.best = slices.Insert(r.best, at, rated{e.Loss, append(w[:0], candidates[i]...)})
	}
}

// current is the point to score now.
func (r *recommendation) current() []float64 { return r.list(1)[0] }

// shortlist is the points to choose the final one from, at least one.
func (r *recommendation) shortlist() [][]float64 { return r.list(shortlistLen) }

func (r *recommendation) list(n int) [][]float64 {
	if !r.told {
		return [][]float64{r.init}
	}
	switch o := r.opt.(type) {
	case optimizers.Recommender:
		return [][]float64{o.Recommend()}
	case optimizers.Shortlister:
		if list := o.Shortlist(n); len(list) > 0 {
			return list
		}
		return [][]float64{r.init}
	}
	list := make([][]float64, min(n, len(r.best)))
	for i := range list {
		list[i] = r.best[i].w
	}
	return list
}
