package evolution

import (
	"cmp"
	"math"
	"slices"
	"testing"

	"github.com/joust-bench/joust/optimizers"
)

// The first step, from the formulas of Loshchilov et al. 2019, algorithm 1, before
// any direction is known: all is a function of z = (x - mean)/sigma.
func TestFirstStepOfLMMAESByHand(t *testing.T) {
	const n, lambda, sigma = 120, 18, 0.5 // 4 + floor(3 ln 120) = 18
	mean := start(n)
	o, err := newLMMAES(LMMAESConfig{Sigma: sigma}, optimizers.Problem{Init: mean, Seed: 2, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := o.Ask()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != lambda || len(o.m.rows) != lambda {
		t.Fatalf("%d candidates and %d directions, want %d of each", len(rows), len(o.m.rows), lambda)
	}
	order := make([]int, lambda)
	evals := make([]optimizers.Evaluation, lambda)
	for k, w := range rows {
		order[k], evals[k].Loss = k, ellipsoid(w)
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(evals[a].Loss, evals[b].Loss) })
	sum, squares := 0.0, 0.0
	weight := func(i int) float64 { return math.Log(9.5) - math.Log(float64(i+1)) }
	for i := range 9 {
		sum += weight(i)
	}
	zw := make([]float64, n)
	for i, k := range order[:9] {
		w := weight(i) / sum
		squares += w * w
		for j := range zw {
			zw[j] += w * (rows[k][j] - mean[j]) / sigma
		}
	}
	if err := o.Tell(evals); err != nil {
		t.Fatal(err)
	}
	rate := func(c float64) float64 { return math.Sqrt(c * (2 - c) / squares) }
	cs := 2.0 * lambda / n
	length := 0.0
	for j, z := range zw {
		if got, want := o.mean[j], mean[j]+sigma*z; math.Abs(got-want) > 1e-12 {
			t.Errorf("mean %d is %v, want %v", j, got, want)
		}
		if got, want := o.path[j], rate(cs)*z; math.Abs(got-want) > 1e-12 {
			t.Errorf("path %d is %v, want %v", j, got, want)
		}
		for i, m := range o.m.rows {
			if want := rate(lambda/(math.Pow(4, float64(i))*n)) * z; math.Abs(m[j]-want) > 1e-12 {
				t.Errorf("direction %d, element %d is %v, want %v", i, j, m[j], want)
			}
		}
		length += rate(cs) * z * rate(cs) * z
	}
	if want := sigma * math.Exp(cs/2*(length/n-1)); math.Abs(o.sigma-want) > 1e-12 {
		t.Errorf("sigma is %v, want %v", o.sigma, want)
	}
}
