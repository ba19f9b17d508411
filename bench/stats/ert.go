package stats

import (
	"math"
	"math/rand/v2"
)

// A Run is one attempt to reach a target.
type Run struct {
	Work   float64 // until the target was reached, or until the run was given up
	Solved bool    // whether it was reached
}

// ERT is the expected running time (Hansen et al. 2016, arXiv:1605.03560, there
// also called the average runtime): the expected work until the first success of
// independent restarts, estimated as the work of all runs, those without
// success included, over the number of successes. Each failure counts with its own work. Without a
// success, and without runs, it is +Inf.
func ERT(runs []Run) float64 {
	total, solved := 0.0, 0
	for _, r := range runs {
		total += r.Work
		if r.Solved {
			solved++
		}
	}
	if solved == 0 {
		return math.Inf(1)
	}
	return total / float64(solved)
}

// BootstrapERT is the percentile bootstrap confidence interval of [ERT] over
// [Replicates] samples of the runs, drawn by rng. A sample without a success
// counts as +Inf, so the upper end is +Inf if more than half of 1-level of the
// samples are. No success at all, and fewer than two runs, give no interval.
func BootstrapERT(rng *rand.Rand, runs []Run, level float64) Interval {
	if math.IsInf(ERT(runs), 1) {
		return Interval{math.NaN(), math.NaN()}
	}
	sample := make([]Run, len(runs))
	return bootstrap(rng, len(runs), level, func(draw []int) float64 {
		for i, d := range draw {
			sample[i] = runs[d]
		}
		return ERT(sample)
	})
}
