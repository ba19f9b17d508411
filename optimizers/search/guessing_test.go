package search

import (
	"math"
	"testing"

	"github.com/joust-bench/joust/optimizers"
)

// The number of guesses until one is in a box is geometric: its mean is 1/p and
// its standard deviation sqrt(1-p)/p, and having waited changes neither. The
// box, four weights from 20 to 100, is 0.4^4 of the cube.
func TestGuessesAreWithoutMemory(t *testing.T) {
	const p, hits = 0.4 * 0.4 * 0.4 * 0.4, 2000
	opt := newOptimizer(t, Guessing, "", optimizers.Problem{Init: make([]float64, 4), Seed: 9})
	var waits []float64
	wait := 0.0
	for len(waits) < hits {
		rows, _ := step(t, opt, sphere)
		for _, w := range rows {
			wait++
			if min(w[0], w[1], w[2], w[3]) > 20 {
				waits = append(waits, wait)
				wait = 0
			}
		}
	}
	mean, squares, long, longer := 0.0, 0.0, 0.0, 0.0
	n := float64(len(waits))
	for _, w := range waits {
		mean += w / n
		squares += w * w / n
		if w > 30 {
			long++
		}
		if w > 60 {
			longer++
		}
	}
	deviation := math.Sqrt(1-p) / p
	if tol := 5 * deviation / math.Sqrt(n); math.Abs(mean-1/p) > tol {
		t.Errorf("mean number of guesses = %v, want %v within %v", mean, 1/p, tol)
	}
	if got := math.Sqrt(squares - mean*mean); !within(got, deviation, 0.15) {
		t.Errorf("standard deviation of the number of guesses = %v, want %v", got, deviation)
	}
	want := math.Pow(1-p, 30)
	if got, tol := longer/long, 5*math.Sqrt(want*(1-want)/long); math.Abs(got-want) > tol {
		t.Errorf("share of waits of 30 that last 30 more = %v, want %v within %v", got, want, tol)
	}
}
