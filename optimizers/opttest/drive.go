package opttest

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/noise"
)

// An objective returns the loss of candidate k of a step, and writes the
// gradient to grad, which is nil unless the optimizer needs it.
type objective func(step, k int, w, grad []float64) float64

// target is coordinate i of n of the optimum of [sphere]. Its mixed signs
// expose a method that moves all coordinates alike.
func target(i, n int) float64 {
	x := 0.5 + float64(i)/float64(n)
	if i%2 == 1 {
		return -x
	}
	return x
}

// sphere is the squared distance from the optimum.
func sphere(_, _ int, w, grad []float64) float64 {
	loss := 0.0
	for i, x := range w {
		d := x - target(i, len(w))
		loss += float64(d * d)
		if grad != nil {
			grad[i] = 2 * d
		}
	}
	return loss
}

// minibatches is a sphere that is moved a little in each step, as the loss is
// with the minibatch.
func minibatches(step, k int, w, grad []float64) float64 {
	shift := 0.1 * float64(step%3)
	loss := (1 + shift) * sphere(step, k, w, grad)
	for i := range grad {
		grad[i] *= 1 + shift
	}
	return loss
}

// newProblem is a problem of dimension n, with the blocks of a network of two
// layers where there is room for them.
func newProblem(n int) optimizers.Problem {
	p := optimizers.Problem{Init: make([]float64, n), Budget: 4000, Seed: 1, Threads: 1}
	noise.Normal(p.Init, 1, 0, 0)
	for i := range p.Init {
		p.Init[i] *= 0.5
	}
	if n < 6 {
		p.Blocks = []optimizers.Block{{Name: "0.dense.w", Len: n, Rows: 1, FanIn: n, Scale: 0.5}}
		return p
	}
	hidden := n/2 - 1 // the weights of two units, with an element of the bias each
	hidden -= hidden % 2
	p.Blocks = []optimizers.Block{
		{Name: "0.dense.w", Off: 0, Len: hidden, Layer: 0, Rows: 2, FanIn: hidden / 2, Scale: 0.5},
		{Name: "0.dense.b", Off: hidden, Len: 2, Layer: 0, Rows: 2, Scale: 0.1},
		{Name: "1.dense.w", Off: hidden + 2, Len: n - hidden - 2, Layer: 1, Rows: 1, FanIn: n - hidden - 2, Scale: 0.5},
	}
	return p
}

// dimension is n, or the dimension nearest to it that def takes.
func dimension(def optimizers.Definition, n int) int {
	n = max(n, def.MinDim)
	if def.MaxDim > 0 {
		n = min(n, def.MaxDim)
	}
	return n
}

// A run is an optimizer under way.
type run struct {
	opt     optimizers.Optimizer
	problem optimizers.Problem
	f       objective
	grad    bool // the optimizer is told gradients

	observe bool // call everything optional at every opportunity
	hoard   bool // give each Tell memory of its own, and never touch it again

	init  []float64 // what problem.Init was
	step  int
	told  int       // evaluations so far
	done  bool      // converged, or diverged where that is allowed
	asked []float64 // all candidates, one after the other
	best  []float64 // the candidate of the lowest loss
	low   float64
	// ranked says that it was told a finite loss, so that it can name a best.
	ranked bool

	may   error // an error of Ask or Tell that ends the run in order
	evals []optimizers.Evaluation
	grads []float64
}

func start(def optimizers.Definition, p optimizers.Problem, f objective) (*run, error) {
	r := &run{problem: p, f: f, grad: def.Need == optimizers.NeedGrad, init: slices.Clone(p.Init), low: math.Inf(1)}
	var err error
	if r.opt, err = def.New(nil, p); err != nil {
		return nil, fmt.Errorf("build: %w", err)
	}
	return r, nil
}

// close releases the optimizer.
func (r *run) close() error {
	if c, ok := r.opt.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

// drive starts an optimizer and takes steps with it.
func drive(def optimizers.Definition, p optimizers.Problem, f objective, steps int, options ...func(*run)) (*run, error) {
	r, err := start(def, p, f)
	if err != nil {
		return nil, err
	}
	for _, set := range options {
		set(r)
	}
	return r, errors.Join(r.steps(steps), r.close())
}

func observing(r *run) { r.observe = true }
func hoarding(r *run)  { r.hoard = true }

// steps takes n steps, or fewer if the optimizer converges.
func (r *run) steps(n int) error {
	for range n {
		if err := r.once(); err != nil || r.done {
			return err
		}
	}
	return nil
}

// evaluations takes steps until n candidates have been evaluated.
func (r *run) evaluations(n int) error {
	for r.told < n && !r.done {
		if err := r.once(); err != nil {
			return err
		}
	}
	return nil
}

// lookTwice is how many steps an optimizer that has been looked at is looked at
// again before anything else happens: a plugin answers each question in a message.
const lookTwice = 5

// once asks, looks at what it got, evaluates and tells.
func (r *run) once() error {
	fail := func(format string, args ...any) error {
		return fmt.Errorf("step %d: %w", r.step, fmt.Errorf(format, args...))
	}
	if r.step < lookTwice { // after Tell it was looked at already
		if err := r.look(true); err != nil {
			return fail("before Ask: %w", err)
		}
	}
	rows, err := r.opt.Ask()
	if err != nil {
		return r.end(fail("Ask: %w", err))
	}
	if len(rows) == 0 {
		r.done = true
		return nil
	}
	before := len(r.asked)
	for k, w := range rows {
		if len(w) != len(r.init) {
			return fail("candidate %d has %d weights, want %d", k, len(w), len(r.init))
		}
		if i := notFinite(w); i >= 0 {
			return fail("candidate %d: weight %d is %v, want a finite number", k, i, w[i])
		}
		r.asked = append(r.asked, w...)
	}
	if r.hoard || len(r.evals) < len(rows) {
		r.evals = make([]optimizers.Evaluation, len(rows))
		r.grads = make([]float64, len(rows)*len(r.init))
	}
	evals := r.evals[:len(rows)]
	grad := r.grad && needs(r.opt) == optimizers.NeedGrad
	for k, w := range rows {
		evals[k] = optimizers.Evaluation{}
		if grad {
			evals[k].Grad = r.grads[k*len(r.init):][:len(r.init):len(r.init)]
		}
		loss := r.f(r.step, k, w, evals[k].Grad)
		evals[k].Loss = loss
		if loss < r.low {
			r.low, r.best = loss, append(r.best[:0], w...)
		}
	}
	if err := r.look(false); err != nil {
		return fail("between Ask and Tell: %w", err)
	}
	for k, w := range rows {
		if !sameBits(w, r.asked[before+k*len(w):][:len(w)]) {
			return fail("candidate %d changed between Ask and Tell", k)
		}
	}
	if err := r.opt.Tell(evals); err != nil {
		return r.end(fail("Tell: %w", err))
	}
	r.told += len(rows)
	r.ranked = r.best != nil
	if !r.hoard {
		for k := range evals {
			evals[k].Loss = -1e9
		}
		for i := range r.grads {
			r.grads[i] = 1e9
		}
	}
	if err := r.look(true); err != nil {
		return fail("after Tell: %w", err)
	}
	if !sameBits(r.problem.Init, r.init) {
		return fail("the starting weights of the Problem were changed")
	}
	r.step++
	return nil
}

// needs is what an optimizer whose definition says NeedGrad needs at this step.
func needs(opt optimizers.Optimizer) optimizers.Need {
	if n, ok := opt.(optimizers.Needer); ok {
		return n.Needs()
	}
	return optimizers.NeedGrad
}

// end ends the run with err, unless that may happen.
func (r *run) end(err error) error {
	if r.may == nil || !errors.Is(err, r.may) {
		return err
	}
	r.done = true
	return r.look(false)
}

// notFinite returns the index of a weight that is NaN or infinite, or -1.
func notFinite(w []float64) int {
	return slices.IndexFunc(w, func(x float64) bool { return math.IsNaN(x) || math.IsInf(x, 0) })
}

// sameBits compares as Float64bits does: 0 and -0 differ.
func sameBits(a, b []float64) bool {
	return slices.EqualFunc(a, b, func(x, y float64) bool { return math.Float64bits(x) == math.Float64bits(y) })
}

// differ says where two runs that should be equal part, or nil.
func differ(a, b []float64, n int) error {
	for i := range min(len(a), len(b)) {
		if math.Float64bits(a[i]) != math.Float64bits(b[i]) {
			return fmt.Errorf("weight %d of candidate %d (counted from the start) is %v and %v", i%n, i/n, a[i], b[i])
		}
	}
	if len(a) != len(b) {
		return fmt.Errorf("%d and %d candidates", len(a)/n, len(b)/n)
	}
	return nil
}
