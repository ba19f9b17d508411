// Package builtin lists the optimizers that come with the toolkit. To add one is
// a file in the package of its kind and a line in [All]; this package's test
// then holds it to the contract of package opttest.
//
// # Design
//
// Why a list, and not a registry that each package adds itself to? A list has
// an order and a reader, and an import has no effect that nobody sees.
package builtin

import (
	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/combine"
	"github.com/joust-bench/joust/optimizers/evolution"
	"github.com/joust-bench/joust/optimizers/genetic"
	"github.com/joust-bench/joust/optimizers/gradient"
	"github.com/joust-bench/joust/optimizers/search"
	"github.com/joust-bench/joust/optimizers/swarm"
)

// All returns the built-in optimizers in the order in which reports show them.
// The slice is the caller's.
func All() []optimizers.Definition {
	plain := []optimizers.Definition{
		gradient.SGD,
		gradient.Momentum,
		gradient.Nesterov,
		gradient.Adam,
		gradient.AdamW,
		gradient.RMSProp,
		gradient.AdaGrad,
		gradient.Rprop,
		gradient.SignSGD,
		gradient.Signum,
		gradient.Lion,
		gradient.LBFGS,
		gradient.CG,
		search.Random,
		search.Guessing,
		search.HillClimbing,
		search.OnePlusOne,
		search.Annealing,
		search.Pattern,
		search.NelderMead,
		search.SPSA,
		search.ARS,
		search.MeZO,
		genetic.GA,
		genetic.Islands,
		genetic.Steady,
		genetic.Deep,
		genetic.SAMR,
		genetic.CoSyNE,
		evolution.CMAES,
		evolution.SepCMAES,
		evolution.XNES,
		evolution.SNES,
		evolution.CRFMNES,
		evolution.LMMAES,
		evolution.MuLambda,
		evolution.OpenAIES,
		evolution.PGPE,
		swarm.PSO,
		swarm.DE,
		swarm.SHADE,
		swarm.LSHADE,
	}
	return append(plain, combine.Then(plain), combine.Restart(plain), combine.Portfolio(plain))
}
