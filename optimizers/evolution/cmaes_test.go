package evolution

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/opttest"
	"github.com/joust-bench/joust/optimizers/search"
)

// The defaults are checked in package builtin; these are the other variants.
func TestVariantsKeepTheContract(t *testing.T) {
	for config, def := range map[string]optimizers.Definition{
		`{"active": false}`:                      CMAES,
		`{"restarts": "ipop"}`:                   CMAES,
		`{"restarts": "bipop", "population": 5}`: CMAES,
		`{"population": 2}`:                      CMAES,
		`{"population": 27, "sigma": 2}`:         CMAES,
		`{"population": 3}`:                      SepCMAES,
	} {
		t.Run(config, func(t *testing.T) { opttest.Run(t, opttest.With(def, config)) })
	}
}

// What the documentation says of random search at equal work.
func TestBeatsRandomSearch(t *testing.T) {
	lowest := func(def optimizers.Definition, function string, evaluations int, seed uint64) float64 {
		f := opttest.NewFunction(function, 10)
		o := build(t, def, optimizers.Problem{Init: make([]float64, 10), Seed: seed})
		low := math.Inf(1)
		for told := 0; told < evaluations; {
			told += len(advance(t, o, func(x []float64) float64 {
				loss := f.Loss(x, nil)
				low = min(low, loss)
				return loss
			}))
		}
		return low
	}
	for seed := range uint64(3) {
		for _, c := range []struct {
			def         optimizers.Definition
			function    string
			evaluations int
		}{
			{CMAES, "rotated-ellipsoid", 5600},
			{SepCMAES, "ellipsoid", 4000},
		} {
			got, guess := lowest(c.def, c.function, c.evaluations, seed), lowest(search.Random, c.function, c.evaluations, seed)
			if !(got < 1e-8 && guess > 1e3) {
				t.Errorf("%s on %s reaches %g and random search %g, want under 1e-8 and over 1e3 (seed %d)", c.def.Name, c.function, got, guess, seed)
			}
		}
	}
}

func TestTooManyWeightsAreRefused(t *testing.T) {
	_, err := CMAES.New(nil, optimizers.Problem{Init: make([]float64, maxDim+1), Threads: 1})
	if want := "cma-es takes at most 4000 weights, not 4001"; err == nil || err.Error() != want {
		t.Errorf("%d weights: error %v, want %s", maxDim+1, err, want)
	}
	if _, err := CMAES.New([]byte(`{"population": 1}`), optimizers.Problem{Init: make([]float64, 3), Threads: 1}); err == nil {
		t.Error("a population of 1 is taken, want an error")
	}
}

// Without restarts the search ends where it can tell nothing apart, and not before.
func TestConvergesWhereNothingMoves(t *testing.T) {
	f := opttest.NewFunction("sphere", 5)
	for name, def := range builds {
		if strings.HasSuffix(name, "pop") {
			continue
		}
		s := opttest.Search{Definition: def, Function: f, Target: 1e-18, Limit: 20_000}
		if n, solved, err := s.Evaluations(1); !solved || err != nil {
			t.Errorf("%s: %d evaluations, solved %v, %v, want 1e-18 reached", name, n, solved, err)
		}
		s.Target = math.SmallestNonzeroFloat64
		n, solved, err := s.Evaluations(1)
		if solved || err != nil || n >= s.Limit {
			t.Errorf("%s: %d evaluations, solved %v, %v, want that it converges before %d", name, n, solved, err, s.Limit)
		}
	}
}

// On a slope without an end the steps grow until they would overflow. That is an
// error, and what is recommended is finite.
func TestEndlessSlopeDiverges(t *testing.T) {
	for name, def := range builds {
		if strings.HasSuffix(name, "pop") {
			continue
		}
		o := build(t, def, optimizers.Problem{Init: make([]float64, 3), Seed: 1})
		err := error(nil)
		for range 20_000 {
			rows, e := o.Ask()
			if e != nil || len(rows) == 0 {
				t.Fatalf("%s: Ask: %d candidates, %v", name, len(rows), e)
			}
			evals := make([]optimizers.Evaluation, len(rows))
			for k, x := range rows {
				evals[k].Loss = x[0] - 2*x[1]
			}
			if err = o.Tell(evals); err != nil {
				break
			}
		}
		if !errors.Is(err, optimizers.ErrDiverged) {
			t.Errorf("%s: error %v, want that it diverged", name, err)
		}
		for i, x := range o.(optimizers.Recommender).Recommend() {
			if math.IsNaN(x) || math.IsInf(x, 0) {
				t.Errorf("%s recommends %v as weight %d", name, x, i)
			}
		}
	}
}

// A weight so large that no step changes it has no variance left, and stops nobody:
// with 200 candidates almost none of the covariance outlasts a generation.
func TestWeightThatCannotMoveIsHarmless(t *testing.T) {
	for _, def := range []optimizers.Definition{CMAES, SepCMAES} {
		o := build(t, opttest.With(def, `{"population": 200}`), optimizers.Problem{Init: []float64{1e20, 3}, Seed: 1})
		for range 60 {
			advance(t, o, func(x []float64) float64 { return x[1] * x[1] })
		}
		if w := o.(optimizers.Recommender).Recommend(); !(math.Abs(w[1]) < 1e-3) || math.Abs(w[0]/1e20-1) > 1e-9 {
			t.Errorf("%s recommends %v, want 1e20 and 0", def.Name, w)
		}
	}
}

// The factor that is in use is older than the covariance, and is a part of the
// checkpoint; so is the place in the plan of restarts, with its population.
func TestCheckpointBetweenFactors(t *testing.T) {
	sphere := func(x []float64) float64 {
		sum := 0.0
		for i, v := range x {
			sum += float64(i+1) * (v - 1) * (v - 1)
		}
		return sum
	}
	rastrigin := opttest.NewFunction("rastrigin", 3)
	offset := func(x []float64) float64 { return 5 + rastrigin.Loss(x, nil) }
	for _, c := range []struct {
		name, config  string
		n, generation int
		loss          func(x []float64) float64
		there         func(o *cmaes) bool
	}{
		{"stale factor", `{}`, 500, 6, sphere, func(o *cmaes) bool { return o.refactorIn == 4 && o.age == 2 }},
		{
			"second population", `{"restarts": "ipop"}`, 3, 400, offset,
			func(o *cmaes) bool { return o.plan.runs > 2 && o.record.generation > 0 && o.lambda > 7 },
		},
		{
			"small runs", `{"restarts": "bipop"}`, 3, 900, offset,
			func(o *cmaes) bool { return o.plan.runs > 3 && o.record.generation > 0 && o.plan.spent[1] > 0 },
		},
		{
			"flat loss", `{"restarts": "ipop"}`, 3, 2, func([]float64) float64 { return 1 },
			func(o *cmaes) bool { return o.plan.runs == 1 && o.record.equal[0] },
		},
	} {
		p := optimizers.Problem{Init: make([]float64, c.n), Seed: 5, Threads: 2}
		def := opttest.With(CMAES, c.config)
		a := build(t, def, p).(*cmaes)
		for range c.generation {
			advance(t, a, c.loss)
		}
		if !c.there(a) {
			t.Fatalf("%s: the run is not where the test wants it: age %d of %d, plan %+v", c.name, a.age, a.refactorIn, a.plan)
		}
		data, err := a.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		b := build(t, def, p).(*cmaes)
		if err := b.UnmarshalBinary(data); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if b.plan != a.plan {
			t.Errorf("%s: plan is %+v after a checkpoint, want %+v", c.name, b.plan, a.plan)
		}
		if a, b := a.record, b.record; a != nil && (a.generation != b.generation || a.lambda != b.lambda || a.maxIter != b.maxIter ||
			!slices.Equal(a.best, b.best) || !slices.Equal(a.median, b.median) || !slices.Equal(a.equal, b.equal)) {
			t.Errorf("%s: a checkpoint changes what the run remembers of its losses", c.name)
		}
		for range 300 {
			sameBits(t, c.name, advance(t, a, c.loss), advance(t, b, c.loss))
			sameBits(t, c.name+", recommended", [][]float64{a.Recommend()}, [][]float64{b.Recommend()})
			if c.n > 100 && a.generation > 20 {
				break
			}
		}
	}
}

// A checkpoint with an impossible population is refused, whatever its checksum.
func TestCheckpointWithAnImpossiblePlanIsRefused(t *testing.T) {
	def := opttest.With(CMAES, `{"restarts": "bipop"}`)
	p := optimizers.Problem{Init: make([]float64, 3)}
	for name, spoil := range map[string]func(*plan){
		"huge population":  func(p *plan) { p.chosen = 1 << 50 },
		"no population":    func(p *plan) { p.chosen = 0 },
		"endless doubling": func(p *plan) { p.doublings = 63; p.chosen = 1 << 60 },
	} {
		a := build(t, def, p).(*cmaes)
		spoil(&a.plan)
		data, err := a.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		if err := build(t, def, p).(*cmaes).UnmarshalBinary(data); err == nil {
			t.Errorf("%s: the checkpoint is taken, want an error", name)
		}
	}
}

func TestStepsAllocateNothing(t *testing.T) {
	for name, def := range builds {
		for _, n := range []int{5, 150} {
			o := build(t, def, optimizers.Problem{Init: make([]float64, n), Seed: 1})
			evals := make([]optimizers.Evaluation, 100)
			step := func() {
				rows, err := o.Ask()
				if err != nil {
					t.Fatal(err)
				}
				for k, x := range rows {
					evals[k].Loss = math.Abs(x[0]) + x[1]*x[1]
				}
				if err := o.Tell(evals[:len(rows)]); err != nil {
					t.Fatal(err)
				}
			}
			if got := testing.AllocsPerRun(50, step); got > 0 {
				t.Errorf("%s, n = %d: %v allocations in a step, want none", name, n, got)
			}
		}
	}
}
