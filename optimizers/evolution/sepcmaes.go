package evolution

import (
	"iter"
	"math"
	"slices"

	"github.com/joust-bench/joust/network/kernel"
	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/noise"
)

// SepCMAESConfig configures [SepCMAES].
type SepCMAESConfig struct {
	Sigma      float64 `json:"sigma" doc:"first step size: the standard deviation of every weight" range:"(0,1e6]" scale:"log"`
	Population int     `json:"population" doc:"candidates of each generation (lambda); 0: 4 + 3 ln n, rounded down" range:"[0,100000]"`
}

// SepCMAES is separable CMA-ES: [CMAES] with a diagonal covariance, which takes
// memory and time for as many numbers as there are weights, and learns
// (n+2)/3 times as fast. It is made for losses in which the weights have scales
// of their own and little to do with each other, and for networks of any size;
// where the weights depend on each other it is as slow as if it had learned
// nothing.
//
// In 4,000 evaluations it takes the ellipsoid of dimension 10, whose
// coordinates have scales from 1 to 1e6, to 1e-8; the best of as many guesses of
// random search is worse than 1e3.
//
// The learning rates of the covariance are the paper's, whose update has no
// negative weights; those of the step size are those of [CMAES].
var SepCMAES = optimizers.Define(optimizers.Definition{
	Name:    "sep-cma-es",
	Summary: "CMA-ES that learns a step size for each weight, and no dependencies: for up to millions of weights.",
	Refs: []string{
		"Ros & Hansen 2008, doi:10.1007/978-3-540-87700-4_30",
		"Hansen 2016, arXiv:1604.00772",
	},
	Memory: func(dim int) int64 {
		return 8 * int64(dim) * int64(8+defaultPopulation(dim))
	},
}, SepCMAESConfig{Sigma: 0.5}, newSepCMAES)

type sepCMAES struct {
	rates
	p     optimizers.Problem
	step  csa
	first float64 // sigma at the start

	generation uint64
	converged  bool
	mean       []float64
	pc         []float64 // evolution path of the rank-one update
	c          []float64 // the diagonal of the covariance
	d          []float64 // its root

	order      []int
	rows       [][]float64
	yw, zw     []float64 // the weighted mean of the best y = (x - mean)/sigma, and of z = y/d
	squares    []float64 // the weighted mean of the squares of y
	grows      bool
	drawTask   func(k int)
	selectTask func(i int)
	adaptTask  func(i int)
}

// stretch is the number of coordinates that one task takes.
const stretch = 4096

func newSepCMAES(cfg SepCMAESConfig, p optimizers.Problem) (*sepCMAES, error) {
	n := len(p.Init)
	lambda, err := population(cfg.Population, n)
	if err != nil {
		return nil, err
	}
	if n*lambda < 1<<14 {
		p.Threads = 1 // to start a goroutine takes longer than the work
	}
	s := &sepCMAES{
		p: p, first: cfg.Sigma,
		mean: slices.Clone(p.Init), pc: make([]float64, n),
		c: slices.Repeat([]float64{1}, n), d: slices.Repeat([]float64{1}, n),
		rates: newSepRates(n, lambda),
		step:  newCSA(n),
		order: make([]int, lambda),
		yw:    make([]float64, n), zw: make([]float64, n), squares: make([]float64, n),
	}
	_, s.rows = p.Candidates(lambda)
	s.step.tune(s.muEff)
	s.step.start(cfg.Sigma)
	s.drawTask, s.selectTask, s.adaptTask = s.draw, s.selectStretch, s.adaptStretch
	return s, nil
}

// newSepRates are the constants of Ros & Hansen 2008, sec. 2 and 3: those of
// CMA-ES as it then was, with a learning rate of (n+2)/3 times as much.
func newSepRates(n, lambda int) rates {
	w, muEff := recombination(lambda)
	d := float64(n)
	one := 2 / float64((d+math.Sqrt2)*(d+math.Sqrt2))
	many := min(1, (float64(2*muEff)-1)/(float64((d+2)*(d+2))+muEff))
	ccov := min(1, float64((d+2)/3*(one/muEff+float64((1-1/muEff)*many))))
	cc := 4 / (d + 4)
	return rates{
		lambda: lambda, mu: len(w), w: w, muEff: muEff,
		cc: cc, c1: ccov / muEff, cmu: float64(ccov * (1 - 1/muEff)),
		keep:      1 - ccov,
		normalise: math.Sqrt(float64(cc*(2-cc)) * muEff),
	}
}

func (s *sepCMAES) Ask() ([][]float64, error) {
	if s.converged {
		return nil, nil
	}
	s.p.Parallel(s.lambda, s.drawTask)
	return s.rows, nil
}

// draw makes candidate k.
func (s *sepCMAES) draw(k int) {
	x := s.rows[k]
	noise.Normal(x, s.p.Seed, s.generation, uint32(k))
	s.place(x)
}

// place turns z in place into mean + sigma d z.
func (s *sepCMAES) place(x []float64) {
	mean, d, sigma := s.mean[:len(x)], s.d[:len(x)], s.step.sigma
	for i, z := range x {
		x[i] = math.FMA(float64(sigma*d[i]), z, mean[i])
	}
}

func (s *sepCMAES) Tell(evals []optimizers.Evaluation) error {
	rank(s.order, evals)
	stretches := (len(s.mean) + stretch - 1) / stretch
	s.p.Parallel(stretches, s.selectTask)
	s.grows = s.step.update(s.zw)
	s.p.Parallel(stretches, s.adaptTask)
	s.generation++
	return s.finish()
}

// selectStretch computes, for some coordinates, what the better candidates have
// in common, and moves the mean there.
func (s *sepCMAES) selectStretch(i int) {
	from := i * stretch
	to := min(from+stretch, len(s.mean))
	mean, yw, squares, zw, d := s.mean[from:to], s.yw[from:to], s.squares[from:to], s.zw[from:to], s.d[from:to]
	clear(yw)
	clear(squares)
	scale := 1 / s.step.sigma
	for rank, w := range s.w {
		row := s.rows[s.order[rank]][from:to]
		mean, yw, squares := mean[:len(row)], yw[:len(row)], squares[:len(row)]
		for j, x := range row {
			y := float64((x - mean[j]) * scale)
			wy := float64(w * y)
			yw[j] += wy
			squares[j] = math.FMA(wy, y, squares[j])
		}
	}
	for j, y := range yw {
		zw[j] = y / d[j]
	}
	kernel.Axpy(mean, s.step.sigma, yw)
}

// adaptStretch updates the variances of some coordinates (Hansen 2016, eq. 45 and
// 47, of the diagonal).
func (s *sepCMAES) adaptStretch(i int) {
	from := i * stretch
	to := min(from+stretch, len(s.mean))
	pc, c, d, squares := s.pc[from:to], s.c[from:to], s.d[from:to], s.squares[from:to]
	keep := s.keep
	kernel.Scale(pc, 1-s.cc)
	if s.grows {
		kernel.Axpy(pc, s.normalise, s.yw[from:to])
	} else {
		keep += float64(s.c1 * float64(s.cc*(2-s.cc)))
	}
	for j, p := range pc {
		v := math.FMA(float64(s.c1*p), p, math.FMA(s.cmu, squares[j], float64(keep*c[j])))
		// Where a step is lost in the rounding of the mean there is no variance;
		// it must not reach 0, by which zw divides.
		c[j] = max(v, 0x1p-900)
		d[j] = math.Sqrt(c[j])
	}
}

// finish looks whether the search has diverged, or converged: if every coordinate
// moves by less than 1e-12 of the first step size (Auger & Hansen 2005, TolX).
func (s *sepCMAES) finish() error {
	const limit = 1e150
	still := true
	tolX := float64(1e-12 * s.first)
	for i, d := range s.d {
		if !(float64(s.step.sigma*d) < limit && d < limit && math.Abs(s.mean[i]) < limit) {
			return optimizers.ErrDiverged
		}
		still = still && float64(s.step.sigma*max(d, math.Abs(s.pc[i]))) < tolX
	}
	s.converged = still
	return nil
}

func (s *sepCMAES) Recommend() []float64 { return s.mean }

// Diagnostics reports the step size, and the condition number of the covariance.
func (s *sepCMAES) Diagnostics() iter.Seq2[string, float64] {
	return func(yield func(string, float64) bool) {
		_ = yield("sigma", s.step.sigma) && yield("condition", slices.Max(s.c)/slices.Min(s.c))
	}
}

func (s *sepCMAES) state() []any {
	return append([]any{&s.generation, &s.converged, s.mean, s.pc, s.c}, s.step.state()...)
}

func (s *sepCMAES) MarshalBinary() ([]byte, error) {
	return optimizers.SaveState("sep-cma-es/1", s.state()...)
}

func (s *sepCMAES) UnmarshalBinary(data []byte) error {
	if err := optimizers.LoadState("sep-cma-es/1", data, s.state()...); err != nil {
		return err
	}
	for i, c := range s.c {
		s.d[i] = math.Sqrt(c)
	}
	return nil
}
