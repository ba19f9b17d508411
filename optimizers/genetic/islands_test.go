package genetic

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/joust-bench/joust/optimizers"
)

// Without crossover, mutation or selection worth the name, an individual is found
// on another island only after a migration, and then on the next.
func TestMigrantsGoToTheNextIsland(t *testing.T) {
	const islands, population, every = 3, 40, 4
	opt, err := Islands.New(json.RawMessage(`{"islands": 3, "population": 40, "every": 4, "migrants": 5, "elite": 0, "tournament": 1, "crossover_rate": 0, "mutation_rate": 0}`),
		optimizers.Problem{Init: []float64{0}, Threads: 1, Seed: 8})
	if err != nil {
		t.Fatal(err)
	}
	home := map[float64]int{} // where each weight comes from
	for generation := range every + 1 {
		foreign := map[[2]int]int{} // how many there are of island i on island j
		for k, w := range step(t, opt, sphere) {
			at := k / population
			if generation == 0 {
				home[w[0]] = at
			}
			from, ok := home[w[0]]
			if !ok {
				t.Fatalf("generation %d: weight %v is of none of the first", generation, w[0])
			}
			if from != at {
				foreign[[2]int{from, at}]++
			}
		}
		if generation < every && len(foreign) > 0 {
			t.Errorf("generation %d: migrants %v, want none before the first migration", generation, foreign)
		}
		if generation == every {
			for i := range islands - 1 {
				if foreign[[2]int{i, i + 1}] == 0 || foreign[[2]int{i + 1, i}] == 0 {
					t.Errorf("no migrants between islands %d and %d: %v", i, i+1, foreign)
				}
			}
		}
	}
}

// A migration moves individuals with their losses, as many as it says, and
// loses none; each island is then sorted.
func TestMigrationExchangesIndividuals(t *testing.T) {
	opt, err := Islands.New(json.RawMessage(`{"islands": 2, "population": 10, "every": 1, "migrants": 3, "elite": 1}`),
		optimizers.Problem{Init: make([]float64, 2), Threads: 1, Seed: 8})
	if err != nil {
		t.Fatal(err)
	}
	g := opt.(*ga)
	step(t, g, sphere)
	before := slices.Clone(g.rows)
	g.generation++
	g.migrate()
	g.list()
	moved := 0
	for i, w := range g.rows {
		if g.losses[i] != sphere(w) {
			t.Errorf("loss %v of an individual of %v", g.losses[i], sphere(w))
		}
		if i%10 > 0 && g.losses[i] < g.losses[i-1] {
			t.Error("an island is not sorted")
		}
		if place := slices.IndexFunc(before, func(v []float64) bool { return &v[0] == &w[0] }); place/10 != i/10 {
			moved++
		}
	}
	if moved != 6 {
		t.Errorf("%d individuals changed islands, want 3 of each", moved)
	}
	if _, err := Islands.New(json.RawMessage(`{"population": 5, "migrants": 5}`), optimizers.Problem{Init: []float64{0}, Threads: 1}); err == nil {
		t.Error("5 migrants of 5 are taken, want an error")
	}
}

// Who came with the last migration is selected by its own loss.
func TestMigrantsAreSelectedByTheirLosses(t *testing.T) {
	twins := make([]*ga, 2)
	for i := range twins {
		opt, err := Islands.New(json.RawMessage(`{"islands": 2, "population": 10, "every": 1, "migrants": 5, "selection": "roulette"}`),
			optimizers.Problem{Init: make([]float64, 2), Threads: 1, Seed: 8})
		if err != nil {
			t.Fatal(err)
		}
		twins[i] = opt.(*ga)
		step(t, opt, sphere)
	}
	twins[0].generation++
	twins[0].migrate()
	want := new(roulette)
	var losses []float64
	for _, x := range twins[0].islands[1].Individuals {
		losses = append(losses, x.Fitness)
	}
	want.weigh(losses)
	if _, err := twins[1].Ask(); err != nil {
		t.Fatal(err)
	}
	if got := twins[1].selector.(*roulette).shares; !slices.Equal(got, want.shares) {
		t.Errorf("shares of the second island are %v after a migration, want %v", got, want.shares)
	}
}
