package search

import (
	"errors"
	"fmt"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/noise"
)

// RandomConfig configures [Random].
type RandomConfig struct {
	Mode       string  `json:"mode" doc:"guess: every candidate is drawn afresh from the prior; local: around the best" choices:"guess,local"`
	Prior      string  `json:"prior" doc:"mode guess: normal with sigma, uniform in the radius, or init as the network draws its starting weights" choices:"normal,uniform,init"`
	Sigma      float64 `json:"sigma" doc:"prior normal: standard deviation of every weight" range:"(0,1e6]" scale:"log"`
	Radius     float64 `json:"radius" doc:"prior uniform: weights are in [-radius, radius]" range:"(0,1e6]" scale:"log"`
	Step       float64 `json:"step" doc:"mode local: standard deviation of a step" range:"(0,1e6]" scale:"log"`
	Candidates int     `json:"candidates" doc:"candidates of each Ask; in mode local one is the best so far, again" range:"[1,100000]" scale:"log"`
}

// Random is random search in two modes. Guessing draws every candidate from one
// distribution and learns nothing; Schmidhuber, Hochreiter & Bengio found it to
// solve benchmarks that were used to show the power of recurrent networks.
// Local search draws around the best point so far and moves to a better one.
//
// A radius of 100 is that of their experiments. A prior of N(0, 1) on all
// weights alike is ours.
var Random = optimizers.Define(optimizers.Definition{
	Name:    "random-search",
	Summary: "Guesses weights from a prior, or steps at random from the best so far: the yardstick.",
	Refs: []string{
		"Schmidhuber, Hochreiter & Bengio 2001, Evaluating benchmark problems by random guessing, in A Field Guide to Dynamical Recurrent Networks, IEEE Press",
		"Solis & Wets 1981, doi:10.1287/moor.6.1.19",
	},
	Memory: func(dim int) int64 { return 8 * int64(dim) * (32 + shortlist) },
}, RandomConfig{Mode: "guess", Prior: "normal", Sigma: 1, Radius: 100, Step: 0.1, Candidates: 32}, newRandom)

// shortlist is the number of guesses that are remembered.
const shortlist = 10

type random struct {
	cfg   RandomConfig
	p     optimizers.Problem
	local bool
	step  uint64
	rows  [][]float64 // the candidates; in mode local rows[0] is the best so far
	best  top         // the best guesses; in mode local nil
}

func newRandom(cfg RandomConfig, p optimizers.Problem) (*random, error) {
	r := &random{cfg: cfg, p: p, local: cfg.Mode == "local"}
	if r.local && cfg.Candidates < 2 {
		return nil, fmt.Errorf("candidates: %d, want at least 2 in mode local: one is the best so far", cfg.Candidates)
	}
	if !r.local && cfg.Prior == "init" && p.Blocks == nil {
		return nil, errors.New(`prior: "init" needs the blocks of the network, want normal or uniform where they are unknown`)
	}
	_, r.rows = p.Candidates(cfg.Candidates)
	if r.local {
		copy(r.rows[0], p.Init)
	} else {
		r.best = newTop(shortlist, len(p.Init))
	}
	return r, nil
}

func (r *random) Ask() ([][]float64, error) {
	r.p.Parallel(len(r.rows), func(k int) {
		switch {
		case !r.local:
			r.guess(k)
		case k > 0:
			copy(r.rows[k], r.rows[0])
			noise.AddNormal(r.rows[k], r.cfg.Step, r.p.Seed, r.step, uint32(k))
		}
	})
	return r.rows, nil
}

// guess draws candidate k from the prior.
func (r *random) guess(k int) {
	w := r.rows[k]
	switch r.cfg.Prior {
	case "uniform":
		noise.Uniform(w, r.p.Seed, r.step, uint32(k))
		for i, u := range w {
			w[i] = r.cfg.Radius * (2*u - 1)
		}
	case "normal":
		clear(w)
		noise.AddNormal(w, r.cfg.Sigma, r.p.Seed, r.step, uint32(k))
	case "init":
		noise.Normal(w, r.p.Seed, r.step, uint32(k))
		for _, b := range r.p.Blocks {
			// What is not drawn, as a bias of 0 or a gain of 1, stays as it is.
			if b.Scale == 0 {
				copy(w[b.Off:b.Off+b.Len], r.p.Init[b.Off:])
				continue
			}
			for i := b.Off; i < b.Off+b.Len; i++ {
				w[i] *= b.Scale
			}
		}
	}
}

func (r *random) Tell(evals []optimizers.Evaluation) error {
	r.step++
	if !r.local {
		for k, e := range evals {
			r.best.offer(e.Loss, r.rows[k])
		}
		return nil
	}
	better := 0
	for k, e := range evals {
		if e.Loss < evals[better].Loss {
			better = k
		}
	}
	r.rows[0], r.rows[better] = r.rows[better], r.rows[0]
	return nil
}

// Shortlist is the best guesses, or the one point that local search holds.
func (r *random) Shortlist(n int) [][]float64 {
	switch {
	case !r.local:
		return r.best.first(n)
	case r.step > 0:
		return r.rows[:min(n, 1)]
	default:
		return nil
	}
}

func (r *random) state() []any {
	fields := []any{&r.step}
	if r.local {
		return append(fields, r.rows[0])
	}
	return append(fields, r.best.state()...)
}

func (r *random) MarshalBinary() ([]byte, error) {
	return optimizers.SaveState("random-search/1 "+r.cfg.Mode, r.state()...)
}

func (r *random) UnmarshalBinary(data []byte) error {
	return optimizers.LoadState("random-search/1 "+r.cfg.Mode, data, r.state()...)
}
