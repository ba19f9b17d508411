package search

import (
	"math"

	"github.com/joust-bench/joust/optimizers/noise"
)

// A mutation adds normal noise to a random share of the weights, at least one of
// them. What it draws depends on the seed and the step alone.
type mutation struct {
	rate, sigma float64
	seed        uint64
	u           []float64 // scratch: one uniform number for each weight
	one         [1]float64
}

func newMutation(rate, sigma float64, seed uint64, dim int) *mutation {
	return &mutation{rate: rate, sigma: sigma, seed: seed, u: make([]float64, dim)}
}

// Rows of the noise of a step.
const (
	rowStep uint32 = iota
	rowShare
	rowAlways
	rowAccept
)

// draw fills dst with a mutant of src.
func (m *mutation) draw(dst, src []float64, step uint64) {
	noise.Normal(dst, m.seed, step, rowStep)
	noise.Uniform(m.u, m.seed, step, rowShare)
	noise.Uniform(m.one[:], m.seed, step, rowAlways)
	always := int(m.one[0] * float64(len(src)))
	for i, u := range m.u {
		if u < m.rate || i == always {
			dst[i] = math.FMA(m.sigma, dst[i], src[i])
		} else {
			dst[i] = src[i]
		}
	}
}
