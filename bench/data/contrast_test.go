package data

import (
	"math"
	"slices"
	"testing"
)

func TestFadedWithoutNoiseIsLinear(t *testing.T) {
	clean := Strokes(200, 8, 0.03, newRand(1))
	s := Faded(clean, 64, 0, newRand(2))
	if !slices.Equal(s.Y, clean.X) || s.Labels != nil {
		t.Fatal("want the clean images for targets, and no labels")
	}
	low, high := 1.0, 0.0
	for i := range s.N {
		level := s.X[i*64] - s.Y[i*64]/2
		low, high = min(low, level), max(high, level)
		for p := i * 64; p < (i+1)*64; p++ {
			if want := level + s.Y[p]/2; math.Abs(s.X[p]-want) > 1e-15 {
				t.Fatalf("pixel %d of image %d = %g, want %g: half of %g, and the level", p%64, i, s.X[p], want, s.Y[p])
			}
		}
	}
	if low < 0 || low > 0.02 || high > 0.5 || high < 0.48 {
		t.Errorf("levels from %g to %g, want 0 to 0.5", low, high)
	}
}

// With the noise of the book the error of a black or white pixel is 0.25 and two
// uniform numbers between -0.25 and 0.25, or 0 if that is negative. Its mean square is
// 1/16 + 2/48, less what is cut off: 4 times the integral of u (u-1/4)² from 0 to
// 1/4, 1/768.
func TestFadedErrorIsThatOfTheory(t *testing.T) {
	clean := Strokes(2000, 16, 0.03, newRand(1))
	Threshold(clean, 0.5)
	s := Faded(clean, 256, 0.25, newRand(2))
	square := 0.0
	for p, x := range s.X {
		if x < 0 || x > 1 {
			t.Fatalf("pixel %d = %g, want 0 to 1", p, x)
		}
		square += (x - s.Y[p]) * (x - s.Y[p]) / float64(len(s.X))
	}
	// The levels of 2000 images: the standard deviation of an image's mean square is
	// that of (0.25+u)², about 0.08.
	want := 1./16 + 1./24 - 1./768
	if d := 4 * 0.08 / math.Sqrt(2000); math.Abs(square-want) > d {
		t.Errorf("mean squared error %g, want %g within %g", square, want, d)
	}
}
