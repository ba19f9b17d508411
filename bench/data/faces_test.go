package data

import (
	"math"
	"slices"
	"testing"
)

func TestFacesHaveTheirEyesWhereTheTargetsAre(t *testing.T) {
	const n, size = 300, 32
	const pixels = size * size
	s := Faces(n, size, newRand(1))
	if s.N != n || len(s.X) != n*pixels || len(s.Y) != 2*n*pixels || s.Labels != nil {
		t.Fatalf("%d images, %d pixels, %d targets", s.N, len(s.X), len(s.Y))
	}
	smallest, largest := math.Inf(1), 0.0
	for i := range n {
		image := s.X[i*pixels:][:pixels]
		if low, high := slices.Min(image), slices.Max(image); low < 0 || high > 1 {
			t.Fatalf("image %d from %g to %g, want 0 to 1", i, low, high)
		}
		var eyes [2]point
		for e := range eyes {
			mark := s.Y[(2*i+e)*pixels:][:pixels]
			eyes[e] = peak(t, mark, size)
			// The pixel that the centre is in, with 1/2 of a pixel to spare.
			at := int(eyes[e].y)*size + int(eyes[e].x)
			if image[at] > 0.3 {
				t.Errorf("image %d: eye %d has grey %g, want at most 0.3", i, e, image[at])
			}
		}
		l, r := eyes[0], eyes[1]
		if math.Abs(l.y-r.y) > 1e-9 || l.x >= r.x {
			t.Errorf("image %d: eyes at %v and %v, want one beside the other", i, l, r)
		}
		half := (r.x - l.x) / (2 * eyeAside) // of the height
		smallest, largest = min(smallest, half), max(largest, half)
		if skin := image[int(l.y+float64(half*eyeAbove))*size+int((l.x+r.x)/2)]; skin < 0.6 {
			t.Errorf("image %d: the nose has grey %g, want at least 0.6", i, skin)
		}
		if mouth := image[int(l.y+float64(half*(eyeAbove+mouthBelow)))*size+int((l.x+r.x)/2)]; mouth > 0.3 {
			t.Errorf("image %d: the mouth has grey %g, want at most 0.3", i, mouth)
		}
		if top := l.y - float64(half*(1-eyeAbove)); top < -1e-9 || top+2*half > size+1e-9 {
			t.Errorf("image %d: a face from %g to %g, want it in the image", i, top, top+2*half)
		}
	}
	if smallest < 0.2*size-1e-9 || smallest > 0.21*size || largest > 0.4*size+1e-9 || largest < 0.39*size {
		t.Errorf("half heights from %g to %g, want 0.2 to 0.4 of %d", smallest, largest, size)
	}
}

// peak solves for the centre of a Gaussian of deviation size/16 from the logarithms
// of its values beside the largest: ln v(x+1) - ln v(x-1) = 2 (c-x)/sigma².
func peak(t *testing.T, v []float64, size int) point {
	t.Helper()
	best := 0
	for p := range v {
		if v[p] > v[best] {
			best = p
		}
	}
	y, x := best/size, best%size
	if y < 1 || x < 1 || y > size-2 || x > size-2 {
		t.Fatalf("the brightest pixel is (%d, %d), want it off the border", y, x)
	}
	sigma2 := float64(size*size) / 256
	offset := func(step int) float64 { return sigma2 / 2 * (math.Log(v[best+step]) - math.Log(v[best-step])) }
	c := point{float64(x) + 0.5 + offset(1), float64(y) + 0.5 + offset(size)}
	if want := math.Exp(-(math.Pow(float64(x)+0.5-c.x, 2) + math.Pow(float64(y)+0.5-c.y, 2)) / (2 * sigma2)); math.Abs(v[best]-want) > 1e-9 {
		t.Errorf("brightest pixel %g, want %g", v[best], want)
	}
	return c
}
