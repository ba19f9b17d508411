package data

import "math/rand/v2"

// Occluded returns s with its images (1, size, size) for targets, and for inputs
// the same images with a square of width pixels set to grey. The square is at a
// random place, no nearer to the border than margin pixels (Behnke 2003, section
// 9.3.1). Labels are left out.
func Occluded(s Set, size, width, margin int, grey float64, rng *rand.Rand) Set {
	d := Set{N: s.N, X: make([]float64, len(s.X)), Y: s.X}
	copy(d.X, s.X)
	places := size - width - 2*margin + 1
	for i := range s.N {
		top, left := margin+rng.IntN(places), margin+rng.IntN(places)
		for y := top; y < top+width; y++ {
			for x := left; x < left+width; x++ {
				d.X[i*size*size+y*size+x] = grey
			}
		}
	}
	return d
}

// Threshold makes the inputs of s 1 where they are more than level, and 0
// elsewhere.
func Threshold(s Set, level float64) {
	for i, v := range s.X {
		s.X[i] = 0
		if v > level {
			s.X[i] = 1
		}
	}
}
