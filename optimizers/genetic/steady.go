package genetic

import (
	"fmt"
	"iter"
	"math"
	"math/rand"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/noise"
)

// SteadyConfig configures [Steady].
type SteadyConfig struct {
	Population int `json:"population" doc:"individuals that are alive" range:"[2,100000]" scale:"log"`
	Offspring  int `json:"offspring" doc:"candidates of each step" range:"[1,100000]" scale:"log"`
	BreedingConfig
	Spread float64 `json:"spread" doc:"standard deviation of the first population around the starting weights" range:"[0,1000]"`
}

// Steady is a steady-state genetic algorithm (Whitley 1989, The GENITOR algorithm
// and selection pressure, ICGA, pp. 116-121): two parents have two offspring,
// each of which takes its place in the ranking of the population, whose last one
// then dies. What is good is bred from at once, and nobody good is ever lost.
//
// An individual keeps the loss that it was told when it was young, so that all
// losses have to be of the same data: it asks for the full batch. There it beats
// random search where [GA] does, on deep sigmoid networks and the Rastrigin
// function.
var Steady = optimizers.Define(optimizers.Definition{
	Name:    "ga-steady",
	Summary: "Steady-state genetic algorithm: offspring compete at once, and the worst one dies.",
	Refs: []string{
		"Whitley 1989, The GENITOR algorithm and selection pressure, ICGA, pp. 116-121",
		"Syswerda 1991, doi:10.1016/B978-0-08-050684-5.50009-4",
	},
	FullBatch: true,
	Memory:    func(dim int) int64 { return (100 + 2) * 8 * int64(dim) },
}, SteadyConfig{Population: 100, Offspring: 2, BreedingConfig: breeding.tournaments(5), Spread: 2}, newSteady)

type steady struct {
	cfg      SteadyConfig
	p        optimizers.Problem
	selector selector
	src      *noise.Source // behind rng
	rng      *rand.Rand
	cross    crossover
	mutation mutation
	step     uint64 // Asks that were told; after the first, the population has losses
	losses   []float64
	rows     [][]float64 // the population, sorted once it has losses
	young    [][]float64 // the offspring
	best     [][]float64 // rows, once they are sorted
	sorted   [][]float64 // scratch
	order    []int       // scratch
}

func newSteady(cfg SteadyConfig, p optimizers.Problem) (*steady, error) {
	if cfg.Offspring > cfg.Population {
		return nil, fmt.Errorf("offspring: %d, want at most the population, %d", cfg.Offspring, cfg.Population)
	}
	s := &steady{
		cfg:      cfg,
		p:        p,
		selector: newSelector(cfg.SelectionConfig),
		src:      noise.NewSource(p.Seed, streamBreed),
		cross:    newCrossover(cfg.CrossoverConfig, p.Blocks),
		mutation: cfg.mutation(p),
		losses:   make([]float64, cfg.Population),
		rows:     newRows(cfg.Population, len(p.Init)),
		young:    newRows(cfg.Offspring, len(p.Init)),
		sorted:   make([][]float64, cfg.Population),
		order:    make([]int, cfg.Population),
	}
	s.rng = rand.New(s.src)
	firstGeneration(s.rows, p, cfg.Spread)
	return s, nil
}

// Ask is the whole population at first, and then offspring.
func (s *steady) Ask() ([][]float64, error) {
	if s.step == 0 {
		return s.rows, nil
	}
	*s.src = source(s.p.Seed, streamBreed, s.step)
	s.selector.weigh(s.losses)
	for k := 0; k < len(s.young); k += 2 {
		var parents [2]int
		s.selector.pick(parents[:], s.rng)
		crosses := s.rng.Float64() < s.cfg.CrossoverRate
		for i, own := range parents {
			if k+i == len(s.young) {
				break // of an odd number
			}
			w := s.young[k+i]
			if crosses {
				s.cross(w, s.rows[own], s.rows[parents[1-i]], mating{s.p.Seed, s.step, uint32(k), uint32(k + i)})
			} else {
				copy(w, s.rows[own])
			}
			if s.rng.Float64() < s.cfg.MutationRate {
				s.mutation.add(w, s.cfg.Sigma, s.step, uint32(k+i))
			}
		}
	}
	return s.young, nil
}

func (s *steady) Tell(evals []optimizers.Evaluation) error {
	if s.step == 0 {
		s.sort(evals)
	} else {
		for k, e := range evals {
			s.young[k] = s.insert(e.Loss, s.young[k])
		}
	}
	s.best = s.rows
	s.step++
	return nil
}

// sort ranks the first population.
func (s *steady) sort(evals []optimizers.Evaluation) {
	for k, e := range evals {
		s.losses[k] = e.Loss
	}
	rank(s.order, s.losses)
	for place, k := range s.order {
		s.sorted[place], s.losses[place] = s.rows[k], evals[k].Loss
	}
	copy(s.rows, s.sorted)
}

// insert gives w its place, behind its equals, and returns the memory of the one
// that dies, which is w itself if it would be the last.
func (s *steady) insert(loss float64, w []float64) []float64 {
	i := len(s.rows) - 1
	if !(loss < s.losses[i]) {
		return w
	}
	dead := s.rows[i]
	for ; i > 0 && loss < s.losses[i-1]; i-- {
		s.losses[i], s.rows[i] = s.losses[i-1], s.rows[i-1]
	}
	s.losses[i], s.rows[i] = loss, w
	return dead
}

func (s *steady) Shortlist(n int) [][]float64 { return s.best[:min(n, len(s.best))] }

// Diagnostics reports the lowest and the median loss of the population, and how far its
// individuals are from each other.
func (s *steady) Diagnostics() iter.Seq2[string, float64] {
	return func(yield func(string, float64) bool) {
		if s.step > 0 && !math.IsInf(s.losses[0], 1) {
			if !yield("best", s.losses[0]) || !yield("median", s.losses[len(s.losses)/2]) {
				return
			}
		}
		yield("diversity", diversity(s.rows))
	}
}

func (s *steady) state() []any {
	fields := []any{&s.step, s.losses}
	for _, w := range s.rows {
		fields = append(fields, w)
	}
	return fields
}

func (s *steady) MarshalBinary() ([]byte, error) {
	return optimizers.SaveState("ga-steady/1", s.state()...)
}

func (s *steady) UnmarshalBinary(data []byte) error {
	if err := optimizers.LoadState("ga-steady/1", data, s.state()...); err != nil {
		return err
	}
	if s.best = nil; s.step > 0 {
		s.best = s.rows
	}
	return nil
}
