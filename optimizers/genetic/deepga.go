package genetic

import (
	"fmt"
	"iter"
	"math"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/noise"
)

// DeepConfig configures [Deep].
type DeepConfig struct {
	Population int     `json:"population" doc:"candidates of each generation, the elite among them" range:"[2,100000]" scale:"log"`
	Parents    int     `json:"parents" doc:"best candidates that have offspring" range:"[1,100000]" scale:"log"`
	Sigma      float64 `json:"sigma" doc:"standard deviation of the mutation of each weight" range:"(0,1000]" scale:"log"`
	Spread     float64 `json:"spread" doc:"standard deviation of the first generation around the starting weights" range:"[0,1000]"`
	Finalists  int     `json:"finalists" doc:"best candidates that are evaluated again, to settle which of them lives on" range:"[1,100000]" scale:"log"`
	Repeats    int     `json:"repeats" doc:"how often the finalists are evaluated again; 0 believes the first loss" range:"[0,1000]"`
	Portion    int     `json:"portion" doc:"candidates asked about at once: fewer than the population take less memory, but then it is compared across minibatches" range:"[1,100000]" scale:"log"`
}

// Deep is the genetic algorithm of Such et al. 2017 (arXiv:1712.06567, algorithm
// 1), which trained networks of millions of weights: no crossover, each offspring
// a parent, drawn evenly from the best, plus sigma times normal noise. The elite is
// the finalist of the lowest mean loss when evaluated again, with other
// minibatches; it lives on unchanged.
//
// A genome is a list of seeds. Its weights are the starting point, plus spread
// times the noise of the first seed, plus sigma times that of each seed that
// follows (section 3.1). A checkpoint is that list for each parent, thousands of
// times smaller than their weights, which it gives back to the last bit.
//
// The paper has 1,000 candidates, 20 parents, and a sigma of 0.002 to 0.005; the
// defaults are for small networks and small budgets. Like [GA], it beats random
// search on deep sigmoid networks, where backpropagation has vanished.
var Deep = optimizers.Define(optimizers.Definition{
	Name:    "deep-ga",
	Summary: "Genetic algorithm by mutation alone, whose genomes are lists of seeds.",
	Refs:    []string{"Such et al. 2017, arXiv:1712.06567"},
	Memory:  func(dim int) int64 { return (100 + 2*10) * 8 * int64(dim) },
}, DeepConfig{Population: 100, Parents: 10, Sigma: 0.5, Spread: 2, Finalists: 10, Repeats: 1, Portion: 100}, newDeep)

// A seed names the noise of one mutation: the generation, in the upper half, and
// the candidate. That of the generation 0 has the size spread.
type seed uint64

func newSeed(generation uint64, candidate int) seed {
	return seed(generation<<32 | uint64(uint32(candidate)))
}

// A parent is a genome, and its weights.
type parent struct {
	seeds []seed
	w     []float64
}

type deep struct {
	cfg        DeepConfig
	p          optimizers.Problem
	step       uint64 // Tells
	generation uint64
	at         uint64 // candidates of this generation told so far
	repeat     uint64 // times that the finalists have to be evaluated yet
	living     uint64 // parents; at first one, the starting point
	parents    []parent
	next       []parent // the memory of the next parents
	losses     []float64
	totals     []float64   // of the finalists, evaluated again
	of         []int       // the parent of each candidate
	rows       [][]float64 // a portion of the candidates
	finalists  [][]float64
	shortlist  [][]float64
	order      []int
}

func newDeep(cfg DeepConfig, p optimizers.Problem) (*deep, error) {
	if cfg.Parents > cfg.Population {
		return nil, fmt.Errorf("parents: %d, want at most the population, %d", cfg.Parents, cfg.Population)
	}
	if cfg.Finalists > cfg.Parents {
		return nil, fmt.Errorf("finalists: %d, want at most the parents, %d", cfg.Finalists, cfg.Parents)
	}
	d := &deep{
		cfg: cfg, p: p, living: 1,
		parents: make([]parent, cfg.Parents),
		next:    make([]parent, cfg.Parents),
		losses:  make([]float64, cfg.Population),
		totals:  make([]float64, cfg.Finalists),
		of:      make([]int, cfg.Population),
		rows:    newRows(min(cfg.Portion, cfg.Population), len(p.Init)),
		order:   make([]int, cfg.Population),
	}
	for i := range d.parents {
		d.parents[i].w = make([]float64, len(p.Init))
		d.next[i].w = make([]float64, len(p.Init))
	}
	copy(d.parents[0].w, p.Init)
	d.pair()
	return d, nil
}

// pair draws the parents of a generation. The elite is the first candidate.
func (d *deep) pair() {
	src := source(d.p.Seed, streamBreed, d.generation)
	for k := range d.of {
		if d.of[k] = 0; k > 0 {
			d.of[k] = below(&src, int(d.living))
		}
	}
}

// mutate adds the noise of a seed.
func (d *deep) mutate(w []float64, s seed) {
	generation, size := uint64(s>>32), d.cfg.Sigma
	if generation == 0 {
		size = d.cfg.Spread
	}
	noise.AddNormal(w, size, noise.Mix(d.p.Seed, streamMutation), generation, uint32(s))
}

// decode writes the weights of a genome.
func (d *deep) decode(w []float64, seeds []seed) {
	copy(w, d.p.Init)
	for _, s := range seeds {
		d.mutate(w, s)
	}
}

// Ask is about a portion of a generation, or about the finalists of one.
func (d *deep) Ask() ([][]float64, error) {
	if d.repeat > 0 {
		return d.finalists, nil
	}
	at := int(d.at)
	n := min(len(d.rows), len(d.losses)-at)
	d.p.Parallel(n, func(i int) { d.express(d.rows[i], at+i) })
	return d.rows[:n], nil
}

// express writes the weights of candidate k.
func (d *deep) express(w []float64, k int) {
	copy(w, d.parents[d.of[k]].w)
	if k > 0 {
		d.mutate(w, newSeed(d.generation, k))
	}
}

func (d *deep) Tell(evals []optimizers.Evaluation) error {
	d.step++
	if d.repeat > 0 {
		for i, e := range evals {
			d.totals[i] += e.Loss
		}
		if d.repeat--; d.repeat == 0 {
			d.crown()
			d.begin()
		}
		return nil
	}
	for _, e := range evals {
		d.losses[d.at] = e.Loss
		d.at++
	}
	if int(d.at) == len(d.losses) {
		d.truncate()
		if d.repeat = uint64(d.cfg.Repeats); d.repeat == 0 {
			d.begin()
		}
	}
	return nil
}

// truncate makes the best candidates the parents, best first.
func (d *deep) truncate() {
	rank(d.order, d.losses)
	d.p.Parallel(len(d.next), func(i int) {
		k := d.order[i]
		d.express(d.next[i].w, k)
		seeds := append(d.next[i].seeds[:0], d.parents[d.of[k]].seeds...)
		if k > 0 {
			seeds = append(seeds, newSeed(d.generation, k))
		}
		d.next[i].seeds = seeds
	})
	d.parents, d.next = d.next, d.parents
	d.living = uint64(len(d.parents))
	clear(d.totals)
	d.list()
}

// crown puts the finalist of the lowest total in front, as the elite.
func (d *deep) crown() {
	best := 0
	for i, total := range d.totals {
		if total < d.totals[best] {
			best = i
		}
	}
	elite := d.parents[best]
	copy(d.parents[1:best+1], d.parents[:best])
	d.parents[0] = elite
	d.list()
}

// begin starts the next generation.
func (d *deep) begin() {
	d.generation++
	d.at = 0
	d.pair()
}

// list renews what is listed of the parents.
func (d *deep) list() {
	d.shortlist = d.shortlist[:0]
	for _, p := range d.parents[:d.living] {
		d.shortlist = append(d.shortlist, p.w)
	}
	d.finalists = d.shortlist[:min(d.cfg.Finalists, len(d.shortlist))]
}

// Shortlist is the parents, the elite first. Until the first generation is
// complete, there is only the starting point.
func (d *deep) Shortlist(n int) [][]float64 {
	if d.step == 0 {
		return nil
	}
	if len(d.shortlist) == 0 {
		d.list()
	}
	return d.shortlist[:min(n, len(d.shortlist))]
}

// Diagnostics reports the lowest and the median loss of the last generation that
// is complete, and the number of seeds of its elite.
func (d *deep) Diagnostics() iter.Seq2[string, float64] {
	return func(yield func(string, float64) bool) {
		if d.generation == 0 || d.at > 0 {
			return
		}
		if best := d.losses[d.order[0]]; !math.IsInf(best, 1) {
			if !yield("best", best) || !yield("median", d.losses[d.order[len(d.order)/2]]) {
				return
			}
		}
		yield("seeds", float64(len(d.parents[0].seeds)))
	}
}

// state is the checkpoint: the seeds of all parents one after the other, and how
// many there are of each.
func (d *deep) state(lengths []uint64, seeds []seed) []any {
	return []any{&d.step, &d.generation, &d.at, &d.repeat, &d.living, d.losses, d.totals, lengths, seeds}
}

// checkpoint is the name of its checkpoints, which by themselves would fit any
// dimension.
func (d *deep) checkpoint() string { return fmt.Sprintf("deep-ga/1 %d", len(d.p.Init)) }

func (d *deep) MarshalBinary() ([]byte, error) {
	lengths := make([]uint64, len(d.parents))
	var seeds []seed
	for i, p := range d.parents[:d.living] {
		lengths[i] = uint64(len(p.seeds))
		seeds = append(seeds, p.seeds...)
	}
	return optimizers.SaveState(d.checkpoint(), d.state(lengths, seeds)...)
}

func (d *deep) UnmarshalBinary(data []byte) error {
	lengths := make([]uint64, len(d.parents))
	none, err := optimizers.SaveState(d.checkpoint(), d.state(lengths, nil)...)
	if err != nil {
		return err
	}
	// What the rest has no room for are seeds; the checksum tells if it is not.
	seeds := make([]seed, max(0, len(data)-len(none))/8)
	if err := optimizers.LoadState(d.checkpoint(), data, d.state(lengths, seeds)...); err != nil {
		return err
	}
	if d.living < 1 || d.living > uint64(len(d.parents)) || d.at >= uint64(len(d.losses))+1 {
		return fmt.Errorf("checkpoint of %s: %d parents and %d candidates told, want at most %d and %d",
			d.checkpoint(), d.living, d.at, len(d.parents), len(d.losses))
	}
	for i := range d.parents {
		n := lengths[i]
		if n > uint64(len(seeds)) {
			return fmt.Errorf("checkpoint of %s: a genome of %d seeds, want at most the %d that are left", d.checkpoint(), n, len(seeds))
		}
		d.parents[i].seeds = append(d.parents[i].seeds[:0], seeds[:n]...)
		seeds = seeds[n:]
	}
	d.p.Parallel(int(d.living), func(i int) { d.decode(d.parents[i].w, d.parents[i].seeds) })
	rank(d.order, d.losses)
	d.pair()
	d.list()
	return nil
}
