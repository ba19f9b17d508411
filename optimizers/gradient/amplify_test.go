package gradient

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/noise"
)

// layered is a problem of count layers, each of a matrix with so many weights and a
// bias of 3, and one more without a matrix behind each.
func layered(count, weights int) optimizers.Problem {
	p := optimizers.Problem{Seed: 7}
	add := func(name string, layer, length, fanIn int) {
		p.Blocks = append(p.Blocks, optimizers.Block{Name: fmt.Sprint(layer, name), Off: len(p.Init), Len: length, Layer: layer, Rows: 1, FanIn: fanIn})
		p.Init = append(p.Init, make([]float64, length)...)
	}
	for l := range count {
		add("w", 2*l, weights, 4)
		add("b", 2*l, 3, 0)
		add("gamma", 2*l+1, 2, 0)
	}
	return p
}

// The gradients of the chosen layers are k times as large, of all of their blocks,
// and of no other; so many are chosen as the share says, and a seed chooses its own.
func TestAmplification(t *testing.T) {
	choices := map[string]bool{}
	for _, weights := range []int{5, 3 * stretch} { // layers within a stretch, and across
		for seed := range uint64(8) {
			p := layered(6, weights)
			p.Seed = seed
			rng := rand.New(rand.NewPCG(seed, 1))
			grad := make([]float64, len(p.Init))
			for i := range grad {
				grad[i] = rng.NormFloat64()
			}
			opt := build(t, SGD, `{"lr":1,"amplify":2,"amplify_ratio":0.5}`, p)
			w := step(t, opt, func(_, g []float64) float64 { copy(g, grad); return 1 })
			factors := map[int]float64{}
			for _, b := range p.Blocks {
				for i, g := range grad[b.Off:][:b.Len] {
					f := -w[b.Off+i] / g
					if known, ok := factors[b.Layer]; ok && known != f || f != 1 && (f != 2 || b.Layer%2 == 1) {
						t.Fatalf("seed %d, block %s, weight %d: factor %v, want 1 or 2 in all of a layer, and 1 without a matrix", seed, b.Name, i, f)
					}
					factors[b.Layer] = f
				}
			}
			var chosen []int
			for l, f := range factors {
				if f == 2 {
					chosen = append(chosen, l)
				}
			}
			slices.Sort(chosen)
			if len(chosen) != 3 {
				t.Errorf("seed %d: layers %v are amplified, want 3 of 6", seed, chosen)
			}
			choices[fmt.Sprint(chosen)] = true
		}
	}
	if len(choices) < 4 || len(choices) > 8 { // of 20; the same for both sizes
		t.Errorf("8 seeds make %d choices, want several, and the same for every size", len(choices))
	}
}

// Amplification ends at its part of the budget, and comes before the gradient is
// clipped.
func TestAmplificationEnds(t *testing.T) {
	p := layered(1, 2)
	p.Budget = 10
	gradient := func(_, g []float64) float64 { g[0] = 1; return 1 }
	opt := build(t, SGD, `{"lr":1,"amplify":8,"amplify_ratio":1}`, p)
	at := 0.0
	for k := range 12 {
		want := 8.0
		if k >= 8 {
			want = 1
		}
		w := step(t, opt, gradient)[0]
		if at-w != want {
			t.Errorf("step %d of 10 is by a gradient of %v, want %v", k, at-w, want)
		}
		at = w
	}
	if w := step(t, build(t, SGD, `{"lr":1,"amplify":8,"amplify_ratio":1,"clip_value":3}`, p), gradient); w[0] != -3 {
		t.Errorf("clipped at 3: %v, want 3", -w[0])
	}
	if w := step(t, build(t, SGD, `{"lr":1,"amplify":8,"amplify_ratio":1,"clip_norm":2}`, p), gradient); w[0] != -2 {
		t.Errorf("clipped to the norm 2: %v, want 2", -w[0])
	}
	p.Budget = 0
	opt = build(t, SGD, `{"lr":1,"amplify":8,"amplify_ratio":1}`, p)
	for range 100 {
		at = step(t, opt, gradient)[0]
	}
	if at != -800 {
		t.Errorf("100 steps of an unknown budget: %v, want -800", at)
	}
}

func TestAmplificationErrors(t *testing.T) {
	for _, tt := range []struct {
		config, want string
		p            optimizers.Problem
	}{
		{`{"amplify":2}`, "want weights with named blocks", optimizers.Problem{Init: []float64{1}}},
		{`{"amplify":2,"amplify_ratio":0.1}`, "0.1 of 3 layers is none", layered(3, 2)},
	} {
		tt.p.Threads = 1
		if _, err := SGD.New([]byte(tt.config), tt.p); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q", tt.config, err, tt.want)
		}
	}
}

// To methods that go by signs it is nothing, whatever is chosen, at any factor:
// their trajectories have the same bits. Adam's differs by its eps.
func TestAmplificationOfSigns(t *testing.T) {
	p := layered(4, 6)
	rng := rand.New(rand.NewPCG(1, 9))
	for i := range p.Init {
		p.Init[i] = rng.NormFloat64()
	}
	// Sines of different frequencies, with signs that change.
	bumpy := func(w, g []float64) float64 {
		f := 0.0
		for i, x := range w {
			s, c := math.Sincos(float64(1+i%5) * x)
			f, g[i] = f-c, float64(1+i%5)*s
		}
		return f
	}
	for _, tt := range []struct {
		def    optimizers.Definition
		config string
		most   float64
	}{
		{Rprop, `{}`, 0},
		{Rprop, `{"variant":"rprop+"}`, 0},
		{Rprop, `{"variant":"irprop+"}`, 0},
		{SignSGD, `{"lr":0.01}`, 0},
		{Adam, `{"lr":0.001}`, 1e-6}, // in all; a step is 1e-3
	} {
		for seed := range uint64(4) {
			p.Seed = noise.Mix(seed)
			a, err := newAmplification(Amplify{Factor: 1 + 3*rng.Float64(), Ratio: 0.5, Until: 1}, p)
			if err != nil {
				t.Fatal(err)
			}
			plain, amplified := build(t, tt.def, tt.config, p), build(t, tt.def, tt.config, p)
			for range 50 {
				x := step(t, plain, bumpy)
				y := step(t, amplified, func(w, g []float64) float64 { f := bumpy(w, g); a.apply(g, 0, 0); return f })
				for i := range x {
					if d := math.Abs(x[i] - y[i]); !(d <= tt.most) {
						t.Fatalf("%s %s: weight %d differs by %v, want at most %v", tt.def.Name, tt.config, i, d, tt.most)
					}
				}
			}
		}
	}
}
