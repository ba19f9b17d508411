package genetic

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/MaxHalford/eaopt"

	"github.com/joust-bench/joust/optimizers"
)

// IslandsConfig configures [Islands]. Population and elite are those of each
// island.
type IslandsConfig struct {
	Islands  int `json:"islands" doc:"populations; the member population is the size of each" range:"[1,1000]" scale:"log"`
	Every    int `json:"every" doc:"generations from one migration to the next" range:"[1,1000000]" scale:"log"`
	Migrants int `json:"migrants" doc:"individuals that change places with as many of the next island" range:"[1,100000]" scale:"log"`
	GAConfig
}

// Islands is several [GA] that breed apart (Cohoon et al. 1987, Punctuated
// equilibria: a parallel genetic algorithm, ICGA, pp. 148-154). After every few
// generations some individuals of each island, drawn at random, change places
// with those of the next (eaopt's MigRing, whose ring is open: the last island
// does not exchange with the first). What one island has found so spreads, and
// slower than within one population.
//
// It is for losses with many local minima, where one population may settle too
// soon. It beats random search where [GA] does, on deep sigmoid networks and the
// Rastrigin function; there, one population as large as all islands was faster.
var Islands = optimizers.Define(optimizers.Definition{
	Name:    "ga-islands",
	Summary: "Genetic algorithms on islands that breed apart and exchange a few individuals.",
	Refs: []string{
		"Cohoon et al. 1987, Punctuated equilibria: a parallel genetic algorithm, ICGA, pp. 148-154",
		"Alba & Tomassini 2002, doi:10.1109/TEVC.2002.800880",
	},
	Memory: func(dim int) int64 { return 2 * 4 * 26 * 8 * int64(dim) },
}, IslandsConfig{
	Islands: 4, Every: 10, Migrants: 2,
	GAConfig: GAConfig{Population: 25, Elite: 1, BreedingConfig: breeding.tournaments(5), Spread: 2},
}, func(cfg IslandsConfig, p optimizers.Problem) (*ga, error) {
	if cfg.Migrants >= cfg.Population {
		return nil, fmt.Errorf("migrants: %d, want less than the population of an island, %d", cfg.Migrants, cfg.Population)
	}
	return newIslands(cfg, p)
})

// migrate exchanges individuals if it is time, and sorts the islands again.
func (g *ga) migrate() {
	if g.cfg.Islands == 1 || g.generation%uint64(g.cfg.Every) != 0 {
		return
	}
	*g.src = source(g.p.Seed, streamMigration, g.generation)
	g.migrator.Apply(g.islands, g.rng)
	for _, island := range g.islands {
		sortIndividuals(island.Individuals)
	}
}

// sortIndividuals puts the best first; of equals the first stays in front.
func sortIndividuals(individuals eaopt.Individuals) {
	slices.SortStableFunc(individuals, func(a, b eaopt.Individual) int { return cmp.Compare(a.Fitness, b.Fitness) })
}
