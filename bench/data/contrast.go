package data

import "math/rand/v2"

// Faded returns s with its inputs, images of values between 0 and 1 with so many
// pixels each, for targets, and for inputs the same images as a bad camera sees
// them: contrast is halved, to values between 0.25 and 0.75, the brightness of each
// image changes by up to 0.25 either way, noise is added that is uniform between
// -noise and noise for each pixel, and what is then below 0 or above 1 is cut off
// (Behnke 2003, section 9.4.1, with noise 0.25). Labels are left out.
func Faded(s Set, pixels int, noise float64, rng *rand.Rand) Set {
	d := Set{N: s.N, X: make([]float64, len(s.X)), Y: s.X}
	for i := range s.N {
		level := 0.25 + float64(0.25*(2*rng.Float64()-1))
		for p := i * pixels; p < (i+1)*pixels; p++ {
			v := level + s.X[p]/2 + float64(noise*(2*rng.Float64()-1))
			d.X[p] = min(1, max(0, v))
		}
	}
	return d
}
