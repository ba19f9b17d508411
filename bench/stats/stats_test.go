package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// Reference values marked "SciPy" are from SciPy 1.10.1 and NumPy 1.24.2, those
// marked "enumerated" from a loop over all splits or resamples in Python.

var inf = math.Inf(1)

// near allows for the rounding of a few dozen operations.
func near(got, want float64) bool {
	return got == want || math.Abs(got-want) <= 1e-12*max(1, math.Abs(want)) ||
		math.IsNaN(got) && math.IsNaN(want)
}

func TestQuantileIsType7(t *testing.T) {
	x := []float64{.1, .7, .4, 2.5, 1.3, .4}
	for _, tt := range []struct {
		x       []float64
		p, want float64
	}{
		// numpy.quantile
		{x, 0, .1},
		{x, .025, .1375},
		{x, .25, .4},
		{x, .5, .55},
		{x, .9, 1.9},
		{x, 1, 2.5},
		// by hand
		{[]float64{3}, .3, 3},
		{nil, .5, math.NaN()},
		{[]float64{1, inf}, .5, inf},
		{[]float64{1, inf, 2}, .5, 2},
		{[]float64{inf, inf}, .5, inf},
		{[]float64{-inf, 1}, .5, -inf},
	} {
		if got := Quantile(tt.x, tt.p); !near(got, tt.want) {
			t.Errorf("Quantile(%v, %v) = %v, want %v", tt.x, tt.p, got, tt.want)
		}
	}
	if !slices.Equal(x, []float64{.1, .7, .4, 2.5, 1.3, .4}) {
		t.Errorf("Quantile reordered its argument: %v", x)
	}
}

func TestMeanAndMedian(t *testing.T) {
	if got := Mean([]float64{1, 2, 6}); got != 3 {
		t.Errorf("Mean(1, 2, 6) = %v, want 3", got)
	}
	if got := Mean(nil); !math.IsNaN(got) {
		t.Errorf("Mean() = %v, want NaN", got)
	}
	if got := Median([]float64{9, 1, 4, 2}); got != 3 {
		t.Errorf("Median(9, 1, 4, 2) = %v, want 3", got)
	}
}

// The statsmodels and SciPy intervals agree; these are SciPy's
// binomtest(k, n).proportion_ci(level, method="wilson").
func TestWilson(t *testing.T) {
	for _, tt := range []struct {
		k, n   int
		level  float64
		lo, hi float64
	}{
		{0, 5, .95, 0, 0.43448246478317476},
		{5, 5, .95, 0.5655175352168251, 1},
		{3, 5, .95, 0.23072428127601297, 0.8823792257673521},
		{7, 20, .95, 0.1811918241010821, 0.5671457233147637},
		{1, 1, .95, 0.20654931437723745, 1},
		{3, 5, .90, 0.27248317186619286, 0.857293527980787},
		{0, 0, .95, math.NaN(), math.NaN()},
	} {
		got := Wilson(tt.k, tt.n, tt.level)
		if !near(got.Lo, tt.lo) || !near(got.Hi, tt.hi) {
			t.Errorf("Wilson(%d, %d, %v) = %v, want [%v, %v]", tt.k, tt.n, tt.level, got, tt.lo, tt.hi)
		}
	}
}

func TestERTCountsTheWorkOfFailures(t *testing.T) {
	for _, tt := range []struct {
		runs []Run
		want float64
	}{
		{[]Run{{100, true}, {200, true}, {300, true}}, 200},
		{[]Run{{100, true}, {200, true}, {300, true}, {1000, false}, {1000, false}}, 2600. / 3},
		{[]Run{{100, true}, {50, false}, {4000, false}}, 4150}, // each its own work
		{[]Run{{1000, false}}, inf},
		{nil, inf},
	} {
		if got := ERT(tt.runs); !near(got, tt.want) {
			t.Errorf("ERT(%v) = %v, want %v", tt.runs, got, tt.want)
		}
	}
}

// The exact bootstrap distribution of a small sample is the one over all n^n
// resamples. The 2.5 % quantile of 10,000 draws from it lies, with all but
// certainty, between its quantiles at 1.9 % and 3.1 % (four standard errors).
func between(t *testing.T, name string, got Interval, lo, hi [2]float64) {
	t.Helper()
	if !(lo[0] <= got.Lo && got.Lo <= lo[1] && hi[0] <= got.Hi && got.Hi <= hi[1]) {
		t.Errorf("%s = [%v, %v], want ends in %v and %v", name, got.Lo, got.Hi, lo, hi)
	}
}

func TestBootstrapAgainstAllResamples(t *testing.T) {
	rng := func() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }
	x := []float64{1, 2, 3, 4, 5}
	exact := enumerate(5, func(draw []int) float64 {
		return Mean([]float64{x[draw[0]], x[draw[1]], x[draw[2]], x[draw[3]], x[draw[4]]})
	})
	if lo, hi := sortedQuantile(exact, .025), sortedQuantile(exact, .975); !near(lo, 1.8) || !near(hi, 4.2) {
		t.Fatalf("enumerated interval = [%v, %v], want [1.8, 4.2] as NumPy has it", lo, hi)
	}
	between(t, "BootstrapMean(1..5)", BootstrapMean(rng(), x, .95),
		[2]float64{sortedQuantile(exact, .019), sortedQuantile(exact, .031)},
		[2]float64{sortedQuantile(exact, .969), sortedQuantile(exact, .981)})

	runs := []Run{{100, true}, {200, true}, {300, true}, {1000, false}, {1000, false}}
	exact = enumerate(5, func(draw []int) float64 {
		return ERT([]Run{runs[draw[0]], runs[draw[1]], runs[draw[2]], runs[draw[3]], runs[draw[4]]})
	})
	if lo, hi := sortedQuantile(exact, .025), sortedQuantile(exact, .975); !near(lo, 180) || !near(hi, 4300) {
		t.Fatalf("enumerated interval = [%v, %v], want [180, 4300] as NumPy has it", lo, hi)
	}
	between(t, "BootstrapERT", BootstrapERT(rng(), runs, .95),
		[2]float64{sortedQuantile(exact, .019), sortedQuantile(exact, .031)},
		[2]float64{sortedQuantile(exact, .969), sortedQuantile(exact, .981)})
}

// enumerate returns the statistic of all n^n resamples, in ascending order.
func enumerate(n int, statistic func(draw []int) float64) []float64 {
	var all []float64
	draw := make([]int, n)
	for {
		all = append(all, statistic(draw))
		i := 0
		for i < n && draw[i] == n-1 {
			draw[i] = 0
			i++
		}
		if i == n {
			slices.Sort(all)
			return all
		}
		draw[i]++
	}
}

func TestBootstrapEdges(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	if got := BootstrapMean(rng, []float64{3}, .95); !math.IsNaN(got.Lo) || !math.IsNaN(got.Hi) {
		t.Errorf("one observation gives %v, want no interval", got)
	}
	if got := BootstrapMean(rng, []float64{2, 2, 2}, .95); got != (Interval{2, 2}) {
		t.Errorf("a constant gives %v, want [2, 2]", got)
	}
	if got := BootstrapERT(rng, []Run{{10, false}, {10, false}}, .95); !math.IsNaN(got.Lo) {
		t.Errorf("no success gives %v, want no interval", got)
	}
	// One success in three: a resample has none with probability (2/3)^3 = 30 %.
	if got := BootstrapERT(rng, []Run{{10, true}, {10, false}, {10, false}}, .95); got.Lo != 10 || got.Hi != inf {
		t.Errorf("one success in three gives %v, want [10, +Inf]", got)
	}
	a := BootstrapMean(rand.New(rand.NewPCG(5, 6)), []float64{1, 2, 4}, .95)
	b := BootstrapMean(rand.New(rand.NewPCG(5, 6)), []float64{1, 2, 4}, .95)
	if a != b {
		t.Errorf("same stream, other interval: %v and %v", a, b)
	}
}

func TestMannWhitneyExact(t *testing.T) {
	for _, tt := range []struct {
		x, y []float64
		u, p float64
	}{
		// 2 of the C(10, 5) = 252 splits are as extreme: 1/126.
		{[]float64{1, 2, 3, 4, 5}, []float64{6, 7, 8, 9, 10}, 0, 2. / 252},
		// SciPy mannwhitneyu(method="exact")
		{[]float64{1, 3, 5, 7, 9}, []float64{2, 4, 6, 8, 10}, 10, 0.6904761904761905},
		{[]float64{1.2, 3.4, 2.2, 5}, []float64{4.1, 6, 7.7, 2.9, 8.8, 9.1}, 3, 0.06666666666666667},
		// with ties: SciPy permutation_test, and enumerated
		{[]float64{1, 2, 2, inf, 3}, []float64{inf, inf, 2, inf, 5}, 5.5, 0.1746031746031746},
		{[]float64{1, 1, 2}, []float64{1, 3, 3, 3, 4}, 2, 0.14285714285714285},
		{[]float64{1}, []float64{2, 2, 2}, 0, .5},
		{[]float64{5, 5, 5}, []float64{5, 5}, 3, 1},
		{nil, []float64{5, 5}, 0, 1},
	} {
		got := MannWhitney(tt.x, tt.y)
		if got.U != tt.u || !near(got.P, tt.p) || !got.Exact {
			t.Errorf("MannWhitney(%v, %v) = %+v, want U %v, P %v, exact", tt.x, tt.y, got, tt.u, tt.p)
		}
		back := MannWhitney(tt.y, tt.x)
		if !near(back.P, tt.p) || back.U != float64(len(tt.x)*len(tt.y))-tt.u {
			t.Errorf("MannWhitney(%v, %v) = %+v, want the mirror image of %+v", tt.y, tt.x, back, got)
		}
	}
}

// At the largest exact sizes: SciPy mannwhitneyu(method="exact").
func TestMannWhitneyExactUpToFifty(t *testing.T) {
	var x, y []float64
	for i := range 25 {
		x, y = append(x, float64(2*i)), append(y, float64(2*i+5))
	}
	if got := MannWhitney(x, y); got.U != 253 || !near(got.P, 0.2547760072736403) || !got.Exact {
		t.Errorf("25 against 25: %+v, want U 253, P 0.2547760072736403, exact", got)
	}
	x, y = nil, nil
	for i := range 20 {
		x = append(x, float64(3*i))
	}
	for i := range 22 {
		y = append(y, float64(3*i+10))
	}
	if got := MannWhitney(x, y); got.U != 136 || !near(got.P, 0.03447853815081689) || !got.Exact {
		t.Errorf("20 against 22: %+v, want U 136, P 0.03447853815081689, exact", got)
	}
}

// SciPy mannwhitneyu(method="asymptotic"), which corrects for ties and
// continuity.
func TestMannWhitneyApproximation(t *testing.T) {
	var x, y, rx, ry []float64
	for i := range 30 {
		v := float64(i*37%53) / 4
		x, rx = append(x, v), append(rx, math.RoundToEven(v))
	}
	for i := range 28 {
		v := float64(i*29%59)/4 + 2
		y, ry = append(y, v), append(ry, math.RoundToEven(v))
	}
	if got := MannWhitney(x, y); got.U != 199 || !near(got.P, 0.000599966924808809) || got.Exact {
		t.Errorf("few ties: %+v, want U 199, P 0.000599966924808809, approximated", got)
	}
	if got := MannWhitney(rx, ry); got.U != 200 || !near(got.P, 0.0006117261454540384) || got.Exact {
		t.Errorf("many ties: %+v, want U 200, P 0.0006117261454540384, approximated", got)
	}
	same := make([]float64, 40)
	if got := MannWhitney(same, same); got.P != 1 {
		t.Errorf("all tied: P = %v, want 1", got.P)
	}
}

func TestProbabilityOfImprovementCountsPairs(t *testing.T) {
	for _, tt := range []struct {
		x, y []float64
		want float64
	}{
		{[]float64{1, 2}, []float64{3, 4}, 1},
		{[]float64{3, 4}, []float64{1, 2}, 0},
		{[]float64{1, 2, inf}, []float64{2, inf}, (2 + 1.5 + .5) / 6}, // ties one half
		{nil, []float64{1}, math.NaN()},
	} {
		if got := ProbabilityOfImprovement(tt.x, tt.y); !near(got, tt.want) {
			t.Errorf("ProbabilityOfImprovement(%v, %v) = %v, want %v", tt.x, tt.y, got, tt.want)
		}
	}
}

// By hand: sorted .005 .01 .03 .04 times 4 3 2 1, then the running maximum.
func TestHolmStepsDown(t *testing.T) {
	got := Holm([]float64{.01, .04, .03, .005})
	want := []float64{.03, .06, .06, .02}
	for i := range want {
		if !near(got[i], want[i]) {
			t.Errorf("Holm[%d] = %v, want %v", i, got[i], want[i])
		}
	}
	if got := Holm([]float64{.6, .7}); got[0] != 1 || got[1] != 1 {
		t.Errorf("Holm(.6, .7) = %v, want 1, 1", got)
	}
}

// SciPy kendalltau.
func TestKendallTauB(t *testing.T) {
	for _, tt := range []struct {
		a, b []float64
		want float64
	}{
		{[]float64{1, 2, 3, 4, 5}, []float64{1, 3, 2, 4, 5}, .8},
		{[]float64{1, 2, 3, 4, 5}, []float64{5, 4, 3, 2, 1}, -1},
		{[]float64{1, 2, 2, 4, 5}, []float64{1, 3, 2, 2, 5}, 2. / 3},
		{[]float64{1, 1, 2, 3}, []float64{4, 3, 3, 1}, -.8},
		{[]float64{1, 1}, []float64{1, 2}, math.NaN()},
	} {
		if got := Kendall(tt.a, tt.b); !near(got, tt.want) {
			t.Errorf("Kendall(%v, %v) = %v, want %v", tt.a, tt.b, got, tt.want)
		}
	}
}

func BenchmarkBootstrapMean(b *testing.B) {
	x := []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
	for b.Loop() {
		BootstrapMean(rand.New(rand.NewPCG(1, 2)), x, .95)
	}
}
