package gradient

import (
	"math"

	"github.com/joust-bench/joust/network/kernel"
	"github.com/joust-bench/joust/optimizers"
)

// CGConfig configures [CG].
type CGConfig struct {
	Beta      string  `json:"beta" doc:"formula for the part of the last direction that is kept" choices:"fletcher-reeves,polak-ribiere,hestenes-stiefel,dai-yuan"`
	Decrease  float64 `json:"decrease" doc:"line search: part of the decrease that the slope promises (c1)" range:"[0,0.5)"`
	Curvature float64 `json:"curvature" doc:"line search: part of the slope that may be left (c2)" range:"(0,1)"`
}

// CG is the nonlinear conjugate gradient method, d <- -g + beta d, with a line
// search by Moré & Thuente. It is asked about one point of a line at a time, and
// keeps four vectors where [LBFGS] keeps 24.
//
// With y the change of the gradient on the last line, beta is
//
//	fletcher-reeves   g.g / g'.g'
//	polak-ribiere     g.y / g'.g'
//	hestenes-stiefel  max(0, g.y / d.y)
//	dai-yuan          g.g / d.y
//
// where g' was the gradient before. It starts again from the steepest descent
// when two gradients in a row are far from orthogonal (Powell's criterion;
// Nocedal & Wright 2006, eq. 5.52), and when a direction does not descend. By
// that criterion g.y is positive, so that Polak and Ribière's beta is.
//
// It wants the whole of the training data at every step, converges where LBFGS
// does, and for the same reasons has no gradient transforms.
//
// It is made for smooth losses without noise and of very many weights, and beats
// random search on the ellipsoid in 20 dimensions, at equal work.
var CG = optimizers.Define(optimizers.Definition{
	Name:    "cg",
	Summary: "Nonlinear conjugate gradients with a line search.",
	Refs: []string{
		"Fletcher & Reeves 1964, doi:10.1093/comjnl/7.2.149",
		"Polak & Ribière 1969, doi:10.1051/m2an/196903R100351",
		"Hestenes & Stiefel 1952, doi:10.6028/jres.049.044",
		"Dai & Yuan 1999, doi:10.1137/S1052623497318992",
		"Moré & Thuente 1994, doi:10.1145/192115.192132",
	},
	Need:      optimizers.NeedGrad,
	FullBatch: true,
	Memory:    numbers(4),
}, CGConfig{Beta: "polak-ribiere", Decrease: 1e-4, Curvature: 0.1}, newCG)

type cg struct {
	v    *linear
	kind string
}

func newCG(cfg CGConfig, p optimizers.Problem) (*lineSearch, error) {
	v := newLinear(p)
	return newLineSearch("cg/1", wolfe{cfg.Decrease, cfg.Curvature, 1e-10}, &cg{v, cfg.Beta}, v), nil
}

func (c *cg) turn(d, _, g, _, g2 []float64) {
	gg, gg2, mixed := c.v.dot(g, g), c.v.dot(g2, g2), c.v.dot(g, g2)
	beta := 0.0
	if math.Abs(mixed) < float64(0.2*gg2) {
		switch c.kind {
		case "fletcher-reeves":
			beta = gg2 / gg
		case "polak-ribiere":
			beta = (gg2 - mixed) / gg
		case "hestenes-stiefel":
			beta = max(0, (gg2-mixed)/(c.v.dot(d, g2)-c.v.dot(d, g)))
		case "dai-yuan":
			beta = gg2 / (c.v.dot(d, g2) - c.v.dot(d, g))
		}
	}
	if math.IsNaN(beta) || math.IsInf(beta, 0) {
		beta = 0
	}
	kernel.Scale(d, beta)
	c.v.sum(d, d, -1, g2)
}

func (c *cg) reset()        {}
func (c *cg) natural() bool { return false }
func (c *cg) state() []any  { return nil }
