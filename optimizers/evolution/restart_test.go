package evolution

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/opttest"
)

// Rastrigin's function of dimension 8 has 1e8 and more local minima between -5 and
// 5. With sigma 2, in 100,000 evaluations and of 25 seeds, the plain strategy
// solves none, ipop 24 and bipop 16.
func TestRestartsSolveRastrigin(t *testing.T) {
	for _, c := range []struct {
		restarts    string
		least, most int // of 6 seeds
	}{
		{"none", 0, 0}, {"ipop", 4, 6}, {"bipop", 2, 6},
	} {
		t.Run(c.restarts, func(t *testing.T) {
			t.Parallel()
			tally, err := opttest.Search{
				Definition: CMAES, Config: fmt.Sprintf(`{"sigma": 2, "restarts": %q}`, c.restarts),
				Function: opttest.NewFunction("rastrigin", 8), Limit: 100_000,
			}.Tally(6)
			if err != nil {
				t.Fatal(err)
			}
			if tally.Solved < c.least || tally.Solved > c.most {
				t.Errorf("solved %d of 6, want %d to %d", tally.Solved, c.least, c.most)
			}
		})
	}
}

// The populations of IPOP, and then no more than nine doublings.
func TestIPOPDoubles(t *testing.T) {
	p := newPlan(false, 10, 0.5, 1)
	for i := range 12 {
		if want := uint64(10) << min(i, maxDoublings); p.chosen != want || p.width != 0.5 || p.limit != 0 || p.small {
			t.Errorf("run %d: %+v, want a population of %d, sigma 0.5, and no limit", i+1, p, want)
		}
		p.used = 1000
		p.next()
	}
}

// BIPOP spends as much on small runs as on large ones, and these small runs are
// as Hansen 2009 says.
func TestBIPOPBalances(t *testing.T) {
	p := newPlan(true, 10, 2, 1)
	large, smalls := uint64(10), 0
	var widths, populations []float64
	for run := 1; run < 400; run++ {
		switch {
		case run == 1:
			if p.small || p.chosen != 10 {
				t.Fatalf("first run: %+v, want a population of 10", p)
			}
			p.used = 700
		case !p.small:
			large = min(2*large, 10<<maxDoublings)
			if p.chosen != large || p.width != 2 || p.limit != 0 {
				t.Fatalf("run %d: %+v, want a population of %d", run, p, large)
			}
			if p.spent[1] < p.spent[0] {
				t.Fatalf("run %d is large after %d evaluations in large runs and %d in small ones", run, p.spent[0], p.spent[1])
			}
			p.used = 100 * large
		default:
			smalls++
			if p.chosen < 10 || p.chosen > large/2 || p.width > 2 || p.width < 0.02 {
				t.Fatalf("run %d: population %d and sigma %v, want 10 to %d and 0.02 to 2", run, p.chosen, p.width, large/2)
			}
			if p.limit != 50*large || p.spent[1] >= p.spent[0] {
				t.Fatalf("run %d: limit %d with %v spent, want %d", run, p.limit, p.spent, 50*large)
			}
			widths = append(widths, math.Log10(p.width/2))
			if large == 10<<maxDoublings {
				populations = append(populations, math.Log(float64(p.chosen)/10)/math.Log(256))
			}
			p.used = 0
			if p.over() {
				t.Fatal("over before it began")
			}
			p.used = min(p.limit, 20*large)
		}
		p.next()
	}
	if smalls < 200 {
		t.Fatalf("%d small runs of 400, want more: a large one costs as much as several", smalls)
	}
	// log10(width/2) is uniform in [-2, 0]: its mean is -1 within five standard errors.
	if m := mean(widths); math.Abs(m+1) > 5*2/math.Sqrt(12*float64(len(widths))) {
		t.Errorf("sigma is 10^%v of the first on average, want 10^-1", m)
	}
	// The logarithm of the population is the square of a uniform number, mean 1/3
	// and standard deviation sqrt(1/5 - 1/9) = 0.298.
	if m := mean(populations); math.Abs(m-1./3) > 5*0.298/math.Sqrt(float64(len(populations)))+0.01 {
		t.Errorf("mean exponent of the population %v, want 1/3", m)
	}
}

func mean(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}

// stopped is a strategy in the middle of a run that nothing stops.
func stopped(t *testing.T) *cmaes {
	t.Helper()
	o := build(t, builds["cma-es/ipop"], optimizers.Problem{Init: []float64{1, 2, 3}, Seed: 1}).(*cmaes)
	f := opttest.NewFunction("rosenbrock", 3)
	for range 50 {
		advance(t, o, func(x []float64) float64 { return f.Loss(x, nil) })
	}
	return o
}

// Each criterion stops a run in the situation that it is named for, and none of
// them one that makes progress.
func TestEachCriterionStops(t *testing.T) {
	fill := func(x []float64, f func(i int) float64) {
		for i := range x {
			x[i] = f(i)
		}
	}
	for want, prepare := range map[string]func(o *cmaes){
		stopNot: func(*cmaes) {},
		stopMaxIter: func(o *cmaes) { // 100 + 50 (3+3)^2/sqrt(7) = 780.3
			o.record.generation = 781
			fill(o.record.best, func(i int) float64 { return -float64(i) })
		},
		stopTolHistFun: func(o *cmaes) { fill(o.record.best, func(i int) float64 { return 1e-13 * float64(i%5) }) },
		stopEqualFunVals: func(o *cmaes) { // two of the last three
			o.record.equal[0], o.record.equal[2] = true, true
		},
		stopTolX: func(o *cmaes) { // both the deviation and the path
			o.step.sigma = 1e-13
			clear(o.pc)
		},
		stopTolUpSigma: func(o *cmaes) { o.step.sigma = 1e21 * o.plan.width },
		stopCondition: func(o *cmaes) {
			o.cov.u[0] = 1e8 * o.cov.u[8]
		},
		stopNoEffectAxis: func(o *cmaes) {
			fill(o.mean, func(int) float64 { return 1e10 })
			fill(o.cov.u, func(int) float64 { return 1e-7 })
		},
		stopNoEffectCoor: func(o *cmaes) { o.mean[1] = 1e20 },
		stopStagnation: func(o *cmaes) { // from generation 200 on, at least 120 + 30*3/7 = 133
			o.record.generation = 200
			fill(o.record.best, func(i int) float64 { return float64(i % 7) })
			fill(o.record.median, func(i int) float64 { return 10 + float64(i%7) })
		},
	} {
		o := stopped(t)
		prepare(o)
		worst := 0.0
		if want != stopTolHistFun {
			worst = 1e3
		}
		if got := o.stop(worst, true); got != want {
			t.Errorf("stops for %q, want %q", got, want)
		}
	}
	o := stopped(t)
	if got := o.stop(1e3, false); got != stopCondition {
		t.Errorf("stops for %q where C is indefinite, want %q", got, stopCondition)
	}
	// The whole range counts, with the last generation, and one criterion of two
	// histories does not do.
	o = stopped(t)
	for i := range o.record.best {
		o.record.best[i] = 0
	}
	if got := o.record.flat(1); got != stopNot {
		t.Errorf("stops for %q though the last generation has other losses", got)
	}
	o = stopped(t)
	o.record.generation = 200
	for g := range 200 {
		i := g % len(o.record.best)
		o.record.best[i], o.record.median[i] = 1, -float64(g)
	}
	if o.record.stagnates() {
		t.Error("stagnates though the median improves")
	}
}

// Losses that are all infinite or equal stop a run, and the next one begins.
func TestFlatLossRestarts(t *testing.T) {
	for _, loss := range []float64{0, 5, math.Inf(1)} {
		o := build(t, builds["cma-es/ipop"], optimizers.Problem{Init: []float64{1, 2, 3}, Seed: 1}).(*cmaes)
		for range 100 {
			advance(t, o, func([]float64) float64 { return loss })
		}
		if o.plan.runs < 3 {
			t.Errorf("%d runs in 100 generations of loss %v, want several", o.plan.runs, loss)
		}
	}
}

// A restart forgets the distribution and starts near the starting weights, but not
// there; the best mean of the runs before is recommended until this one is better.
func TestRestartKeepsTheBest(t *testing.T) {
	init := []float64{50, -50, 0}
	o := build(t, builds["cma-es/ipop"], optimizers.Problem{Init: init, Seed: 1}).(*cmaes)
	f := opttest.NewFunction("sphere", 3)
	loss := func(x []float64) float64 { return f.Loss(x, nil) }
	for o.plan.runs == 1 {
		advance(t, o, loss)
	}
	found := slices.Clone(o.Recommend())
	if loss(found) > 1e-12 {
		t.Errorf("the first run recommends a loss of %v, want under 1e-12", loss(found))
	}
	for i, x := range o.mean {
		if d := math.Abs(x - init[i]); d == 0 || d > 6 {
			t.Errorf("second run starts at %v, want about 1 from %v", o.mean, init)
		}
	}
	if r := o.record; o.lambda != 14 || r.lambda != 14 || math.Abs(r.maxIter-(100+50*36/math.Sqrt(14))) > 1e-9 {
		t.Errorf("second run has %d candidates, criteria for %d, and ends after %v generations", o.lambda, r.lambda, r.maxIter)
	}
	advance(t, o, loss)
	if !slices.Equal(o.Recommend(), found) {
		t.Errorf("recommends %v after a restart, want %v", o.Recommend(), found)
	}
	o.held = math.Inf(1)
	if !slices.Equal(o.Recommend(), o.mean) {
		t.Error("does not recommend the mean of a run that is better than those before")
	}
	fresh := newCovariance(3, optimizers.Problem{Threads: 1})
	o.restart()
	if !slices.Equal(o.cov.c, fresh.c) || !slices.Equal(o.cov.u, fresh.u) || o.step.sigma != 1 || o.pc[0] != 0 || o.step.path[0] != 0 || o.record.generation != 0 {
		t.Error("a restart keeps a part of the distribution")
	}
}
