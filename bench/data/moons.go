package data

import (
	"math"
	"math/rand/v2"
)

// Moons returns n points of two interleaved half circles of radius 1: class 0
// on the upper, around the origin, and class 1 on the lower, around (1, 1/2).
// Classes take turns. The angle is uniform on [0, pi), and normal noise with
// the given standard deviation is added to both coordinates (as make_moons of
// Pedregosa et al. 2011, Scikit-learn, JMLR 12, but for its evenly spaced
// angles). Without noise the classes are at least 1/2 apart.
func Moons(n int, noise float64, rng *rand.Rand) Set {
	s := Set{N: n, X: make([]float64, 0, 2*n), Labels: make([]int32, n)}
	for i := range n {
		sin, cos := math.Sincos(math.Pi * rng.Float64())
		x, y := cos, sin
		if i%2 == 1 {
			s.Labels[i] = 1
			x, y = 1-cos, 0.5-sin
		}
		s.X = append(s.X,
			x+float64(noise*rng.NormFloat64()),
			y+float64(noise*rng.NormFloat64()))
	}
	return s
}
