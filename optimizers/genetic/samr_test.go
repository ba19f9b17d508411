package genetic

import (
	"encoding/json"
	"math"
	"slices"
	"testing"

	"github.com/joust-bench/joust/optimizers"
)

func buildSAMR(t *testing.T, config string, p optimizers.Problem) *samr {
	t.Helper()
	p.Threads = 1
	opt, err := SAMR.New(json.RawMessage(config), p)
	if err != nil {
		t.Fatal(err)
	}
	return opt.(*samr)
}

// An offspring's sigma is its parent's times meta to a power even in [-1, 1], and
// its weights are the parent's and as much noise; the first is the best, unchanged.
func TestOffspringInheritSigma(t *testing.T) {
	const n, population = 2000, 400
	s := buildSAMR(t, `{"population": 400, "parents": 1, "sigma": 0.5, "meta": 3}`, optimizers.Problem{Init: make([]float64, n)})
	step(t, s, sphere)
	best := slices.Clone(s.parents[0])
	rows, err := s.Ask()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(rows[0], best) || s.sigmas[0] != 0.5 {
		t.Errorf("the best does not live on as it was")
	}
	sum, squares := 0.0, 0.0
	for k := 1; k < population; k++ {
		u := math.Log(s.sigmas[k]/0.5) / math.Log(3)
		if math.Abs(u) > 1 {
			t.Fatalf("sigma %v, want in [0.5/3, 1.5]", s.sigmas[k])
		}
		sum, squares = sum+u, squares+u*u
		d := 0.0
		for i, x := range rows[k] {
			d += (x - best[i]) * (x - best[i])
		}
		if got := math.Sqrt(d / n); math.Abs(got/s.sigmas[k]-1) > 5/math.Sqrt(2*n) {
			t.Fatalf("offspring %d is at %v, want at its sigma, %v", k, got, s.sigmas[k])
		}
	}
	if mean := sum / (population - 1); math.Abs(mean) > 5*math.Sqrt(1./3/population) {
		t.Errorf("mean power %v, want 0", mean)
	}
	if got, tol := squares/(population-1), 5*math.Sqrt(4./45/population); math.Abs(got-1./3) > tol {
		t.Errorf("mean square of the powers %v, want 1/3 within %v", got, tol)
	}
}

// All parents have offspring, evenly, and none of the others has.
func TestParentsAreTheBest(t *testing.T) {
	const parents = 4
	s := buildSAMR(t, `{"population": 2000, "parents": 4, "floor": 1e-6, "sigma": 1e-6, "meta": 1}`, optimizers.Problem{Init: make([]float64, 3)})
	told := step(t, s, sphere)
	slices.SortStableFunc(told, func(a, b []float64) int { return int(math.Copysign(1, sphere(a)-sphere(b))) })
	rows, err := s.Ask()
	if err != nil {
		t.Fatal(err)
	}
	var counts [parents]float64
	for _, w := range rows[1:] {
		i := slices.IndexFunc(told[:parents], func(p []float64) bool { return math.Abs(p[0]-w[0]) < 1e-4 })
		if i < 0 {
			t.Fatal("an offspring of none of the best four")
		}
		counts[i]++
	}
	for i, c := range counts {
		if math.Abs(c-500) > 5*math.Sqrt(2000*3./16) {
			t.Errorf("parent %d has %v of 1,999 offspring, want about 500", i, c)
		}
	}
}

func TestSAMRRefusesWhatDoesNotFit(t *testing.T) {
	for _, config := range []string{`{"parents": 100}`, `{"sigma": 0.1, "floor": 0.2}`} {
		if _, err := SAMR.New(json.RawMessage(config), optimizers.Problem{Init: []float64{0}, Threads: 1}); err == nil {
			t.Errorf("%s is taken, want an error", config)
		}
	}
}
