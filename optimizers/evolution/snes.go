package evolution

import (
	"iter"
	"math"
	"slices"

	"github.com/joust-bench/joust/network/kernel"
	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/noise"
)

// SNESConfig configures [SNES].
type SNESConfig struct {
	Population int     `json:"population" doc:"candidates of each generation; 0: 4 + 3 ln n" range:"[0,100000]"`
	Sigma      float64 `json:"sigma" doc:"first standard deviation of every weight" range:"(0,1000]" scale:"log"`
	Mirrored   bool    `json:"mirrored" doc:"draw candidates in pairs of opposite steps; the population is then even"`
	LR         float64 `json:"lr" doc:"learning rate of the mean (eta mu)" range:"(0,10]"`
	SigmaLR    float64 `json:"sigma_lr" doc:"learning rate of the standard deviations, in parts of (3 + ln n)/(5 sqrt n) (eta sigma)" range:"[0,10]"`
}

// SNES is the separable natural evolution strategy: a normal distribution with
// a standard deviation for each weight, which follows the natural gradient of
// the expected utility. All of it is linear in the number of weights.
//
// Steps come in opposite pairs (Brockhoff et al. 2010), unless mirrored is set to
// false, as it is in the papers: half the random numbers, which are most of what
// a step costs, for 2 to 6 % more evaluations.
//
// It is made for many weights of different scales that do not depend on each
// other much: on the ellipsoid along the axes in 10 dimensions it needs 2,800
// evaluations to 1e-8, with which local random search has a ten-thousandth of the
// loss at the start, and on the rotated one it fails. For networks of 10,000
// weights and more, lower sigma.
var SNES = optimizers.Define(optimizers.Definition{
	Name:    "snes",
	Summary: "Separable natural evolution strategy: a normal distribution with a step size for each weight.",
	Refs: []string{
		"Wierstra et al. 2014, Natural Evolution Strategies, JMLR 15, pp. 949-980",
		"Schaul, Glasmachers & Schmidhuber 2011, doi:10.1145/2001576.2001692",
		"Brockhoff et al. 2010, doi:10.1007/978-3-642-15844-5_2",
	},
	Memory: func(dim int) int64 { return 8 * int64(dim) * int64(defaultPopulation(dim)+1+2) },
}, SNESConfig{Sigma: 0.5, Mirrored: true, LR: 1, SigmaLR: 1}, newSNES)

type snes struct {
	cfg     SNESConfig
	p       optimizers.Problem
	shaper  *shaper
	sigmaLR float64 // eta sigma
	step    uint64
	mean    []float64 // mu
	sigma   []float64 // of each weight
	x       sample
	// The candidates that were drawn, all or the first of each pair, and what each
	// counts for in sums of its distance from the mean and of the square of that,
	// in which a pair has opposite signs and equal ones: utilities times learning rates.
	drawn     [][]float64
	odd, even []float64
	// What each core does: draw k, stretch i of an update.
	draw, update func(int)
}

func newSNES(cfg SNESConfig, p optimizers.Problem) (*snes, error) {
	n := len(p.Init)
	lambda, err := population(cfg.Population, n)
	if err != nil {
		return nil, err
	}
	draws := lambda
	if cfg.Mirrored {
		if cfg.Population == 0 {
			lambda += lambda % 2
		}
		if err := even(lambda); err != nil {
			return nil, err
		}
		draws = lambda / 2
	}
	dim := float64(n)
	s := &snes{
		cfg:    cfg,
		p:      cores(p, lambda),
		shaper: newShaper(nesUtilities(lambda)),
		// Wierstra et al. 2014, table 1.
		sigmaLR: cfg.SigmaLR * (3 + ln(dim)) / (5 * math.Sqrt(dim)),
		mean:    slices.Clone(p.Init),
		sigma:   slices.Repeat([]float64{cfg.Sigma}, n),
		x:       newCandidates(p, lambda),
		drawn:   make([][]float64, draws),
		odd:     make([]float64, draws),
		even:    make([]float64, draws),
	}
	for k := range s.drawn {
		s.drawn[k] = s.x.rows[k*lambda/draws]
	}
	s.draw, s.update = s.drawRow, s.updateStretch
	return s, nil
}

func (s *snes) Ask() ([][]float64, error) {
	s.p.Parallel(len(s.drawn), s.draw)
	return s.x.rows, nil
}

// drawRow is mean + sigma z, and mirrored also mean - sigma z.
func (s *snes) drawRow(k int) {
	if s.cfg.Mirrored {
		noise.Mirror(s.drawn[k], s.x.rows[2*k+1], s.mean, s.sigma, s.p.Seed, s.step, uint32(k), 0)
		return
	}
	x := s.drawn[k]
	noise.Normal(x, s.p.Seed, s.step, uint32(k))
	kernel.Mul(x, s.sigma)
	kernel.Add(x, s.mean)
}

func (s *snes) Tell(evals []optimizers.Evaluation) error {
	s.step++
	u := s.shaper.shape(evals, nil)
	for k := range s.odd {
		if s.cfg.Mirrored {
			s.odd[k], s.even[k] = u[2*k]-u[2*k+1], u[2*k]+u[2*k+1]
		} else {
			s.odd[k], s.even[k] = u[k], u[k]
		}
		s.odd[k] *= s.cfg.LR
		s.even[k] *= 0.5 * s.sigmaLR
	}
	s.p.Parallel(stretches(len(s.mean)), s.update)
	return nil
}

// updateStretch is algorithm 6 of Wierstra et al. 2014, where z is here the
// distance from the mean in parts of sigma.
func (s *snes) updateStretch(i int) {
	from, to := bounds(i, len(s.mean))
	var first, second [stretch]float64
	mean, sigma := s.mean[from:to], s.sigma[from:to]
	move, factor := first[:len(mean)], second[:len(mean)]
	moments(move, factor, mean, s.odd, s.even, s.drawn, from)
	kernel.Add(mean, move)
	// exp(eta/2 sum u (z^2 - 1)), of which the utilities add up to 0.
	variance := move
	copy(variance, sigma)
	kernel.Mul(variance, sigma)
	kernel.Div(factor, variance)
	kernel.Exp(factor, factor)
	kernel.Mul(sigma, factor)
	kernel.Clamp(sigma, minSigma, maxSigma)
}

// Recommend is the mean of the distribution.
func (s *snes) Recommend() []float64 { return s.mean }

// Diagnostics reports the mean of the standard deviations, and the condition number of
// the covariance matrix.
func (s *snes) Diagnostics() iter.Seq2[string, float64] {
	return func(yield func(string, float64) bool) {
		ratio := slices.Max(s.sigma) / slices.Min(s.sigma)
		_ = yield("sigma", average(s.sigma)) && yield("condition", float64(ratio*ratio))
	}
}

func (s *snes) state() []any { return []any{&s.step, s.mean, s.sigma} }

func (s *snes) MarshalBinary() ([]byte, error) { return optimizers.SaveState("snes/2", s.state()...) }

func (s *snes) UnmarshalBinary(data []byte) error {
	return optimizers.LoadState("snes/2", data, s.state()...)
}
