package search

import (
	"math"
	"testing"

	"github.com/joust-bench/joust/optimizers"
)

// tell answers an Ask about two candidates.
func tell(t *testing.T, opt optimizers.Optimizer, first, second float64) (rows [][]float64) {
	t.Helper()
	rows, err := opt.Ask()
	if err != nil {
		t.Fatal(err)
	}
	if err := opt.Tell([]optimizers.Evaluation{{Loss: first}, {Loss: second}}); err != nil {
		t.Fatal(err)
	}
	return rows
}

// A change for the worse by d is accepted with probability exp(-d/T), within five
// standard errors, and one that is no worse always. The first changes are +1
// and -1 in turn, whose standard deviation is 1, so T is what is configured.
func TestAnnealingAcceptsAsMetropolisDoes(t *testing.T) {
	const temperature, n = 2, 4000
	for _, d := range []float64{-1, 0, 0.2, 1, 3, 6} {
		a := newOptimizer(t, Annealing, `{"temperature": 2, "cooling": 1, "rate": 1}`, optimizers.Problem{Init: []float64{0}, Seed: 4}).(*annealing)
		for k := range warmUp {
			tell(t, a, 5, 5+float64(1-2*(k%2)))
			if a.Recommend()[0] != 0 {
				t.Fatal("it moves before the temperature is known")
			}
		}
		if !within(a.t, temperature, 1e-12) {
			t.Fatalf("temperature = %v, want %v", a.t, temperature)
		}
		accepted := 0.0
		for range n {
			before := a.Recommend()[0]
			tell(t, a, 5, 5+d)
			if a.Recommend()[0] != before {
				accepted++
			}
		}
		p := min(math.Exp(-d/temperature), 1)
		if got := accepted / n; math.Abs(got-p) > 5*math.Sqrt(p*(1-p)/n) {
			t.Errorf("share of changes by %v that are accepted = %v, want %v", d, got, p)
		}
	}
}

// The levels share the budget: after it the temperature is cooling^levels of the
// first, whatever it is. A step is two evaluations.
func TestAnnealingCoolsOverTheBudget(t *testing.T) {
	const budget, levels = 4040, 50
	a := newOptimizer(t, Annealing, `{"levels": 50, "cooling": 0.9}`, optimizers.Problem{Init: []float64{0}, Budget: budget}).(*annealing)
	for k := range budget / 2 {
		tell(t, a, 0, 3*float64(1-2*(k%2)))
		if k < warmUp-1 && a.t != 0 {
			t.Fatalf("temperature %v after %d changes, want it measured by %d", a.t, k+1, warmUp)
		}
		if k == warmUp-1 && !within(a.t, 3, 1e-12) {
			t.Fatalf("first temperature = %v, want 3", a.t)
		}
	}
	if want := 3 * math.Pow(0.9, levels); !within(a.t, want, 1e-9) {
		t.Errorf("last temperature = %v, want %v", a.t, want)
	}
}

// The standard deviation is that of the numbers that are finite, and does not
// overflow.
func TestSpread(t *testing.T) {
	inf := math.Inf(1)
	for _, tt := range []struct {
		x    []float64
		want float64
	}{
		{[]float64{1, 2, 3, 4}, math.Sqrt(1.25)},
		{[]float64{1, inf, 2, math.NaN(), 3, -inf, 4}, math.Sqrt(1.25)},
		{[]float64{1e308, -1e308}, 1e308},
		{[]float64{5, 5}, 0},
		{[]float64{inf}, 0},
	} {
		if got := spread(tt.x); !within(got, tt.want, 1e-14) {
			t.Errorf("spread of %v = %v, want %v", tt.x, got, tt.want)
		}
	}
}
