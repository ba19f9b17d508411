package stats

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Replicates is the number of bootstrap samples that an interval is read from.
const Replicates = 10_000

// An Interval is a confidence interval, ends included. Both ends are NaN where
// there are too few observations to say anything.
type Interval struct{ Lo, Hi float64 }

// BootstrapMean is the percentile bootstrap confidence interval of the mean of
// x (Efron & Tibshirani 1993, An Introduction to the Bootstrap, section 13.3):
// the central share level of the means of [Replicates] samples of len(x)
// values, drawn from x with replacement by rng. Fewer than two observations
// give no interval.
func BootstrapMean(rng *rand.Rand, x []float64, level float64) Interval {
	return bootstrap(rng, len(x), level, func(draw []int) float64 {
		sum := 0.0
		for _, i := range draw {
			sum += x[i]
		}
		return sum / float64(len(draw))
	})
}

// bootstrap is the percentile interval of a statistic of n observations, which
// it is given by their indices. The statistic is never NaN.
func bootstrap(rng *rand.Rand, n int, level float64, statistic func(draw []int) float64) Interval {
	if n < 2 {
		return Interval{math.NaN(), math.NaN()}
	}
	draw := make([]int, n)
	replicates := make([]float64, Replicates)
	for r := range replicates {
		for i := range draw {
			draw[i] = rng.IntN(n)
		}
		replicates[r] = statistic(draw)
	}
	slices.Sort(replicates)
	tail := (1 - level) / 2
	return Interval{sortedQuantile(replicates, tail), sortedQuantile(replicates, 1-tail)}
}
