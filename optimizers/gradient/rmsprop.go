package gradient

import (
	"math"

	"github.com/joust-bench/joust/optimizers"
)

// RMSPropConfig configures [RMSProp].
type RMSPropConfig struct {
	LR       float64 `json:"lr" doc:"learning rate" range:"(0,100]" scale:"log"`
	Alpha    float64 `json:"alpha" doc:"part of the mean of squared gradients that is kept" range:"[0,1)"`
	Eps      float64 `json:"eps" doc:"added to the root that a step is divided by" range:"[1e-300,1]" scale:"log"`
	Momentum float64 `json:"momentum" doc:"part of the last step that is kept in the next" range:"[0,1)"`
	Centered bool    `json:"centered" doc:"divide by the standard deviation of the gradient, not by its root mean square"`
	Transforms
}

// RMSProp divides the gradient by the root of a running mean of its squares: a
// minibatch version of Rprop, which remembers sizes over several minibatches
// instead of comparing signs. Centered, it is Graves's, who takes the square of
// the mean off the mean of the squares (eq. 38 to 45); eps is outside of the
// root, where he has 1e-4 inside.
//
// A variance that rounding has made negative counts as 0.
//
// It is made for losses whose curvature differs from weight to weight, and beats
// random search on the ellipsoid in 20 dimensions, at equal work.
var RMSProp = optimizers.Define(optimizers.Definition{
	Name:    "rmsprop",
	Summary: "Divides the gradient by its root mean square, for each weight.",
	Refs: []string{
		"Tieleman & Hinton 2012, Lecture 6.5: rmsprop, Coursera: Neural Networks for Machine Learning",
		"Graves 2013, arXiv:1308.0850",
	},
	Need:   optimizers.NeedGrad,
	Memory: numbers(3),
}, RMSPropConfig{LR: 0.01, Alpha: 0.99, Eps: 1e-8, Transforms: plain()}, newRMSProp)

type rmsprop struct {
	cfg    RMSPropConfig
	rate   float64
	square []float64 // mean of the squared gradient
	mean   []float64 // of the gradient, if centered; else nil
	v      []float64 // the velocity, without the learning rate; nil without momentum
}

func newRMSProp(cfg RMSPropConfig, p optimizers.Problem) (*descent, error) {
	r := &rmsprop{cfg: cfg, square: make([]float64, len(p.Init))}
	if cfg.Centered {
		r.mean = make([]float64, len(p.Init))
	}
	if cfg.Momentum > 0 {
		r.v = make([]float64, len(p.Init))
	}
	return newDescent("rmsprop/1", cfg.Transforms, cfg.LR, p, r)
}

func (r *rmsprop) begin(rate float64) { r.rate = rate }

func (r *rmsprop) move(next, w, g []float64, off int) bool {
	square := r.square[off:][:len(w)]
	next, g = next[:len(w)], g[:len(w)]
	a, b := r.cfg.Alpha, 1-r.cfg.Alpha
	for i, x := range w {
		s := float64(a*square[i]) + float64(b*g[i]*g[i])
		square[i] = s
		if r.mean != nil {
			m := float64(a*r.mean[off+i]) + float64(b*g[i])
			r.mean[off+i] = m
			s = max(0, s-float64(m*m))
		}
		step := g[i] / (math.Sqrt(s) + r.cfg.Eps)
		if r.v != nil {
			step += float64(r.cfg.Momentum * r.v[off+i])
			r.v[off+i] = step
		}
		next[i] = x - float64(r.rate*step)
	}
	return finite(next) && finite(square)
}

func (r *rmsprop) state() []any { return []any{r.square, r.mean, r.v} }
