package data

import (
	"slices"
	"testing"
)

func TestOccludedHidesASquareSomewhere(t *testing.T) {
	const n, size, width, margin, grey = 400, 10, 4, 1, 0.5
	clean := Strokes(n, size, 0.03, newRand(1))
	Threshold(clean, 0.5)
	for p, v := range clean.X {
		if v != 0 && v != 1 {
			t.Fatalf("pixel %d = %g after Threshold, want 0 or 1", p, v)
		}
	}
	s := Occluded(clean, size, width, margin, grey, newRand(2))
	if s.N != n || s.Labels != nil || !slices.Equal(s.Y, clean.X) {
		t.Fatalf("%d images, want %d with the clean ones for targets and no labels", s.N, n)
	}
	seen := map[[2]int]int{}
	for i := range n {
		var hidden []int
		for p := range size * size {
			switch x, y := s.X[i*size*size+p], s.Y[i*size*size+p]; {
			case x == grey:
				hidden = append(hidden, p)
			case x != y:
				t.Fatalf("pixel %d of image %d = %g, want %g or grey", p, i, x, y)
			}
		}
		if len(hidden) != width*width {
			t.Fatalf("image %d: %d grey pixels, want %d", i, len(hidden), width*width)
		}
		top, left := hidden[0]/size, hidden[0]%size
		for k, p := range hidden {
			if p != (top+k/width)*size+left+k%width {
				t.Fatalf("image %d: grey pixels %v, want a square", i, hidden)
			}
		}
		if top < margin || left < margin || max(top, left)+width > size-margin {
			t.Errorf("image %d: square at (%d, %d), want it a pixel from the border", i, top, left)
		}
		seen[[2]int{top, left}]++
	}
	// 25 places, 16 squares at each on average: none is missing but with
	// probability 25 e^-16.
	if len(seen) != 25 {
		t.Errorf("squares in %d places, want all 25", len(seen))
	}
}

func TestSameSeedSameImages(t *testing.T) {
	const size = 16
	clean := Strokes(10, size, 0.03, newRand(1))
	for name, draw := range map[string]func(seed uint64) Set{
		"glyphs":   func(seed uint64) Set { return GlyphDigits(10, size, 0.1, newRand(seed)) },
		"occluded": func(seed uint64) Set { return Occluded(clean, size, 5, 0, 0.5, newRand(seed)) },
		"faded":    func(seed uint64) Set { return Faded(clean, size*size, 0.1, newRand(seed)) },
		"faces":    func(seed uint64) Set { return Faces(10, size, newRand(seed)) },
		"shapeset": func(seed uint64) Set { return Shapeset(18, size, newRand(seed)) },
		"deformed": func(seed uint64) Set { return Deformed(clean, size, 2, Handwriting(size), newRand(seed)) },
	} {
		a, b, other := draw(1), draw(1), draw(2)
		if !slices.Equal(a.X, b.X) || !slices.Equal(a.Y, b.Y) || !slices.Equal(a.Labels, b.Labels) {
			t.Errorf("%s: the same seed gave other data", name)
		}
		if slices.Equal(a.X, other.X) {
			t.Errorf("%s: another seed gave the same data", name)
		}
	}
}
