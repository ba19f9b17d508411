package genetic

import (
	"cmp"
	"fmt"
	"iter"
	"math"
	"math/rand"
	"slices"

	"github.com/MaxHalford/eaopt"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/noise"
)

// GAConfig configures [GA].
type GAConfig struct {
	Population    int     `json:"population" doc:"candidates of each generation" range:"[2,100000]" scale:"log"`
	Tournament    int     `json:"tournament" doc:"contestants for the place of each parent" range:"[1,1000]" scale:"log"`
	Elite         int     `json:"elite" doc:"best candidates that live on unchanged, and are evaluated again" range:"[0,100000]"`
	Crossover     string  `json:"crossover" doc:"what two parents exchange: whole neurons, single weights, or both drawn from around the two (blx)" choices:"neuron,weight,blx"`
	CrossoverRate float64 `json:"crossover_rate" doc:"probability that two parents cross and are not just copied" range:"[0,1]"`
	Alpha         float64 `json:"alpha" doc:"crossover blx: how far beyond the parents, in parts of their distance" range:"[0,1]"`
	MutationRate  float64 `json:"mutation_rate" doc:"probability that an offspring mutates" range:"[0,1]"`
	WeightRate    float64 `json:"weight_rate" doc:"probability that each weight of one that mutates does" range:"(0,1]"`
	Sigma         float64 `json:"sigma" doc:"standard deviation of the mutation of a weight" range:"(0,1000]" scale:"log"`
	Spread        float64 `json:"spread" doc:"standard deviation of the first generation around the starting weights" range:"[0,1000]"`
}

// GA is a generational genetic algorithm. Each generation is bred by
// tournaments, crossover and mutation from the one before, whose best live on,
// and all of it is evaluated: no loss is stale when the minibatch changes.
//
// The first generation is the starting point and draws from a wide normal
// distribution around it: a deep sigmoid network is made to start where it
// computes a constant, and a population there has nothing to select.
//
// The defaults solve XOR and two moons on sigmoid networks of eight hidden
// layers of four, where backpropagation has vanished; the package comment has
// the figures. For networks of 10,000 weights and more, lower sigma.
var GA = optimizers.Define(optimizers.Definition{
	Name:    "ga",
	Summary: "Genetic algorithm: tournaments, crossover of whole neurons, Gaussian mutation, elitism.",
	Refs: []string{
		"Montana & Davis 1989, Training feedforward neural networks using genetic algorithms, IJCAI, pp. 762-767",
		"Such et al. 2017, arXiv:1712.06567",
		"Goldberg & Deb 1991, doi:10.1016/B978-0-08-050684-5.50008-2",
		"Eshelman & Schaffer 1993, doi:10.1016/B978-0-08-094832-4.50018-0",
	},
	Memory: func(dim int) int64 { return 2 * 100 * 8 * int64(dim) },
}, GAConfig{
	Population: 100, Tournament: 10, Elite: 1,
	Crossover: "neuron", CrossoverRate: 0.9, Alpha: 0.5,
	MutationRate: 1, WeightRate: 0.2, Sigma: 0.5, Spread: 2,
}, newGA)

// Streams of the seed: what is drawn for selection and crossover, for the
// mutations, for which weights mutate, and for the first generation.
const (
	streamBreed uint64 = iota + 1
	streamMutation
	streamMask
	streamFirst
)

type ga struct {
	cfg   GAConfig
	p     optimizers.Problem
	model eaopt.ModGenerational
	pop   eaopt.Population
	herd  *herd
	src   *noise.Source // behind pop.RNG
	noise mutation
	// generation is the number of times that the population was bred, and told
	// says that it knows its losses, and so is to be bred before it is asked
	// about.
	generation uint64
	told       bool
	losses     []float64   // of the population, in its order
	rows       [][]float64 // the weights of the population, in its order
	best       [][]float64 // the last population told, best first
}

func newGA(cfg GAConfig, p optimizers.Problem) (*ga, error) {
	if cfg.Elite >= cfg.Population {
		return nil, fmt.Errorf("elite: %d, want less than the population, %d", cfg.Elite, cfg.Population)
	}
	g := &ga{
		cfg: cfg,
		p:   p,
		model: eaopt.ModGenerational{
			Selector:  tournament{cfg.Tournament},
			MutRate:   cfg.MutationRate,
			CrossRate: cfg.CrossoverRate,
		},
		herd:   newHerd(cfg.Population, len(p.Init), newCrossover(cfg.Crossover, cfg.Alpha, p.Blocks)),
		noise:  mutation{p.Seed, cfg.WeightRate, cfg.Sigma},
		src:    noise.NewSource(p.Seed, streamBreed),
		losses: make([]float64, cfg.Population),
		rows:   make([][]float64, cfg.Population),
		best:   make([][]float64, 0, cfg.Population),
	}
	if err := g.model.Validate(); err != nil {
		return nil, err
	}
	g.pop = eaopt.Population{RNG: rand.New(g.src), Individuals: make(eaopt.Individuals, cfg.Population)}
	for i := range g.pop.Individuals {
		g.pop.Individuals[i].Genome = g.herd.next()
	}
	g.list()
	// The first individual is the starting point itself.
	seed := noise.Mix(p.Seed, streamFirst)
	p.Parallel(len(g.rows), func(k int) {
		copy(g.rows[k], p.Init)
		if k > 0 {
			noise.AddNormal(g.rows[k], cfg.Spread, seed, 0, uint32(k))
		}
	})
	return g, nil
}

// list renews rows from the population.
func (g *ga) list() {
	for i := range g.rows {
		g.rows[i] = g.pop.Individuals[i].Genome.(*genome).w
	}
}

func (g *ga) Ask() ([][]float64, error) {
	if g.told {
		if err := g.breed(); err != nil {
			return nil, err
		}
	}
	return g.rows, nil
}

// breed replaces the population, which is sorted, by its offspring.
func (g *ga) breed() error {
	g.generation++
	g.told = false
	// Each generation has a stream of its own, so that a checkpoint need not
	// hold the state of the generator.
	*g.src = *noise.NewSource(g.p.Seed, noise.Mix(streamBreed, g.generation))
	g.herd.turn()
	if err := g.model.Apply(&g.pop); err != nil {
		return fmt.Errorf("eaopt: %w", err)
	}
	g.list()
	g.p.Parallel(len(g.rows), func(k int) {
		switch offspring := g.pop.Individuals[k].Genome.(*genome); {
		case k < g.cfg.Elite:
			copy(offspring.w, g.best[k])
		case offspring.mutates:
			g.noise.add(offspring.w, g.generation, k)
		}
	})
	return nil
}

func (g *ga) Tell(evals []optimizers.Evaluation) error {
	for i, e := range evals {
		g.pop.Individuals[i].Fitness = e.Loss
		g.pop.Individuals[i].Evaluated = true
	}
	slices.SortStableFunc(g.pop.Individuals, func(a, b eaopt.Individual) int { return cmp.Compare(a.Fitness, b.Fitness) })
	g.rank()
	g.told = true
	return nil
}

func (g *ga) rank() {
	g.best = g.best[:0]
	for i, individual := range g.pop.Individuals {
		g.losses[i] = individual.Fitness
		g.best = append(g.best, individual.Genome.(*genome).w)
	}
	g.list()
}

func (g *ga) Shortlist(n int) [][]float64 { return g.best[:min(n, len(g.best))] }

func (g *ga) Diagnostics() iter.Seq2[string, float64] {
	return func(yield func(string, float64) bool) {
		if len(g.best) > 0 && !math.IsInf(g.losses[0], 1) {
			_ = yield("best", g.losses[0]) && yield("median", g.losses[len(g.losses)/2])
		}
	}
}

func (g *ga) state() []any {
	fields := []any{&g.generation, &g.told, g.losses}
	for _, w := range g.rows {
		fields = append(fields, w)
	}
	return fields
}

func (g *ga) MarshalBinary() ([]byte, error) { return optimizers.SaveState("ga/1", g.state()...) }

func (g *ga) UnmarshalBinary(data []byte) error {
	if err := optimizers.LoadState("ga/1", data, g.state()...); err != nil {
		return err
	}
	g.best = g.best[:0]
	for i, loss := range g.losses {
		g.pop.Individuals[i].Fitness, g.pop.Individuals[i].Evaluated = loss, g.told
	}
	if g.told {
		g.rank()
	}
	return nil
}
