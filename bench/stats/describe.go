package stats

import (
	"math"
	"slices"
)

// Mean is the arithmetic mean; NaN if x is empty.
func Mean(x []float64) float64 {
	if len(x) == 0 {
		return math.NaN()
	}
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}

// Median is the middle of x, the mean of the two middle values if their number
// is even; NaN if x is empty. x is not modified.
func Median(x []float64) float64 { return Quantile(x, .5) }

// Quantile is the p-quantile of x, 0 <= p <= 1, interpolated linearly between
// order statistics: definition 7 of Hyndman & Fan 1996,
// doi:10.1080/00031305.1996.10473566, the default of R and NumPy. It is NaN if x is
// empty. x is not modified, and may hold infinities.
func Quantile(x []float64, p float64) float64 {
	return sortedQuantile(slices.Sorted(slices.Values(x)), p)
}

// sortedQuantile is Quantile for x in ascending order.
func sortedQuantile(x []float64, p float64) float64 {
	if len(x) == 0 {
		return math.NaN()
	}
	at := p * float64(len(x)-1)
	i := min(int(at), len(x)-1)
	lo, f := x[i], at-float64(i)
	if f == 0 || i == len(x)-1 || lo == x[i+1] {
		return lo // also where the difference of two equal infinities would be NaN
	}
	return float64((1-f)*lo) + float64(f*x[i+1])
}
