package data

import (
	"math"
	"slices"
	"testing"
)

func TestCornerIsTheSignOfTheFirstPixel(t *testing.T) {
	const n, size = 20000, 3
	s := Corner(n, size, newRand(1))
	var ones int
	sum, square := make([]float64, size*size), make([]float64, size*size)
	for i := range n {
		x := s.X[i*size*size:][:size*size]
		if want := x[0] > 0; (s.Labels[i] == 1) != want {
			t.Fatalf("image %d begins with %g and has the class %d", i, x[0], s.Labels[i])
		}
		ones += int(s.Labels[i])
		for j, v := range x {
			sum[j] += v / n
			square[j] += v * v / n
		}
	}
	if ones != n/2 {
		t.Errorf("%d images of class 1, want half of the %d", ones, n)
	}
	// Means of n values are off by 1/sqrt(n), squares by sqrt(2/n).
	for j := range sum {
		if math.Abs(sum[j]) > 4/math.Sqrt(n) || math.Abs(square[j]-1) > 4*math.Sqrt(2./n) {
			t.Errorf("pixel %d has the mean %g and the mean square %g, want 0 and 1", j, sum[j], square[j])
		}
	}
	if again := Corner(n, size, newRand(1)); !slices.Equal(again.X, s.X) {
		t.Error("the same seed gave other images")
	}
}
