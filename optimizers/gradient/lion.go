package gradient

import "github.com/joust-bench/joust/optimizers"

// LionConfig configures [Lion].
type LionConfig struct {
	LR          float64 `json:"lr" doc:"learning rate: the step of every weight" range:"(0,100]" scale:"log"`
	Beta1       float64 `json:"beta1" doc:"part of the mean of gradients in what the sign is taken of" range:"[0,1)"`
	Beta2       float64 `json:"beta2" doc:"part of the mean of gradients that is kept" range:"[0,1)"`
	WeightDecay float64 `json:"weight_decay" doc:"part of the weights that is taken off them at each step, times the learning rate (lambda)" range:"[0,1]"`
	RateSchedule
	Clip
	GradientNoise
}

// Lion moves every weight by the learning rate, against the sign of a mixture of
// its gradient and a longer mean of them. It was found by a program that
// searched programs. As [Signum]'s, its trajectory does not depend on a
// positive factor of the gradient.
//
// A learning rate of 0.001 is ours, for the small networks of this toolkit; the
// paper's 0.0001 is for large ones.
//
// It is made for what [SignSGD] is made for, with noisy gradients, and beats
// random search on the ellipsoid in 20 dimensions, at equal work.
var Lion = optimizers.Define(optimizers.Definition{
	Name:    "lion",
	Summary: "Moves every weight by the same amount against the sign of a mixture of its gradient and their mean.",
	Refs:    []string{"Chen et al. 2023, Symbolic discovery of optimization algorithms, arXiv:2302.06675"},
	Need:    optimizers.NeedGrad,
	Memory:  numbers(3),
}, LionConfig{LR: 1e-3, Beta1: 0.9, Beta2: 0.99, RateSchedule: constantRate(), GradientNoise: noNoise()}, newLion)

type lion struct {
	cfg        LionConfig
	rate, keep float64   // of one step: the learning rate, and the factor of w
	mean       []float64 // of the gradients, m
}

func newLion(cfg LionConfig, p optimizers.Problem) (*descent, error) {
	t := Transforms{RateSchedule: cfg.RateSchedule, Clip: cfg.Clip, GradientNoise: cfg.GradientNoise}
	return newDescent("lion/1", t, cfg.LR, p, &lion{cfg: cfg, mean: make([]float64, len(p.Init))})
}

func (l *lion) begin(rate float64) { l.rate, l.keep = rate, 1-float64(rate*l.cfg.WeightDecay) }

// move is algorithm 2 of the paper: the mean is renewed after the step.
func (l *lion) move(next, w, g []float64, off int) bool {
	mean := l.mean[off:][:len(w)]
	next, g = next[:len(w)], g[:len(w)]
	b1, b2 := l.cfg.Beta1, l.cfg.Beta2
	c1, c2 := 1-b1, 1-b2
	keep, rate := l.keep, l.rate
	for i, x := range w {
		m, v := mean[i], g[i]
		next[i] = float64(keep*x) - signed(rate, float64(b1*m)+float64(c1*v))
		mean[i] = float64(b2*m) + float64(c2*v)
	}
	return finite(next) && finite(mean)
}

func (l *lion) state() []any { return []any{l.mean} }
