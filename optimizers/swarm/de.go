package swarm

import (
	"fmt"
	"iter"
	"math"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/noise"
)

// DEConfig configures [DE]. The names in parentheses are the paper's.
type DEConfig struct {
	Population int     `json:"population" doc:"vectors that are kept (NP); 0: ten for each weight, but at least 20 and at most 100" range:"[0,100000]"`
	F          float64 `json:"f" doc:"factor of the difference of two vectors" range:"(0,2]"`
	CR         float64 `json:"cr" doc:"probability that a weight is crossed over; one always is" range:"[0,1]"`
	Radius     float64 `json:"radius" doc:"how far around the starting weights the first vectors are drawn" range:"(0,1e6]" scale:"log"`
	Reevaluate bool    `json:"reevaluate" doc:"evaluate the vectors that are kept again with those that challenge them, for losses on minibatches"`
}

// DE is differential evolution in its classic form, DE/rand/1/bin (Storn & Price
// 1997): each vector is challenged by another to which the difference of two more
// is added, with some of its own weights, and is replaced if that is no worse.
// The differences are as large as the population is wide, so that the steps need
// no adaptation.
//
// The three vectors are not the one that is challenged, nor each other, and at
// least one weight is crossed over. There are no bounds: the cube is where the
// first generation is drawn.
//
// The vectors keep their losses, as in the paper. On minibatches a lucky loss
// would stay for ever; the definition therefore asks for the whole of the
// training data at each step, and reevaluate is for when that is too much, at
// twice the evaluations. Losses are only compared.
//
// It is made for up to some hundreds of weights and losses of many minima. On
// Rosenbrock's function of dimension 10, 40,000 evaluations bring it to a hundredth
// of what as many guesses of random search reach, and some 80,000 to 1e-8.
var DE = optimizers.Define(optimizers.Definition{
	Name:      "de",
	Summary:   "Differential evolution: adds the difference of two candidates to a third (DE/rand/1/bin).",
	Refs:      []string{"Storn & Price 1997, doi:10.1023/A:1008202821328"},
	FullBatch: true,
	Memory:    func(dim int) int64 { return 2 * 8 * int64(dim) * int64(defaultVectors(dim)) },
}, DEConfig{F: 0.5, CR: 0.9, Radius: 5}, newDE)

func defaultVectors(dim int) int { return max(20, min(10*dim, 100)) }

type de struct {
	population
	cfg        DEConfig
	generation uint64      // of challengers; 0 is the first population itself
	trials     [][]float64 // the challengers
	asked      [][]float64 // the challengers, and with reevaluate those that are challenged
	made       []recipe    // of the challengers
	src        noise.Source
	draw       func(k int) // challenge, made once
}

// A recipe says what a challenger is made of.
type recipe struct {
	from   [3]int // the vector, and the two whose difference is added
	always int    // the weight that is crossed over in any case (j rand)
}

func newDE(cfg DEConfig, p optimizers.Problem) (*de, error) {
	size := cfg.Population
	if size == 0 {
		size = defaultVectors(len(p.Init))
	}
	if size < 4 {
		return nil, fmt.Errorf("population: %d, want at least 4: one is challenged by three others", size)
	}
	trials, rows := challenged(size, p)
	d := &de{
		population: newPopulation(rows, cfg.Radius, p), cfg: cfg,
		trials: trials, made: make([]recipe, size),
	}
	d.asked = d.trials
	if cfg.Reevaluate {
		d.asked = append(d.asked[:size:size], d.rows...)
	}
	d.draw = d.challenge
	return d, nil
}

func (d *de) Ask() ([][]float64, error) {
	if d.generation == 0 {
		return d.rows, nil
	}
	start(&d.src, d.p.Seed, streamChoice, d.generation)
	for k := range d.made {
		d.made[k] = recipe{others(&d.src, len(d.rows), k), below(&d.src, len(d.p.Init))}
	}
	d.p.Parallel(len(d.trials), d.draw)
	return d.asked, nil
}

// others draws three numbers below n that differ from k and from each other.
func others(src *noise.Source, n, k int) (from [3]int) {
	taken := [4]int{k} // in ascending order
	for i := range from {
		r := below(src, n-1-i)
		at := 0
		for at <= i && r >= taken[at] {
			r++
			at++
		}
		copy(taken[at+1:], taken[at:i+1])
		taken[at], from[i] = r, r
	}
	return from
}

// challenge makes challenger k.
func (d *de) challenge(k int) {
	made := d.made[k]
	a, b, c := d.rows[made.from[0]], d.rows[made.from[1]], d.rows[made.from[2]]
	own, trial := d.rows[k], d.trials[k]
	noise.Uniform(trial, noise.Mix(d.p.Seed, streamCross), d.generation, uint32(k))
	for i, u := range trial {
		trial[i] = own[i]
		if u < d.cfg.CR || i == made.always {
			trial[i] = orStay(math.FMA(d.cfg.F, b[i]-c[i], a[i]), own[i])
		}
	}
}

func (d *de) Tell(evals []optimizers.Evaluation) error {
	if d.generation == 0 {
		for k, e := range evals {
			d.losses[k] = e.Loss
		}
	} else {
		for k, e := range evals[:len(d.trials)] {
			if d.cfg.Reevaluate {
				d.losses[k] = evals[len(d.trials)+k].Loss
			}
			if e.Loss <= d.losses[k] {
				copy(d.rows[k], d.trials[k])
				d.losses[k] = e.Loss
			}
		}
	}
	d.generation++
	d.rank()
	return nil
}

// Diagnostics reports the best and the median loss of the vectors that are kept.
func (d *de) Diagnostics() iter.Seq2[string, float64] { return d.diagnostics }

func (d *de) state() []any { return append([]any{&d.generation}, d.population.state()...) }

func (d *de) MarshalBinary() ([]byte, error) { return optimizers.SaveState("de/1", d.state()...) }

func (d *de) UnmarshalBinary(data []byte) error {
	if err := optimizers.LoadState("de/1", data, d.state()...); err != nil {
		return err
	}
	d.restored(len(d.rows), d.generation > 0)
	return nil
}
