package evolution

import (
	"math"
	"slices"
	"testing"

	"github.com/joust-bench/joust/optimizers"
)

// A course is what a run is about.
type course struct {
	config string
	init   []float64
	loss   func(w []float64) float64
	seed   uint64
	steps  int
	// threads is 1 where it says 0.
	threads int
}

// path takes steps and returns what is recommended after each.
func path(t *testing.T, def optimizers.Definition, p course) [][]float64 {
	t.Helper()
	opt, err := def.New([]byte(p.config), optimizers.Problem{Init: p.init, Seed: p.seed, Threads: max(1, p.threads)})
	if err != nil {
		t.Fatal(err)
	}
	var points [][]float64
	for range p.steps {
		rows, err := opt.Ask()
		if err != nil {
			t.Fatal(err)
		}
		evals := make([]optimizers.Evaluation, len(rows))
		for k, w := range rows {
			evals[k].Loss = p.loss(w)
		}
		if err := opt.Tell(evals); err != nil {
			t.Fatal(err)
		}
		points = append(points, slices.Clone(opt.(optimizers.Recommender).Recommend()))
	}
	return points
}

// dim is as small as the method takes, and not as small as that for the others.
func dim(def optimizers.Definition) int {
	if def.Name == "lm-ma-es" {
		return 100
	}
	return 12
}

func start(n int) []float64 {
	w := make([]float64, n)
	for i := range w {
		w[i] = math.Sin(float64(3 * i))
	}
	return w
}

// ellipsoid is not the same in any two coordinates, and is lowest where they are
// all 1/4.
func ellipsoid(w []float64) float64 {
	sum, scale := 0.0, 1.0
	for _, x := range w {
		sum += scale * (x - 0.25) * (x - 0.25)
		scale *= 1.3
	}
	return sum
}

// Cubing changes no order and no tie.
func TestStrictlyIncreasingTransformsOfTheLossChangeNothing(t *testing.T) {
	for _, def := range strategies() {
		p := course{init: start(dim(def)), loss: ellipsoid, seed: 5, steps: 60}
		plain := path(t, def, p)
		p.loss = func(w []float64) float64 { x := ellipsoid(w); return x * x * x }
		for step, w := range path(t, def, p) {
			if !slices.Equal(w, plain[step]) {
				t.Errorf("%s: another path from step %d on", def.Name, step)
				break
			}
		}
	}
}

// At a size at which the cores are used, there is more than one stretch, and the
// last one is short.
func TestManyThreadsChangeNothing(t *testing.T) {
	for _, def := range strategies() {
		p := course{config: `{"population": 64}`, init: start(2*stretch + 77), loss: func(w []float64) float64 { return ellipsoid(w[:20]) }, seed: 5, steps: 4}
		if def.Name == "xnes" {
			p.init = start(300)
		}
		want := path(t, def, p)
		for _, p.threads = range []int{2, 8} {
			for step, w := range path(t, def, p) {
				if !slices.Equal(w, want[step]) {
					t.Errorf("%s: another path with %d threads from step %d on", def.Name, p.threads, step)
					break
				}
			}
		}
	}
}

// apart is the largest difference of w and want, over the largest number in want.
func apart(w, want []float64) float64 {
	d := 0.0
	for i := range w {
		d = max(d, math.Abs(w[i]-want[i]))
	}
	return d / largest(want)
}

// A start and an optimum that are moved alike give the same path, moved. The
// rounding of the sums differs.
func TestTranslationMovesThePath(t *testing.T) {
	for _, def := range strategies() {
		p := course{config: `{}`, init: start(dim(def)), loss: ellipsoid, seed: 6, steps: 25}
		if def.Name == "openai-es" {
			p.config = `{"weight_decay": 0}` // which pulls to the origin
		}
		plain := path(t, def, p)
		by := func(i int) float64 { return float64(i%7) - 3.3 }
		back := make([]float64, len(p.init))
		p.loss = func(w []float64) float64 {
			for i := range w {
				back[i] = w[i] - by(i)
			}
			return ellipsoid(back)
		}
		p.init = slices.Clone(p.init)
		for i := range p.init {
			p.init[i] += by(i)
		}
		for step, w := range path(t, def, p) {
			for i := range w {
				w[i] -= by(i)
			}
			if d := apart(w, plain[step]); d > 1e-9 {
				t.Errorf("%s: %.2g away at step %d, want the same path", def.Name, d, step)
				break
			}
		}
	}
}

// Turned around the origin, the two of each pair change places.
func TestMirroredSamplesMirrorThePath(t *testing.T) {
	for _, def := range []optimizers.Definition{OpenAIES, PGPE, CRFMNES, LMMAES} {
		p := course{config: `{"population": 16}`, init: start(dim(def)), loss: ellipsoid, seed: 7, steps: 25}
		plain := path(t, def, p)
		minus := func(w []float64) []float64 {
			m := make([]float64, len(w))
			for i := range w {
				m[i] = -w[i]
			}
			return m
		}
		p.init = minus(p.init)
		p.loss = func(w []float64) float64 { return ellipsoid(minus(w)) }
		for step, w := range path(t, def, p) {
			if d := apart(minus(w), plain[step]); d > 1e-9 {
				t.Errorf("%s: %.2g away at step %d, want the same path", def.Name, d, step)
				break
			}
		}
	}
}

// medianEvaluations counts the evaluations of runs to a loss below 1e-8, of 15 seeds.
func medianEvaluations(t *testing.T, def optimizers.Definition, init []float64, loss func(w []float64) float64, limit int) float64 {
	t.Helper()
	var counts []float64
	for seed := range uint64(15) {
		opt, err := def.New([]byte(`{"sigma": 1}`), optimizers.Problem{Init: init, Seed: 100 + seed, Threads: 1})
		if err != nil {
			t.Fatal(err)
		}
		n, solved := 0, false
		for n < limit && !solved {
			rows, err := opt.Ask()
			if err != nil {
				t.Fatal(err)
			}
			evals := make([]optimizers.Evaluation, len(rows))
			for k, w := range rows {
				evals[k].Loss = loss(w)
				solved = solved || evals[k].Loss < 1e-8
			}
			n += len(rows)
			if err := opt.Tell(evals); err != nil {
				t.Fatal(err)
			}
		}
		if !solved {
			n = math.MaxInt
		}
		counts = append(counts, float64(n))
	}
	slices.Sort(counts)
	return counts[len(counts)/2]
}

// The order and the signs of coordinates mean nothing: reversed and with every
// other sign changed, the ellipsoid takes as many evaluations.
func TestPermutationAndSignsTakeAsManyEvaluations(t *testing.T) {
	const n = 8
	for _, def := range []optimizers.Definition{SNES, XNES, MuLambda, CRFMNES} {
		turned := make([]float64, n)
		turn := func(w []float64) []float64 {
			for i, x := range w {
				if i%2 == 0 {
					x = -x
				}
				turned[n-1-i] = x
			}
			return turned
		}
		want := medianEvaluations(t, def, start(n), ellipsoid, 100_000)
		// turn is undone by turning again, but for all signs, n being even.
		init := slices.Clone(turn(start(n)))
		for i := range init {
			init[i] = -init[i]
		}
		got := medianEvaluations(t, def, init, func(w []float64) float64 { return ellipsoid(turn(w)) }, 100_000)
		if math.Abs(got/want-1) > 0.15 {
			t.Errorf("%s: median of %g evaluations, and %g before", def.Name, got, want)
		}
	}
}

// A loss that is flat in one direction may be so in any, for methods that learn
// directions; not for one step size per weight.
func TestCigarsOfAnyDirection(t *testing.T) {
	const n, limit = 10, 60_000
	cigar := func(axis []float64) func(w []float64) float64 {
		return func(w []float64) float64 {
			along, all := 0.0, 0.0
			for i, x := range w {
				along += x * axis[i]
				all += x * x
			}
			return along*along + 1e4*max(0, all-along*along)
		}
	}
	axis, diagonal := make([]float64, n), make([]float64, n)
	axis[3] = 1
	for i := range diagonal {
		diagonal[i] = 1 / math.Sqrt(n)
		if i%3 == 0 {
			diagonal[i] = -diagonal[i]
		}
	}
	straight, oblique := medianEvaluations(t, XNES, start(n), cigar(axis), limit), medianEvaluations(t, XNES, start(n), cigar(diagonal), limit)
	if math.Abs(oblique/straight-1) > 0.15 {
		t.Errorf("xnes: median of %g evaluations for an oblique cigar, %g for one along an axis, want as many", oblique, straight)
	}
	if got := medianEvaluations(t, CRFMNES, start(n), cigar(diagonal), limit); got > limit/2 {
		t.Errorf("cr-fm-nes: median of %g evaluations for an oblique cigar, want at most %d", got, limit/2)
	}
	if got := medianEvaluations(t, SNES, start(n), cigar(diagonal), limit); got < limit {
		t.Errorf("snes: median of %g evaluations for an oblique cigar, want more than %d", got, limit)
	}
}

// Losses that fall for ever, and losses without any order, go on for ever.
func TestNothingOverflows(t *testing.T) {
	for _, def := range strategies() {
		n := dim(def)
		for name, loss := range map[string]func(w []float64) float64{
			"linear":   func(w []float64) float64 { return -w[0] },
			"inverted": func(w []float64) float64 { return -ellipsoid(w) },
			"the same": func([]float64) float64 { return 1 },
			"+Inf":     func([]float64) float64 { return math.Inf(1) },
		} {
			for _, w := range path(t, def, course{init: start(n), loss: loss, seed: 8, steps: 3000}) {
				if !(largest(w) <= math.MaxFloat64) {
					t.Errorf("%s, loss %s: recommends %v", def.Name, name, w)
					break
				}
			}
		}
	}
}

func TestNoAllocationInSteadyState(t *testing.T) {
	for _, def := range strategies() {
		n := dim(def)
		opt, err := def.New(nil, optimizers.Problem{Init: start(n), Seed: 1, Threads: 1})
		if err != nil {
			t.Fatal(err)
		}
		evals := make([]optimizers.Evaluation, 100)
		allocations := testing.AllocsPerRun(20, func() {
			rows, err := opt.Ask()
			if err != nil {
				t.Fatal(err)
			}
			for k, w := range rows {
				evals[k].Loss = ellipsoid(w)
			}
			if err := opt.Tell(evals[:len(rows)]); err != nil {
				t.Fatal(err)
			}
		})
		if allocations != 0 {
			t.Errorf("%s: %g allocations in a step, want none", def.Name, allocations)
		}
	}
}
