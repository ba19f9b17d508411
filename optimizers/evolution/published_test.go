package evolution

import (
	"fmt"
	"math"
	"testing"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/opttest"
)

// Table 1 of Hansen 2016 for n = 10, computed by hand from its formulas.
func TestConstantsForTenDimensions(t *testing.T) {
	lambda := defaultPopulation(10)
	r := newRates(10, lambda, false)
	s := newCSA(10)
	s.tune(r.muEff)
	if lambda != 10 || r.mu != 5 || len(r.w) != 5 {
		t.Fatalf("lambda = %d, mu = %d, %d weights, want 10, 5, 5", lambda, r.mu, len(r.w))
	}
	for i, want := range []float64{.4562726469, .2707530970, .1622311172, .0852335471, .0255095918} {
		if math.Abs(r.w[i]-want) > 1e-10 {
			t.Errorf("weight %d = %.10f, want %.10f", i+1, r.w[i], want)
		}
	}
	for name, c := range map[string][2]float64{
		"muEff": {r.muEff, 3.1672992814},
		"cs":    {s.cs, .2844285879},
		"ds":    {s.ds, 1.2844285879},
		"cc":    {r.cc, .2949903830},
		"c1":    {r.c1, .0152838245},
		"cmu":   {r.cmu, .0201542828},
		"chiN":  {s.chiN, 3.0847265652},
		"keep":  {r.keep, 1 - .0152838245 - .0201542828},
	} {
		if math.Abs(c[0]-c[1]) > 1e-10 {
			t.Errorf("%s = %.10f, want %.10f", name, c[0], c[1])
		}
	}
	if r.refactorIn != 1 {
		t.Errorf("factors every %d generations, want every one: 1/(10 n (c1+cmu)) = 0.28", r.refactorIn)
	}
	// 1/(10 n (c1 + cmu)) for n = 500, lambda 22: c1 = 7.957e-6, cmu = 3.945e-5 (the formulas in numpy).
	if r := newRates(500, defaultPopulation(500), true); r.lambda != 22 || r.refactorIn != 4 {
		t.Errorf("n = 500: lambda = %d and a factor in %d generations, want 22 and 4", r.lambda, r.refactorIn)
	}
}

// In the balance of Hansen 2016, eq. 53, that of positive definiteness is the
// lightest for n = 10: the negative weights sum to -(1-c1-cmu)/(n cmu).
func TestNegativeWeightsLeaveCPositiveDefinite(t *testing.T) {
	r := newRates(10, 10, true)
	sum, _ := sums(r.w)
	want := 1 - min(1+.0152838245/.0201542828, (1-.0152838245-.0201542828)/(10*.0201542828),
		1+2*effective(logWeights(10)[5:])/(3.1672992814+2))
	if math.Abs(sum-want) > 1e-8 {
		t.Errorf("weights sum to %v, want %v", sum, want)
	}
	for lambda := 2; lambda < 200; lambda++ {
		for _, n := range []int{1, 2, 10, 300} {
			r := newRates(n, lambda, true)
			for i, w := range r.w {
				if (w > 0) != (i < lambda/2) && w != 0 || math.IsNaN(w) || math.IsInf(w, 0) {
					t.Fatalf("n = %d, lambda = %d: weight %d = %v", n, lambda, i+1, w)
				}
			}
			if !(r.keep >= 0) || r.c1 < 0 || r.cmu < 0 || !(r.c1+r.cmu <= 1+1e-15) {
				t.Fatalf("n = %d, lambda = %d: c1 = %v, cmu = %v, keep = %v", n, lambda, r.c1, r.cmu, r.keep)
			}
		}
	}
}

// Evaluations to 1e-8 from zero with sigma 1, medians of 25 seeds: those of pycma
// 4.4.0 with its default population and no stopping but the target, within 15 %.
// Of Rosenbrock's function it solved 22 to 24 of 25: the rest end in the local
// minimum.
func TestPublishedMedians(t *testing.T) {
	const full, positive = `{"sigma": 1}`, `{"sigma": 1, "active": false}`
	checkMedians(t, []median{
		{CMAES, positive, "sphere", 10, 1350},
		{CMAES, positive, "ellipsoid", 10, 5560},
		{CMAES, positive, "rotated-ellipsoid", 10, 5610},
		{CMAES, positive, "rosenbrock", 10, 6710},
		{CMAES, full, "sphere", 10, 1400},
		{CMAES, full, "ellipsoid", 10, 4000},
		{CMAES, full, "rotated-ellipsoid", 10, 3980},
		{CMAES, full, "rosenbrock", 10, 5480},
		{CMAES, positive, "sphere", 20, 2556},
		{CMAES, full, "sphere", 20, 2616},
		{CMAES, full, "rotated-ellipsoid", 20, 12804},
		{SepCMAES, full, "sphere", 10, 1270},
		{SepCMAES, full, "ellipsoid", 10, 2930},
		{SepCMAES, full, "sphere", 20, 2388},
		{SepCMAES, full, "ellipsoid", 20, 6132},
		{SepCMAES, full, "sphere", 40, 4620},
		{SepCMAES, full, "ellipsoid", 40, 12975},
	})
}

type median struct {
	def      optimizers.Definition
	config   string
	function string
	n        int
	want     float64
}

func checkMedians(t *testing.T, medians []median) {
	t.Helper()
	for _, c := range medians {
		t.Run(fmt.Sprintf("%s/%s/%s/%d", c.def.Name, c.config, c.function, c.n), func(t *testing.T) {
			t.Parallel()
			s := opttest.Search{Definition: c.def, Config: c.config, Function: opttest.NewFunction(c.function, c.n), Limit: 200_000}
			tally, err := s.Tally(25)
			if err != nil {
				t.Fatal(err)
			}
			solved := 25
			if c.function == "rosenbrock" {
				solved = 18 // at 92 % a seed, fewer come once in 500 times
			}
			t.Logf("%+v, want %v", tally, c.want)
			if !(math.Abs(tally.Median/c.want-1) < 0.15) || tally.Solved < solved {
				t.Errorf("median %v, solved %d of 25, want %v within 15 %% and at least %d", tally.Median, tally.Solved, c.want, solved)
			}
		})
	}
}
