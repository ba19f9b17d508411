package gradient_test

import (
	"testing"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/gradient"
	"github.com/joust-bench/joust/optimizers/opttest"
)

// The defaults are checked in package builtin; these are the other variants.
func TestVariantsKeepTheContract(t *testing.T) {
	for _, v := range []struct {
		def    optimizers.Definition
		config string
	}{
		{gradient.Momentum, `{"schedule": "cosine", "warmup": 0.1, "lr": 0.05}`},
		{gradient.Nesterov, `{"clip_value": 0.5, "clip_norm": 1, "weight_decay": 1e-3, "noise": 0.01, "lr": 0.02}`},
		{gradient.SGD, `{"clip_norm": 0.5, "schedule": "step"}`},
		{gradient.SGD, `{"amplify": 3, "amplify_ratio": 0.5, "clip_norm": 2}`},
		{gradient.Adam, `{"clip_norm": 1, "noise": 0.01}`},
		{gradient.AdamW, `{"clip_value": 0.1}`},
		{gradient.RMSProp, `{"centered": true, "eps": 0.01}`},
		{gradient.RMSProp, `{"momentum": 0.5}`},
		{gradient.Rprop, `{"variant": "rprop-"}`},
		{gradient.Rprop, `{"variant": "rprop+"}`},
		{gradient.Rprop, `{"variant": "irprop+"}`},
		{gradient.SignSGD, `{"weight_decay": 0.1, "noise": 0.01}`},
		{gradient.Signum, `{"clip_norm": 1}`},
		{gradient.Lion, `{"clip_value": 0.1, "weight_decay": 0.1}`},
		{gradient.LBFGS, `{"memory": 1}`},
		{gradient.CG, `{"beta": "fletcher-reeves"}`},
		{gradient.CG, `{"beta": "hestenes-stiefel"}`},
		{gradient.CG, `{"beta": "dai-yuan"}`},
	} {
		t.Run(v.def.Name+v.config, func(t *testing.T) { opttest.Run(t, opttest.With(v.def, v.config)) })
	}
}
