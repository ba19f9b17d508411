package gradient

import (
	"math"

	"github.com/joust-bench/joust/optimizers"
)

// AdamConfig configures [Adam].
type AdamConfig struct {
	LR    float64 `json:"lr" doc:"learning rate (alpha): about the largest step of a weight" range:"(0,100]" scale:"log"`
	Beta1 float64 `json:"beta1" doc:"part of the mean of gradients that is kept" range:"[0,1)"`
	Beta2 float64 `json:"beta2" doc:"part of the mean of squared gradients that is kept" range:"[0,1)"`
	Eps   float64 `json:"eps" doc:"added to the root that a step is divided by: gradients much smaller take smaller steps" range:"[1e-300,1]" scale:"log"`
	Transforms
}

// Adam divides a mean of the gradients by the root of a mean of their squares,
// both with their bias towards the zero they start from corrected: the step of
// a weight is about the learning rate, whatever the size of its gradient, as
// long as that is above eps.
//
// Its weight decay is added to the gradient, and divided with it; [AdamW] takes
// it off the weights instead. The bias corrections are running products, so
// that no power function is needed; the paper's are the powers.
//
// It is made for losses whose curvature differs from weight to weight, and for
// noisy gradients; it beats random search on the ellipsoid in 20 dimensions, at
// equal work.
var Adam = optimizers.Define(optimizers.Definition{
	Name:    "adam",
	Summary: "Steps by the mean gradient over the root of the mean square, for each weight.",
	Refs:    []string{"Kingma & Ba 2015, arXiv:1412.6980"},
	Need:    optimizers.NeedGrad,
	Memory:  numbers(4),
}, AdamConfig{LR: 1e-3, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, Transforms: plain()}, newAdam)

// AdamWConfig configures [AdamW].
type AdamWConfig struct {
	LR          float64 `json:"lr" doc:"learning rate (alpha): about the largest step of a weight" range:"(0,100]" scale:"log"`
	Beta1       float64 `json:"beta1" doc:"part of the mean of gradients that is kept" range:"[0,1)"`
	Beta2       float64 `json:"beta2" doc:"part of the mean of squared gradients that is kept" range:"[0,1)"`
	Eps         float64 `json:"eps" doc:"added to the root that a step is divided by: gradients much smaller take smaller steps" range:"[1e-300,1]" scale:"log"`
	WeightDecay float64 `json:"weight_decay" doc:"part of the weights that is taken off them at each step, times the learning rate" range:"[0,1]"`
	RateSchedule
	Clip
	GradientNoise
}

// AdamW is [Adam] with a decay of the weights that is not divided by the size of
// the gradient: w <- w - lr weight_decay w, with the learning rate of the
// schedule (Loshchilov & Hutter 2019, algorithm 2, where the schedule alone is
// the factor; with lr in it, as here, weight_decay has the meaning and the
// default that most programs give it).
//
// It is made for what [Adam] is made for, where weights must stay small, and beats
// random search on the ellipsoid too.
var AdamW = optimizers.Define(optimizers.Definition{
	Name:    "adamw",
	Summary: "Adam with weight decay that does not pass through the gradient.",
	Refs: []string{
		"Loshchilov & Hutter 2019, arXiv:1711.05101",
		"Kingma & Ba 2015, arXiv:1412.6980",
	},
	Need:   optimizers.NeedGrad,
	Memory: numbers(4),
}, AdamWConfig{
	LR: 1e-3, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, WeightDecay: 0.01,
	RateSchedule: constantRate(), GradientNoise: noNoise(),
}, newAdamW)

type adam struct {
	cfg    AdamConfig
	decay  float64   // of the weights themselves, times the learning rate: that of AdamW
	m, v   []float64 // the first and second moments
	power1 float64   // beta1^t
	power2 float64   // beta2^t

	keep, size, root float64 // of one step: the factors of w, m and sqrt(v)
}

func newAdam(cfg AdamConfig, p optimizers.Problem) (*descent, error) {
	return newDecayed(cfg, 0, "adam/1", p)
}

func newAdamW(cfg AdamWConfig, p optimizers.Problem) (*descent, error) {
	t := Transforms{RateSchedule: cfg.RateSchedule, Clip: cfg.Clip, GradientNoise: cfg.GradientNoise}
	return newDecayed(AdamConfig{cfg.LR, cfg.Beta1, cfg.Beta2, cfg.Eps, t}, cfg.WeightDecay, "adamw/1", p)
}

func newDecayed(cfg AdamConfig, decay float64, name string, p optimizers.Problem) (*descent, error) {
	n := len(p.Init)
	a := &adam{cfg: cfg, decay: decay, m: make([]float64, n), v: make([]float64, n), power1: 1, power2: 1}
	return newDescent(name, cfg.Transforms, cfg.LR, p, a)
}

func (a *adam) begin(rate float64) {
	a.power1 *= a.cfg.Beta1
	a.power2 *= a.cfg.Beta2
	a.keep = 1 - float64(rate*a.decay)
	// Both corrections of algorithm 1, taken out of the loop over the weights:
	// lr (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + eps).
	a.size = rate / (1 - a.power1)
	a.root = 1 / math.Sqrt(1-a.power2)
}

func (a *adam) move(next, w, g []float64, off int) bool {
	m, v := a.m[off:][:len(w)], a.v[off:][:len(w)]
	next, g = next[:len(w)], g[:len(w)]
	b1, b2 := a.cfg.Beta1, a.cfg.Beta2
	c1, c2 := 1-b1, 1-b2
	keep, size, root, eps := a.keep, a.size, a.root, a.cfg.Eps
	for i, x := range w {
		mean := float64(b1*m[i]) + float64(c1*g[i])
		square := float64(b2*v[i]) + float64(c2*g[i]*g[i])
		m[i], v[i] = mean, square
		next[i] = float64(keep*x) - size*mean/(float64(math.Sqrt(square)*root)+eps)
	}
	// A mean square that has overflowed would hold its weight for ever.
	return finite(next) && finite(v)
}

func (a *adam) state() []any { return []any{&a.power1, &a.power2, a.m, a.v} }
