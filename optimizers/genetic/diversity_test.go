package genetic

import (
	"maps"
	"math"
	"testing"

	"github.com/joust-bench/joust/optimizers"
)

func TestDiversityByHand(t *testing.T) {
	for _, tt := range []struct {
		rows [][]float64
		want float64
	}{
		{[][]float64{{1, 2}, {1, 2}, {1, 2}}, 0},
		{[][]float64{{1, 0}, {3, 0}}, math.Sqrt(0.5)}, // variances 1 and 0
		{[][]float64{{7}}, 0},
	} {
		if got := diversity(tt.rows); math.Abs(got-tt.want) > 1e-15 {
			t.Errorf("diversity of %v = %v, want %v", tt.rows, got, tt.want)
		}
	}
}

func TestEntropyByHand(t *testing.T) {
	for _, tt := range []struct {
		weights []float64
		want    float64
	}{
		{[]float64{3}, 0},
		{[]float64{1, 1, 0, 1, 1}, math.Log(4)},
		{[]float64{2, 1, 1}, 1.5 * math.Ln2},
		{nil, 0},
	} {
		if got := entropy(tt.weights); math.Abs(got-tt.want) > 1e-15 {
			t.Errorf("entropy of %v = %v, want %v", tt.weights, got, tt.want)
		}
	}
}

// Tournaments of as many as there are leave the best few as parents, and those of one
// leave all a chance.
func TestParentEntropy(t *testing.T) {
	entropyOf := func(config string) float64 {
		opt, err := GA.New([]byte(config), optimizers.Problem{Init: make([]float64, 4), Threads: 1, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		var d map[string]float64
		for range 3 {
			rows, err := opt.Ask()
			if err != nil {
				t.Fatal(err)
			}
			evals := make([]optimizers.Evaluation, len(rows))
			for i, w := range rows {
				evals[i].Loss = w[0]
			}
			if err := opt.Tell(evals); err != nil {
				t.Fatal(err)
			}
			d = maps.Collect(opt.(optimizers.Diagnoser).Diagnostics())
			if !(d["diversity"] > 0) {
				t.Errorf("%s: diversity %v, want some", config, d["diversity"])
			}
		}
		return d["parent-entropy"]
	}
	one := entropyOf(`{"population":30,"tournament":30,"crossover_rate":0}`)
	// Tournaments draw with replacement: the best is in 1-(29/30)^30 = 0.64 of them, the
	// second in as many of the others, and so on, with an entropy of 1.02.
	if !(one > 0.5 && one < 1.5) {
		t.Errorf("entropy %v of tournaments of 30, want about 1.02", one)
	}
	if h := entropyOf(`{"population":30,"tournament":1,"crossover_rate":0}`); !(h > 2.5 && h <= math.Log(30)) {
		t.Errorf("entropy %v of tournaments of one, want near ln 30", h)
	}
	if h := entropyOf(`{"population":30,"tournament":3}`); !(h > one && h < math.Log(30)) {
		t.Errorf("entropy %v of tournaments of three, want between", h)
	}
}
