package report

import (
	"math"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/stats"
)

// A run is one trial that was not skipped, measured with one price of the
// gradient.
type run struct {
	*bench.Result
	gradCost float64
}

func (r run) units(w bench.Work) float64 { return w.Units(r.gradCost) }

// spent is the work of the whole run.
func (r run) spent() float64 { return r.units(r.Work) }

// toTarget is the work to the target, or the work spent without reaching it.
func (r run) toTarget() stats.Run {
	if r.Hit != nil {
		return stats.Run{Work: r.units(*r.Hit), Solved: true}
	}
	return stats.Run{Work: r.spent()}
}

// horizon is the work up to which the run can be compared. One that ended by
// itself (solved, converged, diverged, failed) would not have changed with more
// work, so it has no horizon: it keeps its last value.
func (r run) horizon() float64 {
	if r.Status == bench.Exhausted {
		return r.spent()
	}
	return math.Inf(1)
}

// timedOut reports whether time ran out, and not work.
func (r run) timedOut() bool {
	b := r.Trial.Budget
	return r.Status == bench.Exhausted && b.Wall > 0 && r.Timing.Wall >= b.Wall
}

// testValue is the metric on test data; NaN if the run did not get that far.
func (r run) testValue() float64 {
	if r.Status == bench.Failed {
		return math.NaN()
	}
	return r.Test.Value
}

// testLoss is the loss on test data; NaN if the run did not get that far.
func (r run) testLoss() float64 {
	if r.Status == bench.Failed {
		return math.NaN()
	}
	return r.Test.Loss
}

// at returns the last point of the learning curve whose work is at most w, and
// whether there is one. Work is compared with a little slack, since prices of
// the gradient need not be whole numbers.
func (r run) at(w float64) (bench.Point, bool) {
	var last bench.Point
	found := false
	for _, p := range r.Curve {
		if r.units(p.Work) > w*(1+1e-9) {
			break
		}
		last, found = p, true
	}
	return last, found
}

// valueAt is the validation metric at work w; NaN if nothing was measured by then.
func (r run) valueAt(w float64) float64 {
	if p, ok := r.at(w); ok {
		return p.Valid.Value
	}
	return math.NaN()
}

// A contender is a group of runs that differ in their seed.
type contender struct {
	label                      string // modelLabel + optimizerLabel
	modelLabel, optimizerLabel string
	model, optimizer           bench.Part
	results                    []*bench.Result // skipped ones too, in the order of the plan
}

// runs returns the trials that ran. A gradCost of 0 stands for each trial's own.
func (c *contender) runs(gradCost float64) []run {
	var runs []run
	for _, r := range c.results {
		if r.Status != bench.Skipped {
			runs = append(runs, run{r, priceOr(gradCost, r.Trial.GradCost)})
		}
	}
	return runs
}

// priceOr is the first of the two that is given, or the default.
func priceOr(gradCost, own float64) float64 {
	switch {
	case gradCost > 0:
		return gradCost
	case own > 0:
		return own
	}
	return bench.DefaultGradCost
}

// A field is all contenders of one task.
type field struct {
	goal       bench.Goal
	contenders []*contender
	constants  map[uint64]bench.Score // by seed
	constant   bench.Score            // mean over the seeds; NaN if none is known
}

// finish reads off the results what the trials of the task have in common.
func (f *field) finish() {
	f.constants = make(map[uint64]bench.Score)
	var values, losses []float64 // in the order of the plan, so that sums have the same bits
	for _, c := range f.contenders {
		for _, r := range c.results {
			if f.goal.Metric.Name == "" {
				f.goal = r.Goal // a trial that failed early has none
			}
			// A trial that ended before the predictor was scored has zeros.
			if _, seen := f.constants[r.Trial.Seed]; !seen && r.Constant != (bench.Score{}) {
				f.constants[r.Trial.Seed] = r.Constant
				values, losses = append(values, r.Constant.Value), append(losses, r.Constant.Loss)
			}
		}
	}
	f.constant = bench.Score{Loss: stats.Mean(losses), Value: stats.Mean(values)}
}

// constantFor is the constant predictor's score with a seed's data.
func (f *field) constantFor(seed uint64) bench.Score {
	if c, ok := f.constants[seed]; ok {
		return c
	}
	return f.constant
}

// orConstant is v, or what the constant predictor scores if there is no v: a run
// that ended without a score has learned nothing that can be used.
func (f *field) orConstant(v float64, seed uint64) float64 {
	if math.IsNaN(v) {
		return f.constantFor(seed).Value
	}
	return v
}

// badness turns a value of the metric into one of which less is better. What
// cannot be computed is worst.
func (f *field) badness(v float64) float64 {
	switch {
	case math.IsNaN(v):
		return math.Inf(1)
	case f.goal.Metric.Higher:
		return -v
	}
	return v
}

// equalWork is the most work at which all contenders can be compared: the
// least that any run spent that its budget of work ended. Runs that the clock
// ended spent less; they keep their last value, which can only hurt them, and
// count only if there are no others.
func (f *field) equalWork(gradCost float64) float64 {
	byWork, byTime, most := math.Inf(1), math.Inf(1), 0.0
	for _, c := range f.contenders {
		for _, r := range c.runs(gradCost) {
			most = max(most, r.spent())
			switch {
			case r.timedOut():
				byTime = min(byTime, r.horizon())
			default:
				byWork = min(byWork, r.horizon())
			}
		}
	}
	switch {
	case !math.IsInf(byWork, 1):
		return byWork
	case !math.IsInf(byTime, 1):
		return byTime
	}
	return most
}

// meanValueAt is the mean validation metric of the runs at work w.
func (f *field) meanValueAt(runs []run, w float64) float64 {
	values := make([]float64, len(runs))
	for i, r := range runs {
		values[i] = f.orConstant(r.valueAt(w), r.Trial.Seed)
	}
	return stats.Mean(values)
}

// testValues returns the test metric of each run, and how many of them had to be
// replaced by the constant predictor's.
func (f *field) testValues(runs []run) (values []float64, imputed int) {
	for _, r := range runs {
		v := r.testValue()
		if math.IsNaN(v) {
			imputed++
		}
		values = append(values, f.orConstant(v, r.Trial.Seed))
	}
	return values, imputed
}
