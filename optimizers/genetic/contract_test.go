package genetic

import (
	"testing"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/opttest"
)

// The defaults are checked in package builtin; these are other variants.
func TestVariantsKeepTheContract(t *testing.T) {
	for _, c := range []struct {
		def    optimizers.Definition
		config string
	}{
		{GA, `{"population": 20, "crossover": "weight", "weight_rate": 1, "adapt": true}`},
		{GA, `{"population": 21, "crossover": "blx", "elite": 3}`}, // odd: eaopt breeds one too many
		{GA, `{"population": 24, "crossover_rate": 0, "elite": 0, "tournament": 2}`},
		{GA, `{"population": 30, "crossover": "n-point", "points": 3, "selection": "roulette", "sigma": 0.2}`},
		{Islands, `{"islands": 3, "population": 9, "every": 1, "migrants": 3, "adapt": true}`},
		{Steady, `{"population": 15, "offspring": 5, "tournament": 2}`},
		{Deep, `{"population": 30, "parents": 12, "finalists": 3, "repeats": 2, "portion": 7}`},
		{Deep, `{"population": 20, "parents": 10, "finalists": 1, "repeats": 0, "portion": 20}`},
		{SAMR, `{"population": 25, "parents": 1}`},
		{CoSyNE, `{"population": 36, "parents": 5, "permute": "all", "crossover": "blx"}`},
	} {
		t.Run(c.def.Name+" "+c.config, func(t *testing.T) { opttest.Run(t, opttest.With(c.def, c.config)) })
	}
}
