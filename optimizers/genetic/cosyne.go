package genetic

import (
	"fmt"
	"iter"
	"math"

	"github.com/joust-bench/joust/network/kernel"
	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/noise"
)

// CoSyNEConfig configures [CoSyNE].
type CoSyNEConfig struct {
	Population int `json:"population" doc:"networks, and so values of each weight" range:"[4,100000]" scale:"log"`
	Parents    int `json:"parents" doc:"best networks that have offspring, and as many offspring, which replace the worst" range:"[2,50000]" scale:"log"`
	CrossoverConfig
	WeightRate float64 `json:"weight_rate" doc:"probability that a weight of an offspring mutates" range:"(0,1]"`
	Scale      float64 `json:"scale" doc:"scale of the mutation, which has Cauchy's distribution" range:"(0,1000]" scale:"log"`
	Permute    string  `json:"permute" doc:"which values change places with others of the same weight: more of worse networks (loss), or all of all" choices:"loss,all"`
	Spread     float64 `json:"spread" doc:"standard deviation of the first population around the starting weights" range:"[0,1000]"`
}

// CoSyNE evolves the values of each weight as a species of its own (Gomez,
// Schmidhuber & Miikkulainen 2008, Journal of Machine Learning Research 9:937-965,
// figure 3). A network is one value of each species. In each generation the
// best quarter has offspring, by crossover and mutation, which replace the worst;
// then values change places with others of their species, so that each is
// tried in other company. A value of a network of loss f among n weights does so
// with probability
//
//	1 - ((fmax - f) / (fmax - fmin))^(1/n)                              (eq. 1)
//
// which is about -ln of the fraction, or 1 of a typical network's n values, all of
// the worst network's, and none of the best's. An offspring moves as the network
// that it replaces would have; what diverged counts as the worst. Where all losses
// are equal, all values move.
//
// It beats random search on deep sigmoid networks, and on the Rastrigin function,
// whose weights can be found one by one. Parents and offspring are a quarter each,
// as in the paper; the other defaults were tried (see the package comment).
var CoSyNE = optimizers.Define(optimizers.Definition{
	Name:    "cosyne",
	Summary: "Cooperative coevolution: each weight is a species, whose values are tried in the company of others.",
	Refs:    []string{"Gomez, Schmidhuber & Miikkulainen 2008, Accelerated neural evolution through cooperatively coevolved synapses, JMLR 9:937-965"},
	Memory:  func(dim int) int64 { return 40 * 8 * int64(dim) },
}, CoSyNEConfig{
	Population: 40, Parents: 10,
	CrossoverConfig: CrossoverConfig{Crossover: "neuron", Points: 2, Alpha: 0.5},
	WeightRate:      0.05, Scale: 0.3, Permute: "loss", Spread: 2,
}, newCoSyNE)

type cosyne struct {
	cfg        CoSyNEConfig
	p          optimizers.Problem
	cross      crossover
	mutation   mutation
	generation uint64
	told       bool
	losses     []float64
	rows       [][]float64
	order      []int       // places of rows, best first, once it has losses
	best       [][]float64 // rows in that order
	moves      []float64   // probability that a value of a network moves
	scratch    []permuter
}

// permuters is how many parts the weights are permuted in, at most.
const permuters = 16

func newCoSyNE(cfg CoSyNEConfig, p optimizers.Problem) (*cosyne, error) {
	if cfg.Parents > cfg.Population/2 {
		return nil, fmt.Errorf("parents: %d, want at most half of the population, %d", cfg.Parents, cfg.Population/2)
	}
	c := &cosyne{
		cfg: cfg, p: p,
		cross:    newCrossover(cfg.CrossoverConfig, p.Blocks),
		mutation: newMutation(p.Seed, cfg.WeightRate),
		losses:   make([]float64, cfg.Population),
		rows:     newRows(cfg.Population, len(p.Init)),
		order:    make([]int, cfg.Population),
		best:     make([][]float64, 0, cfg.Population),
		moves:    make([]float64, cfg.Population),
		scratch:  make([]permuter, min(permuters, len(p.Init))),
	}
	c.mutation.cauchy = true
	for i := range c.scratch {
		c.scratch[i] = permuter{draws: make([]float64, 2*cfg.Population), marked: make([]int, cfg.Population)}
	}
	firstGeneration(c.rows, p, cfg.Spread)
	return c, nil
}

func (c *cosyne) Ask() ([][]float64, error) {
	if c.told {
		c.breed()
		c.permute()
	}
	return c.rows, nil
}

// breed replaces the worst by offspring of the best.
func (c *cosyne) breed() {
	c.generation++
	c.told = false
	c.p.Parallel(c.cfg.Parents, func(i int) {
		src := source(c.p.Seed, streamBreed, c.generation, uint64(i))
		a := below(&src, c.cfg.Parents)
		b := left([]int{a}, below(&src, c.cfg.Parents-1))
		k := c.order[len(c.order)-1-i]
		c.cross(c.rows[k], c.best[a], c.best[b], mating{c.p.Seed, c.generation, uint32(i), uint32(i)})
		c.mutation.add(c.rows[k], c.cfg.Scale, c.generation, uint32(i))
	})
}

// permute moves values to other networks.
func (c *cosyne) permute() {
	c.mark()
	seed := noise.Mix(c.p.Seed, streamPermute)
	n, parts := len(c.p.Init), len(c.scratch)
	c.p.Parallel(parts, func(i int) {
		for w := i * n / parts; w < (i+1)*n/parts; w++ {
			c.scratch[i].permute(c.rows, w, c.moves, seed, c.generation)
		}
	})
}

// mark computes the probabilities (eq. 1).
func (c *cosyne) mark() {
	best, worst := c.losses[c.order[0]], c.losses[c.order[0]]
	for _, k := range c.order {
		if !math.IsInf(c.losses[k], 1) {
			worst = c.losses[k]
		}
	}
	spread := worst/2 - best/2 // of halves, which do not overflow
	for k, loss := range c.losses {
		c.moves[k] = 0 // the part that is not the worst's
		if loss < worst && spread > 0 && c.cfg.Permute == "loss" {
			c.moves[k] = (worst/2 - loss/2) / spread
		}
	}
	kernel.Log(c.moves, c.moves)
	for k := range c.moves {
		c.moves[k] /= float64(len(c.p.Init))
	}
	kernel.Exp(c.moves, c.moves)
	for k := range c.moves {
		c.moves[k] = 1 - c.moves[k]
	}
}

// A permuter holds what is drawn for one weight.
type permuter struct {
	draws  []float64
	marked []int
}

// permute marks values of weight w, each with its probability, and gives the
// marked ones a random order (Fisher & Yates; Durstenfeld 1964,
// doi:10.1145/364520.364540).
func (p permuter) permute(rows [][]float64, w int, moves []float64, seed, generation uint64) {
	noise.Uniform(p.draws, seed, generation, uint32(w))
	marks, swaps := p.draws[:len(rows)], p.draws[len(rows):]
	n := 0
	for k, u := range marks {
		if u < moves[k] {
			p.marked[n] = k
			n++
		}
	}
	for i := n - 1; i > 0; i-- {
		a, b := p.marked[i], p.marked[int(swaps[i]*float64(i+1))]
		rows[a][w], rows[b][w] = rows[b][w], rows[a][w]
	}
}

func (c *cosyne) Tell(evals []optimizers.Evaluation) error {
	for k, e := range evals {
		c.losses[k] = e.Loss
	}
	c.told = true
	c.rank()
	return nil
}

func (c *cosyne) rank() {
	rank(c.order, c.losses)
	c.best = c.best[:0]
	for _, k := range c.order {
		c.best = append(c.best, c.rows[k])
	}
}

// Shortlist is of the last generation told, until the next is asked for.
func (c *cosyne) Shortlist(n int) [][]float64 { return c.best[:min(n, len(c.best))] }

// Diagnostics reports the lowest and the median loss of the last generation, and how
// far its individuals are from each other.
func (c *cosyne) Diagnostics() iter.Seq2[string, float64] {
	return func(yield func(string, float64) bool) {
		if c.told && !math.IsInf(c.losses[c.order[0]], 1) {
			if !yield("best", c.losses[c.order[0]]) || !yield("median", c.losses[c.order[len(c.order)/2]]) {
				return
			}
		}
		yield("diversity", diversity(c.rows))
	}
}

func (c *cosyne) state() []any {
	fields := []any{&c.generation, &c.told, c.losses}
	for _, w := range c.rows {
		fields = append(fields, w)
	}
	return fields
}

func (c *cosyne) MarshalBinary() ([]byte, error) {
	return optimizers.SaveState("cosyne/1", c.state()...)
}

func (c *cosyne) UnmarshalBinary(data []byte) error {
	if err := optimizers.LoadState("cosyne/1", data, c.state()...); err != nil {
		return err
	}
	if c.best = c.best[:0]; c.told {
		c.rank()
	}
	return nil
}
