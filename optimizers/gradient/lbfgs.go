package gradient

import (
	"math"

	"github.com/joust-bench/joust/network/kernel"
	"github.com/joust-bench/joust/optimizers"
)

// LBFGSConfig configures [LBFGS].
type LBFGSConfig struct {
	Memory    int     `json:"memory" doc:"steps from which the curvature is estimated (m); each costs two vectors" range:"[1,1000]" scale:"log"`
	Decrease  float64 `json:"decrease" doc:"line search: part of the decrease that the slope promises (c1)" range:"[0,0.5)"`
	Curvature float64 `json:"curvature" doc:"line search: part of the slope that may be left (c2)" range:"(0,1)"`
}

// LBFGS is the limited-memory BFGS method: a quasi-Newton method, whose estimate
// of the inverse Hessian is that of its last steps, with a line search by Moré &
// Thuente. It is asked about one point of a line at a time.
//
// It wants the whole of the training data at every step, and converges, that
// is, has no more candidates, only where the gradient is 0 or where rounding
// leaves no decrease even along the steepest line. Clipping, schedules, noise
// and weight decay are not for it: the gradient is to be that of the loss, and
// the search chooses the step.
//
// It is made for smooth losses without noise, the worse conditioned the more,
// and beats random search on Rosenbrock's function in 20 dimensions, at equal
// work.
var LBFGS = optimizers.Define(optimizers.Definition{
	Name:    "lbfgs",
	Summary: "Limited-memory BFGS: a quasi-Newton method with a line search.",
	Refs: []string{
		"Nocedal 1980, doi:10.1090/S0025-5718-1980-0572855-7",
		"Liu & Nocedal 1989, doi:10.1007/BF01589116",
		"Moré & Thuente 1994, doi:10.1145/192115.192132",
	},
	Need:      optimizers.NeedGrad,
	FullBatch: true,
	Memory:    numbers(2*10 + 4),
}, LBFGSConfig{Memory: 10, Decrease: 1e-4, Curvature: 0.9}, newLBFGS)

type lbfgs struct {
	v     *linear
	s, y  [][]float64 // the last steps, and the changes of the gradient on them
	rho   []float64   // 1 / s.y
	alpha []float64
	pairs uint64 // stored since the last reset
}

func newLBFGS(cfg LBFGSConfig, p optimizers.Problem) (*lineSearch, error) {
	m := cfg.Memory
	v := newLinear(p)
	b := &lbfgs{v: v, s: make([][]float64, m), y: make([][]float64, m), rho: make([]float64, m), alpha: make([]float64, m)}
	for i := range m {
		b.s[i] = make([]float64, len(p.Init))
		b.y[i] = make([]float64, len(p.Init))
	}
	// 1e-10 is MINPACK-2's; the conditions are met long before.
	return newLineSearch("lbfgs/1", wolfe{cfg.Decrease, cfg.Curvature, 1e-10}, b, v), nil
}

// turn is the two-loop recursion (Nocedal & Wright 2006, algorithm 7.4).
func (b *lbfgs) turn(d, x, g, x2, g2 []float64) {
	b.store(x, g, x2, g2)
	copy(d, g2)
	kernel.Scale(d, -1)
	m := uint64(len(b.s))
	if b.pairs == 0 {
		return
	}
	known := min(b.pairs, m)
	for i := range known {
		j := (b.pairs - 1 - i) % m
		b.alpha[j] = b.rho[j] * b.v.dot(b.s[j], d)
		b.v.sum(d, d, -b.alpha[j], b.y[j])
	}
	last := (b.pairs - 1) % m
	kernel.Scale(d, 1/(b.rho[last]*b.v.dot(b.y[last], b.y[last]))) // eq. 7.20
	for i := range known {
		j := (b.pairs - known + i) % m
		beta := b.rho[j] * b.v.dot(b.y[j], d)
		b.v.sum(d, d, b.alpha[j]-beta, b.s[j])
	}
}

// store keeps a step unless its curvature is, but for rounding, not positive;
// then the estimate would not be either.
func (b *lbfgs) store(x, g, x2, g2 []float64) {
	j := b.pairs % uint64(len(b.s))
	s, y := b.s[j], b.y[j]
	b.v.sum(s, x2, -1, x)
	b.v.sum(y, g2, -1, g)
	const ulp = 0x1p-52
	sy, yy := b.v.dot(s, y), b.v.dot(y, y)
	b.rho[j] = 1 / sy
	if sy > ulp*yy && yy > 0 && !math.IsInf(yy, 1) && !math.IsInf(b.rho[j], 1) {
		b.pairs++
	}
}

func (b *lbfgs) reset()        { b.pairs = 0 }
func (b *lbfgs) natural() bool { return b.pairs > 0 }

func (b *lbfgs) state() []any {
	fields := []any{&b.pairs, b.rho}
	for i := range b.s {
		fields = append(fields, b.s[i], b.y[i])
	}
	return fields
}
