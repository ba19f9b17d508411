package genetic

import (
	"fmt"
	"iter"
	"math"
	"math/rand"
	"slices"

	"github.com/MaxHalford/eaopt"

	"github.com/joust-bench/joust/network/kernel"
	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/noise"
)

// GAConfig configures [GA].
type GAConfig struct {
	Population int `json:"population" doc:"candidates of each generation" range:"[2,100000]" scale:"log"`
	Elite      int `json:"elite" doc:"best candidates that live on unchanged, and are evaluated again" range:"[0,100000]"`
	BreedingConfig
	Adapt  bool    `json:"adapt" doc:"sigma is inherited and mutates too; what sigma says is that of the first generation"`
	Spread float64 `json:"spread" doc:"standard deviation of the first generation around the starting weights" range:"[0,1000]"`
}

// BreedingConfig is how offspring come of a population.
type BreedingConfig struct {
	SelectionConfig
	CrossoverConfig
	CrossoverRate float64 `json:"crossover_rate" doc:"probability that two parents cross and are not just copied" range:"[0,1]"`
	MutationRate  float64 `json:"mutation_rate" doc:"probability that an offspring mutates" range:"[0,1]"`
	WeightRate    float64 `json:"weight_rate" doc:"probability that each weight of one that mutates does" range:"(0,1]"`
	Weights       int     `json:"weights" doc:"how many weights that is at most, on average: in a large network weight_rate is lower" range:"[1,1000000000]" scale:"log"`
	Sigma         float64 `json:"sigma" doc:"standard deviation of the mutation of a weight" range:"(0,1000]" scale:"log"`
}

var breeding = BreedingConfig{
	SelectionConfig: SelectionConfig{Selection: "tournament", Tournament: 10},
	CrossoverConfig: CrossoverConfig{Crossover: "neuron", Points: 2, Alpha: 0.5},
	CrossoverRate:   0.9, MutationRate: 1, WeightRate: 0.2, Weights: 200, Sigma: 0.5,
}

// mutation is that of the offspring.
func (b BreedingConfig) mutation(p optimizers.Problem) mutation {
	return newMutation(p.Seed, min(b.WeightRate, float64(b.Weights)/float64(len(p.Init))))
}

// tournaments returns b with tournaments of n.
func (b BreedingConfig) tournaments(n int) BreedingConfig {
	b.Tournament = n
	return b
}

// GA is a generational genetic algorithm. Each generation is bred by
// tournaments, crossover and mutation from the one before, whose best live on,
// and all of it is evaluated: no loss is stale when the minibatch changes.
//
// The first generation is the starting point and draws from a wide normal
// distribution around it: a deep sigmoid network is made to start where it
// computes a constant, and a population there has nothing to select.
//
// With adapt, each individual has a sigma of its own, which two parents that
// cross average, and which mutates before it is used:
//
//	sigma <- sigma exp(z / sqrt(n)), z from N(0, 1)
//
// (Bäck & Schwefel 1993, doi:10.1162/evco.1993.1.1.1: log-normal self-adaptation
// of one standard deviation). It stays between 1e-12 and 1e3.
//
// The defaults solve XOR and two moons on sigmoid networks of eight hidden
// layers of four, where backpropagation has vanished; the package comment has
// the figures. There, and on the Rastrigin function, it beats random search.
var GA = optimizers.Define(optimizers.Definition{
	Name:    "ga",
	Summary: "Genetic algorithm: tournaments, crossover of whole neurons, Gaussian mutation, elitism.",
	Refs: []string{
		"Montana & Davis 1989, Training feedforward neural networks using genetic algorithms, IJCAI, pp. 762-767",
		"Such et al. 2017, arXiv:1712.06567",
		"Goldberg & Deb 1991, doi:10.1016/B978-0-08-050684-5.50008-2",
		"Eshelman & Schaffer 1993, doi:10.1016/B978-0-08-094832-4.50018-0",
		"Bäck & Schwefel 1993, doi:10.1162/evco.1993.1.1.1",
	},
	Memory: func(dim int) int64 { return 2 * 100 * 8 * int64(dim) },
}, GAConfig{Population: 100, Elite: 1, BreedingConfig: breeding, Spread: 2}, newGA)

func newGA(cfg GAConfig, p optimizers.Problem) (*ga, error) {
	return newIslands(IslandsConfig{GAConfig: cfg, Islands: 1, Every: 1, Migrants: 1}, p)
}

// Streams of the seed: what is drawn for what.
const (
	streamBreed     uint64 = iota + 1 // selection, and whether to cross and to mutate
	streamMutation                    // the noise
	streamMask                        // which weights mutate
	streamFirst                       // the first generation
	streamCross                       // which parent a weight is of
	streamBlend                       // where between the parents it is
	streamSigma                       // the mutation of sigma
	streamCauchy                      // the divisor of Cauchy's noise
	streamMigration                   // who migrates
	streamPermute                     // whose weights change places
)

// A ga breeds one population or several, the islands, in one herd.
type ga struct {
	name     string // of its checkpoints
	cfg      IslandsConfig
	p        optimizers.Problem
	selector selector
	model    eaopt.ModGenerational
	migrator eaopt.MigRing
	islands  eaopt.Populations
	herd     *herd
	src      *noise.Source // behind the RNG of each island
	rng      *rand.Rand
	cross    crossover
	mutation mutation
	// generation is the number of times that the population was bred, and told
	// says that it knows its losses, and so is to be bred before it is asked
	// about.
	generation uint64
	told       bool
	losses     []float64 // of all islands, in their order
	sigmas     []float64
	rows       [][]float64 // the weights, in the same order
	entropy    float64     // of the parents of the last generation bred
	draws      []float64   // scratch: of the mutation of sigma
	order      []int       // of the losses
	best       [][]float64 // the last generation told, best first
	elite      []*genome   // scratch
	shares     []float64   // scratch: children of each parent
}

// newIslands puts the individuals of all islands one after the other.
func newIslands(cfg IslandsConfig, p optimizers.Problem) (*ga, error) {
	if cfg.Elite >= cfg.Population {
		return nil, fmt.Errorf("elite: %d, want less than the population, %d", cfg.Elite, cfg.Population)
	}
	n := cfg.Islands * cfg.Population
	g := &ga{
		name:     fmt.Sprintf("ga/3 %d", cfg.Islands),
		cfg:      cfg,
		p:        p,
		selector: newSelector(cfg.SelectionConfig),
		migrator: eaopt.MigRing{NMigrants: uint(cfg.Migrants)},
		// eaopt breeds in pairs: of an odd population one more, to be dropped.
		herd:     newHerd(cfg.Islands*(cfg.Population+cfg.Population%2), len(p.Init)),
		src:      noise.NewSource(p.Seed, streamBreed),
		cross:    newCrossover(cfg.CrossoverConfig, p.Blocks),
		mutation: cfg.mutation(p),
		losses:   make([]float64, n),
		sigmas:   slices.Repeat([]float64{cfg.Sigma}, n),
		rows:     make([][]float64, n),
		draws:    make([]float64, n),
		order:    make([]int, n),
		best:     make([][]float64, 0, n),
	}
	g.rng = rand.New(g.src)
	g.model = eaopt.ModGenerational{Selector: g.selector, MutRate: cfg.MutationRate, CrossRate: cfg.CrossoverRate}
	if err := g.model.Validate(); err != nil {
		return nil, err
	}
	for range cfg.Islands {
		island := eaopt.Population{RNG: g.rng, Individuals: make(eaopt.Individuals, cfg.Population)}
		for i := range island.Individuals {
			island.Individuals[i].Genome = g.herd.next()
		}
		g.islands = append(g.islands, island)
	}
	g.write()
	g.list()
	firstGeneration(g.rows, p, cfg.Spread)
	return g, nil
}

// each calls do with each individual and its place among all.
func (g *ga) each(do func(k int, x *eaopt.Individual, of *genome)) {
	k := 0
	for _, island := range g.islands {
		for i := range island.Individuals {
			x := &island.Individuals[i]
			do(k, x, x.Genome.(*genome))
			k++
		}
	}
}

// list renews what is listed of the individuals.
func (g *ga) list() {
	g.each(func(k int, x *eaopt.Individual, of *genome) {
		g.losses[k], g.sigmas[k], g.rows[k] = x.Fitness, of.sigma, of.w
	})
}

// write does the reverse.
func (g *ga) write() {
	g.each(func(k int, x *eaopt.Individual, of *genome) {
		x.Fitness, x.Evaluated, of.sigma = g.losses[k], g.told, g.sigmas[k]
	})
}

func (g *ga) Ask() ([][]float64, error) {
	if g.told {
		if err := g.breed(); err != nil {
			return nil, err
		}
	}
	return g.rows, nil
}

// breed replaces the islands, which are sorted, by their offspring.
func (g *ga) breed() error {
	g.generation++
	g.told = false
	g.migrate()
	g.herd.turn()
	// Each generation has a stream of its own, so that a checkpoint need not
	// hold the state of the generator.
	*g.src = source(g.p.Seed, streamBreed, g.generation)
	for i := range g.islands {
		island := &g.islands[i]
		g.elite = g.elite[:0]
		losses := g.losses[i*g.cfg.Population:][:g.cfg.Population]
		for k, x := range island.Individuals {
			if losses[k] = x.Fitness; k < g.cfg.Elite {
				g.elite = append(g.elite, x.Genome.(*genome))
			}
		}
		g.selector.weigh(losses)
		if err := g.model.Apply(island); err != nil {
			return fmt.Errorf("eaopt: %w", err)
		}
		for k, e := range g.elite {
			of := island.Individuals[k].Genome.(*genome)
			of.parent, of.mate, of.mutates = e, nil, false
		}
	}
	g.inherit()
	return nil
}

// inherit gives the offspring their weights.
func (g *ga) inherit() {
	g.each(func(_ int, _ *eaopt.Individual, of *genome) { of.sigma = of.parent.sigma })
	g.countParents()
	if g.cfg.Adapt {
		g.adapt()
	}
	g.list()
	g.p.Parallel(len(g.rows), func(k int) {
		of := g.islands[k/g.cfg.Population].Individuals[k%g.cfg.Population].Genome.(*genome)
		if of.mate == nil {
			copy(of.w, of.parent.w)
		} else {
			g.cross(of.w, of.parent.w, of.mate.w, mating{g.p.Seed, g.generation, of.pair, uint32(k)})
		}
		if of.mutates {
			g.mutation.add(of.w, of.sigma, g.generation, uint32(k))
		}
	})
}

// countParents measures how evenly the offspring are those of all parents.
func (g *ga) countParents() {
	parents := g.herd.genomes[1-g.herd.now]
	for i := range parents {
		parents[i].children = 0
	}
	g.each(func(_ int, _ *eaopt.Individual, of *genome) {
		if of.mate == nil {
			of.parent.children++
			return
		}
		of.parent.children += 0.5
		of.mate.children += 0.5
	})
	g.shares = g.shares[:0]
	for i := range parents {
		g.shares = append(g.shares, parents[i].children)
	}
	g.entropy = entropy(g.shares)
}

// adapt averages the sigmas of parents and mutates them.
func (g *ga) adapt() {
	noise.Normal(g.draws, noise.Mix(g.p.Seed, streamSigma), g.generation, 0)
	tau := 1 / math.Sqrt(float64(len(g.p.Init)))
	for k := range g.draws {
		g.draws[k] *= tau
	}
	kernel.Exp(g.draws, g.draws)
	g.each(func(k int, _ *eaopt.Individual, of *genome) {
		if of.mate != nil {
			of.sigma = (of.parent.sigma + of.mate.sigma) / 2
		}
		if of.mutates {
			of.sigma = min(max(of.sigma*g.draws[k], 1e-12), maxSigma)
		}
	})
}

func (g *ga) Tell(evals []optimizers.Evaluation) error {
	for k, e := range evals {
		g.losses[k] = e.Loss
	}
	g.told = true
	g.write()
	for _, island := range g.islands {
		sortIndividuals(island.Individuals)
	}
	g.list()
	g.rank()
	return nil
}

func (g *ga) rank() {
	rank(g.order, g.losses)
	g.best = g.best[:0]
	for _, k := range g.order {
		g.best = append(g.best, g.rows[k])
	}
}

// Shortlist is of the last generation told.
func (g *ga) Shortlist(n int) [][]float64 { return g.best[:min(n, len(g.best))] }

// Diagnostics reports the lowest and the median loss of the last generation, how far
// its individuals are from each other, the entropy of their parents, in nats, and, if
// it adapts, the mean sigma of those that are alive.
func (g *ga) Diagnostics() iter.Seq2[string, float64] {
	return func(yield func(string, float64) bool) {
		if g.told && !math.IsInf(g.losses[g.order[0]], 1) {
			if !yield("best", g.losses[g.order[0]]) || !yield("median", g.losses[g.order[len(g.order)/2]]) {
				return
			}
		}
		if !yield("diversity", diversity(g.rows)) || g.generation > 0 && !yield("parent-entropy", g.entropy) {
			return
		}
		if g.cfg.Adapt {
			sum := 0.0
			for _, s := range g.sigmas {
				sum += s
			}
			yield("sigma", sum/float64(len(g.sigmas)))
		}
	}
}

func (g *ga) state() []any {
	fields := []any{&g.generation, &g.told, &g.entropy, g.losses, g.sigmas}
	for _, w := range g.rows {
		fields = append(fields, w)
	}
	return fields
}

func (g *ga) MarshalBinary() ([]byte, error) { return optimizers.SaveState(g.name, g.state()...) }

func (g *ga) UnmarshalBinary(data []byte) error {
	if err := optimizers.LoadState(g.name, data, g.state()...); err != nil {
		return err
	}
	g.write()
	if g.best = g.best[:0]; g.told {
		g.rank()
	}
	return nil
}
