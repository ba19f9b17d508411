package genetic

import (
	"math"

	"github.com/joust-bench/joust/optimizers/noise"
)

// A mutation adds Gaussian noise to weights. It adds, and does not multiply as
// eaopt's MutNormalFloat64 does, under which a weight of zero never moves and a
// sign hardly ever changes.
type mutation struct {
	seed  uint64
	rate  float64 // probability of each weight
	sigma float64
}

// add mutates candidate k of a generation. What it adds depends on its
// arguments alone, so that candidates mutate on all cores at once.
func (m mutation) add(w []float64, generation uint64, k int) {
	if m.rate == 1 {
		noise.AddNormal(w, m.sigma, noise.Mix(m.seed, streamMutation), generation, uint32(k))
		return
	}
	// In parts, so that what is drawn fits on the stack.
	const size = 256
	var (
		u, z [size]float64
		at   [size]uint8 // the weights that mutate
	)
	for part := uint64(0); len(w) > 0; part++ {
		n := min(len(w), size)
		noise.Uniform(u[:n], noise.Mix(m.seed, streamMask, part), generation, uint32(k))
		hits := 0
		for i, x := range u[:n] {
			if x < m.rate {
				at[hits] = uint8(i)
				hits++
			}
		}
		noise.Normal(z[:hits], noise.Mix(m.seed, streamMutation, part), generation, uint32(k))
		for j, i := range at[:hits] {
			w[i] = math.FMA(m.sigma, z[j], w[i])
		}
		w = w[n:]
	}
}
