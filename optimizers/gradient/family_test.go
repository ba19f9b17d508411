package gradient

import (
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/noise"
	"github.com/joust-bench/joust/optimizers/opttest"
	"github.com/joust-bench/joust/optimizers/search"
)

// The signs of m = 0.5 m + 0.5 g, of the gradients 1, -3, 1, 0: m is 0.5, -1.25,
// -0.125, -0.0625, so w is -1, 0, 1, 2. Lion with betas 0.5 and 0.75 takes the
// sign of 0.5 m + 0.5 g with m = 0.75 m + 0.25 g: m is 0, 0.25, -0.5625,
// -0.171875 before each, the mixture 0.5, -1.375, 0.21875, -0.0859375, and w
// -1, 0, -1, 0. The sign of 0 is 0.
func TestSignsByHand(t *testing.T) {
	for _, c := range []struct {
		def    optimizers.Definition
		config string
		want   []float64
	}{
		{SignSGD, `{"lr": 1}`, []float64{-1, 0, -1, -1}},
		{Signum, `{"lr": 1, "momentum": 0.5}`, []float64{-1, 0, 1, 2}},
		{Lion, `{"lr": 1, "beta1": 0.5, "beta2": 0.75}`, []float64{-1, 0, -1, 0}},
		// w <- w - lr (sign + w/2): -1, then -1 + 0.5 + 1, ...
		{SignSGD, `{"lr": 1, "weight_decay": 0.5}`, []float64{-1, 0.5, -0.75, -0.375}},
	} {
		opt := build(t, c.def, c.config, optimizers.Problem{Init: []float64{0}})
		for i, g := range []float64{1, -3, 1, 0} {
			got := step(t, opt, func(_, grad []float64) float64 { grad[0] = g; return 0 })[0]
			if got != c.want[i] {
				t.Errorf("%s %s after %d steps = %v, want %v", c.def.Name, c.config, i+1, got, c.want[i])
			}
		}
	}
}

// The remedy: multiplying the gradient, of each weight by a factor of its own,
// leaves the trajectory as it is, bit for bit. Any factor does for the sign of
// the gradient; the means of Signum and Lion round with it, unless it is a
// power of two, so that a mean that is zero but for rounding could have another
// sign: on these hundred steps none has.
func TestTheSignOfAGradientIsItsDirection(t *testing.T) {
	init := []float64{0, 0.5, -1, 2, -3}
	for _, c := range []struct {
		def     optimizers.Definition
		factors []float64
	}{
		{SignSGD, []float64{1e-300, 1.0 / 3, 1, 7e11, 1e290}},
		{Rprop, []float64{1e-300, 1.0 / 3, 1, 7e11, 1e290}},
		{Signum, []float64{0x1p-900, 0x1p-1, 1, 0x1p40, 0x1p900}},
		{Lion, []float64{0x1p-900, 0x1p-1, 1, 0x1p40, 0x1p900}},
		{Signum, []float64{1e-30, 1.0 / 3, 1, 7e11, 1e100}},
		{Lion, []float64{1e-30, 1.0 / 3, 1, 7e11, 1e100}},
	} {
		config := `{"lr": 0.03}`
		if c.def.Name == "rprop" {
			config = `{}`
		}
		plain := build(t, c.def, config, optimizers.Problem{Init: init})
		scaled := build(t, c.def, config, optimizers.Problem{Init: init})
		for k := range 100 {
			want := step(t, plain, ring)
			got := step(t, scaled, func(w, grad []float64) float64 {
				ring(w, grad)
				for i := range grad {
					grad[i] *= c.factors[i]
				}
				return 0
			})
			if !slices.Equal(got, want) {
				t.Fatalf("%s: w after %d steps = %v, want %v (gradient times %v)", c.def.Name, k+1, got, want, c.factors)
			}
		}
	}
}

// With eps towards 0 the first step of Adam is the learning rate against the
// sign of the gradient, whatever its size.
func TestAdamStartsWithSigns(t *testing.T) {
	grad := []float64{1e-120, -1e-30, 3, -1e100, 0}
	for _, def := range []optimizers.Definition{Adam, AdamW} {
		opt := build(t, def, `{"lr": 0.25, "eps": 1e-300, "weight_decay": 0}`, optimizers.Problem{Init: make([]float64, 5)})
		got := step(t, opt, func(_, g []float64) float64 { copy(g, grad); return 0 })
		for i, want := range []float64{-0.25, 0.25, -0.25, 0.25, 0} {
			if math.Abs(got[i]-want) > 1e-14 {
				t.Errorf("%s: first step on %v = %v, want %v", def.Name, grad[i], got[i], want)
			}
		}
	}
}

// On a constant gradient, of any size, the steps of AdaGrad are lr / sqrt(t).
func TestAdaGradStepsShrink(t *testing.T) {
	opt := build(t, AdaGrad, `{"lr": 0.5, "eps": 1e-300}`, optimizers.Problem{Init: []float64{0, 0}})
	want := 0.0
	for k := 1; k <= 50; k++ {
		want += 0.5 / math.Sqrt(float64(k))
		got := step(t, opt, func(_, g []float64) float64 { g[0], g[1] = 1e-50, -70; return 0 })
		if math.Abs(got[0]+want) > 1e-12 || math.Abs(got[1]-want) > 1e-12 {
			t.Fatalf("w after %d steps = %v, want -+%v", k, got, want)
		}
	}
}

// The variance of a constant gradient is 0, which rounding makes negative.
func TestCenteredRMSPropHasNoNegativeVariance(t *testing.T) {
	opt := build(t, RMSProp, `{"centered": true, "lr": 1e-9, "alpha": 0.9}`, optimizers.Problem{Init: make([]float64, 50)})
	for range 2000 {
		step(t, opt, func(_, g []float64) float64 {
			for i := range g {
				g[i] = 1.1 + 0.1*float64(i)
			}
			return 0
		})
	}
}

// A squared gradient that overflows would hold its weight for ever, at a finite
// place; that is reported.
func TestOverflowOfSquaresIsDivergence(t *testing.T) {
	for _, def := range []optimizers.Definition{Adam, AdamW, RMSProp, AdaGrad} {
		opt := build(t, def, `{}`, optimizers.Problem{Init: []float64{1}})
		if _, err := opt.Ask(); err != nil {
			t.Fatal(err)
		}
		err := opt.Tell([]optimizers.Evaluation{{Loss: 1, Grad: []float64{1e200}}})
		if !errors.Is(err, optimizers.ErrDiverged) {
			t.Errorf("%s told 1e200: error %v, want ErrDiverged", def.Name, err)
		}
		if _, err := opt.Ask(); !errors.Is(err, optimizers.ErrDiverged) {
			t.Errorf("%s asked after it diverged: error %v, want ErrDiverged", def.Name, err)
		}
	}
}

// Weights in several panels, and one, two and three threads: the same bits.
func TestThreadsChangeNothingInLargeNetworks(t *testing.T) {
	const n = 3*panel + 5
	init := make([]float64, n)
	noise.Normal(init, 1, 0, 0)
	all := `"clip_norm": 1, "clip_value": 0.5, "noise": 0.01`
	for _, def := range family() {
		config := `{}`
		if slices.ContainsFunc(def.Params, func(p optimizers.Param) bool { return p.Name == "clip_norm" }) && def.Name != "signsgd" {
			config = `{` + all + `}`
		}
		var want []float64
		for _, threads := range []int{1, 3} {
			opt, err := def.New(json.RawMessage(config), optimizers.Problem{Init: init, Seed: 4, Threads: threads})
			if err != nil {
				t.Fatal(err)
			}
			for range 8 {
				step(t, opt, func(w, g []float64) float64 {
					sum := 0.0
					for i, x := range w {
						x -= 0.5
						g[i] = x + x*x*x
						sum += x*x/2 + x*x*x*x/4
					}
					return sum
				})
			}
			got := opt.(optimizers.Recommender).Recommend()
			if want == nil {
				want = slices.Clone(got)
			}
			if i := slices.Index(differences(got, want), true); i >= 0 {
				t.Errorf("%s: weight %d = %v with %d threads, %v with 1", def.Name, i, got[i], threads, want[i])
			}
		}
		// A step of a sign, and one back, is possible.
		for at := 0; at < n; at += stretch {
			if end := min(at+stretch, n); slices.Equal(want[at:end], init[at:end]) {
				t.Errorf("%s: weights %d to %d have not moved", def.Name, at, end)
			}
		}
	}
}

// A weight moves as it would alone, wherever in a large network it is.
func TestThePlaceOfAWeightChangesNothing(t *testing.T) {
	const n, last = panel + stretch + 20, 20
	init := make([]float64, n)
	noise.Normal(init, 1, 0, 0)
	cubic := func(w, g []float64) float64 {
		for i, x := range w {
			g[i] = x + x*x*x
		}
		return 0
	}
	configs := map[string]string{
		"sgd":      `{"clip_value": 0.5, "weight_decay": 0.1}`,
		"nesterov": `{"weight_decay": 0.1}`,
		"rmsprop":  `{"momentum": 0.5, "centered": true, "eps": 0.1}`,
		"signsgd":  `{"weight_decay": 0.1}`,
		"rprop":    `{"variant": "irprop+"}`,
	}
	for _, def := range family()[:11] { // the line searches move all by one step
		whole := build(t, def, configs[def.Name], optimizers.Problem{Init: init})
		part := build(t, def, configs[def.Name], optimizers.Problem{Init: init[n-last:]})
		for k := range 6 {
			got, want := step(t, whole, cubic)[n-last:], step(t, part, cubic)
			if !slices.Equal(got, want) {
				t.Fatalf("%s: the last weights after %d steps are %v, alone %v", def.Name, k+1, got, want)
			}
		}
	}
}

func differences(a, b []float64) []bool {
	d := make([]bool, len(a))
	for i := range a {
		d[i] = math.Float64bits(a[i]) != math.Float64bits(b[i])
	}
	return d
}

func TestStepsDoNotAllocate(t *testing.T) {
	const n = 2*panel + 1
	p := optimizers.Problem{Init: make([]float64, n), Budget: 100}
	for _, def := range family() {
		config := `{}`
		if strings.Contains("sgd nesterov adam", def.Name) {
			config = `{"clip_norm": 1, "clip_value": 1, "noise": 0.1, "schedule": "cosine"}`
		}
		opt := build(t, def, config, p)
		grad := make([]float64, n)
		evals := []optimizers.Evaluation{{Grad: grad}}
		asks := 0
		allocs := testing.AllocsPerRun(10, func() {
			rows, err := opt.Ask()
			if err != nil {
				t.Fatal(err)
			}
			if len(rows) == 0 {
				return
			}
			asks++
			evals[0].Loss = 0
			for i, x := range rows[0] {
				x -= float64(i%7) - 3.5
				grad[i] = x + x*x*x
				evals[0].Loss += x*x/2 + x*x*x*x/4
			}
			if err := opt.Tell(evals); err != nil {
				t.Fatal(err)
			}
		})
		if allocs != 0 || asks != 11 {
			t.Errorf("%s %s: %v allocations a step in %d steps, want none in 11", def.Name, config, allocs, asks)
		}
	}
}

// Every method, at its defaults, is better than random search on what its
// documentation says that it is made for, at equal work: a gradient costs three
// times what a loss does.
func TestGradientBeatsRandomSearch(t *testing.T) {
	const n, gradients = 20, 4000
	lowest := func(def optimizers.Definition, config, name string, evaluations int) float64 {
		f := opttest.NewFunction(name, n)
		opt, err := def.New(json.RawMessage(config), optimizers.Problem{Init: make([]float64, n), Budget: evaluations, Seed: 1, Threads: 1})
		if err != nil {
			t.Fatal(err)
		}
		low, grads := math.Inf(1), make([]float64, n)
		for told := 0; told < evaluations; {
			rows, err := opt.Ask()
			if err != nil {
				t.Fatal(err)
			}
			if len(rows) == 0 {
				break
			}
			evals := make([]optimizers.Evaluation, len(rows))
			for k, w := range rows {
				if def.Need == optimizers.NeedGrad {
					evals[k].Grad = grads
				}
				evals[k].Loss = f.Loss(w, evals[k].Grad)
				low = min(low, evals[k].Loss)
			}
			if err := opt.Tell(evals); err != nil {
				t.Fatal(err)
			}
			told += len(rows)
		}
		return low
	}
	random := map[string]float64{}
	for _, name := range []string{"sphere", "ellipsoid", "rosenbrock"} {
		random[name] = min(lowest(search.Random, `{}`, name, 3*gradients), lowest(search.Random, `{"mode": "local"}`, name, 3*gradients))
	}
	for _, def := range family() {
		name := map[string]string{"sgd": "sphere", "momentum": "sphere", "nesterov": "sphere", "lbfgs": "rosenbrock"}[def.Name]
		if name == "" {
			name = "ellipsoid"
		}
		got := lowest(def, `{}`, name, gradients)
		t.Logf("%-9s %-10s %10.3g, random search %10.3g", def.Name, name, got, random[name])
		if !(got < random[name]/3) {
			t.Errorf("%s: %v on the %s, want a third of what random search has, %v", def.Name, got, name, random[name])
		}
	}
}
