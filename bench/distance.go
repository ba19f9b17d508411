package bench

import (
	"fmt"
	"math"

	"github.com/joust-bench/joust/network"
)

// distance is the metric of a task whose targets mark places, each in an array of an
// image (k, H, W): how many pixels from those the outputs mark them, on average (as
// Behnke 2003, Hierarchical Neural Networks for Image Interpretation, LNCS 2766,
// chapter 10, finds eyes).
func distance(image network.Shape) (metric, error) {
	if len(image) != 3 {
		return metric{}, fmt.Errorf(`metric "distance" of outputs %v, want images (k, H, W)`, image)
	}
	places, h, w := image[0], image[1], image[2]
	size := image.Len()
	return metric{func(s *sample) (float64, float64) {
		return s.mean(func(t int) float64 {
			sum := 0.0
			for k := range places {
				at := t*size + k*h*w
				zy, zx := centre(s.z[at:][:h*w], w)
				ty, tx := centre(s.values[at:][:h*w], w)
				sum += math.Hypot(zy-ty, zx-tx)
			}
			return sum / float64(places)
		}), 1
	}, func(sum, weight float64) float64 { return finite(sum / weight) }}, nil
}

// centre is the place that an array [H][w] marks: the centre of mass of what is
// brighter than half of its maximum. One without a positive value marks its middle, and
// one with NaN no place.
func centre(v []float64, w int) (y, x float64) {
	most := 0.0
	for _, m := range v {
		most = max(most, m)
	}
	if most == 0 {
		return float64(len(v)/w-1) / 2, float64(w-1) / 2
	}
	mass := 0.0
	for i, m := range v {
		if m > most/2 {
			y += float64(m * float64(i/w))
			x += float64(m * float64(i%w))
			mass += m
		}
	}
	return y / mass, x / mass
}
