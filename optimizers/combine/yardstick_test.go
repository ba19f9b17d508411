package combine_test

import (
	"testing"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/combine"
	"github.com/joust-bench/joust/optimizers/genetic"
	"github.com/joust-bench/joust/optimizers/gradient"
	"github.com/joust-bench/joust/optimizers/opttest"
	"github.com/joust-bench/joust/optimizers/search"
)

// reaches is the lowest loss of what an optimizer asks about for some work.
func reaches(t *testing.T, def optimizers.Definition, f *opttest.Function, work int, seed uint64) float64 {
	t.Helper()
	opt := build(t, def, "", optimizers.Problem{Init: make([]float64, f.Dim), Budget: work / 3, Seed: seed})
	low := f.Loss(make([]float64, f.Dim), nil)
	for work > 0 {
		u := step(t, def, opt, f)
		for _, w := range u.rows {
			low = min(low, f.Loss(w, nil))
		}
		work -= u.work()
	}
	return low
}

// The Rastrigin function in six dimensions: a genetic algorithm finds the basin
// of the global minimum and not its last digits, Rprop ends in a local one, and
// random search is above 4. One after the other, they find the minimum itself;
// taking turns, they find its basin. On the Rosenbrock function, which is not
// for the genetic algorithm, the portfolio is as good as Rprop.
func TestCombinationsBeatTheirPartsAndRandomSearch(t *testing.T) {
	const work = 30_000
	rastrigin, rosenbrock := opttest.NewFunction("rastrigin", 6), opttest.NewFunction("rosenbrock", 6)
	then, portfolio := combine.Then(base()), combine.Portfolio(base())
	for seed := range uint64(4) {
		if got := reaches(t, search.Random, rastrigin, work, seed); got < 4 {
			t.Errorf("random search reaches %v, want above 4 (seed %d)", got, seed)
		}
		if got := reaches(t, gradient.Rprop, rastrigin, work, seed); got < 0.9 {
			t.Errorf("rprop reaches %v, want in a local minimum, above 0.9 (seed %d)", got, seed)
		}
		if got := reaches(t, genetic.GA, rastrigin, work, seed); got < 1e-6 {
			t.Errorf("ga reaches %v, want above 1e-6 (seed %d)", got, seed)
		}
		if got := reaches(t, then, rastrigin, work, seed); got > 1e-9 {
			t.Errorf("then reaches %v, want the minimum (seed %d)", got, seed)
		}
		if got := reaches(t, portfolio, rastrigin, work, seed); got > 0.9 {
			t.Errorf("portfolio reaches %v, want the basin of the minimum, under 0.9 (seed %d)", got, seed)
		}
		if got := reaches(t, search.Random, rosenbrock, work, seed); got < 10 {
			t.Errorf("random search reaches %v on rosenbrock, want above 10 (seed %d)", got, seed)
		}
		if got := reaches(t, portfolio, rosenbrock, work, seed); got > 1 {
			t.Errorf("portfolio reaches %v on rosenbrock, want under 1 (seed %d)", got, seed)
		}
	}
}
