package genetic

import (
	"encoding/json"
	"math"
	"slices"
	"testing"

	"github.com/joust-bench/joust/optimizers"
)

// What is alive are the best of all that were ever told, best first, each with
// its loss, as when sorting all of them.
func TestSteadyPopulationIsTheBestOfAll(t *testing.T) {
	const population = 12
	opt, err := Steady.New(json.RawMessage(`{"population": 12, "offspring": 3}`), optimizers.Problem{Init: make([]float64, 4), Threads: 1, Seed: 6})
	if err != nil {
		t.Fatal(err)
	}
	s := opt.(*steady)
	coarse := func(w []float64) float64 { // with ties, and some that diverge
		if w[0] > 2 {
			return math.Inf(1)
		}
		return math.Floor(sphere(w))
	}
	var all [][]float64
	for range 60 {
		all = append(all, step(t, s, coarse)...)
		slices.SortStableFunc(all, func(a, b []float64) int {
			switch x, y := coarse(a), coarse(b); {
			case x < y:
				return -1
			case x > y:
				return 1
			}
			return 0
		})
		for i, w := range s.Shortlist(population) {
			if !slices.Equal(w, all[i]) || s.losses[i] != coarse(w) {
				t.Fatalf("place %d of %d told: loss %v, want %v and its weights", i, len(all), s.losses[i], coarse(all[i]))
			}
		}
	}
	if len(all) != 12+59*3 {
		t.Errorf("%d candidates, want the population once and then 3 each time", len(all))
	}
	if _, err := Steady.New(json.RawMessage(`{"population": 5, "offspring": 6}`), optimizers.Problem{Init: []float64{0}, Threads: 1}); err == nil {
		t.Error("6 offspring of 5 are taken, want an error")
	}
}
