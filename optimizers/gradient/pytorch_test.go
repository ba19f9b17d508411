package gradient

import (
	"encoding/json"
	"math"
	"os"
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
// it is what Ask returns that is compared. PyTorch's Rprop is iRprop-.
func TestAgreesWithPyTorch(t *testing.T) {
	content, err := os.ReadFile("testdata/pytorch.json")
	if err != nil {
		t.Fatal(err)
	}
	var figures map[string]json.RawMessage
	if err := json.Unmarshal(content, &figures); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		def    optimizers.Definition
		config string
	}{
		{"sgd", SGD, `{"lr": 0.05}`},
		{"momentum", SGD, `{"lr": 0.02, "momentum": 0.9}`},
		{"nesterov", SGD, `{"lr": 0.02, "momentum": 0.9, "nesterov": true}`},
		{"rprop", Rprop, `{"init": 0.1, "up": 1.2, "down": 0.5, "min": 1e-6, "max": 50}`},
	} {
		var path [][]float64
		if err := json.Unmarshal(figures[tt.name], &path); err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		if len(path) != 100 {
			t.Fatalf("%s: %d steps, want 100", tt.name, len(path))
		}
		opt := build(t, tt.def, tt.config, optimizers.Problem{Init: []float64{0, 0.5, -1, 2, -3}})
		for k, want := range path {
			step(t, opt, ring)
			rows, err := opt.Ask()
			if err != nil {
				t.Fatal(err)
			}
			for i, v := range rows[0] {
				if !(math.Abs(v-want[i]) <= 1e-12*math.Abs(want[i])) {
					t.Errorf("%s: weight %d after %d steps = %.17g, want %.17g", tt.name, i, k+1, v, want[i])
				}
			}
		}
	}
}
