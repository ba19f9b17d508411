package search

import (
	"math"
	"testing"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/noise"
	"github.com/joust-bench/joust/optimizers/opttest"
)

// reached is the loss without noise that an optimizer comes to in a number of
// evaluations: of what it recommends, or of the best candidate of one that
// guesses.
func reached(t *testing.T, def optimizers.Definition, n, evaluations int, seed uint64, told func(step int, w []float64) float64, loss func(w []float64) float64) float64 {
	t.Helper()
	opt := newOptimizer(t, def, "", optimizers.Problem{Init: make([]float64, n), Budget: evaluations, Seed: seed})
	low := math.Inf(1)
	for used, s := 0, 0; used < evaluations; s++ {
		rows, _ := step(t, opt, func(w []float64) float64 {
			low = min(low, loss(w))
			return told(s, w)
		})
		if len(rows) == 0 {
			break
		}
		used += len(rows)
	}
	if r, ok := opt.(optimizers.Recommender); ok {
		return loss(r.Recommend())
	}
	return low
}

// On the task that its doc names, each optimizer ends at a small part of the loss
// of the best guess of random search, which has as many evaluations.
func TestEachBeatsRandomSearch(t *testing.T) {
	for _, tt := range []struct {
		def         optimizers.Definition
		function    string
		n           int
		moving      bool // the optimum, at random with each step
		evaluations int
		part        float64
	}{
		{HillClimbing, "rastrigin", 10, false, 5000, 1. / 10},
		{OnePlusOne, "sphere", 20, false, 4000, 1e-6},
		{Annealing, "rastrigin", 10, false, 10_000, 1. / 5},
		{Pattern, "ellipsoid", 10, false, 2500, 1e-10},
		{NelderMead, "rosenbrock", 5, false, 1500, 1e-8},
		{SPSA, "sphere", 20, true, 4000, 1. / 100},
		{ARS, "sphere", 20, false, 4000, 1. / 100},
		{MeZO, "sphere", 20, true, 4000, 1. / 10},
	} {
		f := opttest.NewFunction(tt.function, tt.n)
		loss := func(w []float64) float64 { return f.Loss(w, nil) }
		z := make([]float64, tt.n)
		told := func(step int, w []float64) float64 {
			if !tt.moving {
				return loss(w)
			}
			noise.Normal(z, 77, uint64(step), 0)
			for i := range w {
				z[i] = w[i] + 0.3*z[i]
			}
			return loss(z)
		}
		for seed := range uint64(3) {
			got := reached(t, tt.def, tt.n, tt.evaluations, seed, told, loss)
			guess := reached(t, Random, tt.n, tt.evaluations, seed, told, loss)
			if !(got < tt.part*guess) {
				t.Errorf("%s on %s of dimension %d: loss %.3g after %d evaluations, want less than %v of %.3g, which random search has (seed %d)",
					tt.def.Name, tt.function, tt.n, got, tt.evaluations, tt.part, guess, seed)
			}
		}
	}
}

// Random guessing finds weights of order 10 and more, and random search, whose
// prior is N(0, 1), does not: here a unit that has to latch an input needs four
// of 20 at least, which is 0.4^4 of the cube.
func TestGuessingFindsLargeWeights(t *testing.T) {
	latched := func(w []float64) float64 { return max(0, 20-min(w[0], w[1], w[2], w[3])) }
	told := func(_ int, w []float64) float64 { return latched(w) }
	for seed := range uint64(3) {
		if got := reached(t, Guessing, 4, 1000, seed, told, latched); got != 0 {
			t.Errorf("random guessing: loss %v after 1,000 guesses, want 0, at a chance of 1 in 39 (seed %d)", got, seed)
		}
		if got := reached(t, Random, 4, 1000, seed, told, latched); got < 10 {
			t.Errorf("random search: loss %v after 1,000 guesses, want over 10 (seed %d)", got, seed)
		}
	}
}
