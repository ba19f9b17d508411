package swarm

import (
	"encoding/json"
	"math"
	"slices"
	"testing"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/opttest"
	"github.com/joust-bench/joust/optimizers/search"
)

// all are the optimizers of this package.
func all() []optimizers.Definition { return []optimizers.Definition{PSO, DE, SHADE, LSHADE} }

const constriction = `{"variant": "constriction", "inertia": 0.7298, "pull": 1.49618}`

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

// step asks, tells the losses, and returns copies of the candidates and their
// losses.
func step(t *testing.T, opt optimizers.Optimizer, loss func(k int, w []float64) float64) (rows [][]float64, losses []float64) {
	t.Helper()
	asked, err := opt.Ask()
	if err != nil {
		t.Fatal(err)
	}
	evals := make([]optimizers.Evaluation, len(asked))
	for k, w := range asked {
		evals[k].Loss = loss(k, w)
		rows, losses = append(rows, slices.Clone(w)), append(losses, evals[k].Loss)
	}
	if err := opt.Tell(evals); err != nil {
		t.Fatal(err)
	}
	return rows, losses
}

// asked runs an optimizer for some steps and returns all its candidates.
func asked(t *testing.T, opt optimizers.Optimizer, steps int, loss func(step int, w []float64) float64) (all [][]float64) {
	t.Helper()
	for s := range steps {
		rows, _ := step(t, opt, func(_ int, w []float64) float64 { return loss(s, w) })
		all = append(all, rows...)
	}
	return all
}

func same(a, b [][]float64) bool { return slices.EqualFunc(a, b, slices.Equal) }

// within reports whether got is within a part of want.
func within(got, want, part float64) bool { return math.Abs(got-want) <= part*math.Abs(want) }

// bent is a strictly increasing function of positive numbers that loses none:
// their bits, which are in their order, plus a number that bends the curve. The
// larger the step, the more.
func bent(loss float64, step int) float64 {
	return math.Float64frombits(math.Float64bits(loss) + 0x0008_1234_5678_9ABC*uint64(1+step%7))
}

// PSO and DE only compare losses, and search the same for any increasing function
// of them; SHADE weighs what its parameters have gained, and is only free of
// scale. What is kept has the loss it was told, unless it is evaluated again:
// then the function may be another at every step.
func TestRanksAreAllThatCounts(t *testing.T) {
	f := opttest.NewFunction("rosenbrock", 6)
	for _, tt := range []struct {
		def                optimizers.Definition
		config             string
		ranks, steps, free bool
	}{
		{PSO, `{}`, true, false, true},
		{PSO, constriction, true, false, true},
		{PSO, `{"reevaluate": true}`, true, true, true},
		{DE, `{}`, true, false, true},
		{DE, `{"reevaluate": true}`, true, true, true},
		{SHADE, `{}`, false, false, true},
		{LSHADE, `{}`, false, false, true},
	} {
		run := func(transform func(loss float64, step int) float64) [][]float64 {
			opt := newOptimizer(t, tt.def, tt.config, optimizers.Problem{Init: make([]float64, 6), Budget: 20_000, Seed: 3})
			return asked(t, opt, 60, func(step int, w []float64) float64 { return transform(f.Loss(w, nil), step) })
		}
		plain := run(func(loss float64, _ int) float64 { return loss })
		if got := same(plain, run(func(loss float64, _ int) float64 { return bent(loss, 0) })); got != tt.ranks {
			t.Errorf("%s %s: the same search for an increasing function of the loss: %v, want %v", tt.def.Name, tt.config, got, tt.ranks)
		}
		if got := same(plain, run(bent)); got != tt.steps {
			t.Errorf("%s %s: the same search when the function changes with the step: %v, want %v", tt.def.Name, tt.config, got, tt.steps)
		}
		if got := same(plain, run(func(loss float64, _ int) float64 { return 0x1p-100 * loss })); got != tt.free {
			t.Errorf("%s %s: the same search at 2^-100 of the loss: %v, want %v", tt.def.Name, tt.config, got, tt.free)
		}
	}
}

// A start that is moved with the function moves the search, up to rounding.
func TestTranslation(t *testing.T) {
	const n, far = 6, 8
	f := opttest.NewFunction("rosenbrock", n)
	for _, def := range all() {
		run := func(offset float64) [][]float64 {
			p := optimizers.Problem{Init: slices.Repeat([]float64{offset}, n), Seed: 3}
			y := make([]float64, n)
			rows := asked(t, newOptimizer(t, def, "", p), 30, func(_ int, w []float64) float64 {
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

// The first generation is the start, and points uniform in the cube around it:
// mean, variance and range are those within five standard errors.
func TestStartsInTheCube(t *testing.T) {
	const n, radius, center = 30, 3, 7
	for _, def := range all() {
		opt := newOptimizer(t, def, `{"radius": 3}`, optimizers.Problem{Init: slices.Repeat([]float64{center}, n), Seed: 3})
		rows, err := opt.Ask()
		if err != nil {
			t.Fatal(err)
		}
		var mean, squares float64
		count := float64(n * (len(rows) - 1))
		for k, w := range rows {
			for i, x := range w {
				d := x - center
				if k == 0 && d != 0 || math.Abs(d) > radius || k > 0 && w[i] == w[(i+1)%n] {
					t.Fatalf("%s: weight %d of candidate %d is %v", def.Name, i, k, x)
				}
				mean += d / count
				squares += d * d / count
			}
		}
		if tol := 5 * radius / math.Sqrt(3*count); math.Abs(mean) > tol {
			t.Errorf("%s: mean distance = %v, want 0 within %v", def.Name, mean, tol)
		}
		// The fourth moment is r^4/5, so the variance of a square is 4/45 r^4.
		if want, tol := radius*radius/3., 5*radius*radius*math.Sqrt(4/45./count); math.Abs(squares-want) > tol {
			t.Errorf("%s: variance = %v, want %v within %v", def.Name, squares, want, tol)
		}
	}
}

// On the task that its doc names, each ends at a small part of the loss of the
// best guess of random search, which has as many evaluations.
func TestEachBeatsRandomSearch(t *testing.T) {
	for _, tt := range []struct {
		def         optimizers.Definition
		function    string
		evaluations int
		part        float64
	}{
		{PSO, "rosenbrock", 10_000, 1. / 10},
		{DE, "rosenbrock", 40_000, 1e-2},
		{SHADE, "rosenbrock", 40_000, 1e-2},
		{LSHADE, "rastrigin", 50_000, 1e-6},
	} {
		f := opttest.NewFunction(tt.function, 10)
		lowest := func(def optimizers.Definition, seed uint64) float64 {
			opt := newOptimizer(t, def, "", optimizers.Problem{Init: make([]float64, 10), Budget: tt.evaluations, Seed: seed})
			low := math.Inf(1)
			for used := 0; used < tt.evaluations; {
				_, losses := step(t, opt, func(_ int, w []float64) float64 { return f.Loss(w, nil) })
				low = min(low, slices.Min(losses))
				used += len(losses)
			}
			return low
		}
		for seed := range uint64(3) {
			if got, guess := lowest(tt.def, seed), lowest(search.Random, seed); !(got < tt.part*guess) {
				t.Errorf("%s on %s of dimension 10: loss %.3g after %d evaluations, want less than %v of %.3g, which random search has (seed %d)",
					tt.def.Name, tt.function, got, tt.evaluations, tt.part, guess, seed)
			}
		}
	}
}

// Where a difference or a velocity is out of the range of the finite numbers, a
// weight stays.
func TestWeightsStayFinite(t *testing.T) {
	for _, tt := range []struct {
		def    optimizers.Definition
		config string
	}{{PSO, ""}, {PSO, constriction}, {DE, ""}, {SHADE, ""}} {
		opt := newOptimizer(t, tt.def, tt.config, optimizers.Problem{Init: make([]float64, 5), Seed: 1})
		step(t, opt, func(k int, _ []float64) float64 { return float64(k) })
		var rows [][]float64
		switch o := opt.(type) {
		case *pso:
			rows = slices.Concat(o.rows, o.x, o.v)
		case *de:
			rows = o.rows
		case *shade:
			rows = o.rows
		}
		for k, row := range rows {
			for i := range row {
				row[i] = math.MaxFloat64 * float64(1-2*((k+i)%2))
			}
		}
		for range 5 {
			rows, _ := step(t, opt, func(k int, _ []float64) float64 { return -float64(k) })
			for k, w := range rows {
				for i, x := range w {
					if !(math.Abs(x) <= math.MaxFloat64) {
						t.Fatalf("%s %s: weight %d of candidate %d is %v", tt.def.Name, tt.config, i, k, x)
					}
				}
			}
		}
	}
}

func TestNoneAllocates(t *testing.T) {
	for _, def := range all() {
		for _, config := range []string{"", `{"reevaluate": true}`} {
			f := opttest.NewFunction("sphere", 10)
			opt := newOptimizer(t, def, config, optimizers.Problem{Init: make([]float64, 10), Budget: 100_000, Seed: 1})
			evals := make([]optimizers.Evaluation, 400)
			allocs := testing.AllocsPerRun(50, func() {
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
			if allocs > 0 {
				t.Errorf("%s %s: %v allocations a step, want none", def.Name, config, allocs)
			}
		}
	}
}
