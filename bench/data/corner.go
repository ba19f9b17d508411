package data

import "math/rand/v2"

// Corner returns n images [size][size] of noise from N(0,1). The class is 1 if the pixel
// in row 0 and column 0 is above 0. Classes take turns.
func Corner(n, size int, rng *rand.Rand) Set {
	s := Set{N: n, X: make([]float64, n*size*size), Labels: make([]int32, n)}
	for i := range n {
		x := s.X[i*size*size:][:size*size]
		for j := range x {
			x[j] = rng.NormFloat64()
		}
		s.Labels[i] = int32(i % 2)
		if (x[0] > 0) != (i%2 == 1) {
			x[0] = -x[0]
		}
	}
	return s
}
