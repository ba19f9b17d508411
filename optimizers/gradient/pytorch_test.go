package gradient

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/joust-bench/joust/optimizers"
)

// ring is the function of testdata/pytorch.py; its loss does not matter here.
func ring(w, grad []float64) float64 {
	a := []float64{0.5, 1, 2, 4, 8}
	c := []float64{1, -2, 3, -0.5, 0.25}
	n := len(w)
	d := make([]float64, n)
	for i := range d {
		d[i] = w[i] - c[i]
	}
	for i := range d {
		cube := float64(d[i]*d[i]) * d[i]
		grad[i] = float64(a[i]*d[i]) + float64(cube/10) + (d[(i+n-1)%n]+d[(i+1)%n])/5
	}
	return 0
}

// The trajectories of torch.optim (PyTorch 1.13, Debian 12's python3-torch) over
// 100 steps; testdata/pytorch.py made the figures.
//
// PyTorch's Nesterov momentum keeps the point at which the gradient is taken,
// and this package the iterate, from which that point is one momentum ahead: so
// it is what Ask returns that is compared. PyTorch's Rprop is iRprop-. Signum and
// Lion, which PyTorch does not have, are transcribed from their papers there.
//
// A weight that passes through zero is compared relative to the largest that it
// was so far, since that is what was rounded.
func TestAgreesWithPyTorch(t *testing.T) {
	content, err := os.ReadFile("testdata/pytorch.json")
	if err != nil {
		t.Fatal(err)
	}
	var figures map[string]json.RawMessage
	if err := json.Unmarshal(content, &figures); err != nil {
		t.Fatal(err)
	}
	start := []float64{0, 0.5, -1, 2, -3}
	for _, tt := range []struct {
		name   string
		def    optimizers.Definition
		config string
	}{
		{"sgd", SGD, `{"lr": 0.05}`},
		{"momentum", SGD, `{"lr": 0.02, "momentum": 0.9}`},
		{"momentum", Momentum, `{"lr": 0.02}`},
		{"nesterov", SGD, `{"lr": 0.02, "momentum": 0.9, "nesterov": true}`},
		{"nesterov", Nesterov, `{"lr": 0.02}`},
		{"nesterov decay", Nesterov, `{"lr": 0.02, "weight_decay": 0.3}`},
		{"sgd value", SGD, `{"lr": 0.05, "clip_value": 0.5, "weight_decay": 0.1}`},
		{"adam", Adam, `{"lr": 0.05}`},
		{"adam betas", Adam, `{"lr": 0.05, "beta1": 0.8, "beta2": 0.95, "eps": 1e-3, "weight_decay": 0.2}`},
		{"adamw", AdamW, `{"lr": 0.05, "weight_decay": 0.3}`},
		{"rmsprop", RMSProp, `{"lr": 0.02}`},
		{"rmsprop centered", RMSProp, `{"lr": 0.01, "alpha": 0.9, "eps": 0.1, "centered": true}`},
		{"rmsprop momentum", RMSProp, `{"lr": 0.005, "momentum": 0.8, "weight_decay": 0.1}`},
		{"rmsprop both", RMSProp, `{"lr": 0.005, "eps": 0.1, "momentum": 0.8, "centered": true}`},
		{"adagrad", AdaGrad, `{"lr": 0.3}`},
		{"rprop", Rprop, `{"init": 0.1, "up": 1.2, "down": 0.5, "min": 1e-6, "max": 50}`},
		{"signum", Signum, `{"lr": 0.03}`},
		{"signum decay", Signum, `{"lr": 0.03, "momentum": 0.8, "weight_decay": 0.5}`},
		{"signsgd", SignSGD, `{"lr": 0.03, "weight_decay": 0.25}`},
		{"lion", Lion, `{"lr": 0.03}`},
		{"lion decay", Lion, `{"lr": 0.03, "beta1": 0.7, "beta2": 0.95, "weight_decay": 0.5}`},
	} {
		var path [][]float64
		if err := json.Unmarshal(figures[tt.name], &path); err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		if len(path) != 100 {
			t.Fatalf("%s: %d steps, want 100", tt.name, len(path))
		}
		opt := build(t, tt.def, tt.config, optimizers.Problem{Init: start})
		scale := slices.Clone(start)
		for k, want := range path {
			step(t, opt, ring)
			rows, err := opt.Ask()
			if err != nil {
				t.Fatal(err)
			}
			for i, v := range rows[0] {
				scale[i] = max(math.Abs(scale[i]), math.Abs(want[i]))
				if !(math.Abs(v-want[i]) <= 1e-12*scale[i]) {
					t.Errorf("%s: weight %d after %d steps = %.17g, want %.17g", tt.name, i, k+1, v, want[i])
				}
			}
		}
	}
}
