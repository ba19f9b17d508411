package search_test

import (
	"testing"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/opttest"
	"github.com/joust-bench/joust/optimizers/search"
)

// The defaults are checked in package builtin; these are the other variants.
func TestVariantsKeepTheContract(t *testing.T) {
	for _, v := range []struct {
		def    optimizers.Definition
		config string
	}{
		{search.Random, `{"prior": "uniform", "radius": 2}`},
		{search.Random, `{"prior": "init", "candidates": 2}`},
		{search.Random, `{"mode": "local"}`},
		{search.Random, `{"mode": "local", "candidates": 2}`},
		{search.Guessing, `{"radius": 3, "candidates": 7}`},
		{search.HillClimbing, `{"rate": 0}`},
		{search.HillClimbing, `{"rate": 1, "sigma": 0.1}`},
		{search.Annealing, `{"rate": 1, "levels": 3, "cooling": 0.1}`},
		{search.Annealing, `{"temperature": 0}`},
		{search.Pattern, `{"step": 0.3, "shrink": 0.2}`},
		{search.NelderMead, `{"coefficients": "adaptive"}`},
		{search.NelderMead, `{"coefficients": "standard", "step": 1}`},
		{search.SPSA, `{"alpha": 0.3, "gamma": 0, "stability": 0}`},
		{search.ARS, `{"directions": 8, "top": 8}`},
		{search.MeZO, `{"lr": 0.001, "epsilon": 0.1}`},
	} {
		t.Run(v.def.Name+v.config, func(t *testing.T) { opttest.Run(t, opttest.With(v.def, v.config)) })
	}
}
