package bench

import (
	"fmt"
	"math"

	"github.com/joust-bench/joust/network"
)

// distance is the metric of a task whose targets mark places in an image (C, H, W)
// with images of their own, (k, H, W): how many pixels from those the outputs mark
// them, on average (as Behnke 2003, Hierarchical Neural Networks for Image
// Interpretation, LNCS 2766, chapter 10, finds eyes).
func distance(in network.Shape, out int) (metric, error) {
	if len(in) != 3 || out%(in[1]*in[2]) != 0 {
		return metric{}, fmt.Errorf(`metric "distance" of inputs %v and %d outputs, want images (C, H, W) and (k, H, W)`, in, out)
	}
	h, w := in[1], in[2]
	places := out / (h * w)
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
