package initializer

import (
	"math"
	"math/rand/v2"
)

// orthogonal draws a matrix whose rows are orthonormal, or its columns where
// there are more rows than columns, uniformly among all such matrices.
func orthogonal() Func {
	return Func{
		Name:    "orthogonal",
		Summary: "orthonormal rows (columns of a tall matrix): a square one keeps every norm, at any depth",
		Refs:    []string{saxe, "Mezzadri 2007, How to generate random matrices from the classical compact groups, arXiv:math-ph/0609050"},
		// The squares of the k rows of unit length, in n columns, sum to k.
		Std: func(s Shape) float64 { return 1 / math.Sqrt(float64(max(s.Out, s.FanIn()))) },
		Fill: func(w []float64, s Shape, rng *rand.Rand) {
			rows, cols := s.Out, s.FanIn()
			if rows <= cols {
				orthonormalise(w, rows, cols, rng)
				return
			}
			t := make([]float64, len(w))
			orthonormalise(t, cols, rows, rng)
			for i := range rows {
				for j := range cols {
					w[i*cols+j] = t[j*rows+i]
				}
			}
		},
	}
}

// orthonormalise fills q, k rows of length n >= k, with orthonormal rows: a
// Gaussian matrix after Gram-Schmidt. That is its QR decomposition with a
// positive diagonal of R, without which Q would not be uniformly distributed
// (Mezzadri 2007, sec. 5).
//
// One pass loses orthogonality where a row is nearly dependent on those before
// it. A second pass restores it to rounding (Giraud, Langou & Rozložník 2005,
// doi:10.1016/j.camwa.2005.08.009).
func orthonormalise(q []float64, k, n int, rng *rand.Rand) {
	for i := range k {
		v := q[i*n : (i+1)*n]
		// A draw that is dependent on the rows before it, to rounding, has no
		// direction of its own left; this has probability about 0.
		for norm := 0.0; norm < 1e-10; {
			for j := range v {
				v[j] = rng.NormFloat64()
			}
			drawn := math.Sqrt(dot(v, v))
			for range 2 {
				for j := range i {
					u := q[j*n : (j+1)*n]
					d := dot(u, v)
					for l := range v {
						v[l] = math.FMA(-d, u[l], v[l])
					}
				}
			}
			length := math.Sqrt(dot(v, v))
			for j := range v {
				v[j] /= length
			}
			norm = length / drawn
		}
	}
}

// dot is the inner product of vectors of one length. Four running sums, added
// in a fixed order, keep the processor from waiting for each addition.
func dot(x, y []float64) float64 {
	var s0, s1, s2, s3 float64
	i := 0
	for ; i+4 <= len(x); i += 4 {
		a, b := x[i:i+4], y[i:i+4]
		s0 = math.FMA(a[0], b[0], s0)
		s1 = math.FMA(a[1], b[1], s1)
		s2 = math.FMA(a[2], b[2], s2)
		s3 = math.FMA(a[3], b[3], s3)
	}
	for ; i < len(x); i++ {
		s0 = math.FMA(x[i], y[i], s0)
	}
	return (s0 + s1) + (s2 + s3)
}
