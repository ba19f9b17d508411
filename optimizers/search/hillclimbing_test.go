package search

import (
	"math"
	"slices"
	"testing"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/opttest"
)

// The medians are within 15 % of those of testdata/strategies.py, over as many seeds.
func TestStrategiesAgreeWithTranscription(t *testing.T) {
	var ref struct {
		OnePlusOne   map[int]float64 `json:"one-plus-one"`
		HillClimbing map[int]float64 `json:"hill-climbing"`
	}
	figures(t, "strategies.json", &ref)
	for _, tt := range []struct {
		def    optimizers.Definition
		n      int
		target float64
		seeds  int
		want   float64
	}{
		{OnePlusOne, 10, 1e-8, 25, ref.OnePlusOne[10]},
		{OnePlusOne, 20, 1e-8, 25, ref.OnePlusOne[20]},
		{HillClimbing, 10, 0.1, 400, ref.HillClimbing[10]},
	} {
		got, err := opttest.Search{
			Definition: tt.def, Function: opttest.NewFunction("sphere", tt.n), Target: tt.target, Limit: 20_000,
		}.Tally(tt.seeds)
		if err != nil {
			t.Fatal(err)
		}
		if got.Solved != tt.seeds || !within(got.Median, tt.want, 0.15) {
			t.Errorf("%s: sphere of dimension %d in a median of %v evaluations, %d of %d seeds, want %v within 15 %% and all",
				tt.def.Name, tt.n, got.Median, got.Solved, tt.seeds, tt.want)
		}
	}
}

// The share of weights that change is the rate, at least one does, and the change
// has the variance it should, all within five standard errors.
func TestMutationChangesAShareOfTheWeights(t *testing.T) {
	const n, steps, sigma = 40, 2000, 0.5
	src, dst := slices.Repeat([]float64{3}, n), make([]float64, n)
	for _, rate := range []float64{0, 0.1, 1} {
		m := newMutation(rate, sigma, 6, n)
		changed, squares := 0.0, 0.0
		places := make([]float64, n)
		for step := range uint64(steps) {
			m.draw(dst, src, step)
			before := changed
			for i, x := range dst {
				if x != src[i] {
					changed++
					places[i]++
					squares += (x - src[i]) * (x - src[i])
				}
			}
			if changed == before {
				t.Fatalf("rate %v: nothing changes in step %d", rate, step)
			}
			if rate == 0 && changed != before+1 {
				t.Fatalf("rate 0: %v weights change in step %d, want 1", changed-before, step)
			}
		}
		p := rate + (1-rate)/n // one weight is chosen in any case
		if got, tol := changed/(n*steps), 5*math.Sqrt(p*(1-p)/(n*steps)); math.Abs(got-p) > tol+1e-12 {
			t.Errorf("rate %v: share of weights that change = %v, want %v within %v", rate, got, p, tol)
		}
		if got, tol := squares/changed, 5*sigma*sigma*math.Sqrt(2/changed); math.Abs(got-sigma*sigma) > tol {
			t.Errorf("rate %v: variance of a change = %v, want %v within %v", rate, got, sigma*sigma, tol)
		}
		for i, k := range places {
			if tol := 5 * math.Sqrt(p*(1-p)*steps); math.Abs(k-p*steps) > tol+1e-9 {
				t.Errorf("rate %v: weight %d changes %v times, want %v within %v", rate, i, k, p*steps, tol)
			}
		}
	}
}

// A change that makes no difference is kept, one for the worse is not.
func TestHillClimbingDriftsAlongAPlateau(t *testing.T) {
	opt := newOptimizer(t, HillClimbing, "", optimizers.Problem{Init: []float64{0}})
	for k := range 30 {
		loss := float64(k % 2)
		before := opt.(optimizers.Recommender).Recommend()[0]
		mutant := tell(t, opt, 0, loss)[1][0]
		got := opt.(optimizers.Recommender).Recommend()[0]
		if loss == 0 && got == before || loss > 0 && got != before {
			t.Fatalf("step %d: from %v to %v, the change being %v for a loss that rises by %v", k, before, got, mutant, loss)
		}
	}
}
