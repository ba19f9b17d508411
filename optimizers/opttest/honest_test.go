package opttest

import (
	"cmp"
	"iter"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/noise"
)

type honestConfig struct {
	Sigma float64 `json:"sigma" doc:"first step size" range:"(0,10]"`
	Mode  string  `json:"mode" doc:"unused" choices:"a,b"`
}

// honest is an optimizer that keeps the contract, unless it has a fault: each
// breaks one promise the way it is broken in practice. It steps at random from
// the best point so far, and widens its steps while that helps; told gradients,
// it descends with momentum instead.
type honest struct {
	fault string
	p     optimizers.Problem
	grad  bool
	seed  uint64
	step  uint64
	sigma float64
	best  float64   // the loss of the incumbent, to report
	w     []float64 // the incumbent, evaluated again as candidate 0
	v     []float64 // velocity
	kept  []float64 // for the fault that keeps a gradient
	rows  [][]float64
	list  [][]float64
	waste [][]float64
}

func (o *honest) is(fault string) bool { return o.fault == fault }

func define(fault string, grad bool) optimizers.Definition {
	d := optimizers.Definition{
		Name:    "honest",
		Summary: "Steps at random from the best point.",
		Memory:  func(dim int) int64 { return 8 * 12 * int64(dim) },
	}
	if grad {
		d.Need = optimizers.NeedGrad
	}
	d = optimizers.Define(d, honestConfig{0.3, "a"}, func(c honestConfig, p optimizers.Problem) (*honest, error) {
		o := &honest{fault: fault, p: p, grad: grad, seed: p.Seed, sigma: c.Sigma, w: slices.Clone(p.Init), v: make([]float64, len(p.Init))}
		for range 7 {
			o.rows = append(o.rows, make([]float64, len(p.Init)))
		}
		if grad {
			o.rows = o.rows[:1]
		}
		switch fault {
		case "modifies the start":
			o.w = p.Init
		case "ignores the seed":
			o.seed = 99
		case "cannot do one weight":
			_ = o.w[1]
		case "wastes memory":
			for range 20 {
				o.waste = append(o.waste, make([]float64, len(p.Init)))
			}
		}
		return o, nil
	})
	return d
}

func (o *honest) Ask() ([][]float64, error) {
	if o.grad {
		copy(o.rows[0], o.w)
		if o.is("momentum by the kept gradient") && o.kept != nil {
			for i, g := range o.kept {
				o.rows[0][i] -= 0.01 * g
			}
		}
		return o.rows, nil
	}
	sigma := o.sigma
	if o.is("depends on threads") {
		sigma /= float64(o.p.Threads)
	}
	z := make([]float64, len(o.w))
	for k, row := range o.rows {
		copy(row, o.w)
		if k == 0 {
			continue
		}
		noise.Normal(z, o.seed, o.step, uint32(k))
		for i := range row {
			switch {
			case o.is("multiplies"):
				row[i] *= 1 + sigma*z[i]
			case o.is("moves all alike"):
				row[i] += sigma * z[0]
			case o.is("draws from the global generator"):
				row[i] += sigma * rand.NormFloat64()
			default:
				row[i] += sigma * z[i]
			}
		}
	}
	if o.is("asks a short row") {
		return [][]float64{o.rows[0][1:]}, nil
	}
	return o.rows, nil
}

func (o *honest) Tell(evals []optimizers.Evaluation) error {
	o.step++
	if o.grad {
		return o.descend(evals[0].Grad)
	}
	order := make([]int, len(evals))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(evals[a].Loss, evals[b].Loss) })
	if o.is("ascends") || o.is("lists the worst first") {
		slices.Reverse(order)
	}
	o.list = o.list[:0]
	for _, k := range order {
		o.list = append(o.list, o.rows[k])
	}
	best := order[0]
	o.best = evals[best].Loss
	if o.is("lists the worst first") {
		best = order[len(order)-1]
	}
	if best != 0 {
		o.sigma = min(o.sigma*1.2, 10)
	} else {
		o.sigma = max(o.sigma*0.8, 1e-6)
	}
	mean, spread := 0.0, 0.0
	for _, e := range evals {
		mean += e.Loss / float64(len(evals))
	}
	for _, e := range evals {
		spread += (e.Loss - mean) * (e.Loss - mean)
	}
	for i := range o.w {
		switch {
		case o.is("weighs by losses"): // Inf - Inf
			o.w[i] += 1e-3 * (evals[1].Loss - evals[2].Loss) / (1 + math.Abs(evals[1].Loss)) * (o.rows[1][i] - o.rows[2][i])
		case o.is("divides by the spread"): // 0/0
			o.w[i] += 1e-3 * (evals[1].Loss - mean) / math.Sqrt(spread) * (o.rows[1][i] - o.w[i])
		case o.is("squares the losses"): // overflows
			o.w[i] += 1e-3 * (evals[1].Loss*evals[1].Loss - evals[2].Loss*evals[2].Loss) / (1 + spread)
		}
		o.w[i] += o.rows[best][i] - o.rows[0][i]
	}
	return nil
}

func (o *honest) descend(g []float64) error {
	next := make([]float64, len(o.w))
	for i := range o.w {
		o.v[i] = 0.5*o.v[i] - 0.1*g[i]
		next[i] = o.w[i] + o.v[i]
		if math.IsInf(next[i], 0) && !o.is("overflows") {
			return optimizers.ErrDiverged
		}
	}
	copy(o.w, next)
	o.kept = g
	o.list = [][]float64{o.w}
	return nil
}

func (o *honest) Recommend() []float64 {
	if o.is("recommends NaN") {
		return slices.Repeat([]float64{math.NaN()}, len(o.w))
	}
	if o.is("recommends in place") { // as Nesterov's look-ahead undone where it is
		for i := range o.rows[0] {
			o.rows[0][i] = o.w[i] - 0.1
		}
		return o.rows[0]
	}
	return o.w
}

func (o *honest) Shortlist(n int) [][]float64 {
	if o.is("lists too many") {
		return o.list
	}
	return o.list[:min(n, len(o.list))]
}

func (o *honest) Diagnostics() iter.Seq2[string, float64] {
	if o.is("changes when watched") {
		o.sigma *= 0.9
	}
	return func(yield func(string, float64) bool) { _ = yield("sigma", o.sigma) && yield("best", o.best) }
}

func (o *honest) state() []any {
	fields := []any{o.w, o.v}
	if !o.is("forgets what it reports") {
		fields = append(fields, &o.best)
	}
	if !o.is("forgets a part of its state") {
		fields = append(fields, &o.step, &o.sigma)
	}
	for _, row := range o.rows {
		fields = append(fields, row)
	}
	return fields
}

func (o *honest) MarshalBinary() ([]byte, error) { return optimizers.SaveState("honest", o.state()...) }

func (o *honest) UnmarshalBinary(data []byte) error {
	if o.is("trusts a checkpoint") {
		_ = data[len(data)-1]
		return nil
	}
	if err := optimizers.LoadState("honest", data, o.state()...); err != nil {
		return err
	}
	// The order of the list is not saved: the incumbent stands for it.
	o.list = [][]float64{o.w}
	return nil
}
