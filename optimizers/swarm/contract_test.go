package swarm_test

import (
	"testing"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/opttest"
	"github.com/joust-bench/joust/optimizers/swarm"
)

// The defaults are checked in package builtin; these are the other variants.
func TestVariantsKeepTheContract(t *testing.T) {
	for _, v := range []struct {
		def    optimizers.Definition
		config string
	}{
		{swarm.PSO, `{"variant": "constriction", "inertia": 0.7298, "pull": 1.49618}`},
		{swarm.PSO, `{"reevaluate": true, "particles": 10}`},
		{swarm.PSO, `{"particles": 2}`},
		{swarm.DE, `{"reevaluate": true}`},
		{swarm.DE, `{"population": 4, "f": 0.9}`},
		{swarm.SHADE, `{"reevaluate": true, "population": 20}`},
		{swarm.SHADE, `{"population": 4, "memory": 5}`},
		{swarm.LSHADE, `{"reevaluate": true}`},
		{swarm.LSHADE, `{"population": 10, "archive": 0, "memory": 5}`},
	} {
		t.Run(v.def.Name+v.config, func(t *testing.T) { opttest.Run(t, opttest.With(v.def, v.config)) })
	}
}
