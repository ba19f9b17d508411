package gradient

import (
	"github.com/joust-bench/joust/network/kernel"
	"github.com/joust-bench/joust/optimizers"
)

// linear is arithmetic with vectors of all weights, by all cores: in panels,
// whose sums are added in order.
type linear struct {
	p            optimizers.Problem
	dst, x, y    []float64 // of the call under way
	a            float64
	sums         []float64
	dotOf, sumOf func(k int)
}

func newLinear(p optimizers.Problem) *linear {
	v := &linear{p: p, sums: make([]float64, panels(len(p.Init)))}
	v.dotOf, v.sumOf = v.dotPanel, v.sumPanel
	return v
}

// panels is the number of panels of n weights.
func panels(n int) int { return (n + panel - 1) / panel }

// dot is the scalar product.
func (v *linear) dot(x, y []float64) float64 {
	v.x, v.y = x, y
	v.p.Parallel(len(v.sums), v.dotOf)
	total := v.sums[0]
	for _, s := range v.sums[1:] {
		total += s
	}
	return total
}

func (v *linear) dotPanel(k int) {
	from, to := k*panel, min((k+1)*panel, len(v.x))
	kernel.RowDots(v.sums[k:k+1], v.x[from:to], to-from, v.y[from:to], to-from, 1, to-from, false)
}

// sum is dst = x + a*y. dst may be x or y.
func (v *linear) sum(dst, x []float64, a float64, y []float64) {
	v.dst, v.x, v.a, v.y = dst, x, a, y
	v.p.Parallel(len(v.sums), v.sumOf)
}

func (v *linear) sumPanel(k int) {
	from, to := k*panel, min((k+1)*panel, len(v.x))
	kernel.Sum2(v.dst[from:to], v.x[from:to], v.y[from:to], v.a)
}
