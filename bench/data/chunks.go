package data

import "math/rand/v2"

// Chunks returns n sequences of the task of Schmidhuber 1992,
// doi:10.1162/neco.1992.4.2.234, sec. 6: the symbol a or x, then b1, b2 and so on to the
// number given. Class 0 begins with a, class 1 with x; they take turns. Inputs are
// one-hot, [b+1][b+2] for each sequence: a, x, b1, ..., with normal noise of the given
// standard deviation added to every value. Everything but the first symbol can be
// predicted from the one before it, and the class from that one alone.
func Chunks(n, b int, noise float64, rng *rand.Rand) Set {
	symbols := b + 2
	s := Set{N: n, X: make([]float64, n*(b+1)*symbols), Labels: make([]int32, n)}
	for i := range n {
		x := s.X[i*(b+1)*symbols:][:(b+1)*symbols]
		s.Labels[i] = int32(i % 2)
		x[i%2] = 1
		for k := range b {
			x[(k+1)*symbols+2+k] = 1
		}
		if noise > 0 {
			for j := range x {
				x[j] += float64(noise * rng.NormFloat64())
			}
		}
	}
	return s
}
