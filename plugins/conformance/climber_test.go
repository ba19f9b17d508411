package conformance

import (
	"iter"
	"math"
	"slices"
	"sync/atomic"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/noise"
)

type climberConfig struct {
	Sigma float64 `json:"sigma" doc:"first step size" range:"(0,10]"`
	Sons  int     `json:"sons" doc:"candidates beside the point itself" range:"[2,100]"`
	Grow  string  `json:"grow" doc:"how the step size follows success" choices:"fast,slow"`
	Reuse bool    `json:"reuse" doc:"no effect: there to be a bool"`
}

// climber is an optimizer that keeps every promise, unless it has a fault. It
// looks about its best point, wider while that helps; told gradients, it goes
// down them with momentum.
type climber struct {
	fault   string
	grad    bool
	p       optimizers.Problem
	factor  float64
	at, vel []float64
	sons    [][]float64 // the first is the point itself
	order   []uint64    // of the sons, best first, once told
	step    uint64
	sigma   float64
	kept    []float64 // the fault that keeps a gradient
}

// births counts the optimizers, for the fault of a generator that all share.
var births atomic.Uint64

func climbing(fault string, grad bool) optimizers.Definition {
	d := optimizers.Definition{
		Name:    "climber",
		Summary: "Looks about its best point.",
		Memory:  func(dim int) int64 { return 8 * 12 * int64(dim) },
	}
	if grad {
		d.Need = optimizers.NeedGrad
	}
	d = optimizers.Define(d, climberConfig{0.3, 7, "fast", true}, func(c climberConfig, p optimizers.Problem) (*climber, error) {
		o := &climber{fault: fault, grad: grad, p: p, factor: 1.2, sigma: c.Sigma, at: slices.Clone(p.Init), vel: make([]float64, len(p.Init))}
		if c.Grow == "slow" {
			o.factor = 1.05
		}
		if grad {
			c.Sons = 0
		}
		for range c.Sons + 1 {
			o.sons = append(o.sons, make([]float64, len(p.Init)))
		}
		o.order = make([]uint64, len(o.sons))
		switch n := births.Add(1); fault {
		case "one generator for all":
			o.p.Seed += n
		case "no seed":
			o.p.Seed = 1
		case "seed and threads":
			o.p.Seed += uint64(p.Threads)
		}
		return o, nil
	})
	return d
}

func (o *climber) Ask() ([][]float64, error) {
	z := make([]float64, len(o.at))
	for k, son := range o.sons {
		copy(son, o.at)
		if k == 0 {
			continue
		}
		noise.Normal(z, o.p.Seed, o.step, uint32(k))
		for i := range son {
			if o.fault == "multiplies" {
				son[i] *= 1 + o.sigma*z[i]
			} else {
				son[i] += o.sigma * z[i]
			}
		}
	}
	if o.fault == "short row" {
		return [][]float64{o.sons[0][1:]}, nil
	}
	return o.sons, nil
}

func (o *climber) Tell(evals []optimizers.Evaluation) error {
	o.step++
	if o.grad {
		return o.descend(evals[0].Grad)
	}
	for i := range o.order {
		o.order[i] = uint64(i)
	}
	slices.SortStableFunc(o.order, func(a, b uint64) int {
		switch x, y := evals[a].Loss, evals[b].Loss; {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
	best := o.sons[o.order[0]]
	switch o.fault {
	case "ascends":
		best = o.sons[o.order[len(o.order)-1]]
	case "worst first":
		slices.Reverse(o.order)
	}
	if o.order[0] != 0 {
		o.sigma = min(o.sigma*o.factor, 10)
	} else {
		o.sigma = max(o.sigma/o.factor, 1e-6)
	}
	copy(o.at, best)
	a, b := evals[1].Loss, evals[2].Loss
	spread := 0.0
	for _, e := range evals {
		spread = max(spread, math.Abs(e.Loss-a))
	}
	switch o.fault {
	case "differences of losses":
		o.at[0] += 1e-9 * (a - b) / (1 + math.Abs(a) + math.Abs(b))
	case "divides by the spread":
		o.at[0] += 1e-9 * min(1, max(-1, (a-b)/spread))
	case "squares of losses":
		o.at[0] += 1e-9 * (a*a - b*b) / (1 + a*a + b*b)
	}
	return nil
}

func (o *climber) descend(grad []float64) error {
	next := slices.Clone(o.at)
	for i, g := range grad {
		if o.fault == "keeps the gradient" && len(o.at) > 100 && o.kept != nil {
			g += o.kept[i]
		}
		o.vel[i] = 0.5*o.vel[i] - 0.1*g
		next[i] += o.vel[i]
		if math.IsInf(next[i], 0) && o.fault != "overflows" {
			return optimizers.ErrDiverged
		}
	}
	copy(o.at, next)
	o.kept = grad
	return nil
}

func (o *climber) Shortlist(n int) [][]float64 {
	if o.step == 0 {
		return nil
	}
	if o.grad {
		return [][]float64{o.at}[:min(n, 1)]
	}
	var list [][]float64
	for _, k := range o.order[:min(n, len(o.order))] {
		list = append(list, o.sons[k])
	}
	return list
}

func (o *climber) Diagnostics() iter.Seq2[string, float64] {
	if o.fault == "changes when watched" {
		o.sigma *= 0.99
	}
	return func(yield func(string, float64) bool) { yield("sigma", o.sigma) }
}

func (o *climber) state() []any {
	fields := []any{o.at, o.vel, o.order, &o.sigma}
	for _, son := range o.sons {
		fields = append(fields, son)
	}
	if o.fault != "forgets its step" {
		fields = append(fields, &o.step)
	}
	return fields
}

func (o *climber) MarshalBinary() ([]byte, error) {
	return optimizers.SaveState("climber", o.state()...)
}

func (o *climber) UnmarshalBinary(data []byte) error {
	if o.fault == "trusts a checkpoint" {
		return nil
	}
	if o.fault == "forgets its step" {
		o.step = 1
	}
	return optimizers.LoadState("climber", data, o.state()...)
}
