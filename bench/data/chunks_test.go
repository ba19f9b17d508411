package data

import (
	"fmt"
	"math"
	"testing"
)

func TestChunksByHand(t *testing.T) {
	s := Chunks(2, 2, 0, newRand(1))
	want := "[1 0 0 0 0 0 1 0 0 0 0 1 0 1 0 0 0 0 1 0 0 0 0 1]" // a b1 b2, x b1 b2
	if got := fmt.Sprint(s.X); got != want || s.N != 2 || fmt.Sprint(s.Labels) != "[0 1]" {
		t.Errorf("%d sequences %s with labels %v, want 2, %s, [0 1]", s.N, got, s.Labels, want)
	}
	const n, noise = 2000, 0.1
	clean, noisy := Chunks(n, 2, 0, newRand(1)), Chunks(n, 2, noise, newRand(1))
	mean, square := 0.0, 0.0
	for i, v := range noisy.X {
		e := v - clean.X[i]
		mean += e / float64(len(noisy.X))
		square += e * e / float64(len(noisy.X))
	}
	// Over 24000 values: off by 0.1/sqrt(24000), and a share of sqrt(2/24000).
	if math.Abs(mean) > 4*noise/math.Sqrt(24000) || math.Abs(square/(noise*noise)-1) > 4*math.Sqrt(2./24000) {
		t.Errorf("noise of mean %g and mean square %g, want 0 and %g", mean, square, noise*noise)
	}
}
