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
	return metric{func(z, t func(int) float64) float64 {
		sum := 0.0
		for k := range places {
			zy, zx := centre(z, k*h*w, h, w)
			ty, tx := centre(t, k*h*w, h, w)
			sum += math.Hypot(zy-ty, zx-tx)
		}
		return sum / float64(places)
	}, func(sum float64, n int) float64 { return finite(sum / float64(n)) }}, nil
}

// centre is the place that an image marks, whose values begin with v(first): the
// centre of mass of what is brighter than half of its maximum. An image without a
// positive value marks its middle, and one with NaN no place.
func centre(v func(int) float64, first, h, w int) (y, x float64) {
	most := 0.0
	for i := range h * w {
		most = max(most, v(first+i))
	}
	if most == 0 {
		return float64(h-1) / 2, float64(w-1) / 2
	}
	mass := 0.0
	for i := range h * w {
		if m := v(first + i); m > most/2 {
			y += float64(m * float64(i/w))
			x += float64(m * float64(i%w))
			mass += m
		}
	}
	return y / mass, x / mass
}
