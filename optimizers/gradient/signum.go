package gradient

import (
	"fmt"
	"math"

	"github.com/joust-bench/joust/optimizers"
)

// SignConfig configures [SignSGD] and [Signum].
type SignConfig struct {
	LR          float64 `json:"lr" doc:"learning rate (delta): the step of every weight" range:"(0,100]" scale:"log"`
	Momentum    float64 `json:"momentum" doc:"part of the mean of gradients that is kept (beta); 0: the sign of the gradient itself" range:"[0,1)"`
	WeightDecay float64 `json:"weight_decay" doc:"part of the weights that is taken off them at each step, times the learning rate" range:"[0,1]"`
	RateSchedule
	Clip
	GradientNoise
}

// SignSGD moves every weight by the learning rate, against the sign of its
// partial derivative; where that is 0, not at all. A gradient that vanishes in
// magnitude moves the weights as fast as any other: the trajectory is the same,
// bit for bit, if the gradient of any weight is multiplied by any positive
// number.
//
// Weight decay is taken off the weights, as in [AdamW]: added to a gradient
// whose size does not matter it would be nothing or all. Clipping, which
// changes no sign, is refused.
//
// It is made for gradients of very different sizes, such as those of a deep
// sigmoid network, and beats random search on the ellipsoid in 20 dimensions, at
// equal work. In the end it oscillates by the
// learning rate, for which there are schedules. A learning rate of 0.001 is
// ours; the paper's networks are larger.
var SignSGD = optimizers.Define(optimizers.Definition{
	Name:    "signsgd",
	Summary: "Moves every weight by the same amount against the sign of its gradient.",
	Refs:    []string{"Bernstein, Wang, Azizzadenesheli & Anandkumar 2018, arXiv:1802.04434"},
	Need:    optimizers.NeedGrad,
	Memory:  numbers(2),
}, SignConfig{LR: 1e-3, RateSchedule: constantRate(), GradientNoise: noNoise()}, newSign)

// Signum is [SignSGD] by the sign of a mean of the gradients (algorithm 2 of the
// paper). Its trajectory does not depend on a positive factor of the gradient
// either: bit for bit for a power of two, and else unless a mean is, but for
// its rounding, zero. It is made for what SignSGD is made for, with noisy
// gradients, and beats random search on the ellipsoid too.
var Signum = optimizers.Define(optimizers.Definition{
	Name:    "signum",
	Summary: "Moves every weight by the same amount against the sign of its mean gradient.",
	Refs:    []string{"Bernstein, Wang, Azizzadenesheli & Anandkumar 2018, arXiv:1802.04434"},
	Need:    optimizers.NeedGrad,
	Memory:  numbers(3),
}, SignConfig{LR: 1e-3, Momentum: 0.9, RateSchedule: constantRate(), GradientNoise: noNoise()}, newSign)

type signum struct {
	momentum, rate float64
	decay, keep    float64   // of the weights, and the factor of one step
	mean           []float64 // of the gradients, m; nil without momentum
}

func newSign(cfg SignConfig, p optimizers.Problem) (*descent, error) {
	s := &signum{momentum: cfg.Momentum, decay: cfg.WeightDecay}
	if cfg.Momentum > 0 {
		s.mean = make([]float64, len(p.Init))
	} else if c := max(cfg.ClipValue, cfg.ClipNorm); c > 0 {
		return nil, fmt.Errorf("clip_value or clip_norm: %v, want 0 without momentum: clipping changes no sign", c)
	}
	t := Transforms{RateSchedule: cfg.RateSchedule, Clip: cfg.Clip, GradientNoise: cfg.GradientNoise}
	return newDescent("signum/1", t, cfg.LR, p, s)
}

func (s *signum) begin(rate float64) { s.rate, s.keep = rate, 1-float64(rate*s.decay) }

func (s *signum) move(next, w, g []float64, off int) bool {
	next, g = next[:len(w)], g[:len(w)]
	by := g
	if s.mean != nil {
		by = s.mean[off:][:len(w)]
		for i, v := range g {
			by[i] = float64(s.momentum*by[i]) + float64((1-s.momentum)*v)
		}
	}
	for i, x := range w {
		next[i] = float64(s.keep*x) - signed(s.rate, by[i])
	}
	return finite(next) && finite(by)
}

// signed is rate with the sign of x, or 0. A sign is as likely as not, so that
// a branch on it would be guessed wrong half of the time.
func signed(rate, x float64) float64 {
	if x == 0 {
		return 0
	}
	return math.Copysign(rate, x)
}

func (s *signum) state() []any { return []any{s.mean} }
