package search

import (
	"cmp"
	"fmt"
	"iter"
	"math"
	"slices"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/noise"
)

// ARSConfig configures [ARS]. The names in parentheses are the paper's.
type ARSConfig struct {
	LR         float64 `json:"lr" doc:"learning rate (alpha)" range:"(0,100]" scale:"log"`
	Directions int     `json:"directions" doc:"pairs of candidates of each step (N)" range:"[1,100000]" scale:"log"`
	Top        int     `json:"top" doc:"pairs with the lowest losses, which the step is made of (b)" range:"[1,100000]" scale:"log"`
	Sigma      float64 `json:"sigma" doc:"standard deviation of a perturbation (nu)" range:"(0,1000]" scale:"log"`
}

// ARS is augmented random search in its version V1-t (Mania, Guy & Recht 2018,
// algorithm 1 without the normalization of states, which is for control): from N
// pairs of opposite perturbations the best b are taken, and the step is the sum
// of their directions by the difference of their two losses, over b and over
// the standard deviation of the 2b losses.
//
// Dividing by that deviation makes it blind to the scale of the loss, but other
// transforms change the search. The whole step is told on one minibatch, and no
// loss is kept. A candidate that diverged counts as the worst of the step that
// did not; a step in which all are equal, or none is finite, moves nothing.
//
// It is made for many weights and cores, and for losses whose scale changes on
// the way, as where gradients vanish: it keeps one vector and draws each
// perturbation again. On the sphere of dimension 20, 4,000 evaluations bring it to
// a hundredth of the loss of the best of as many guesses of random search.
var ARS = optimizers.Define(optimizers.Definition{
	Name:    "ars",
	Summary: "Augmented random search: steps along the best of many random pairs, blind to the scale of the loss.",
	Refs:    []string{"Mania, Guy & Recht 2018, arXiv:1803.07055"},
	Memory:  func(dim int) int64 { return 8 * int64(dim) * (2*16 + 1) },
}, ARSConfig{LR: 0.05, Directions: 16, Top: 8, Sigma: 0.05}, newARS)

type ars struct {
	cfg     ARSConfig
	p       optimizers.Problem
	step    uint64
	scatter float64     // sigma_R of the last step, to report
	w       []float64   // the iterate
	rows    [][]float64 // of direction k, 2k up and 2k+1 down
	losses  []float64   // of the rows, divided by the largest
	order   []int       // of the directions, best first
	pair    func(k int) // perturb, made once
}

func newARS(cfg ARSConfig, p optimizers.Problem) (*ars, error) {
	if cfg.Top > cfg.Directions {
		return nil, fmt.Errorf("top: %d, want at most the directions, %d", cfg.Top, cfg.Directions)
	}
	a := &ars{
		cfg: cfg, p: p, w: slices.Clone(p.Init),
		losses: make([]float64, 2*cfg.Directions), order: make([]int, cfg.Directions),
	}
	_, a.rows = p.Candidates(2 * cfg.Directions)
	a.pair = a.perturb
	return a, nil
}

func (a *ars) Ask() ([][]float64, error) {
	a.p.Parallel(a.cfg.Directions, a.pair)
	return a.rows, nil
}

// perturb draws the pair of direction k.
func (a *ars) perturb(k int) {
	for side, row := range a.rows[2*k : 2*k+2] {
		copy(row, a.w)
		noise.AddNormal(row, a.cfg.Sigma*float64(1-2*side), a.p.Seed, a.step, uint32(k))
	}
}

func (a *ars) Tell(evals []optimizers.Evaluation) error {
	step := a.step
	a.step++
	if !a.scale(evals) {
		return nil
	}
	a.rank()
	top := a.order[:a.cfg.Top]
	if a.scatter = a.spread(top); a.scatter == 0 {
		return nil
	}
	rate := a.cfg.LR / (float64(a.cfg.Top) * a.scatter)
	for _, k := range top {
		// Down minus up: a reward is the negative of a loss.
		noise.AddNormal(a.w, rate*(a.losses[2*k+1]-a.losses[2*k]), a.p.Seed, step, uint32(k))
	}
	return nil
}

// scale notes the losses in parts of the largest, so that no sum or square of
// them overflows: the step does not depend on their scale. Those that are not
// finite count as the worst one that is. It reports whether there is one.
func (a *ars) scale(evals []optimizers.Evaluation) bool {
	worst, largest := math.Inf(-1), 0.0
	for _, e := range evals {
		if isFinite(e.Loss) {
			worst, largest = max(worst, e.Loss), max(largest, math.Abs(e.Loss))
		}
	}
	if largest == 0 {
		return false
	}
	for k, e := range evals {
		if !isFinite(e.Loss) {
			e.Loss = worst
		}
		a.losses[k] = e.Loss / largest
	}
	return true
}

// rank orders the directions by the lower of their two losses.
func (a *ars) rank() {
	for k := range a.order {
		a.order[k] = k
	}
	slices.SortStableFunc(a.order, func(j, k int) int {
		return cmp.Compare(min(a.losses[2*j], a.losses[2*j+1]), min(a.losses[2*k], a.losses[2*k+1]))
	})
}

// spread is the standard deviation of the losses of these directions.
func (a *ars) spread(directions []int) float64 {
	n := float64(2 * len(directions))
	mean, squares := 0.0, 0.0
	for _, k := range directions {
		mean += (a.losses[2*k] + a.losses[2*k+1]) / n
	}
	for _, k := range directions {
		for _, loss := range a.losses[2*k : 2*k+2] {
			squares += float64((loss-mean)*(loss-mean)) / n
		}
	}
	return math.Sqrt(squares)
}

// Recommend is the iterate.
func (a *ars) Recommend() []float64 { return a.w }

// Diagnostics reports the standard deviation of the losses behind the last step,
// in parts of the largest loss.
func (a *ars) Diagnostics() iter.Seq2[string, float64] {
	return func(yield func(string, float64) bool) { yield("scatter", a.scatter) }
}

func (a *ars) state() []any { return []any{&a.step, &a.scatter, a.w} }

func (a *ars) MarshalBinary() ([]byte, error) { return optimizers.SaveState("ars/1", a.state()...) }

func (a *ars) UnmarshalBinary(data []byte) error {
	return optimizers.LoadState("ars/1", data, a.state()...)
}
