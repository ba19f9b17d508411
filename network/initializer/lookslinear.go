package initializer

import (
	"math"
	"math/rand/v2"
)

// looksLinear is for a layer that follows a CReLU, whose outputs are max(h, 0)
// before max(-h, 0): with weights [V, -V] it computes V h, so that the network is
// linear at first, however deep, and with an orthogonal V keeps every norm. All
// weights are free to go their own way from there.
func looksLinear() Func {
	return Func{
		Name:    "looks-linear",
		Summary: "[V, -V] with V orthogonal: after a crelu layer the network is linear at first, at any depth",
		Refs:    []string{"Balduzzi et al. 2017, The shattered gradients problem, arXiv:1702.08591, sec. 4"},
		// Twice the weights of V, which has half the inputs; without a partner, the
		// last of an odd number of inputs gets zeros.
		Std: func(s Shape) float64 {
			v := half(s)
			if v.In == 0 {
				return 0
			}
			return orthogonal().Std(v) * math.Sqrt(2*float64(v.FanIn())/float64(s.FanIn()))
		},
		Fill: func(w []float64, s Shape, rng *rand.Rand) {
			clear(w)
			h := half(s)
			if h.In == 0 {
				return
			}
			v := make([]float64, h.Len())
			orthogonal().Fill(v, h, rng)
			cols, n := s.FanIn(), h.FanIn()
			for i := range s.Out {
				row := w[i*cols:][:cols]
				for j, x := range v[i*n:][:n] {
					row[j], row[n+j] = x, -x
				}
			}
		},
	}
}

// half is the shape of V.
func half(s Shape) Shape {
	s.In /= 2
	return s
}
