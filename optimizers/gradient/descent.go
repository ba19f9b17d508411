package gradient

import (
	"iter"
	"math"
	"slices"

	"github.com/joust-bench/joust/network/kernel"
	"github.com/joust-bench/joust/optimizers"
)

// A rule is how a first-order method moves by a gradient: all that sets one
// apart from another. What it keeps for each weight it keeps itself.
type rule interface {
	// begin prepares a step with this learning rate.
	begin(rate float64)
	// move writes to next where w goes by the gradient g. All are a stretch of
	// the weights that starts at weight off, and stretches may move at once. It
	// reports whether next, and what it keeps, is finite.
	move(next, w, g []float64, off int) bool
	// state lists what begin and move change.
	state() []any
}

// Weights are moved in stretches that stay in the cache while a rule passes
// over them, and cores take panels of stretches.
const (
	stretch = 1 << 10
	panel   = 32 * stretch
)

// A descent is a first-order method: transforms, then a rule.
type descent struct {
	transforms Transforms
	amplified  amplification
	plan       schedule
	p          optimizers.Problem
	name       string // of the checkpoint
	lr         float64
	rule       rule

	step uint64
	norm float64   // of the last gradient, if it is clipped by it
	w    []float64 // the iterate
	next []float64 // where the next one is made, so that the last finite one stays
	// ahead is where the gradient is taken, if the rule moves it. Nil: at w.
	ahead []float64
	grad  []float64 // the gradient after its transforms; nil if there are none
	rows  [][]float64
	over  bool // diverged

	// During a Tell:
	told  []float64 // the gradient
	sigma float64
	limit scaling
	sums  []float64 // of squares, of each panel
	sound []bool    // each panel is finite
	clip  func(k int)
	move  func(k int)
}

// newDescent builds a method. Its name is that of its checkpoint.
func newDescent(name string, t Transforms, lr float64, p optimizers.Problem, r rule) (*descent, error) {
	plan, err := newSchedule(t.RateSchedule, p.Budget)
	if err != nil {
		return nil, err
	}
	amplified, err := newAmplification(t.Amplify, p)
	if err != nil {
		return nil, err
	}
	d := &descent{
		transforms: t, amplified: amplified, plan: plan, p: p, name: name, lr: lr, rule: r,
		w: slices.Clone(p.Init), next: make([]float64, len(p.Init)), rows: make([][]float64, 1),
		limit: scaling{1, 1}, sums: make([]float64, panels(len(p.Init))), sound: make([]bool, panels(len(p.Init))),
	}
	if t.needed() {
		d.grad = make([]float64, len(p.Init))
	}
	d.clip, d.move = d.clipPanel, d.movePanel
	return d, nil
}

func (d *descent) Ask() ([][]float64, error) {
	if d.over {
		return nil, optimizers.ErrDiverged
	}
	d.rows[0] = d.at()
	return d.rows, nil
}

// at is where the gradient is taken.
func (d *descent) at() []float64 {
	if d.ahead != nil {
		return d.ahead
	}
	return d.w
}

func (d *descent) Tell(evals []optimizers.Evaluation) error {
	d.told = evals[0].Grad
	defer func() { d.told = nil }()
	if d.transforms.ClipNorm > 0 {
		d.p.Parallel(len(d.sums), d.clip)
		if slices.Contains(d.sound, false) {
			d.over = true
			return optimizers.ErrDiverged
		}
		sum := 0.0
		for _, s := range d.sums {
			sum += s
		}
		d.limit, d.norm = d.transforms.limit(d.grad, sum)
	}
	d.sigma = d.transforms.sigma(d.step)
	d.rule.begin(d.rate())
	d.p.Parallel(len(d.sound), d.move)
	if slices.Contains(d.sound, false) {
		d.over = true
		return optimizers.ErrDiverged
	}
	d.w, d.next = d.next, d.w
	d.step++
	return nil
}

// clipPanel clips a panel by value and adds up its squares.
func (d *descent) clipPanel(k int) {
	from, to := k*panel, min((k+1)*panel, len(d.w))
	g := d.grad[from:to]
	d.sound[k] = d.take(g, from)
	kernel.RowDots(d.sums[k:k+1], g, len(g), g, len(g), 1, len(g), false)
}

// take writes the gradient from weight off on to g, amplified and clipped by value.
// It reports whether it is finite.
func (d *descent) take(g []float64, off int) bool {
	copy(g, d.told[off:])
	if !finite(g) {
		return false
	}
	d.amplified.apply(g, off, d.step)
	d.transforms.clip(g)
	return true
}

// movePanel takes the step of a panel.
func (d *descent) movePanel(k int) {
	sound := true
	for from := k * panel; from < min((k+1)*panel, len(d.w)); from += stretch {
		to := min(from+stretch, len(d.w))
		g := d.told[from:to]
		if d.grad != nil {
			g = d.grad[from:to]
			if d.transforms.ClipNorm == 0 {
				sound = d.take(g, from) && sound
			}
			d.limit.apply(g)
			d.transforms.addTo(g, d.at()[from:to], d.sigma, d.p.Seed, d.step, from/stretch)
		}
		sound = d.rule.move(d.next[from:to], d.w[from:to], g, from) && sound
	}
	d.sound[k] = sound
}

// rate is the learning rate of the next step.
func (d *descent) rate() float64 { return d.lr * d.plan.factor(d.step) }

func (d *descent) Recommend() []float64 { return d.w }

// Diagnostics reports the learning rate and, if it is clipped by it, the norm of
// the last gradient.
func (d *descent) Diagnostics() iter.Seq2[string, float64] {
	return func(yield func(string, float64) bool) {
		if yield("lr", d.rate()) && d.transforms.ClipNorm > 0 && !math.IsInf(d.norm, 1) {
			yield("gradient-norm", d.norm)
		}
	}
}

func (d *descent) state() []any {
	return append([]any{&d.step, &d.norm, d.w}, d.rule.state()...)
}

func (d *descent) MarshalBinary() ([]byte, error) { return optimizers.SaveState(d.name, d.state()...) }

func (d *descent) UnmarshalBinary(data []byte) error {
	return optimizers.LoadState(d.name, data, d.state()...)
}
