package search

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/joust-bench/joust/optimizers"
)

// The functions of testdata/neldermead.py, operation by operation.
func simplexFunctions() map[string]func(x []float64) float64 {
	square := func(x float64) float64 { return float64(x * x) }
	quadratic := func(x []float64) (total float64) {
		for i := range x {
			opt := float64(i+1) * 0.25
			if i%2 == 1 {
				opt = -opt
			}
			total += float64(float64(i+1) * square(x[i]-opt))
		}
		return total
	}
	return map[string]func(x []float64) float64{
		"booth": func(x []float64) float64 {
			return square(x[0]+2*x[1]-7) + square(2*x[0]+x[1]-5)
		},
		"himmelblau": func(x []float64) float64 {
			return square(square(x[0])+x[1]-11) + square(x[0]+square(x[1])-7)
		},
		"powell": func(x []float64) float64 {
			a, b, c, d := x[0]+10*x[1], x[2]-x[3], x[1]-2*x[2], x[0]-x[3]
			return square(a) + float64(5*square(b)) + square(square(c)) + float64(10*square(square(d)))
		},
		"rosenbrock": func(x []float64) (total float64) {
			for i := range len(x) - 1 {
				total += float64(100*square(x[i+1]-square(x[i]))) + square(1-x[i])
			}
			return total
		},
		"quadratic": quadratic,
		"terraces":  func(x []float64) float64 { return math.Floor(quadratic(x) * 4) },
	}
}

// Nelder-Mead asks what scipy.optimize.minimize does (SciPy 1.10, Debian 12) from
// the same simplex, stops after as many evaluations, and at the same point;
// testdata/neldermead.py made the figures. The arithmetic is the same, and so
// are the bits.
func TestNelderMeadAgreesWithSciPy(t *testing.T) {
	var ref struct {
		Runs []struct {
			Function    string
			Adaptive    bool
			Start       []float64
			Path        [][]float64
			Evaluations int
			X           []float64
			Loss        float64
		}
	}
	figures(t, "neldermead.json", &ref)
	if len(ref.Runs) != 12 {
		t.Fatalf("%d runs, want 12", len(ref.Runs))
	}
	for _, r := range ref.Runs {
		f := simplexFunctions()[r.Function]
		config := `{"coefficients": "standard", "tolerance": 1e-8}`
		if r.Adaptive {
			config = `{"coefficients": "adaptive", "tolerance": 1e-8}`
		}
		opt := newOptimizer(t, NelderMead, config, optimizers.Problem{Init: r.Start})
		path := asked(t, opt, 5000, func(_ int, w []float64) float64 { return f(w) })
		if len(path) != r.Evaluations {
			t.Errorf("%s %s: %d evaluations, want %d", r.Function, config, len(path), r.Evaluations)
		}
		for k, want := range r.Path {
			if !slices.Equal(path[k], want) {
				t.Errorf("%s %s: candidate %d = %v, want %v", r.Function, config, k, path[k], want)
				break
			}
		}
		got := opt.(optimizers.Recommender).Recommend()
		if !slices.Equal(got, r.X) || f(got) != r.Loss {
			t.Errorf("%s %s: minimum %v at %v, want %v at %v", r.Function, config, f(got), got, r.Loss, r.X)
		}
	}
}

// Coefficients "auto" are the standard ones up to dimension 10 and adaptive above.
func TestNelderMeadChoosesCoefficients(t *testing.T) {
	for n, want := range map[int]string{10: "standard", 11: "adaptive"} {
		run := func(coefficients string) [][]float64 {
			opt := newOptimizer(t, NelderMead, `{"coefficients": "`+coefficients+`"}`, optimizers.Problem{Init: slices.Repeat([]float64{1}, n)})
			return asked(t, opt, 200, func(_ int, w []float64) float64 { return simplexFunctions()["quadratic"](w) })
		}
		if same(run("standard"), run("adaptive")) {
			t.Fatalf("dimension %d: the coefficients change nothing", n)
		}
		if !same(run("auto"), run(want)) {
			t.Errorf("dimension %d: auto is not %s", n, want)
		}
	}
}

// The order of coordinates does not matter, for a sum that does not depend on it.
func TestNelderMeadPermutes(t *testing.T) {
	const n = 7
	order := []int{3, 0, 6, 1, 5, 2, 4}
	run := func(place func(i int) int) [][]float64 {
		opt := newOptimizer(t, NelderMead, "", optimizers.Problem{Init: make([]float64, n)})
		terms := make([]float64, n)
		return asked(t, opt, 300, func(_ int, w []float64) (loss float64) {
			for i := range terms {
				d := w[place(i)] - float64(i)
				terms[i] = float64(i+1) * d * d
			}
			slices.Sort(terms)
			for _, term := range terms {
				loss += term
			}
			return loss
		})
	}
	plain, permuted := run(func(i int) int { return i }), run(func(i int) int { return order[i] })
	for k, w := range plain[n+1:] { // after the first simplex, whose vertices are permuted
		for i := range n {
			if got := permuted[n+1+k][order[i]]; got != w[i] {
				t.Fatalf("weight %d of candidate %d = %v, want %v", order[i], n+1+k, got, w[i])
			}
		}
	}
}

func TestNelderMeadRefusesManyWeights(t *testing.T) {
	for n, ok := range map[int]bool{100: true, 101: false} {
		_, err := NelderMead.New(nil, optimizers.Problem{Init: make([]float64, n), Threads: 1})
		if (err == nil) != ok || err != nil && !strings.Contains(err.Error(), "at most 100") {
			t.Errorf("%d weights: error %v, want one that names the limit: %v", n, err, !ok)
		}
	}
}

// On a loss without a minimum the simplex grows until there are no more numbers.
func TestNelderMeadDiverges(t *testing.T) {
	opt := newOptimizer(t, NelderMead, "", optimizers.Problem{Init: []float64{1, 1}})
	for range 10_000 {
		rows, err := opt.Ask()
		if err != nil {
			if !errors.Is(err, optimizers.ErrDiverged) {
				t.Fatal(err)
			}
			if w := opt.(optimizers.Recommender).Recommend(); !isFinite(w[0]) || !isFinite(w[1]) {
				t.Errorf("recommends %v, want finite weights", w)
			}
			return
		}
		evals := make([]optimizers.Evaluation, len(rows))
		for k, w := range rows {
			evals[k].Loss = -w[0]
		}
		if err := opt.Tell(evals); err != nil {
			t.Fatal(err)
		}
	}
	t.Error("no divergence in 10,000 steps down a slope without end")
}

// An outer contraction that is as good as the reflection is kept, and an inner one
// that is as good as the worst vertex is not (Lagarias et al. 1998, steps 4a, b).
func TestNelderMeadBreaksTies(t *testing.T) {
	for _, tt := range []struct {
		name      string
		reflected float64 // of a simplex with losses 0, 1 and 3
		trial     float64
		next      int // candidates of the next Ask: one, or two where it shrinks
	}{
		{"outside", 2, 2, 1},
		{"outside, worse", 2, 2.5, 2},
		{"inside", 3, 3, 2},
		{"inside, better", 3, 2.5, 1},
	} {
		opt := newOptimizer(t, NelderMead, "", optimizers.Problem{Init: []float64{0, 0}})
		losses := [][]float64{{0, 1, 3}, {tt.reflected}, {tt.trial}}
		for _, told := range losses {
			rows, err := opt.Ask()
			if err != nil || len(rows) != len(told) {
				t.Fatalf("%s: %d candidates (%v), want %d", tt.name, len(rows), err, len(told))
			}
			evals := make([]optimizers.Evaluation, len(told))
			for k, loss := range told {
				evals[k].Loss = loss
			}
			if err := opt.Tell(evals); err != nil {
				t.Fatal(err)
			}
		}
		if rows, err := opt.Ask(); err != nil || len(rows) != tt.next {
			t.Errorf("%s: then %d candidates (%v), want %d", tt.name, len(rows), err, tt.next)
		}
	}
}
