package search

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/opttest"
)

// all are the optimizers of this package.
func all() []optimizers.Definition {
	return []optimizers.Definition{Random, Guessing, HillClimbing, OnePlusOne, Annealing, Pattern, NelderMead, SPSA, ARS, MeZO}
}

// newOptimizer builds one on one thread.
func newOptimizer(t *testing.T, def optimizers.Definition, config string, p optimizers.Problem) optimizers.Optimizer {
	t.Helper()
	p.Threads = 1
	opt, err := def.New(json.RawMessage(config), p)
	if err != nil {
		t.Fatal(err)
	}
	return opt
}

// figures reads what a script in testdata has made.
func figures(t *testing.T, name string, into any) {
	t.Helper()
	content, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(content, into); err != nil {
		t.Fatal(err)
	}
}

// within reports whether got is within a part of want.
func within(got, want, part float64) bool { return math.Abs(got-want) <= part*math.Abs(want) }

// asked runs an optimizer for some steps, unless it converges before, and returns
// all its candidates.
func asked(t *testing.T, opt optimizers.Optimizer, steps int, loss func(step int, w []float64) float64) (all [][]float64) {
	t.Helper()
	for s := range steps {
		rows, err := opt.Ask()
		if err != nil {
			t.Fatal(err)
		}
		evals := make([]optimizers.Evaluation, len(rows))
		for k, w := range rows {
			evals[k].Loss = loss(s, w)
			all = append(all, slices.Clone(w))
		}
		if len(rows) == 0 {
			break
		}
		if err := opt.Tell(evals); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func same(a, b [][]float64) bool { return slices.EqualFunc(a, b, slices.Equal) }

// bent is a strictly increasing function of positive numbers that loses none:
// their bits, which are in their order, plus a number that bends the curve. The
// larger the step, the more.
func bent(loss float64, step int) float64 {
	return math.Float64frombits(math.Float64bits(loss) + 0x0008_1234_5678_9ABC*uint64(1+step%7))
}

// Those that only compare losses search the same for any increasing function of
// the loss. Those that compare losses of one step alone do so even if it is
// another function at every step, so that no stale loss decides.
func TestRanksAreAllThatCounts(t *testing.T) {
	f := opttest.NewFunction("rosenbrock", 6)
	for _, tt := range []struct {
		def   optimizers.Definition
		stale bool
	}{
		{HillClimbing, false},
		{OnePlusOne, false},
		{Pattern, false},
		{NelderMead, true},
	} {
		run := func(transform func(loss float64, step int) float64) [][]float64 {
			opt := newOptimizer(t, tt.def, "", optimizers.Problem{Init: make([]float64, 6), Seed: 3})
			return asked(t, opt, 400, func(step int, w []float64) float64 { return transform(f.Loss(w, nil), step) })
		}
		plain := run(func(loss float64, _ int) float64 { return loss })
		if !same(plain, run(func(loss float64, _ int) float64 { return bent(loss, 0) })) {
			t.Errorf("%s: an increasing function of the loss changes the search", tt.def.Name)
		}
		if got := same(plain, run(bent)); got == tt.stale {
			t.Errorf("%s: the same search when the function changes with the step: %v, want %v", tt.def.Name, got, !tt.stale)
		}
	}
}

// Those that subtract losses do so within a step: what is added to all losses of
// a step changes nothing. The losses are multiples of 2^-20, so that nothing is
// rounded on the way to the difference.
func TestDifferencesAreOfOneStep(t *testing.T) {
	f := opttest.NewFunction("rosenbrock", 6)
	coarse := func(w []float64) float64 { return math.Floor(f.Loss(w, nil)*(1<<20)) / (1 << 20) }
	for _, def := range []optimizers.Definition{Annealing, SPSA, MeZO} {
		run := func(shift float64) [][]float64 {
			opt := newOptimizer(t, def, "", optimizers.Problem{Init: make([]float64, 6), Budget: 1000, Seed: 3})
			return asked(t, opt, 200, func(step int, w []float64) float64 { return coarse(w) + shift*float64(step%10) })
		}
		if !same(run(0), run(100)) {
			t.Errorf("%s: what is added to every loss of a step changes the search", def.Name)
		}
	}
}

// The scale of the loss is measured by annealing, SPSA and ARS, and not by MeZO.
func TestScaleOfTheLoss(t *testing.T) {
	f := opttest.NewFunction("rosenbrock", 6)
	for _, tt := range []struct {
		def  optimizers.Definition
		free bool
	}{{Annealing, true}, {SPSA, true}, {ARS, true}, {MeZO, false}} {
		run := func(scale float64) [][]float64 {
			opt := newOptimizer(t, tt.def, "", optimizers.Problem{Init: make([]float64, 6), Budget: 1000, Seed: 3})
			return asked(t, opt, 100, func(_ int, w []float64) float64 { return scale * f.Loss(w, nil) })
		}
		if got := same(run(1), run(0x1p-100)); got != tt.free {
			t.Errorf("%s: the same search at 2^-100 of the loss: %v, want %v", tt.def.Name, got, tt.free)
		}
	}
}

// A start that is moved with the function moves the search, up to rounding. Only
// guessing does not start from there.
func TestTranslation(t *testing.T) {
	const n, far = 6, 8
	f := opttest.NewFunction("rosenbrock", n)
	for _, def := range all() {
		if def.Name == Random.Name || def.Name == Guessing.Name {
			continue
		}
		config := ""
		if def.Name == MeZO.Name {
			config = `{"lr": 1e-4}` // the default diverges here
		}
		run := func(offset float64) [][]float64 {
			p := optimizers.Problem{Init: slices.Repeat([]float64{offset}, n), Budget: 1000, Seed: 3}
			y := make([]float64, n)
			rows := asked(t, newOptimizer(t, def, config, p), 60, func(_ int, w []float64) float64 {
				for i := range w {
					y[i] = w[i] - offset
				}
				return f.Loss(y, nil)
			})
			for _, w := range rows {
				for i := range w {
					w[i] -= offset
				}
			}
			return rows
		}
		here, there := run(0), run(far)
		for k := range here {
			for i, x := range here[k] {
				if math.Abs(x-there[k][i]) > 1e-8 {
					t.Fatalf("%s: weight %d of candidate %d = %v, want %v as without the offset", def.Name, i, k, there[k][i], x)
				}
			}
		}
	}
}

func TestNoneAllocates(t *testing.T) {
	for _, def := range all() {
		f := opttest.NewFunction("sphere", 20)
		opt := newOptimizer(t, def, "", optimizers.Problem{Init: make([]float64, 20), Budget: 4000, Seed: 1})
		evals := make([]optimizers.Evaluation, 100)
		allocs := testing.AllocsPerRun(100, func() {
			rows, err := opt.Ask()
			if err != nil {
				t.Error(err)
			}
			for k, w := range rows {
				evals[k].Loss = f.Loss(w, nil)
			}
			if err := opt.Tell(evals[:len(rows)]); err != nil {
				t.Error(err)
			}
		})
		most := 0.0
		if def.Name == Random.Name || def.Name == Guessing.Name {
			most = 1 // the closure that the rows are filled by
		}
		if allocs > most {
			t.Errorf("%s: %v allocations a step, want at most %v", def.Name, allocs, most)
		}
	}
}
