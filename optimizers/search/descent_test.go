package search

import (
	"math"
	"testing"

	"github.com/joust-bench/joust/optimizers"
)

// bowl is the function of testdata/descent.py.
func bowl(w []float64) float64 {
	var d [5]float64
	sum := 0.0
	for i, opt := range []float64{1, -1.2, 1.4, -1.6, 1.8} {
		d[i] = w[i] - opt
		sum += float64(i+1) * d[i] * d[i]
	}
	if d[0] > 0.3 {
		return math.Inf(1)
	}
	return sum + 0.1*d[0]*d[1]*d[2] + 3
}

// SPSA, ARS and MeZO take the steps of testdata/descent.py, which knows the papers
// and the generator and nothing else of this package. Candidates that diverge are
// among them. Normals are 2^-37 from what they are defined to be, which is what the
// script computes.
func TestDescentAgreesWithTranscription(t *testing.T) {
	var paths struct {
		SPSA [][]float64 `json:"spsa"`
		ARS  [][]float64 `json:"ars"`
		MeZO [][]float64 `json:"mezo"`
	}
	figures(t, "descent.json", &paths)
	for _, tt := range []struct {
		def    optimizers.Definition
		config string
		path   [][]float64
	}{
		{SPSA, `{"max_step": 0.1}`, paths.SPSA},
		{ARS, `{"directions": 6, "top": 3, "sigma": 0.4}`, paths.ARS},
		{MeZO, `{"lr": 0.02, "epsilon": 0.5}`, paths.MeZO},
	} {
		if len(tt.path) != 60 {
			t.Fatalf("%s: %d steps, want 60", tt.def.Name, len(tt.path))
		}
		opt := newOptimizer(t, tt.def, tt.config, optimizers.Problem{Init: make([]float64, 5), Budget: 200, Seed: 0x0123456789ABCDEF})
		diverged := 0
		for k, want := range tt.path {
			_, losses := step(t, opt, bowl)
			for _, loss := range losses {
				if math.IsInf(loss, 1) {
					diverged++
				}
			}
			for i, got := range opt.(optimizers.Recommender).Recommend() {
				if math.Abs(got-want[i]) > 1e-9 {
					t.Fatalf("%s: weight %d after %d steps = %.15g, want %.15g", tt.def.Name, i, k+1, got, want[i])
				}
			}
		}
		if diverged == 0 && tt.def.Name != SPSA.Name {
			t.Errorf("%s: no candidate diverged, want some", tt.def.Name)
		}
	}
}
