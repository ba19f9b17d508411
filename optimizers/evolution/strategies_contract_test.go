package evolution

import (
	"testing"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/opttest"
)

// The defaults are checked in package builtin; these are other variants.
func TestVariantsOfStrategiesKeepTheContract(t *testing.T) {
	for _, c := range []struct {
		def    optimizers.Definition
		config string
	}{
		{SNES, `{"mirrored": false}`},
		{XNES, `{"population": 2, "sigma": 1}`},
		{MuLambda, `{"population": 30, "parents": 1}`},
		{OpenAIES, `{"population": 10, "weight_decay": 0, "beta1": 0}`},
		{PGPE, `{"population": 20, "momentum": 0}`},
		{LMMAES, `{"population": 10, "directions": 3}`},
		{CRFMNES, `{"population": 20}`},
	} {
		t.Run(c.def.Name, func(t *testing.T) { opttest.Run(t, opttest.With(c.def, c.config)) })
	}
}
