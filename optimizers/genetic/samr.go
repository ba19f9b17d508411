package genetic

import (
	"fmt"
	"iter"
	"math"

	"github.com/joust-bench/joust/network/kernel"
	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/noise"
)

// SAMRConfig configures [SAMR].
type SAMRConfig struct {
	Population int     `json:"population" doc:"candidates of each generation" range:"[2,100000]" scale:"log"`
	Parents    int     `json:"parents" doc:"best candidates that have offspring" range:"[1,100000]" scale:"log"`
	Sigma      float64 `json:"sigma" doc:"standard deviation of the mutation at the start" range:"(0,1000]" scale:"log"`
	Meta       float64 `json:"meta" doc:"an offspring multiplies the sigma of its parent by this to a power drawn from [-1, 1]" range:"[1,100]"`
	Floor      float64 `json:"floor" doc:"sigma does not fall below" range:"(0,1000]" scale:"log"`
	Spread     float64 `json:"spread" doc:"standard deviation of the first generation around the starting weights" range:"[0,1000]"`
}

// SAMR is a genetic algorithm with a self-adaptive mutation rate: each individual
// has a sigma of its own, inherited with a change, and lives by what it does
// (Clune et al. 2008, doi:10.1371/journal.pcbi.1000187; as SAMR in Kumar et al.
// 2022, doi:10.1145/3512290.3528706). Of a parent (x, s), drawn evenly from the
// best of a generation, the offspring is
//
//	s' = s meta^u, u uniform in [-1, 1)
//	x' = x + s' z, z from N(0, I)
//
// and the best candidate lives on unchanged, and is evaluated again. It takes
// steps of the right size on its way into a minimum, where a fixed sigma stalls:
// it beats random search on deep sigmoid networks, and [GA] in the last digits of
// the sphere. On rugged losses its sigma falls too soon (Clune et al. 2008); floor
// is the guard.
var SAMR = optimizers.Define(optimizers.Definition{
	Name:    "samr-ga",
	Summary: "Genetic algorithm without crossover, in which each individual inherits and adapts its own step size.",
	Refs: []string{
		"Clune et al. 2008, doi:10.1371/journal.pcbi.1000187",
		"Kumar et al. 2022, doi:10.1145/3512290.3528706, arXiv:2204.04817",
	},
	Memory: func(dim int) int64 { return (100 + 20) * 8 * int64(dim) },
}, SAMRConfig{Population: 100, Parents: 20, Sigma: 0.5, Meta: 2, Floor: 1e-8, Spread: 2}, newSAMR)

type samr struct {
	cfg        SAMRConfig
	p          optimizers.Problem
	generation uint64
	told       bool
	losses     []float64   // of the parents
	sigmas     []float64   // of the candidates
	rows       [][]float64 // the candidates
	parents    [][]float64 // the best of the last generation told, best first
	from       []float64   // the sigmas of the parents
	of         []int       // the parent of each candidate
	logMeta    float64
	all        []float64 // scratch: the losses of the candidates
	order      []int     // scratch
	powers     []float64 // scratch
}

func newSAMR(cfg SAMRConfig, p optimizers.Problem) (*samr, error) {
	if cfg.Parents >= cfg.Population {
		return nil, fmt.Errorf("parents: %d, want less than the population, %d", cfg.Parents, cfg.Population)
	}
	if cfg.Floor > cfg.Sigma {
		return nil, fmt.Errorf("floor: %v, want at most sigma, %v", cfg.Floor, cfg.Sigma)
	}
	meta := []float64{cfg.Meta}
	kernel.Log(meta, meta)
	s := &samr{
		cfg: cfg, p: p, logMeta: meta[0],
		losses:  make([]float64, cfg.Parents),
		sigmas:  make([]float64, cfg.Population),
		rows:    newRows(cfg.Population, len(p.Init)),
		parents: newRows(cfg.Parents, len(p.Init)),
		from:    make([]float64, cfg.Parents),
		of:      make([]int, cfg.Population),
		all:     make([]float64, cfg.Population),
		order:   make([]int, cfg.Population),
		powers:  make([]float64, cfg.Population),
	}
	for k := range s.sigmas {
		s.sigmas[k] = cfg.Sigma
	}
	firstGeneration(s.rows, p, cfg.Spread)
	return s, nil
}

func (s *samr) Ask() ([][]float64, error) {
	if s.told {
		s.breed()
	}
	return s.rows, nil
}

func (s *samr) breed() {
	s.generation++
	s.told = false
	noise.Uniform(s.powers, noise.Mix(s.p.Seed, streamSigma), s.generation, 0)
	for k, u := range s.powers {
		s.powers[k] = (2*u - 1) * s.logMeta
	}
	kernel.Exp(s.powers, s.powers)
	src := source(s.p.Seed, streamBreed, s.generation)
	s.of[0], s.sigmas[0] = 0, s.from[0]
	for k := 1; k < len(s.rows); k++ {
		s.of[k] = below(&src, len(s.parents))
		s.sigmas[k] = min(max(s.from[s.of[k]]*s.powers[k], s.cfg.Floor), maxSigma)
	}
	seed := noise.Mix(s.p.Seed, streamMutation)
	s.p.Parallel(len(s.rows), func(k int) {
		copy(s.rows[k], s.parents[s.of[k]])
		if k > 0 {
			noise.AddNormal(s.rows[k], s.sigmas[k], seed, s.generation, uint32(k))
		}
	})
}

// maxSigma bounds what would grow without end where all losses are equal.
const maxSigma = 1e3

func (s *samr) Tell(evals []optimizers.Evaluation) error {
	for k, e := range evals {
		s.all[k] = e.Loss
	}
	rank(s.order, s.all)
	for i := range s.parents {
		k := s.order[i]
		copy(s.parents[i], s.rows[k])
		s.losses[i], s.from[i] = s.all[k], s.sigmas[k]
	}
	s.told = true
	return nil
}

// Shortlist is the parents of the next generation.
func (s *samr) Shortlist(n int) [][]float64 {
	if s.generation == 0 && !s.told {
		return nil
	}
	return s.parents[:min(n, len(s.parents))]
}

// Diagnostics reports the lowest loss of the last generation told, and the
// median sigma of its best.
func (s *samr) Diagnostics() iter.Seq2[string, float64] {
	return func(yield func(string, float64) bool) {
		if s.Shortlist(1) == nil {
			return
		}
		if !math.IsInf(s.losses[0], 1) && !yield("best", s.losses[0]) {
			return
		}
		rank(s.order[:len(s.from)], s.from)
		yield("sigma", s.from[s.order[len(s.from)/2]])
	}
}

func (s *samr) state() []any {
	fields := []any{&s.generation, &s.told, s.losses, s.from}
	// Between a Tell and the next Ask the parents are all there is.
	for _, w := range s.parents {
		fields = append(fields, w)
	}
	return fields
}

func (s *samr) MarshalBinary() ([]byte, error) {
	return optimizers.SaveState("samr-ga/1", s.state()...)
}

func (s *samr) UnmarshalBinary(data []byte) error {
	return optimizers.LoadState("samr-ga/1", data, s.state()...)
}
