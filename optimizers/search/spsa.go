package search

import (
	"iter"
	"math"
	"slices"

	"github.com/joust-bench/joust/network/kernel"
	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/noise"
)

// SPSAConfig configures [SPSA]. The names in parentheses are the paper's.
type SPSAConfig struct {
	Step      float64 `json:"step" doc:"how far the first steps move each weight, about, which sets the gain (a)" range:"(0,1000]" scale:"log"`
	MaxStep   float64 `json:"max_step" doc:"the farthest that a step moves a weight" range:"(0,1000]" scale:"log"`
	C         float64 `json:"c" doc:"first distance of the two points from the iterate, in each weight; on noisy losses about the standard deviation of the noise (c)" range:"(0,1000]" scale:"log"`
	Alpha     float64 `json:"alpha" doc:"decay of the gain" range:"[0,2]"`
	Gamma     float64 `json:"gamma" doc:"decay of c" range:"[0,1]"`
	Stability float64 `json:"stability" doc:"steps that the gain is delayed by, as a part of those that the budget allows; where that is unknown 100 (A)" range:"[0,1]"`
}

// SPSA is stochastic approximation by simultaneous perturbation (Spall 1992):
// all weights are changed at once, each up or down by c at random, and two losses
// give an estimate of the whole gradient,
//
//	g_i = (f(w + c D) - f(w - c D)) / (2 c D_i),  D_i = 1 or -1
//	w <- w - a_k g,  a_k = a / (k + 1 + A)^alpha,  c_k = c / (k + 1)^gamma
//
// with Spall's practical exponents and rules for A and a (1998, sec. III.B): the
// first ten evaluations only measure how large g is, and a makes the first step
// as long as the configuration wants it. Where the first gradient has almost
// vanished that makes a huge, and a step beyond max_step is cut to that.
//
// Both points are of the same minibatch, and no loss is kept. It works with the
// difference of losses: scaling and shifting them changes nothing, as the gain is
// measured, but any other transform does. A pair of which one diverged is
// skipped.
//
// It is made for noisy losses. On the sphere of dimension 20, moved at random at
// each step, 4,000 evaluations bring it to a hundredth of the loss of the best of
// as many guesses of random search.
var SPSA = optimizers.Define(optimizers.Definition{
	Name:    "spsa",
	Summary: "Descends by the difference of two losses, with all weights perturbed at once; for noisy losses.",
	Refs: []string{
		"Spall 1992, doi:10.1109/9.119632",
		"Spall 1998, doi:10.1109/7.705889",
	},
	Memory: func(dim int) int64 { return 3 * 8 * int64(dim) },
}, SPSAConfig{Step: 0.05, MaxStep: 0.5, C: 0.1, Alpha: 0.602, Gamma: 0.101, Stability: 0.1}, newSPSA)

// gauging is the number of pairs by which the gain is chosen.
const gauging = 5

type spsa struct {
	cfg      SPSAConfig
	p        optimizers.Problem
	stable   float64 // A
	step     uint64  // of asking, with which the perturbations change
	k        uint64  // of descending, which starts after the gain is known
	gauged   uint64  // pairs that the gain is known by, so far
	size     float64 // mean size of g in these
	w        []float64
	rows     [][]float64 // w + c D and w - c D
	lastMove float64     // of each weight, to report
	one      [1]float64
}

func newSPSA(cfg SPSAConfig, p optimizers.Problem) (*spsa, error) {
	s := &spsa{cfg: cfg, p: p, stable: 100, w: slices.Clone(p.Init)}
	if p.Budget > 0 {
		s.stable = cfg.Stability * float64(p.Budget/2)
	}
	_, s.rows = p.Candidates(2)
	return s, nil
}

func (s *spsa) Ask() ([][]float64, error) {
	up, down := s.rows[0], s.rows[1]
	noise.Uniform(up, s.p.Seed, s.step, 0)
	c := s.c()
	for i, u := range up {
		up[i], down[i] = s.w[i]+side(u, c), s.w[i]-side(u, c)
	}
	return s.rows, nil
}

// side is c D_i.
func side(u, c float64) float64 {
	if u < 0.5 {
		return -c
	}
	return c
}

// c is c_k (Spall 1998, eq. 4).
func (s *spsa) c() float64 { return s.cfg.C / s.power(float64(s.k+1), s.cfg.Gamma) }

// gain is a_k, such that a_0 times the size of the first g is the wanted step.
func (s *spsa) gain() float64 {
	return s.cfg.Step / s.size * s.power((s.stable+1)/(float64(s.k+1)+s.stable), s.cfg.Alpha)
}

// power is x^y for x > 0, with the same bits on every machine.
func (s *spsa) power(x, y float64) float64 {
	s.one[0] = x
	kernel.Log(s.one[:], s.one[:])
	s.one[0] *= y
	kernel.Exp(s.one[:], s.one[:])
	return s.one[0]
}

func (s *spsa) Tell(evals []optimizers.Evaluation) error {
	step := s.step
	s.step++
	// The size and sign of g: it is slope times D.
	slope := (evals[0].Loss - evals[1].Loss) / (2 * s.c())
	if !isFinite(slope) {
		return nil
	}
	if s.gauged < gauging {
		// A plateau says nothing about the gain.
		if slope != 0 {
			s.size += math.Abs(slope) / gauging
			s.gauged++
		}
		return nil
	}
	move := s.gain() * slope
	s.lastMove = min(max(-s.cfg.MaxStep, move), s.cfg.MaxStep)
	s.k++
	d := s.rows[0]
	noise.Uniform(d, s.p.Seed, step, 0)
	for i, u := range d {
		s.w[i] -= side(u, s.lastMove)
	}
	return nil
}

// Recommend is the iterate.
func (s *spsa) Recommend() []float64 { return s.w }

func (s *spsa) Diagnostics() iter.Seq2[string, float64] {
	return func(yield func(string, float64) bool) {
		_ = yield("c", s.c()) && yield("move", math.Abs(s.lastMove))
	}
}

func (s *spsa) state() []any {
	return []any{&s.step, &s.k, &s.gauged, &s.size, &s.lastMove, s.w}
}

func (s *spsa) MarshalBinary() ([]byte, error) { return optimizers.SaveState("spsa/1", s.state()...) }

func (s *spsa) UnmarshalBinary(data []byte) error {
	return optimizers.LoadState("spsa/1", data, s.state()...)
}
