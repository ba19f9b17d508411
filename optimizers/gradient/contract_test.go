package gradient_test

import (
	"testing"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/gradient"
	"github.com/joust-bench/joust/optimizers/opttest"
)

// The defaults are checked in package builtin; these are the other variants.
func TestVariantsKeepTheContract(t *testing.T) {
	for config, def := range map[string]optimizers.Definition{
		`{"momentum": 0.9, "lr": 0.02}`:                                      gradient.SGD,
		`{"momentum": 0.9, "nesterov": true, "lr": 0.02}`:                    gradient.SGD,
		`{"schedule": "cosine", "momentum": 0.5, "warmup": 0.1, "lr": 0.05}`: gradient.SGD,
		`{"variant": "rprop-"}`:                                              gradient.Rprop,
		`{"variant": "rprop+"}`:                                              gradient.Rprop,
		`{"variant": "irprop+"}`:                                             gradient.Rprop,
	} {
		t.Run(config, func(t *testing.T) { opttest.Run(t, opttest.With(def, config)) })
	}
}
