package swarm

import (
	"fmt"

	"github.com/joust-bench/joust/optimizers"
)

// LSHADEConfig configures [LSHADE]. The names in parentheses are the paper's.
type LSHADEConfig struct {
	Population int     `json:"population" doc:"vectors of the first generation (N init); 0: 18 for each weight, but at most 180" range:"[0,100000]"`
	Memory     int     `json:"memory" doc:"pairs of F and CR that are remembered (H)" range:"[1,100000]" scale:"log"`
	Archive    float64 `json:"archive" doc:"vectors that were replaced and are remembered, for each that is kept (r arc)" range:"[0,10]"`
	Best       float64 `json:"best" doc:"part of the vectors towards which steps are made (p)" range:"(0,1]"`
	Radius     float64 `json:"radius" doc:"how far around the starting weights the first vectors are drawn" range:"(0,1e6]" scale:"log"`
	Reevaluate bool    `json:"reevaluate" doc:"evaluate the vectors that are kept again with those that challenge them, for losses on minibatches"`
}

// LSHADE is [SHADE] whose population shrinks, in proportion to the evaluations
// made, to four when the budget is spent (Tanabe & Fukunaga 2014), and which
// remembers for good that crossing over nothing has worked best. It won the
// competition of the congress at which it appeared. Where the budget is not
// known the population stays as it is.
//
// The population of the paper, 18 n, is for n up to 100 and budgets of 10,000 n
// evaluations. Networks have more weights and less of that, so we bound it.
//
// Losses and minibatches are treated as SHADE does, and there are no bounds. It is
// made for the same losses as SHADE, when the budget is meant: on Rastrigin's
// function of dimension 10, 50,000 evaluations bring it to 1e-8 in all of 25 runs,
// where guessing stays above 10.
var LSHADE = optimizers.Define(optimizers.Definition{
	Name:      "l-shade",
	Summary:   "SHADE with a population that shrinks while the budget is spent.",
	Refs:      []string{"Tanabe & Fukunaga 2014, doi:10.1109/CEC.2014.6900380"},
	FullBatch: true,
	Memory: func(dim int) int64 {
		n := shrinkingVectors(dim)
		return 8 * int64(dim) * int64(2*n+adaptive{archive: 2.6}.places(n))
	},
}, LSHADEConfig{Memory: 6, Archive: 2.6, Best: 0.11, Radius: 5}, newLSHADE)

func shrinkingVectors(dim int) int { return min(18*dim, 180) }

func newLSHADE(cfg LSHADEConfig, p optimizers.Problem) (*shade, error) {
	size := cfg.Population
	if size == 0 {
		size = shrinkingVectors(len(p.Init))
	}
	if size < fewest {
		return nil, fmt.Errorf("population: %d, want at least %d, which are left in the end", size, fewest)
	}
	return newAdaptive(adaptive{
		name: "l-shade/1", population: size, memory: cfg.Memory,
		archive: cfg.Archive, share: cfg.Best, lehmer: true, shrink: p.Budget,
		radius: cfg.Radius, reevaluate: cfg.Reevaluate,
	}, p), nil
}
