package evolution

import (
	"iter"
	"math"
	"slices"

	"github.com/joust-bench/joust/network/kernel"
	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/noise"
)

// PGPEConfig configures [PGPE].
type PGPEConfig struct {
	Population int     `json:"population" doc:"candidates of each generation, an even number: pairs of opposite steps" range:"[2,100000]" scale:"log"`
	Radius     float64 `json:"radius" doc:"first length of the vector of standard deviations: each is radius/sqrt(n)" range:"(0,1e6]" scale:"log"`
	MaxSpeed   float64 `json:"max_speed" doc:"largest distance that the center moves in a generation" range:"(0,1e6]" scale:"log"`
	Step       float64 `json:"step" doc:"distance that one gradient adds to it" range:"(0,1e6]" scale:"log"`
	Momentum   float64 `json:"momentum" doc:"part of the last move that is kept" range:"[0,1)"`
	SigmaLR    float64 `json:"sigma_lr" doc:"learning rate of the standard deviations" range:"[0,10]"`
	MaxChange  float64 `json:"max_change" doc:"largest change of a standard deviation in a generation, as a part of it" range:"(0,1)"`
}

// PGPE is policy gradients with parameter-based exploration and mirrored
// samples: a normal distribution with a standard deviation for each weight, whose
// center follows the gradient of the expected utility at a limited speed
// (ClipUp). Losses count by their centred rank only.
//
// The length of a move does not depend on that of the gradient, so its two
// lengths are what is to be chosen: the radius in which it looks, and a maximum
// speed of a fifteenth of that (Toklu et al. 2020, section 3). The defaults are
// theirs for the largest of their tasks.
//
// It is made for networks of many weights with noisy losses. On the sphere in 100
// dimensions it gets to a two-hundredth of the loss at the start with 6,400
// evaluations, local random search to a seventieth.
var PGPE = optimizers.Define(optimizers.Definition{
	Name:    "pgpe",
	Summary: "Policy gradients with parameter-based exploration, mirrored samples and ClipUp.",
	Refs: []string{
		"Toklu, Liskowski & Srivastava 2020, arXiv:2008.02387",
		"Sehnke et al. 2010, doi:10.1016/j.neunet.2009.12.004",
	},
	Memory: func(dim int) int64 { return 8 * int64(dim) * (64 + 4) },
}, PGPEConfig{Population: 64, Radius: 4.5, MaxSpeed: 0.3, Step: 0.15, Momentum: 0.9, SigmaLR: 0.1, MaxChange: 0.2}, newPGPE)

type pgpe struct {
	cfg    PGPEConfig
	p      optimizers.Problem
	shaper *shaper
	// Of the utilities of each pair: their mean, times the learning rate of sigma, and
	// the first less the second.
	averages, differences []float64
	baseline              float64 // the sum of averages
	step                  uint64
	mean                  []float64 // the center
	sigma                 []float64 // of each weight
	velocity              []float64
	grad                  []float64   // with respect to the center
	x                     sample      // candidates 2i and 2i+1 are the pair i
	up                    [][]float64 // the first of each pair
	// What each core does: pair i of a sample, stretch i of the gradient and of sigma.
	draw, update func(int)
}

func newPGPE(cfg PGPEConfig, p optimizers.Problem) (*pgpe, error) {
	if err := even(cfg.Population); err != nil {
		return nil, err
	}
	n := len(p.Init)
	o := &pgpe{
		cfg:         cfg,
		p:           cores(p, cfg.Population),
		shaper:      newShaper(centredRanks(cfg.Population)),
		averages:    make([]float64, cfg.Population/2),
		differences: make([]float64, cfg.Population/2),
		mean:        slices.Clone(p.Init),
		sigma:       slices.Repeat([]float64{cfg.Radius / math.Sqrt(float64(n))}, n),
		velocity:    make([]float64, n),
		grad:        make([]float64, n),
		x:           newCandidates(p, cfg.Population),
	}
	for i := range o.averages {
		o.up = append(o.up, o.x.rows[2*i])
	}
	o.draw, o.update = o.drawPair, o.updateStretch
	return o, nil
}

func (o *pgpe) Ask() ([][]float64, error) {
	o.p.Parallel(len(o.x.rows)/2, o.draw)
	return o.x.rows, nil
}

// drawPair is the center plus and minus a step, with one draw of it.
func (o *pgpe) drawPair(i int) {
	noise.Mirror(o.x.rows[2*i], o.x.rows[2*i+1], o.mean, o.sigma, o.p.Seed, o.step, uint32(i), 0)
}

func (o *pgpe) Tell(evals []optimizers.Evaluation) error {
	o.step++
	u := o.shaper.shape(evals, nil)
	rate := o.cfg.SigmaLR / float64(len(o.averages))
	o.baseline = 0
	for i := range o.averages {
		o.averages[i] = float64(0.5 * rate * (u[2*i] + u[2*i+1]))
		o.differences[i] = u[2*i] - u[2*i+1]
		o.baseline += o.averages[i]
	}
	o.p.Parallel(stretches(len(o.mean)), o.update)
	o.clipUp()
	return nil
}

// updateStretch sums over the pairs what a part of the center and of the standard
// deviations need (Sehnke et al. 2010, eq. 12 and 13, with utilities, whose mean is 0,
// in place of rewards less their baseline), and moves the latter.
func (o *pgpe) updateStretch(i int) {
	from, to := bounds(i, len(o.mean))
	var first, second [stretch]float64
	sigma, change, variance := o.sigma[from:to], first[:to-from], second[:to-from]
	moments(o.grad[from:to], change, o.mean[from:to], o.differences, o.averages, o.up, from)
	// The gradient sum a (delta^2 - sigma^2) / sigma, in parts of sigma, of which only
	// so much is allowed.
	copy(variance, sigma)
	kernel.Mul(variance, sigma)
	kernel.Axpy(change, -o.baseline, variance)
	kernel.Div(change, variance)
	kernel.Clamp(change, -o.cfg.MaxChange, o.cfg.MaxChange)
	kernel.Mul(change, sigma)
	kernel.Add(sigma, change)
	kernel.Clamp(sigma, minSigma, maxSigma)
}

// clipUp moves the center (Toklu et al. 2020, algorithm 1). A stretch that has been
// read is worked on while it is in the cache.
func (o *pgpe) clipUp() {
	step := 0.0
	if length := norm(o.grad); length > 0 { // 0 on a plateau, where there is no direction
		step = o.cfg.Step / length
	}
	for i := range stretches(len(o.mean)) {
		from, to := bounds(i, len(o.mean))
		kernel.Scale(o.velocity[from:to], o.cfg.Momentum)
		kernel.Axpy(o.velocity[from:to], step, o.grad[from:to])
	}
	limit := 1.0
	if speed := norm(o.velocity); speed > o.cfg.MaxSpeed {
		limit = o.cfg.MaxSpeed / speed
	}
	for i := range stretches(len(o.mean)) {
		from, to := bounds(i, len(o.mean))
		kernel.Scale(o.velocity[from:to], limit)
		kernel.Add(o.mean[from:to], o.velocity[from:to])
	}
}

// norm is the length of x.
func norm(x []float64) float64 { return math.Sqrt(dot(x, x)) }

// Recommend is the center of the distribution.
func (o *pgpe) Recommend() []float64 { return o.mean }

// Diagnostics reports the mean of the standard deviations and the speed of the
// center.
func (o *pgpe) Diagnostics() iter.Seq2[string, float64] {
	return func(yield func(string, float64) bool) {
		_ = yield("sigma", average(o.sigma)) && yield("speed", norm(o.velocity))
	}
}

func (o *pgpe) state() []any { return []any{&o.step, o.mean, o.sigma, o.velocity} }

func (o *pgpe) MarshalBinary() ([]byte, error) { return optimizers.SaveState("pgpe/2", o.state()...) }

func (o *pgpe) UnmarshalBinary(data []byte) error {
	return optimizers.LoadState("pgpe/2", data, o.state()...)
}
