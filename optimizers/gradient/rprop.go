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
var Rprop = optimizers.Define(optimizers.Definition{
	Name:    "rprop",
	Summary: "Backpropagation by the sign of the gradient alone, with an adaptive step for each weight.",
	Refs: []string{
		"Riedmiller & Braun 1993, doi:10.1109/ICNN.1993.298623",
		"Igel & Hüsken 2003, doi:10.1016/S0925-2312(01)00700-7",
	},
	Need:      optimizers.NeedGrad,
	FullBatch: true,
	Memory:    func(dim int) int64 { return 4 * 8 * int64(dim) },
}, RpropConfig{Variant: "irprop-", Init: 0.1, Min: 1e-6, Max: 50, Up: 1.2, Down: 0.5}, newRprop)

type rprop struct {
	cfg  RpropConfig
	w    []float64
	step []float64 // Δ, of each weight
	prev []float64 // the last gradient, or 0 where it is to be forgotten
	move []float64 // the last update, which rprop+ and irprop+ undo; else nil
	loss float64   // the last one
	rows [][]float64
}

func newRprop(cfg RpropConfig, p optimizers.Problem) (*rprop, error) {
	if !(cfg.Min <= cfg.Init && cfg.Init <= cfg.Max) {
		return nil, fmt.Errorf("init: %v, want it between min, %v, and max, %v", cfg.Init, cfg.Min, cfg.Max)
	}
	r := &rprop{
		cfg:  cfg,
		w:    slices.Clone(p.Init),
		step: slices.Repeat([]float64{cfg.Init}, len(p.Init)),
		prev: make([]float64, len(p.Init)),
		loss: math.Inf(1),
	}
	if cfg.Variant == "rprop+" || cfg.Variant == "irprop+" {
		r.move = make([]float64, len(p.Init))
	}
	r.rows = [][]float64{r.w}
	return r, nil
}

func (r *rprop) Ask() ([][]float64, error) { return r.rows, nil }

func (r *rprop) Tell(evals []optimizers.Evaluation) error {
	grad := evals[0].Grad
	if r.move == nil {
		r.forward(grad)
	} else {
		// Only iRprop+ asks if the loss rose (Igel & Hüsken 2003).
		r.backtrack(grad, r.cfg.Variant == "rprop+" || evals[0].Loss > r.loss)
	}
	r.loss = evals[0].Loss
	return nil
}

// forward is the step of Rprop- and iRprop-, which never go back.
func (r *rprop) forward(grad []float64) {
	forget := r.cfg.Variant == "irprop-"
	for i, g := range grad {
		switch turn := sign(g) * sign(r.prev[i]); {
		case turn > 0:
			r.lengthen(i)
		case turn < 0:
			r.shorten(i)
			if forget {
				g = 0
			}
		}
		r.w[i] -= sign(g) * r.step[i]
		r.prev[i] = g
	}
}

// backtrack is the step of Rprop+ and iRprop+: where the sign has changed the
// minimum was passed, and the last update is undone if undo says so.
func (r *rprop) backtrack(grad []float64, undo bool) {
	for i, g := range grad {
		turn := sign(g) * sign(r.prev[i])
		if turn < 0 {
			r.shorten(i)
			if undo {
				r.w[i] -= r.move[i]
			}
			r.move[i], r.prev[i] = 0, 0
			continue
		}
		if turn > 0 {
			r.lengthen(i)
		}
		r.move[i] = -sign(g) * r.step[i]
		r.w[i] += r.move[i]
		r.prev[i] = g
	}
}

func (r *rprop) lengthen(i int) { r.step[i] = min(r.step[i]*r.cfg.Up, r.cfg.Max) }
func (r *rprop) shorten(i int)  { r.step[i] = max(r.step[i]*r.cfg.Down, r.cfg.Min) }

// sign is -1, 0 or 1. The sign of a product of signs is that of the product,
// and does not underflow.
func sign(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	default:
		return 0
	}
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
