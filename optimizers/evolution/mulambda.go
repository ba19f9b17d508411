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

// MuLambdaConfig configures [MuLambda].
type MuLambdaConfig struct {
	Population int     `json:"population" doc:"candidates of each generation (lambda); 0: 4 + 3 ln n, but at least 12" range:"[0,100000]"`
	Parents    int     `json:"parents" doc:"the best of them, whose mean is the next parent (mu); 0: a quarter of the population" range:"[0,100000]"`
	Sigma      float64 `json:"sigma" doc:"first standard deviation of every weight" range:"(0,1000]" scale:"log"`
	Tau        float64 `json:"tau" doc:"standard deviation of the mutation of ln sigma, in parts of 1/sqrt(2n)" range:"[0,10]"`
}

// MuLambda is the (mu/mu, lambda) evolution strategy with self-adaptation: each
// candidate has a step size of its own, mutated before it is used, and inherits
// by surviving. Parents are recombined by their mean, weights and step sizes
// alike, and do not live on.
//
// It is the plainest method here that adapts its step size, made for smooth
// losses of few weights of one scale: the sphere in 10 dimensions takes about
// 1,200 evaluations to 1e-8, with which local random search has a thousandth of
// the loss at the start.
var MuLambda = optimizers.Define(optimizers.Definition{
	Name:    "mu-lambda-es",
	Summary: "(mu, lambda) evolution strategy: step sizes mutate with the candidates and are selected with them.",
	Refs: []string{
		"Beyer & Schwefel 2002, doi:10.1023/A:1015059928466",
		"Schwefel 1981, Numerical Optimization of Computer Models, Wiley",
	},
	Memory: func(dim int) int64 { return 8 * int64(dim) * int64(max(12, defaultPopulation(dim))+2) },
}, MuLambdaConfig{Sigma: 0.5, Tau: 1}, newMuLambda)

// streamSteps tells the draws for step sizes from those for weights.
const streamSteps uint64 = 1

type muLambda struct {
	cfg    MuLambdaConfig
	p      optimizers.Problem
	shaper *shaper
	tau    float64
	step   uint64
	mean   []float64 // of the parents
	sigma  float64
	sigmas []float64 // of the candidates
	x      sample
	seed   uint64 // of the step sizes
	// What each core does: candidate k of a sample, stretch i of an update.
	draw, update func(int)
}

func newMuLambda(cfg MuLambdaConfig, p optimizers.Problem) (*muLambda, error) {
	n := len(p.Init)
	lambda, err := population(cfg.Population, n)
	if err != nil {
		return nil, err
	}
	if cfg.Population == 0 {
		// A quarter of fewer would be one or two, and the mean of so few steps
		// makes step sizes shrink too fast.
		lambda = max(lambda, 12)
	}
	mu := cfg.Parents
	if mu == 0 {
		mu = max(1, lambda/4)
	}
	if mu >= lambda {
		return nil, fmt.Errorf("parents: %d, want fewer than the population, %d: there is no selection otherwise", mu, lambda)
	}
	weights := make([]float64, lambda)
	for k := range mu {
		weights[k] = 1 / float64(mu)
	}
	e := &muLambda{
		cfg:    cfg,
		p:      cores(p, lambda),
		shaper: newShaper(weights),
		// Beyer & Schwefel 2002, section 4.2.3.
		tau:    cfg.Tau / math.Sqrt(float64(2*n)),
		mean:   slices.Clone(p.Init),
		sigma:  cfg.Sigma,
		sigmas: make([]float64, lambda),
		x:      newCandidates(p, lambda),
		seed:   noise.Mix(p.Seed, streamSteps),
	}
	e.draw, e.update = e.drawRow, e.updateStretch
	return e, nil
}

func (e *muLambda) Ask() ([][]float64, error) {
	noise.Normal(e.sigmas, e.seed, e.step, 0)
	kernel.Scale(e.sigmas, e.tau)
	kernel.Exp(e.sigmas, e.sigmas)
	for k := range e.sigmas {
		e.sigmas[k] = clampSigma(e.sigmas[k] * e.sigma)
	}
	e.p.Parallel(len(e.x.rows), e.draw)
	return e.x.rows, nil
}

// drawRow is candidate k: the step size mutates first.
func (e *muLambda) drawRow(k int) {
	copy(e.x.rows[k], e.mean)
	noise.AddNormal(e.x.rows[k], e.sigmas[k], e.p.Seed, e.step, uint32(k))
}

func (e *muLambda) Tell(evals []optimizers.Evaluation) error {
	e.step++
	w := e.shaper.shape(evals, nil)
	e.p.Parallel(stretches(len(e.mean)), e.update)
	e.sigma = 0
	for k, s := range e.sigmas {
		e.sigma += float64(w[k] * s)
	}
	return nil
}

func (e *muLambda) updateStretch(i int) {
	from, to := bounds(i, len(e.mean))
	weightedSum(e.mean[from:to], e.shaper.u, e.x.rows, from)
}

// Recommend is the mean of the parents.
func (e *muLambda) Recommend() []float64 { return e.mean }

// Diagnostics reports the mean of the parents' step sizes.
func (e *muLambda) Diagnostics() iter.Seq2[string, float64] {
	return func(yield func(string, float64) bool) { yield("sigma", e.sigma) }
}

func (e *muLambda) state() []any { return []any{&e.step, &e.sigma, e.mean} }

func (e *muLambda) MarshalBinary() ([]byte, error) {
	return optimizers.SaveState("mu-lambda-es/1", e.state()...)
}

func (e *muLambda) UnmarshalBinary(data []byte) error {
	return optimizers.LoadState("mu-lambda-es/1", data, e.state()...)
}
