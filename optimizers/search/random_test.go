package search

import (
	"cmp"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/joust-bench/joust/optimizers"
)

func build(t *testing.T, config string, p optimizers.Problem) optimizers.Optimizer {
	t.Helper()
	p.Threads = 1
	opt, err := Random.New(json.RawMessage(config), p)
	if err != nil {
		t.Fatal(err)
	}
	return opt
}

// step asks, tells the losses, and returns copies of the candidates and their
// losses: none if the search has converged.
func step(t *testing.T, opt optimizers.Optimizer, loss func(w []float64) float64) ([][]float64, []float64) {
	t.Helper()
	rows, err := opt.Ask()
	if err != nil {
		t.Fatal(err)
	}
	evals := make([]optimizers.Evaluation, len(rows))
	losses := make([]float64, len(rows))
	copies := make([][]float64, len(rows))
	for k, w := range rows {
		losses[k] = loss(w)
		evals[k].Loss = losses[k]
		copies[k] = slices.Clone(w)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	if err := opt.Tell(evals); err != nil {
		t.Fatal(err)
	}
	return copies, losses
}

func sphere(w []float64) float64 {
	sum := 0.0
	for _, x := range w {
		sum += x * x
	}
	return sum
}

// The mean is within five of its standard errors, and the variance within five
// of those of a normal's, from what the prior says.
func TestGuessesFollowThePrior(t *testing.T) {
	p := optimizers.Problem{
		Init: slices.Repeat([]float64{7}, 60),
		Blocks: []optimizers.Block{
			{Name: "w", Off: 0, Len: 40, Rows: 20, Scale: 0.25},
			{Name: "b", Off: 40, Len: 20, Rows: 20},
		},
	}
	for _, c := range []struct {
		config         string
		from, to       int
		mean, variance float64
		limit          float64
	}{
		{`{}`, 0, 60, 0, 1, 8.5},
		{`{"sigma": 3}`, 0, 60, 0, 9, 25.5},
		{`{"prior": "uniform", "radius": 6}`, 0, 60, 0, 12, 6},
		{`{"prior": "init"}`, 0, 40, 0, 0.0625, 8.5 / 4},
		{`{"prior": "init"}`, 40, 60, 7, 0, 7},
	} {
		opt := build(t, c.config, p)
		n, sum, squares := 0.0, 0.0, 0.0
		for range 50 {
			rows, _ := step(t, opt, sphere)
			for _, w := range rows {
				for _, x := range w[c.from:c.to] {
					n++
					sum += x
					squares += (x - c.mean) * (x - c.mean)
					if math.Abs(x) > c.limit {
						t.Fatalf("%s: weight %v, want at most %v", c.config, x, c.limit)
					}
				}
			}
		}
		if got, tol := sum/n, 5*math.Sqrt(c.variance/n); math.Abs(got-c.mean) > tol {
			t.Errorf("%s: mean of weights %d to %d = %v, want %v within %v", c.config, c.from, c.to, got, c.mean, tol)
		}
		if got, tol := squares/n, 5*c.variance*math.Sqrt(2/n); math.Abs(got-c.variance) > tol {
			t.Errorf("%s: variance of weights %d to %d = %v, want %v within %v", c.config, c.from, c.to, got, c.variance, tol)
		}
	}
}

// A guess from N(0, I) in the plane is within r of the origin with probability
// 1 - exp(-r^2/2), whatever was told before.
func TestGuessingHitsByChance(t *testing.T) {
	opt := build(t, `{}`, optimizers.Problem{Init: []float64{9, 9}, Seed: 5})
	const r2, steps = 0.1, 1000
	hits, n := 0, 0
	for range steps {
		_, losses := step(t, opt, sphere)
		for _, loss := range losses {
			n++
			if loss < r2 {
				hits++
			}
		}
	}
	p := 1 - math.Exp(-r2/2)
	want, tol := p*float64(n), 5*math.Sqrt(p*(1-p)*float64(n))
	if math.Abs(float64(hits)-want) > tol {
		t.Errorf("%d hits of %d guesses, want %.0f within %.0f", hits, n, want, tol)
	}
}

// The shortlist is what sorting everything that was told would give.
func TestShortlistIsTheBestGuessesOfAll(t *testing.T) {
	type told struct {
		loss float64
		w    []float64
	}
	opt := build(t, `{"candidates": 7}`, optimizers.Problem{Init: make([]float64, 3)})
	var all []told
	loss := func(w []float64) float64 {
		if w[0] < 0 {
			return math.Inf(1) // must not be listed
		}
		return math.Floor(4 * sphere(w)) // many are equal: the first counts
	}
	for range 30 {
		rows, losses := step(t, opt, loss)
		for k, w := range rows {
			if !math.IsInf(losses[k], 1) {
				all = append(all, told{losses[k], w})
			}
		}
		slices.SortStableFunc(all, func(a, b told) int { return cmp.Compare(a.loss, b.loss) })
		for _, n := range []int{0, 1, 5, 10, 100} {
			got := opt.(optimizers.Shortlister).Shortlist(n)
			want := all[:min(n, len(all), 10)]
			if !slices.EqualFunc(got, want, func(w []float64, b told) bool { return slices.Equal(w, b.w) }) {
				t.Fatalf("Shortlist(%d) after %d finite losses is not the best %d of them", n, len(all), len(want))
			}
		}
	}
}

// Local search never gets worse on a loss without noise, steps by the standard
// deviation it is given, and evaluates its best point again in each step.
func TestLocalSearchKeepsTheBest(t *testing.T) {
	init := slices.Repeat([]float64{1}, 50)
	opt := build(t, `{"mode": "local", "step": 0.05, "candidates": 20}`, optimizers.Problem{Init: init})
	best := init
	n, squares := 0.0, 0.0
	for range 100 {
		rows, losses := step(t, opt, sphere)
		if !slices.Equal(rows[0], best) {
			t.Fatal("the first candidate is not the best of the step before")
		}
		for _, w := range rows[1:] {
			for i := range w {
				n++
				squares += (w[i] - best[i]) * (w[i] - best[i])
			}
		}
		for k := range rows {
			if losses[k] < sphere(best) {
				best = rows[k]
			}
		}
		if got := opt.(optimizers.Shortlister).Shortlist(10); len(got) != 1 || !slices.Equal(got[0], best) {
			t.Fatal("the shortlist is not the best point alone")
		}
	}
	if got, want := squares/n, 0.05*0.05; math.Abs(got-want) > 5*want*math.Sqrt(2/n) {
		t.Errorf("variance of a step = %v, want %v", got, want)
	}
	// From 50; a chi-square argument: the best of 19 steps gains about
	// 2 |w| 0.05 * 1.8 - 50 * 0.05^2 = 1.1 of 50 at first.
	if got := sphere(best); got > 10 {
		t.Errorf("loss after 100 steps = %v, want under 10 of 50", got)
	}
}

// What was lucky on one minibatch is dropped when it fails on the next.
func TestLocalSearchForgetsStaleLosses(t *testing.T) {
	opt := build(t, `{"mode": "local", "candidates": 4}`, optimizers.Problem{Init: []float64{0, 0}})
	rows, _ := step(t, opt, func(w []float64) float64 { return -w[0] })
	lucky := slices.MaxFunc(rows, func(a, b []float64) int { return cmp.Compare(a[0], b[0]) })
	rows, _ = step(t, opt, func(w []float64) float64 {
		if slices.Equal(w, lucky) {
			return 1000
		}
		return 0
	})
	if !slices.Equal(rows[0], lucky) {
		t.Fatal("the lucky candidate is not evaluated again")
	}
	if got := opt.(optimizers.Shortlister).Shortlist(1)[0]; slices.Equal(got, lucky) {
		t.Error("the lucky candidate of the step before last is still the best, want it replaced")
	}
}

func TestRandomRefusesWhatItCannotDo(t *testing.T) {
	for config, want := range map[string]string{
		`{"prior": "init"}`:                   "blocks",
		`{"mode": "local", "candidates": 1}`:  "at least 2",
		`{"candidates": 0}`:                   "[1, 100000]",
		`{"batch": 5}`:                        "no such member",
		`{"mode": "local", "prior": "norml"}`: "one of normal, uniform, init",
	} {
		_, err := Random.New(json.RawMessage(config), optimizers.Problem{Init: []float64{1}, Threads: 1})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("configuration %s: error %v, want one with %q", config, err, want)
		}
	}
}

func TestStepsDoNotAllocate(t *testing.T) {
	for _, config := range []string{`{}`, `{"prior": "uniform"}`, `{"mode": "local"}`} {
		opt := build(t, config, optimizers.Problem{Init: make([]float64, 50)})
		evals := make([]optimizers.Evaluation, 32)
		loss := 1.0
		allocs := testing.AllocsPerRun(20, func() {
			if _, err := opt.Ask(); err != nil {
				t.Error(err)
			}
			for k := range evals {
				loss *= 0.99 // each of them is the best
				evals[k].Loss = loss
			}
			if err := opt.Tell(evals); err != nil {
				t.Error(err)
			}
		})
		if allocs > 1 { // the closure that the rows are filled by
			t.Errorf("%s: %v allocations a step, want at most 1", config, allocs)
		}
	}
}
