package search

import (
	"iter"
	"math"
	"slices"

	"github.com/joust-bench/joust/network/kernel"
	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/noise"
)

// AnnealingConfig configures [Annealing].
type AnnealingConfig struct {
	Sigma       float64 `json:"sigma" doc:"standard deviation of the change of a weight" range:"(0,1000]" scale:"log"`
	Rate        float64 `json:"rate" doc:"probability that each weight changes; one always does" range:"[0,1]"`
	Temperature float64 `json:"temperature" doc:"first temperature, in standard deviations of the first changes of the loss" range:"[0,1000]"`
	Cooling     float64 `json:"cooling" doc:"factor from each temperature to the next" range:"(0,1]"`
	Levels      int     `json:"levels" doc:"temperatures, which share the budget; where it is unknown each has 100 changes" range:"[1,1000000]" scale:"log"`
}

// Annealing is simulated annealing (Kirkpatrick, Gelatt & Vecchi 1983): a
// change for the worse, by d, is accepted with probability exp(-d/T), and the
// temperature T falls by a factor at a time. At T = 0 it is [HillClimbing].
//
// The first temperature is measured: 20 changes of the starting point are
// evaluated and none is made, and T is the standard deviation of what they do
// to the loss. Their number, 0.95 for the factor, and one weight in ten are ours;
// the literature has as many choices as applications.
//
// The point is evaluated again with its change, on the same minibatch, so that
// d is never the difference of two minibatches. What is recommended is where it
// stands, not the best it saw: on minibatches that was luck, and at the end it
// stands low. Losses are subtracted, so that a transform of the loss, unless
// it is linear, changes the search.
//
// It is made for losses with many local minima and a large structure: on
// Rastrigin's function of dimension 10, 10,000 evaluations bring it under a fifth
// of what as many guesses of random search reach.
var Annealing = optimizers.Define(optimizers.Definition{
	Name:    "simulated-annealing",
	Summary: "Changes some weights at random, and accepts changes for the worse less and less.",
	Refs: []string{
		"Kirkpatrick, Gelatt & Vecchi 1983, doi:10.1126/science.220.4598.671",
		"Metropolis et al. 1953, doi:10.1063/1.1699114",
	},
	Memory: func(dim int) int64 { return 3 * 8 * int64(dim) },
}, AnnealingConfig{Sigma: 0.5, Rate: 0.1, Temperature: 1, Cooling: 0.95, Levels: 100}, newAnnealing)

// warmUp is the number of changes that the first temperature is measured by.
const warmUp = 20

type annealing struct {
	cfg    AnnealingConfig
	p      optimizers.Problem
	change *mutation
	length uint64 // steps at each temperature
	step   uint64
	t      float64         // the temperature
	first  [warmUp]float64 // the first changes of the loss
	rows   [][]float64     // where it stands, and the change
	one    [1]float64
}

func newAnnealing(cfg AnnealingConfig, p optimizers.Problem) (*annealing, error) {
	a := &annealing{
		cfg: cfg, p: p, length: 100,
		change: newMutation(cfg.Rate, cfg.Sigma, p.Seed, len(p.Init)),
		rows:   [][]float64{slices.Clone(p.Init), make([]float64, len(p.Init))},
	}
	if p.Budget > 0 {
		a.length = uint64(max(1, (p.Budget/2-warmUp)/cfg.Levels))
	}
	return a, nil
}

func (a *annealing) Ask() ([][]float64, error) {
	a.change.draw(a.rows[1], a.rows[0], a.step)
	return a.rows, nil
}

func (a *annealing) Tell(evals []optimizers.Evaluation) error {
	from, to := evals[0].Loss, evals[1].Loss
	step := a.step
	a.step++
	if step < warmUp {
		a.first[step] = to - from
		if a.step == warmUp {
			a.t = min(a.cfg.Temperature*spread(a.first[:]), math.MaxFloat64)
		}
		return nil
	}
	if to <= from || a.accepts(to-from, step) {
		a.rows[0], a.rows[1] = a.rows[1], a.rows[0]
	}
	if (a.step-warmUp)%a.length == 0 {
		a.t *= a.cfg.Cooling
	}
	return nil
}

// accepts draws whether a change for the worse, by d, is made (Metropolis et
// al. 1953).
func (a *annealing) accepts(d float64, step uint64) bool {
	if !(a.t > 0) || !(d <= math.MaxFloat64) {
		return false
	}
	noise.Uniform(a.one[:], a.p.Seed, step, rowAccept)
	u := a.one[0]
	a.one[0] = -d / a.t
	kernel.Exp(a.one[:], a.one[:])
	return u < a.one[0]
}

// spread is the standard deviation of those of x that are finite, 0 if none is.
// Dividing by the largest first keeps the squares in range.
func spread(x []float64) float64 {
	largest, n := 0.0, 0.0
	for _, v := range x {
		if isFinite(v) {
			largest = max(largest, math.Abs(v))
			n++
		}
	}
	if largest == 0 {
		return 0
	}
	mean, squares := 0.0, 0.0
	for _, v := range x {
		if isFinite(v) {
			mean += v / largest / n
		}
	}
	for _, v := range x {
		if isFinite(v) {
			d := v/largest - mean
			squares += float64(d*d) / n
		}
	}
	return largest * math.Sqrt(squares)
}

func isFinite(x float64) bool { return math.Abs(x) <= math.MaxFloat64 }

// Recommend is where it stands.
func (a *annealing) Recommend() []float64 { return a.rows[0] }

func (a *annealing) Diagnostics() iter.Seq2[string, float64] {
	return func(yield func(string, float64) bool) { yield("temperature", a.t) }
}

func (a *annealing) state() []any { return []any{&a.step, &a.t, a.first[:], a.rows[0]} }

func (a *annealing) MarshalBinary() ([]byte, error) {
	return optimizers.SaveState("simulated-annealing/1", a.state()...)
}

func (a *annealing) UnmarshalBinary(data []byte) error {
	return optimizers.LoadState("simulated-annealing/1", data, a.state()...)
}
