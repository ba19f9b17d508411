package data

import "math/rand/v2"

// Clusters is a mixture of normal distributions, several of which make up a
// class: no line separates classes whose clusters are interspersed.
type Clusters struct {
	dims    int
	classes int
	centres []float64 // [K][dims]
}

// NewClusters draws the given number of centres from N(0, I) in dims
// dimensions. Centre k is of class k mod classes.
func NewClusters(dims, centres, classes int, rng *rand.Rand) *Clusters {
	c := &Clusters{dims: dims, classes: classes, centres: make([]float64, centres*dims)}
	for i := range c.centres {
		c.centres[i] = rng.NormFloat64()
	}
	return c
}

// Draw returns n points: the centres take turns, and normal noise with the
// given standard deviation is added to every coordinate.
func (c *Clusters) Draw(n int, noise float64, rng *rand.Rand) Set {
	s := Set{N: n, X: make([]float64, 0, n*c.dims), Labels: make([]int32, n)}
	for i := range n {
		k := i % (len(c.centres) / c.dims)
		s.Labels[i] = int32(k % c.classes)
		for _, v := range c.centres[k*c.dims:][:c.dims] {
			s.X = append(s.X, v+float64(noise*rng.NormFloat64()))
		}
	}
	return s
}
