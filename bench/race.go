package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/joust-bench/joust/optimizers"
)

// A race is one trial under way: it asks, evaluates, tells, and charges.
type race struct {
	runner   *Runner
	trial    Trial
	res      *Result
	now      func() time.Time
	started  time.Time
	progress func(Point, float64)

	obj    Objective
	opt    optimizers.Optimizer
	need   optimizers.Need
	rec    recommendation
	grid   checkpoints
	kept   Work    // set aside for the end
	lowest float64 // loss told in the last step
	late   bool    // the wall time was over before the first Ask
	seen   sighting
	probed int // the step after which the last probe was made
}

// run fills in the result. An error is a reason to fail.
func (r *race) run(ctx context.Context) (err error) {
	if skip, err := r.build(ctx); err != nil || skip {
		return err
	}
	if m, ok := r.opt.(optimizers.Metered); ok {
		defer func() {
			_, transport := m.Seconds()
			r.res.Timing.Transport = time.Duration(transport * float64(time.Second))
		}()
	}
	if c, ok := r.opt.(io.Closer); ok {
		defer func() { err = errors.Join(err, c.Close()) }()
	}
	if r.kept, err = r.reserve(); err != nil {
		return err
	}
	r.res.Constant = r.obj.Constant()
	final := r.rec.init
	solved := r.checkpoint(final, true)
	var evals []optimizers.Evaluation
	for !solved {
		if err := ctx.Err(); err != nil {
			return err // whoever interrupted throws this result away
		}
		if r.spent() {
			r.res.Status = Exhausted
			break
		}
		var stop bool
		if evals, stop, err = r.step(evals); err != nil {
			return err
		}
		if stop {
			break
		}
		if r.grid.due(r.res.Work.Units(r.trial.GradCost)) {
			final = r.rec.current()
			solved = r.checkpoint(final, false)
		}
	}
	if solved {
		r.res.Status = Solved
		r.finish(final)
		return nil
	}
	if last := r.res.Curve[len(r.res.Curve)-1]; last.Step < r.res.Steps {
		if final = r.rec.current(); r.checkpoint(final, true) {
			r.res.Status = Solved
			r.finish(final)
			return nil
		}
	}
	r.finish(r.elect())
	return nil
}

// build poses the task and makes the optimizer. It reports whether the pairing
// makes no sense, with the reason in the result.
func (r *race) build(ctx context.Context) (skip bool, err error) {
	t, l := r.trial, r.runner.Lists
	def, err := find(l.Optimizers, t.Optimizer.Name, "optimizer", func(d optimizers.Definition) string { return d.Name })
	if err != nil {
		return false, err
	}
	if !reflect.DeepEqual(def.Origin, t.Origin) {
		return false, fmt.Errorf("%s is %s, and the trial wants %s", def.Name, describeOrigin(def.Origin), describeOrigin(t.Origin))
	}
	r.res.Unpinned = def.Unpinned
	threads := max(1, r.runner.Threads)
	obj, model, err := l.pose(t, threads, r.runner.Dir)
	if why := Unsuited(""); errors.As(err, &why) {
		r.res.Status, r.res.Reason = Skipped, fmt.Sprintf("%s does not suit %s: %s", t.Model.Name, t.Task.Name, why)
		return true, nil
	}
	if err != nil {
		return false, err
	}
	r.obj = obj
	init := r.obj.Init()
	r.res.Dim, r.res.Goal = len(init), r.obj.Goal()
	r.res.Examples, r.res.Batch = r.obj.Examples(), r.obj.Batch()
	r.need = def.Need
	if has, why := r.obj.HasGrad(); r.need == optimizers.NeedGrad && !has {
		r.res.Status, r.res.Reason = Skipped, fmt.Sprintf("%s needs a gradient: %s", def.Name, why)
		return true, nil
	}
	if why := def.Refuses(len(init)); why != "" {
		r.res.Status, r.res.Reason = Skipped, fmt.Sprintf("%s %s", def.Name, why)
		return true, nil
	}
	if limit := r.runner.Memory; limit > 0 && def.Memory != nil && def.Memory(len(init)) > limit {
		r.res.Status = Skipped
		r.res.Reason = fmt.Sprintf("%s needs %.3g GB for %d weights, more than the %.3g GB that a trial may use",
			def.Name, float64(def.Memory(len(init)))/1e9, len(init), float64(limit)/1e9)
		return true, nil
	}
	if init, skip, err = r.pretrain(ctx, model, init); err != nil || skip {
		return skip, err
	}
	budget := 0
	if t.Budget.Work > 0 {
		budget = max(1, int((t.Budget.Work-r.res.Work.Units(t.GradCost))/r.cost(1).Units(t.GradCost)))
	}
	r.opt, err = def.New(t.Optimizer.Config, optimizers.Problem{
		Init: init, Blocks: r.obj.Blocks(), Budget: budget,
		Seed: Stream(t.Seed, StreamOptimizer), Threads: threads,
	})
	if err != nil {
		return false, err
	}
	r.rec = recommendation{opt: r.opt, init: slices.Clone(init)}
	r.grid = newCheckpoints(t.Budget.Work)
	r.lowest = math.NaN()
	return false, nil
}

// describeOrigin names a program in an error.
func describeOrigin(o *optimizers.Origin) string {
	if o == nil {
		return "a built-in optimizer"
	}
	return fmt.Sprintf("plugin %s %s (%s)", o.Plugin, o.Version, strings.Join(append([]string{o.Hash}, o.Runtime...), ", "))
}

// cost is what evaluating n candidates is charged at most.
func (r *race) cost(n int) Work { return r.charge(r.need, n) }

// charge is what it is charged for this need.
func (r *race) charge(need optimizers.Need, n int) Work {
	w := Work{Forward: int64(n) * int64(r.obj.Batch())}
	if need == optimizers.NeedGrad {
		w.Backward = w.Forward
	}
	return w
}

// reserve is the work set aside for the end: evaluating a shortlist again, and
// fixing the batch statistics of the winner.
func (r *race) reserve() (Work, error) {
	part, calibration := r.obj.ScoreWork(Valid)
	w := calibration
	if !r.rec.certain() {
		for range shortlistLen {
			w = w.Add(part).Add(calibration)
		}
	}
	units, limit := w.Units(r.trial.GradCost), r.trial.Budget.Work
	if limit > 0 && !r.late && r.res.Work.Units(r.trial.GradCost)+units+r.cost(1).Units(r.trial.GradCost) > limit {
		if r.res.Work.Forward > 0 {
			return w, fmt.Errorf("a budget of %g is too small: pretraining costs %g, one evaluation %g, and choosing the final point %g",
				limit, r.res.Work.Units(r.trial.GradCost), r.cost(1).Units(r.trial.GradCost), units)
		}
		return w, fmt.Errorf("a budget of %g is too small: one evaluation costs %g, and choosing the final point %g",
			limit, r.cost(1).Units(r.trial.GradCost), units)
	}
	return w, nil
}

// spent reports whether the budget is used up.
func (r *race) spent() bool {
	b := r.trial.Budget
	return r.late || b.Work > 0 && r.res.Work.Add(r.kept).Units(r.trial.GradCost) >= b.Work ||
		b.Wall > 0 && r.now().Sub(r.started) >= b.Wall
}

// step makes one Ask, its evaluation, and one Tell. It reports whether the
// trial is over, with the status in the result.
func (r *race) step(evals []optimizers.Evaluation) ([]optimizers.Evaluation, bool, error) {
	t0 := r.now()
	candidates, err := r.opt.Ask()
	t1 := r.now()
	r.res.Timing.Ask += t1.Sub(t0)
	if err != nil {
		return evals, true, r.end("ask", err)
	}
	if len(candidates) == 0 {
		r.res.Status = Converged
		return evals, true, nil
	}
	for i, c := range candidates {
		if len(c) != r.res.Dim {
			return evals, true, fmt.Errorf("ask: candidate %d has %d weights, want %d", i, len(c), r.res.Dim)
		}
	}
	for len(evals) < len(candidates) {
		evals = append(evals, optimizers.Evaluation{})
	}
	told := evals[:len(candidates)]
	need := r.need
	if n, ok := r.opt.(optimizers.Needer); ok {
		need = min(need, n.Needs())
	}
	r.obj.Evaluate(need, candidates, r.res.Steps, told)
	work := r.charge(need, len(candidates))
	if m, ok := r.obj.(Metered); ok {
		work = m.Spent()
	}
	r.res.Steps++
	r.res.Evaluations += len(candidates)
	r.res.Work = r.res.Work.Add(work)
	t2 := r.now()
	r.res.Timing.Eval += t2.Sub(t1)
	r.lowest = math.Inf(1)
	for i, e := range told {
		r.lowest = min(r.lowest, e.Loss)
		if need == optimizers.NeedGrad && !finiteGradient(e) {
			r.res.Status = Diverged
			r.res.Reason = fmt.Sprintf("step %d: the gradient is not finite (loss %g)", r.res.Steps, told[i].Loss)
			return evals, true, nil
		}
	}
	if r.watch(candidates, told) {
		t3 := r.now()
		r.res.Timing.Free += t3.Sub(t2)
		t2 = t3
	}
	r.rec.note(candidates, told)
	if err := r.opt.Tell(told); err != nil {
		return evals, true, r.end("tell", err)
	}
	r.res.Timing.Tell += r.now().Sub(t2)
	return evals, false, nil
}

// end returns the error of a call, unless it says that the search diverged,
// which is a result.
func (r *race) end(call string, err error) error {
	if !errors.Is(err, optimizers.ErrDiverged) {
		return fmt.Errorf("%s: %w", call, err)
	}
	r.res.Status, r.res.Reason = Diverged, fmt.Sprintf("step %d: %v", r.res.Steps, err)
	return nil
}

// checkpoint scores the recommended point w on validation data, and probes the
// gradient there if it is asked to or time to. Both are free. It reports
// whether w solves the task.
func (r *race) checkpoint(w []float64, probe bool) bool {
	t0 := r.now()
	score := r.obj.Score(w, Valid)
	units := r.res.Work.Units(r.trial.GradCost)
	p := Point{Work: r.res.Work, Step: r.res.Steps, Train: r.lowest, Valid: score, Wall: t0.Sub(r.started)}
	r.res.Curve = append(r.res.Curve, p)
	solved := r.res.Goal.Reached(score.Value)
	if solved { // and so over: there is one hit
		hit := r.res.Work
		r.res.Hit = &hit
	}
	if due := r.grid.pass(units); probe || due || solved {
		r.look(w)
	}
	r.res.Timing.Free += r.now().Sub(t0)
	r.progress(p, units)
	return solved
}

// elect chooses the final point of a trial that did not reach its target: of
// a shortlist, the one with the lowest loss on validation data, which is
// charged.
func (r *race) elect() []float64 {
	list := r.rec.shortlist()
	if len(list) == 1 {
		return list[0]
	}
	part, calibration := r.obj.ScoreWork(Valid)
	best, lowest := list[0], math.Inf(1)
	for _, w := range list {
		r.res.Work = r.res.Work.Add(part).Add(calibration)
		if loss := r.obj.Score(w, Valid).Loss; loss < lowest {
			best, lowest = w, loss
		}
	}
	return best
}

// finish scores the final weights. Scoring is free, but fixing the batch
// statistics for the test is a part of training.
func (r *race) finish(w []float64) {
	r.res.Weights = slices.Clone(w)
	r.lookAtEnd(w)
	r.res.Valid = r.obj.Score(w, Valid)
	_, calibration := r.obj.ScoreWork(Test)
	r.res.Work = r.res.Work.Add(calibration)
	r.res.Test = r.obj.Score(w, Test)
}

// finiteGradient reports whether a loss and its gradient are finite.
func finiteGradient(e optimizers.Evaluation) bool {
	sum := e.Loss - e.Loss // 0, or NaN if it is infinite
	for _, g := range e.Grad {
		sum += g - g
	}
	return sum == 0
}
