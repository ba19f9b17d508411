package gradient

import (
	"fmt"
	"iter"
	"math"
	"slices"

	"github.com/joust-bench/joust/optimizers"
)

// RpropConfig configures [Rprop]. The names in parentheses are the papers'.
type RpropConfig struct {
	Variant string  `json:"variant" doc:"what follows a change of sign: rprop- shortens the step, irprop- also skips it, rprop+ undoes the last one, irprop+ only if the loss rose" choices:"rprop-,rprop+,irprop-,irprop+"`
	Init    float64 `json:"init" doc:"first step of every weight (delta 0)" range:"(0,1000]" scale:"log"`
	Min     float64 `json:"min" doc:"smallest step (delta min)" range:"(0,1000]" scale:"log"`
	Max     float64 `json:"max" doc:"largest step (delta max)" range:"(0,1000]" scale:"log"`
	Up      float64 `json:"up" doc:"factor of the step while the sign holds (eta+)" range:"(1,10]"`
	Down    float64 `json:"down" doc:"factor of the step after a change of sign (eta-)" range:"(0,1)"`
}

// Rprop is resilient backpropagation: each weight has a step of its own, which
// grows while its partial derivative keeps its sign and shrinks when the sign
// changes. The size of the derivative is not used at all, so a gradient that
// vanishes in magnitude moves the weights as fast as any other.
//
// The default is iRprop-: of the two variants that Igel & Hüsken found better
// than Riedmiller's it is the one that stores no update to undo. All want the
// whole of the training data at every step: the noise of a minibatch changes
// signs, and each change halves a step.
//
// After a perfect fit it does not stop: a loss without a minimum, such as the
// cross-entropy of examples that can be separated, has a gradient that fades but
// keeps its sign, so that the steps grow to max, 50, and the weights run away
// (and sigmoids with them, into saturation). That is the algorithm as published;
// a target to stop at, or a max of 1, is what helps.
//
// It has none of the [Transforms]. It is made for gradients of very different
// sizes, without noise, such as those of a deep sigmoid network, and beats random
// search on the ellipsoid in 20 dimensions, at equal work.
var Rprop = optimizers.Define(optimizers.Definition{
	Name:    "rprop",
	Summary: "Backpropagation by the sign of the gradient alone, with an adaptive step for each weight.",
	Refs: []string{
		"Riedmiller & Braun 1993, doi:10.1109/ICNN.1993.298623",
		"Igel & Hüsken 2003, doi:10.1016/S0925-2312(01)00700-7",
	},
	Need:      optimizers.NeedGrad,
	FullBatch: true,
	Memory:    numbers(3), // irprop-; rprop+ and irprop+ keep a fourth
}, RpropConfig{Variant: "irprop-", Init: 0.1, Min: 1e-6, Max: 50, Up: 1.2, Down: 0.5}, newRprop)

type rprop struct {
	cfg  RpropConfig
	p    optimizers.Problem
	w    []float64
	step []float64 // Δ, of each weight
	prev []float64 // the last gradient, or 0 where it is to be forgotten
	move []float64 // the last update, which rprop+ and irprop+ undo; else nil
	loss float64   // the last one
	rows [][]float64

	// What the signs of a gradient and the last one make of a step.
	factor, keep [4]float64

	// During a Tell:
	grad []float64
	undo bool
	run  func(k int)
}

// The indices of factor and keep.
const (
	same = iota
	changed
	unknown // one of the gradients is 0
)

func newRprop(cfg RpropConfig, p optimizers.Problem) (*rprop, error) {
	if !(cfg.Min <= cfg.Init && cfg.Init <= cfg.Max) {
		return nil, fmt.Errorf("init: %v, want it between min, %v, and max, %v", cfg.Init, cfg.Min, cfg.Max)
	}
	r := &rprop{
		cfg:    cfg,
		p:      p,
		w:      slices.Clone(p.Init),
		step:   slices.Repeat([]float64{cfg.Init}, len(p.Init)),
		prev:   make([]float64, len(p.Init)),
		loss:   math.Inf(1),
		factor: [4]float64{same: cfg.Up, changed: cfg.Down, unknown: 1, unknown | changed: 1},
		keep:   [4]float64{1, 1, 1, 1},
	}
	r.run = r.forward
	switch cfg.Variant {
	case "irprop-":
		r.keep[changed] = 0
	case "rprop+", "irprop+":
		r.move = make([]float64, len(p.Init))
		r.run = r.backtrack
	}
	r.rows = [][]float64{r.w}
	return r, nil
}

func (r *rprop) Ask() ([][]float64, error) { return r.rows, nil }

func (r *rprop) Tell(evals []optimizers.Evaluation) error {
	if !finite(evals[0].Grad) {
		return optimizers.ErrDiverged
	}
	r.grad = evals[0].Grad
	// Only iRprop+ asks if the loss rose (Igel & Hüsken 2003).
	r.undo = r.cfg.Variant == "rprop+" || evals[0].Loss > r.loss
	r.p.Parallel(panels(len(r.w)), r.run)
	r.grad, r.loss = nil, evals[0].Loss
	return nil
}

// forward is the step of Rprop- and iRprop-, which never go back, on a panel.
func (r *rprop) forward(k int) {
	from, to := k*panel, min((k+1)*panel, len(r.w))
	w, grad := r.w[from:to], r.grad[from:to]
	step, prev := r.step[from:to][:len(w)], r.prev[from:to][:len(w)]
	low, high := r.cfg.Min, r.cfg.Max
	for i, g := range grad[:len(w)] {
		turn := compare(g, prev[i])
		d := max(low, min(step[i]*r.factor[turn], high))
		step[i] = d
		g *= r.keep[turn]
		w[i] -= signed(d, g)
		prev[i] = g
	}
}

// backtrack is the step of Rprop+ and iRprop+ on a panel: where the sign has
// changed the minimum was passed, and the last update is undone if undo says so.
func (r *rprop) backtrack(k int) {
	for i := k * panel; i < min((k+1)*panel, len(r.w)); i++ {
		g := r.grad[i]
		turn := compare(g, r.prev[i])
		r.step[i] = max(r.cfg.Min, min(r.step[i]*r.factor[turn], r.cfg.Max))
		if turn == changed {
			if r.undo {
				r.w[i] -= r.move[i]
			}
			r.move[i], r.prev[i] = 0, 0
			continue
		}
		r.move[i] = -signed(r.step[i], g)
		r.w[i] += r.move[i]
		r.prev[i] = g
	}
}

// compare is same, changed or unknown, perhaps with changed: the sign of g*prev,
// which does not underflow. It branches on nothing, since signs cannot be
// guessed.
func compare(g, prev float64) int {
	turn := int((math.Float64bits(g) ^ math.Float64bits(prev)) >> 63)
	if g == 0 {
		turn |= unknown
	}
	if prev == 0 {
		turn |= unknown
	}
	return turn
}

func (r *rprop) Recommend() []float64 { return r.w }

// Diagnostics reports the mean step, and the share of weights whose step is at
// its smallest: they have stopped.
func (r *rprop) Diagnostics() iter.Seq2[string, float64] {
	return func(yield func(string, float64) bool) {
		mean, stopped, n := 0.0, 0.0, float64(len(r.step))
		for _, d := range r.step {
			mean += d / n
			if d == r.cfg.Min {
				stopped += 1 / n
			}
		}
		_ = yield("step", mean) && yield("stopped", stopped)
	}
}

func (r *rprop) state() []any { return []any{&r.loss, r.w, r.step, r.prev, r.move} }

func (r *rprop) MarshalBinary() ([]byte, error) { return optimizers.SaveState("rprop/1", r.state()...) }

func (r *rprop) UnmarshalBinary(data []byte) error {
	return optimizers.LoadState("rprop/1", data, r.state()...)
}
