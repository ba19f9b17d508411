package gradient

import (
	"math"

	"github.com/joust-bench/joust/optimizers"
)

// AdaGradConfig configures [AdaGrad].
type AdaGradConfig struct {
	LR  float64 `json:"lr" doc:"learning rate: the first step of every weight" range:"(0,100]" scale:"log"`
	Eps float64 `json:"eps" doc:"added to the root that a step is divided by" range:"[1e-300,1]" scale:"log"`
	Transforms
}

// AdaGrad divides the gradient by the root of the sum of all its squares so far.
// Steps shrink as 1/sqrt(t), so that it converges on noisy gradients without a
// schedule, and never grow again.
//
// A learning rate of 0.1 is ours; from 0.01, which other programs have, the
// steps of a run of a few thousand add up to about 1.
//
// It is made for convex losses whose curvature differs from weight to weight, and
// beats random search on the ellipsoid in 20 dimensions, at equal work.
var AdaGrad = optimizers.Define(optimizers.Definition{
	Name:    "adagrad",
	Summary: "Divides the gradient by the root of the sum of its squares so far, for each weight.",
	Refs:    []string{"Duchi, Hazan & Singer 2011, Adaptive subgradient methods for online learning and stochastic optimization, JMLR 12:2121-2159"},
	Need:    optimizers.NeedGrad,
	Memory:  numbers(3),
}, AdaGradConfig{LR: 0.1, Eps: 1e-10, Transforms: plain()}, newAdaGrad)

type adagrad struct {
	eps, rate float64
	sum       []float64 // of the squares, G
}

func newAdaGrad(cfg AdaGradConfig, p optimizers.Problem) (*descent, error) {
	return newDescent("adagrad/1", cfg.Transforms, cfg.LR, p, &adagrad{eps: cfg.Eps, sum: make([]float64, len(p.Init))})
}

func (a *adagrad) begin(rate float64) { a.rate = rate }

func (a *adagrad) move(next, w, g []float64, off int) bool {
	sum := a.sum[off:][:len(w)]
	next, g = next[:len(w)], g[:len(w)]
	for i, x := range w {
		// The diagonal version, section 1.1: w - lr g / sqrt(G).
		s := sum[i] + float64(g[i]*g[i])
		sum[i] = s
		next[i] = x - a.rate*g[i]/(math.Sqrt(s)+a.eps)
	}
	return finite(next) && finite(sum)
}

func (a *adagrad) state() []any { return []any{a.sum} }
