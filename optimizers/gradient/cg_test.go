package gradient

import (
	"math"
	"slices"
	"testing"

	"github.com/joust-bench/joust/optimizers"
)

// On a quadratic, with lines searched exactly, the formulas for beta are one,
// directions are conjugate, and n lines are enough (Hestenes & Stiefel 1952).
func TestCGTakesNLinesOnAQuadratic(t *testing.T) {
	h := []float64{1, 2, 5, 10}
	for _, beta := range []string{"fletcher-reeves", "polak-ribiere", "hestenes-stiefel", "dai-yuan"} {
		c := &cg{newLinear(optimizers.Problem{Init: make([]float64, 4), Threads: 1}), beta}
		x, g, d := []float64{1, -2, 3, 1}, make([]float64, 4), make([]float64, 4)
		loss := bowl(h...)
		loss(x, g)
		for i := range d {
			d[i] = -g[i]
		}
		for range 4 {
			num, den := 0.0, 0.0
			for i := range d {
				num -= g[i] * d[i]
				den += h[i] * d[i] * d[i]
			}
			x2, g2 := slices.Clone(x), make([]float64, 4)
			for i := range x2 {
				x2[i] += num / den * d[i]
			}
			loss(x2, g2)
			c.turn(d, x, g, x2, g2)
			x, g = x2, g2
		}
		if got := largest(x); got > 1e-12 {
			t.Errorf("%s: |x| = %v after four exact lines in four dimensions, want 0", beta, got)
		}
	}
}

// By hand: g.g = 5 before and 4.81 after, their product 0.2, and d.y = 4.8.
func TestCGBetaByHand(t *testing.T) {
	for kind, beta := range map[string]float64{
		"fletcher-reeves":  4.81 / 5,
		"polak-ribiere":    4.61 / 5,
		"hestenes-stiefel": 4.61 / 4.8,
		"dai-yuan":         4.81 / 4.8,
	} {
		c := &cg{newLinear(optimizers.Problem{Init: make([]float64, 2), Threads: 1}), kind}
		d := []float64{-1, -2}
		c.turn(d, nil, []float64{1, 2}, nil, []float64{2, -0.9})
		if math.Abs(d[0]-(-2-beta)) > 1e-14 || math.Abs(d[1]-(0.9-2*beta)) > 1e-14 {
			t.Errorf("%s: d = %v, want %v", kind, d, []float64{-2 - beta, 0.9 - 2*beta})
		}
		// Gradients that are far from orthogonal start again.
		d = []float64{-1, -2}
		c.turn(d, nil, []float64{1, 2}, nil, []float64{2, -0.4})
		if d[0] != -2 || d[1] != 0.4 {
			t.Errorf("%s: d = %v after g.g' = 1.2 and g.g = 4.16, want the steepest", kind, d)
		}
	}
}
