package genetic

import (
	"math"

	"github.com/joust-bench/joust/network/kernel"
)

// diversity is the root of the variance of a weight over the population, as a mean
// over the weights: 0 if all individuals are the same.
func diversity(rows [][]float64) float64 {
	n, dim := float64(len(rows)), len(rows[0])
	var sum float64
	for i := range dim {
		var mean, square float64
		for _, w := range rows {
			mean += w[i] / n
		}
		for _, w := range rows {
			d := w[i] - mean
			square += float64(d * d)
		}
		sum += square / n
	}
	return math.Sqrt(sum / float64(dim))
}

// entropy is that of a distribution, in nats, given the weight of each value: the
// logarithm of how many there are, if all have the same.
func entropy(weights []float64) float64 {
	var total float64
	p := make([]float64, 0, len(weights))
	for _, v := range weights {
		if v > 0 { // 0 ln 0 is 0
			total += v
			p = append(p, v)
		}
	}
	for i := range p {
		p[i] /= total
	}
	ln, h := make([]float64, len(p)), 0.0
	kernel.Log(ln, p)
	for i, v := range p {
		h -= float64(v * ln[i])
	}
	return h
}
