package data

import (
	"math"
	"strings"
	"testing"
)

func TestGlyphsKeepTheirForm(t *testing.T) {
	const n, size = 100, 56 // 4 to 8 pixels a dot
	s := GlyphDigits(n, size, 0, newRand(1))
	for i := range n {
		if s.Labels[i] != int32(i%10) {
			t.Fatalf("label of image %d = %d, want %d", i, s.Labels[i], i%10)
		}
		image := s.X[i*size*size:][:size*size]
		top, bottom, left, right, ink := size, -1, size, -1, 0
		for p, v := range image {
			if v != 0 && v != 1 {
				t.Fatalf("pixel %d of image %d = %g, want 0 or 1", p, i, v)
			}
			if v == 1 {
				top, bottom = min(top, p/size), max(bottom, p/size)
				left, right = min(left, p%size), max(right, p%size)
				ink++
			}
		}
		// All digits are seven dots high. A 1 is three wide.
		dot := float64(bottom-top+1) / fontHeight
		if dot < 3.8 || dot > 8.2 {
			t.Errorf("image %d: %g pixels a dot, want 4 to 8", i, dot)
		}
		width := float64(fontWidth)
		if i%10 == 1 {
			width = 3
		}
		if got := float64(right-left+1) / dot; math.Abs(got-width) > 0.5 {
			t.Errorf("image %d: %g dots wide, want %g", i, got, width)
		}
		dots := 0
		for _, row := range font[i%10] {
			dots += strings.Count(row, "#")
		}
		if got := float64(ink) / (dot * dot); math.Abs(got/float64(dots)-1) > 0.15 {
			t.Errorf("image %d: ink of %g dots, want %d", i, got, dots)
		}
	}
}

func TestGlyphsAreFlippedAsOftenAsTold(t *testing.T) {
	const n, size, flips = 500, 14, 0.08
	clean, noisy := GlyphDigits(n, size, 0, newRand(1)), GlyphDigits(n, size, flips, newRand(1))
	share := 0.0
	for p := range clean.X {
		if clean.X[p] != noisy.X[p] {
			share += 1. / float64(len(clean.X))
		}
	}
	// 98,000 pixels: 4 standard deviations.
	if d := 4 * math.Sqrt(flips*(1-flips)/(n*size*size)); math.Abs(share-flips) > d {
		t.Errorf("%g of the pixels are flipped, want %g within %g", share, flips, d)
	}
}

func TestGlyphsCanBeReadByNearestNeighbour(t *testing.T) {
	if got := nearestAccuracy(GlyphDigits(2000, 14, 0, newRand(1)), GlyphDigits(200, 14, 0, newRand(2))); got < 0.8 {
		t.Errorf("accuracy of the nearest of 2000 images = %g, want at least 0.8", got)
	}
}
