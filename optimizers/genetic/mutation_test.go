package genetic

import (
	"math"
	"slices"
	"testing"
)

// The share of weights that move is the rate, and those that do move by sigma.
func TestMutationMovesItsShareBySigma(t *testing.T) {
	const n = 100_000
	for _, rate := range []float64{1, 0.2, 0.001} {
		w := slices.Repeat([]float64{5}, n)
		mutation{seed: 3, rate: rate, sigma: 0.5}.add(w, 7, 9)
		moved, sum, squares := 0.0, 0.0, 0.0
		for _, x := range w {
			if x != 5 {
				moved++
				sum += x - 5
				squares += (x - 5) * (x - 5)
			}
		}
		if tol := 5*math.Sqrt(rate*(1-rate)*n) + 1e-9; math.Abs(moved-rate*n) > tol {
			t.Errorf("rate %v: %v of %d weights moved, want %v within %v", rate, moved, n, rate*n, tol)
		}
		if got, tol := sum/moved, 5*0.5/math.Sqrt(moved); math.Abs(got) > tol {
			t.Errorf("rate %v: mean move %v, want 0 within %v", rate, got, tol)
		}
		if got, tol := squares/moved, 5*0.25*math.Sqrt(2/moved); math.Abs(got-0.25) > tol {
			t.Errorf("rate %v: variance of the moves %v, want 0.25 within %v", rate, got, tol)
		}
	}
}

// Parts of a long vector, candidates and generations have noise of their own.
func TestMutationsDiffer(t *testing.T) {
	seen := map[float64]bool{}
	total := 0
	for _, rate := range []float64{1, 0.5} {
		for generation := range uint64(3) {
			for k := range 3 {
				w := make([]float64, 1000)
				mutation{seed: 3, rate: rate, sigma: 1}.add(w, generation, k)
				for _, x := range w {
					if x != 0 {
						total++
						seen[x] = true
					}
				}
			}
		}
		if len(seen) != total {
			t.Errorf("rate %v: %d different moves of %d, want all", rate, len(seen), total)
		}
		clear(seen)
		total = 0
	}
}
