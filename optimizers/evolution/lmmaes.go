package evolution

import (
	"fmt"
	"iter"
	"math"
	"slices"

	"github.com/joust-bench/joust/network/kernel"
	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/noise"
)

// LMMAESConfig configures [LMMAES].
type LMMAESConfig struct {
	Population int     `json:"population" doc:"candidates of each generation, less than half the weights; 0: 4 + 3 ln n" range:"[0,100000]"`
	Directions int     `json:"directions" doc:"vectors that stand for the covariance matrix (m); 0: 4 + 3 ln n" range:"[0,1000]"`
	Sigma      float64 `json:"sigma" doc:"first standard deviation of every weight" range:"(0,1000]" scale:"log"`
}

// lmmaesLeast is the number of weights below which LMMAES refuses.
const lmmaesLeast = 100

// LMMAES is the limited-memory matrix adaptation evolution strategy: instead of
// a covariance matrix it keeps a few directions, evolution paths of different
// lengths of memory, along which it has been moving, and stretches its steps
// along them. Time and memory are linear in the number of weights.
//
// Steps come in opposite pairs, as in the authors' program.
//
// It is made for hundreds to millions of weights that depend on each other. On
// the rotated ellipsoid in 100 dimensions it gets to a ten-thousandth of the loss
// at the start with 20,000 evaluations, local random search to a two-hundredth. The
// rates of its averages suppose a large dimension: below 100 there
// are cma-es and xnes.
var LMMAES = optimizers.Define(optimizers.Definition{
	Name:    "lm-ma-es",
	Summary: "Limited-memory matrix adaptation evolution strategy: a few directions in place of covariances.",
	Refs: []string{
		"Loshchilov, Glasmachers & Beyer 2019, doi:10.1109/TEVC.2018.2855049, arXiv:1705.06693",
	},
	MinDim: lmmaesLeast,
	Memory: func(dim int) int64 {
		m := defaultPopulation(dim)
		return 8 * int64(dim) * int64(m+(m+1)/2+m+4)
	},
}, LMMAESConfig{Sigma: 0.5}, newLMMAES)

type lmmaes struct {
	cfg    LMMAESConfig
	p      optimizers.Problem
	shaper *shaper
	halves []float64 // the utility of a pair's first candidate less that of its second
	cs     float64   // rate of the path of sigma
	cd, cc []float64 // rates of the directions: in a step, and of their own
	muEff  float64
	step   uint64
	mean   []float64
	sigma  float64
	path   []float64 // p_sigma
	m      sample    // the directions
	z      sample    // of the first of each pair
	x      sample
	zw     []float64 // weighted mean of the selected z
	// What each core does: pair i of a sample, stretch i of an update.
	draw, update func(int)
}

func newLMMAES(cfg LMMAESConfig, p optimizers.Problem) (*lmmaes, error) {
	n := len(p.Init)
	lambda, err := population(cfg.Population, n)
	if err != nil {
		return nil, err
	}
	if 2*lambda >= n {
		return nil, fmt.Errorf("population: %d, want less than half of the %d weights: the rate of the path would pass 1", lambda, n)
	}
	directions := cfg.Directions
	if directions == 0 {
		directions = defaultPopulation(n)
	}
	// Loshchilov et al. 2019, algorithm 1, lines 2 and 3.
	weights := descending(float64(lambda/2)+0.5, lambda)
	muEff := normalize(weights)
	dim := float64(n)
	o := &lmmaes{
		cfg:    cfg,
		p:      cores(p, lambda),
		shaper: newShaper(weights),
		halves: make([]float64, (lambda+1)/2),
		cs:     2 * float64(lambda) / dim,
		cd:     make([]float64, directions),
		cc:     make([]float64, directions),
		muEff:  muEff,
		mean:   slices.Clone(p.Init),
		sigma:  cfg.Sigma,
		path:   make([]float64, n),
		m:      newSample(directions, n),
		z:      newPopulation((lambda+1)/2, n),
		x:      newCandidates(p, lambda),
		zw:     make([]float64, n),
	}
	d, c := 1/dim, float64(lambda)/dim
	for i := range directions {
		o.cd[i], o.cc[i] = d, c
		d, c = d/1.5, c/4
	}
	o.draw, o.update = o.drawPair, o.updateStretch
	return o, nil
}

func (o *lmmaes) Ask() ([][]float64, error) {
	o.p.Parallel(len(o.z.rows), o.draw)
	return o.x.rows, nil
}

// drawPair is mean + sigma d and mean - sigma d.
func (o *lmmaes) drawPair(i int) {
	z, d := o.z.rows[i], o.x.rows[2*i]
	noise.Normal(z, o.p.Seed, o.step, uint32(i))
	copy(d, z)
	// d = (1 - c) d + c M (M'd) for one direction after the other (lines 8 to 11),
	// with the factors 1 - c put off to the end.
	length := o.sigma
	for k, m := range o.m.rows[:min(o.step, uint64(len(o.m.rows)))] {
		c := o.cd[k]
		kernel.Axpy(d, c/(1-c)*dot(m, d), m)
		length *= 1 - c
	}
	if 2*i+1 < len(o.x.rows) {
		kernel.Sum2(o.x.rows[2*i+1], o.mean, d, -length)
	}
	kernel.Sum2(d, o.mean, d, length)
}

func (o *lmmaes) Tell(evals []optimizers.Evaluation) error {
	o.step++
	w := o.shaper.shape(evals, nil)
	for i := range o.halves {
		o.halves[i] = w[2*i]
		if 2*i+1 < len(w) {
			o.halves[i] -= w[2*i+1]
		}
	}
	o.p.Parallel(stretches(len(o.mean)), o.update)
	// Line 18.
	ratio := dot(o.path, o.path) / float64(len(o.path))
	o.sigma = clampSigma(o.sigma * exp(0.5*o.cs*(ratio-1)))
	return nil
}

// updateStretch is lines 12 to 17: the mean, its path, and the directions.
func (o *lmmaes) updateStretch(i int) {
	from, to := bounds(i, len(o.mean))
	weightedSum(o.mean[from:to], o.shaper.u, o.x.rows, from)
	weightedSum(o.zw[from:to], o.halves, o.z.rows, from)
	zw := o.zw[from:to]
	follow(o.path[from:to], o.cs, o.muEff, zw)
	for k, m := range o.m.rows {
		follow(m[from:to], o.cc[k], o.muEff, zw)
	}
}

// Recommend is the mean of the distribution.
func (o *lmmaes) Recommend() []float64 { return o.mean }

// Diagnostics reports sigma, and the length of its path as a part of what it is
// if selection is blind.
func (o *lmmaes) Diagnostics() iter.Seq2[string, float64] {
	return func(yield func(string, float64) bool) {
		_ = yield("sigma", o.sigma) && yield("path", norm(o.path)/math.Sqrt(float64(len(o.path))))
	}
}

func (o *lmmaes) state() []any { return []any{&o.step, &o.sigma, o.mean, o.path, o.m.flat} }

func (o *lmmaes) MarshalBinary() ([]byte, error) {
	return optimizers.SaveState("lm-ma-es/1", o.state()...)
}

func (o *lmmaes) UnmarshalBinary(data []byte) error {
	return optimizers.LoadState("lm-ma-es/1", data, o.state()...)
}
