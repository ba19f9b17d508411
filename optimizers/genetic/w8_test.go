package genetic

import (
	"math/rand"
	"slices"
	"testing"

	"github.com/MaxHalford/eaopt"

	"github.com/joust-bench/joust/optimizers"
)

// The sphere in 1,000 dimensions with a population of 100: tournaments of 3, half
// of the pairs cross, a fifth of the offspring mutates in 5 % of the weights.
const w8Config = `{"population": 100, "tournament": 3, "elite": 0, "crossover": "weight", "crossover_rate": 0.5, "mutation_rate": 0.2, "weight_rate": 0.05}`

const w8Dim, w8Population = 1000, 100

// A vector is eaopt's own kind of genome: its mutation and its crossovers, and a
// copy that is newly allocated.
type vector struct {
	w        []float64
	twoPoint bool
}

func (v vector) Evaluate() (float64, error) { return sphere(v.w), nil }
func (v vector) Mutate(rng *rand.Rand)      { eaopt.MutNormalFloat64(v.w, 0.05, rng) }
func (v vector) Clone() eaopt.Genome        { return vector{slices.Clone(v.w), v.twoPoint} }

func (v vector) Crossover(mate eaopt.Genome, rng *rand.Rand) {
	if v.twoPoint {
		eaopt.CrossGNXFloat64(v.w, mate.(vector).w, 2, rng)
	} else {
		eaopt.CrossUniformFloat64(v.w, mate.(vector).w, rng)
	}
}

// BenchmarkW8 is a generation of this package's GA, and of eaopt by itself: its
// loop, selection, mutation and either of its crossovers.
func BenchmarkW8(b *testing.B) {
	b.Run("joust", func(b *testing.B) {
		g := build(b, w8Config, optimizers.Problem{Init: make([]float64, w8Dim)})
		evals := make([]optimizers.Evaluation, w8Population)
		for b.Loop() {
			rows, err := g.Ask()
			if err != nil {
				b.Fatal(err)
			}
			for k, w := range rows {
				evals[k].Loss = sphere(w)
			}
			if err := g.Tell(evals); err != nil {
				b.Fatal(err)
			}
		}
	})
	for _, twoPoint := range []bool{false, true} {
		name := "eaopt/uniform"
		if twoPoint {
			name = "eaopt/two-point"
		}
		b.Run(name, func(b *testing.B) {
			config := eaopt.NewDefaultGAConfig()
			config.NPops, config.PopSize, config.HofSize = 1, w8Population, 1
			config.ParallelEval = false
			config.Model = eaopt.ModGenerational{Selector: eaopt.SelTournament{NContestants: 3}, MutRate: 0.2, CrossRate: 0.5}
			config.RNG = rand.New(rand.NewSource(1))
			config.NGenerations = uint(b.N)
			ga, err := config.NewGA()
			if err != nil {
				b.Fatal(err)
			}
			start := func(rng *rand.Rand) eaopt.Genome {
				w := make([]float64, w8Dim)
				for i := range w {
					w[i] = rng.NormFloat64()
				}
				return vector{w, twoPoint}
			}
			// It owns its loop: b.N generations, and a first one that it draws.
			b.ResetTimer()
			if err := ga.Minimize(start); err != nil {
				b.Fatal(err)
			}
		})
	}
}
