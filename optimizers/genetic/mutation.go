package genetic

import (
	"math"

	"github.com/joust-bench/joust/network/kernel"
	"github.com/joust-bench/joust/optimizers/noise"
)

// A mutation adds noise to some of the weights. It adds, and does not multiply
// as eaopt's MutNormalFloat64 does, under which a weight of zero never moves and
// a sign hardly ever changes.
type mutation struct {
	seed uint64
	rate float64 // probability of each weight
	// scale is 1 / ln(1-rate): the number of weights that are spared before the
	// next that mutates is ln(u) times it, rounded down, for u uniform in [0, 1).
	scale  float64
	cauchy bool // the noise is of Cauchy's distribution, and not normal
}

func newMutation(seed uint64, rate float64) mutation {
	spared := []float64{1 - rate}
	kernel.Log(spared, spared)
	if rate < 1e-6 { // where 1 - rate has lost digits
		spared[0] = -rate
	}
	return mutation{seed: seed, rate: rate, scale: 1 / spared[0]}
}

// add mutates the weights of a candidate by sigma times the noise. What it adds
// depends on its arguments alone, so that candidates mutate on all cores at
// once. Numbers are drawn only for the weights that mutate.
func (m mutation) add(w []float64, sigma float64, generation uint64, candidate uint32) {
	if m.rate == 1 && !m.cauchy {
		noise.AddNormal(w, sigma, noise.Mix(m.seed, streamMutation), generation, candidate)
		return
	}
	// In parts, so that what is drawn fits on the stack.
	const size = 256
	var gaps, z, d [size]float64
	at, limit := 0, float64(len(w))
	for part := uint64(0); at < len(w); part++ {
		// Most often enough for what is left.
		n := min(size, 8+int(1.25*m.rate*float64(len(w)-at)))
		m.spare(gaps[:n], part, generation, candidate)
		noise.Normal(z[:n], noise.Mix(m.seed, streamMutation, part), generation, candidate)
		if m.cauchy {
			// The quotient of two normals has Cauchy's distribution, and none is 0.
			noise.Normal(d[:n], noise.Mix(m.seed, streamCauchy, part), generation, candidate)
			for j := range z[:n] {
				z[j] /= d[j]
			}
		}
		for j, ln := range gaps[:n] {
			gap := ln * m.scale
			if gap >= limit {
				return
			}
			if at += int(gap); at >= len(w) {
				return
			}
			w[at] = math.FMA(sigma, z[j], w[at])
			at++
		}
	}
}

// spare draws the logarithms of numbers uniform in [0, 1): how many weights are
// spared each time, but for the scale, which makes a geometric distribution of
// them. Where all mutate it is none. The logarithm of 0, which is drawn once
// in 2^53, spares the rest.
func (m mutation) spare(gaps []float64, part, generation uint64, candidate uint32) {
	if m.rate == 1 {
		clear(gaps)
		return
	}
	noise.Uniform(gaps, noise.Mix(m.seed, streamMask, part), generation, candidate)
	kernel.Log(gaps, gaps)
}
