package evolution

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/noise"
	"github.com/joust-bench/joust/optimizers/opttest"
)

// builds are both strategies with their sigma at 1.
var builds = map[string]optimizers.Definition{
	"cma-es":        opttest.With(CMAES, `{"sigma": 1}`),
	"cma-es/ipop":   opttest.With(CMAES, `{"sigma": 1, "restarts": "ipop"}`),
	"cma-es/bipop":  opttest.With(CMAES, `{"sigma": 1, "restarts": "bipop"}`),
	"cma-es/plain":  opttest.With(CMAES, `{"sigma": 1, "active": false}`),
	"sep-cma-es":    opttest.With(SepCMAES, `{"sigma": 1}`),
	"sep-cma-es/40": opttest.With(SepCMAES, `{"sigma": 1, "population": 40}`),
}

func build(t *testing.T, def optimizers.Definition, p optimizers.Problem) optimizers.Optimizer {
	t.Helper()
	p.Threads = max(1, p.Threads)
	o, err := def.New(nil, p)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// advance takes a step, and returns copies of what was asked, nil at the end.
func advance(t *testing.T, o optimizers.Optimizer, loss func(x []float64) float64) [][]float64 {
	t.Helper()
	rows, err := o.Ask()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) == 0 {
		return nil // converged
	}
	evals := make([]optimizers.Evaluation, len(rows))
	asked := make([][]float64, len(rows))
	for k, x := range rows {
		asked[k] = slices.Clone(x)
		evals[k].Loss = loss(x)
	}
	if err := o.Tell(evals); err != nil {
		t.Fatal(err)
	}
	return asked
}

func sameBits(t *testing.T, what string, a, b [][]float64) {
	t.Helper()
	if len(a) != len(b) {
		t.Fatalf("%s: %d and %d candidates", what, len(a), len(b))
	}
	for k := range a {
		for i := range a[k] {
			if math.Float64bits(a[k][i]) != math.Float64bits(b[k][i]) {
				t.Fatalf("%s: candidate %d has weight %d = %v and %v", what, k, i, a[k][i], b[k][i])
			}
		}
	}
}

// Only the order of the losses counts.
func TestIncreasingTransformsOfTheLossChangeNothing(t *testing.T) {
	f := opttest.NewFunction("rosenbrock", 6)
	plain := func(x []float64) float64 { return f.Loss(x, nil) }
	for transform, g := range map[string]func(float64) float64{
		"2^600 y": func(y float64) float64 { return 0x1p600 * y },
		"y^3":     func(y float64) float64 { return y * y * y },
		"-1/y":    func(y float64) float64 { return -1 / y },
		"log":     math.Log,
	} {
		for name, def := range builds {
			if name == "cma-es/ipop" || name == "cma-es/bipop" {
				continue // TolHistFun is in units of the loss
			}
			p := optimizers.Problem{Init: make([]float64, 6), Seed: 4}
			a, b := build(t, def, p), build(t, def, p)
			for g0 := range 150 {
				x := advance(t, a, plain)
				y := advance(t, b, func(x []float64) float64 { return g(plain(x)) })
				sameBits(t, fmt.Sprintf("%s, %s, generation %d", name, transform, g0), x, y)
			}
		}
	}
}

// A translation of the start and of the function translates the candidates, but
// for rounding.
func TestTranslationTranslates(t *testing.T) {
	f := opttest.NewFunction("rosenbrock", 6)
	shift := []float64{3, -40, 0.5, 7, -1, 100}
	moved := func(x []float64) float64 {
		y := slices.Clone(x)
		for i := range y {
			y[i] -= shift[i]
		}
		return f.Loss(y, nil)
	}
	for name, def := range builds {
		a := build(t, def, optimizers.Problem{Init: make([]float64, 6), Seed: 4})
		b := build(t, def, optimizers.Problem{Init: shift, Seed: 4})
		for g := range 30 {
			x, y := advance(t, a, func(x []float64) float64 { return f.Loss(x, nil) }), advance(t, b, moved)
			for k := range x {
				for i := range x[k] {
					if math.Abs(y[k][i]-shift[i]-x[k][i]) > 1e-9 {
						t.Fatalf("%s: generation %d, candidate %d: weight %d is %v from the shift, want %v", name, g, k, i, y[k][i]-shift[i], x[k][i])
					}
				}
			}
		}
	}
}

// If signs are flipped, of the noise and of the coordinates of the function, then
// so are the candidates, to the bit: each sum has the same terms.
func TestFlippedSignsFlip(t *testing.T) {
	const n = 7
	f := opttest.NewFunction("rotated-ellipsoid", n)
	flip := func(x []float64) {
		for i := 1; i < n; i += 2 {
			x[i] = -x[i]
		}
	}
	plain := func(x []float64) float64 { return f.Loss(x, nil) }
	flipped := func(x []float64) float64 { y := slices.Clone(x); flip(y); return plain(y) }
	p := optimizers.Problem{Init: make([]float64, n), Seed: 9}
	for name, def := range builds {
		a, b := build(t, def, p), build(t, def, p)
		for g := range 100 {
			x := advance(t, a, plain)
			rows, err := b.Ask()
			if err != nil {
				t.Fatal(err)
			}
			redraw(b, flip)
			evals := make([]optimizers.Evaluation, len(rows))
			y := make([][]float64, len(rows))
			for k, row := range rows {
				evals[k].Loss = flipped(row)
				y[k] = slices.Clone(row)
				flip(y[k])
				for i := range y[k] { // -0 + 0 is 0
					x[k][i] += 0
					y[k][i] += 0
				}
			}
			if err := b.Tell(evals); err != nil {
				t.Fatal(err)
			}
			sameBits(t, fmt.Sprintf("%s, generation %d", name, g), x, y)
		}
	}
}

// redraw changes the noise of the candidates that were asked for.
func redraw(o optimizers.Optimizer, change func(z []float64)) {
	switch o := o.(type) {
	case *cmaes:
		n := len(o.mean)
		for k := range o.rows {
			change(o.z[k*n : (k+1)*n])
		}
		o.spread()
	case *sepCMAES:
		for k, x := range o.rows {
			noise.Normal(x, o.p.Seed, o.generation, uint32(k))
			change(x)
			o.place(x)
		}
	}
}

// If the coordinates of the noise and of the function are permuted, then so are
// the candidates of sep-cma-es, but for the rounding of the length of a path.
// For cma-es see TestCoordinatesDoNotMatter.
func TestPermutedCoordinatesPermute(t *testing.T) {
	const n = 7
	order := []int{3, 0, 6, 1, 5, 2, 4}
	permute := func(x []float64) {
		old := slices.Clone(x)
		for i, from := range order {
			x[i] = old[from]
		}
	}
	f := opttest.NewFunction("rosenbrock", n)
	p := optimizers.Problem{Init: make([]float64, n), Seed: 9}
	a, b := build(t, builds["sep-cma-es"], p), build(t, builds["sep-cma-es"], p)
	for g := range 40 {
		x := advance(t, a, func(x []float64) float64 { return f.Loss(x, nil) })
		rows, err := b.Ask()
		if err != nil {
			t.Fatal(err)
		}
		redraw(b, permute)
		evals := make([]optimizers.Evaluation, len(rows))
		for k, y := range rows {
			back := make([]float64, n)
			for i, from := range order {
				back[from] = y[i]
			}
			evals[k].Loss = f.Loss(back, nil)
			for i := range back {
				if math.Abs(back[i]-x[k][i]) > 1e-9 {
					t.Fatalf("generation %d, candidate %d: weight %d = %v, want %v", g, k, i, back[i], x[k][i])
				}
			}
		}
		if err := b.Tell(evals); err != nil {
			t.Fatal(err)
		}
	}
}

// The Cholesky factor singles out an order of the coordinates, and axes: but the
// distribution does not depend on it, and so neither does the time to solve an
// ellipsoid, with its coordinates in either order or rotated. The quartiles of 25
// seeds are 3 % from the median.
func TestCoordinatesDoNotMatter(t *testing.T) {
	const n = 10
	f, r := opttest.NewFunction("ellipsoid", n), opttest.NewFunction("rotated-ellipsoid", n)
	median := func(loss func(x []float64) float64) float64 {
		var counts []float64
		for seed := range uint64(25) {
			o := build(t, builds["cma-es"], optimizers.Problem{Init: make([]float64, n), Seed: seed})
			told := 0
			for low := math.Inf(1); low > 1e-8 && told < 20_000; {
				told += len(advance(t, o, func(x []float64) float64 {
					y := loss(x)
					low = min(low, y)
					return y
				}))
			}
			counts = append(counts, float64(told))
		}
		slices.Sort(counts)
		return counts[12]
	}
	plain := median(func(x []float64) float64 { return f.Loss(x, nil) })
	for name, loss := range map[string]func(x []float64) float64{
		"reversed": func(x []float64) float64 {
			y := slices.Clone(x)
			slices.Reverse(y)
			return f.Loss(y, nil)
		},
		"rotated": func(x []float64) float64 { return r.Loss(x, nil) },
	} {
		if got := median(loss); math.Abs(got/plain-1) > 0.06 {
			t.Errorf("%s ellipsoid takes %v evaluations, the plain one %v, want within 6 %%", name, got, plain)
		}
	}
}

// Candidates are draws alike: which of them comes first does not matter, to the
// bit, because all sums are in the order of ranks.
func TestOrderOfCandidatesDoesNotMatter(t *testing.T) {
	const n = 7
	f := opttest.NewFunction("rosenbrock", n)
	p := optimizers.Problem{Init: make([]float64, n), Seed: 2}
	for name, def := range builds {
		a, b := build(t, def, p), build(t, def, p)
		for g := range 60 {
			x := advance(t, a, func(x []float64) float64 { return f.Loss(x, nil) })
			rows, err := b.Ask()
			if err != nil {
				t.Fatal(err)
			}
			// The candidates in reverse.
			switch o := b.(type) {
			case *cmaes:
				z := slices.Clone(o.z)
				for k := range rows {
					copy(o.z[k*n:(k+1)*n], z[(len(rows)-1-k)*n:])
				}
				o.spread()
			case *sepCMAES:
				slices.Reverse(o.rows)
			}
			evals := make([]optimizers.Evaluation, len(rows))
			y := make([][]float64, len(rows))
			for k, row := range rows {
				evals[k].Loss = f.Loss(row, nil)
				y[len(rows)-1-k] = slices.Clone(row)
			}
			if err := b.Tell(evals); err != nil {
				t.Fatal(err)
			}
			sameBits(t, fmt.Sprintf("%s, generation %d", name, g), x, y)
		}
	}
}

// What does it with several threads, and tasks: n = 300 has five panels, and
// 10,000 weights three stretches.
func TestThreadsChangeNothing(t *testing.T) {
	for name, n := range map[string]int{"cma-es": 300, "cma-es/plain": 129, "sep-cma-es": 10_000} {
		var want [][]float64
		for _, threads := range []int{1, 2, 8} {
			o := build(t, builds[name], optimizers.Problem{Init: make([]float64, n), Seed: 3, Threads: threads})
			var asked [][]float64
			for range 12 {
				asked = append(asked, advance(t, o, func(x []float64) float64 {
					sum := 0.0
					for i, v := range x {
						sum += float64(i+1) * (v - 1) * (v - 1)
					}
					return sum
				})...)
			}
			if want == nil {
				want = asked
			}
			sameBits(t, fmt.Sprintf("%s, 1 and %d threads", name, threads), want, asked)
		}
	}
}
