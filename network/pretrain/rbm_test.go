package pretrain

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func seeded(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }

// randomRBM has parameters of standard deviation scale.
func randomRBM(visible, hidden int, scale float64, rng *rand.Rand) *RBM {
	r := zeroRBM(visible, hidden)
	for _, p := range [][]float64{r.W, r.B, r.C} {
		for i := range p {
			p[i] = scale * rng.NormFloat64()
		}
	}
	return r
}

// barsAndStripes are the images n x n whose rows, or whose columns, are all of one
// colour: 2^(n+1)-2 of them, each once.
func barsAndStripes(n int) (x []float64) {
	for pattern := range 1 << n {
		bars, stripes := make([]float64, n*n), make([]float64, n*n)
		for i := range n {
			for j := range n {
				bars[i*n+j], stripes[i*n+j] = float64(pattern>>i&1), float64(pattern>>j&1)
			}
		}
		x = append(x, bars...)
		if pattern > 0 && pattern < 1<<n-1 { // the plain images are both
			x = append(x, stripes...)
		}
	}
	return x
}

func near(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if !(math.Abs(got-want) <= within) {
		t.Errorf("%s = %.12g, want %.12g within %g", what, got, want, within)
	}
}

func TestBarsAndStripesAreCounted(t *testing.T) {
	for n, want := range map[int]int{2: 6, 3: 14, 4: 30} {
		x := barsAndStripes(n)
		seen := map[string]bool{}
		for image := range slices.Chunk(x, n*n) {
			key := ""
			for _, v := range image {
				key += string('0' + rune(v))
			}
			seen[key] = true
		}
		if len(x) != want*n*n || len(seen) != want {
			t.Errorf("%d x %d: %d images, %d of them distinct, want %d", n, n, len(x)/n/n, len(seen), want)
		}
	}
}

func logZ(t *testing.T, r *RBM) float64 {
	t.Helper()
	z, err := r.LogZ()
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// One unit of each kind and W = 1: Z = 1 + 1 + 1 + e.
func TestMachineOfTwoUnits(t *testing.T) {
	r := zeroRBM(1, 1)
	r.W[0] = 1
	z := logZ(t, r)
	near(t, "Z", math.Exp(z), 5.7182818285, 1e-10)
	near(t, "ln Z", z, 1.7436683806, 1e-10)
	near(t, "p(v=1)", math.Exp(-r.FreeEnergy([]float64{1})[0]-z), 0.6502445909, 1e-10)
}

func TestLogZOfZerosCountsStates(t *testing.T) {
	for _, size := range [][2]int{{1, 1}, {3, 7}, {9, 4}, {5, 5}, {40, 12}, {12, 40}} {
		near(t, "ln Z", logZ(t, zeroRBM(size[0], size[1])), float64(size[0]+size[1])*math.Ln2, 1e-11)
	}
	if _, err := zeroRBM(30, 30).LogZ(); err == nil {
		t.Error("30 x 30 units: no error, want one: 2^30 states")
	}
}

// Both ways to enumerate, and the sum over all pairs of states, agree.
func TestLogZIsTheSumOverAllStates(t *testing.T) {
	rng := seeded(1)
	for _, size := range [][2]int{{3, 5}, {5, 3}, {4, 4}} {
		r := randomRBM(size[0], size[1], 1, rng)
		sum := 0.0
		for v := range 1 << r.Visible {
			for h := range 1 << r.Hidden {
				sum += math.Exp(-energy(r, v, h))
			}
		}
		near(t, "ln Z", logZ(t, r), math.Log(sum), 1e-12)
		near(t, "ln Z by hidden states", logSum(enumerate(r.Hidden, r.logHiddenWeights)), math.Log(sum), 1e-12)
		near(t, "ln Z by visible states", logSum(enumerate(r.Visible, r.logWeights)), math.Log(sum), 1e-12)
	}
}

// energy is E(v, h) by the book, of states as bits.
func energy(r *RBM, v, h int) (e float64) {
	for i, b := range r.B {
		e -= b * float64(v>>i&1)
	}
	for j, c := range r.C {
		e -= c * float64(h>>j&1)
		for i := range r.B {
			e -= r.W[j*r.Visible+i] * float64(v>>i&1&(h>>j))
		}
	}
	return e
}

// A softmax group has as many states as units.
func TestLogZWithLabels(t *testing.T) {
	const hidden, binary, labels = 3, 2, 3
	r := randomRBM(binary+labels, hidden, 1, seeded(2))
	r.Labels = labels
	sum := 0.0
	for v := range 1 << binary {
		for k := range labels {
			for h := range 1 << hidden {
				sum += math.Exp(-energy(r, v|1<<(binary+k), h))
			}
		}
	}
	near(t, "ln Z", logZ(t, r), math.Log(sum), 1e-12)
}

// With Gaussian visible units p(v) integrates to 1: by the trapezoidal rule, which
// for such functions is exact to rounding.
func TestGaussianDensityIntegratesToOne(t *testing.T) {
	r := randomRBM(2, 3, 0.7, seeded(3))
	r.Units = Gaussian
	z := logZ(t, r)
	const step, reach = 0.1, 12
	var grid []float64
	for x := -reach; x <= reach; x++ {
		for y := -reach; y <= reach; y++ {
			for i := range 10 {
				for j := range 10 {
					grid = append(grid, float64(x)+step*float64(i), float64(y)+step*float64(j))
				}
			}
		}
	}
	sum := 0.0
	for _, f := range r.FreeEnergy(grid) {
		sum += step * step * math.Exp(-f-z)
	}
	near(t, "integral of p", sum, 1, 1e-9)
}

// parameters are those of r, to be changed in place.
func parameters(r *RBM) [][]float64 { return [][]float64{r.W, r.B, r.C} }

// The gradient by enumeration is that of the exact log-likelihood: relative error
// below 1e-6 (SCIENCE of gradient checks: h = 1e-5).
func TestExactGradientAgreesWithFiniteDifferences(t *testing.T) {
	rng := seeded(4)
	for _, size := range [][2]int{{6, 5}, {3, 6}, {1, 1}} {
		r := randomRBM(size[0], size[1], 0.8, rng)
		x := make([]float64, 7*r.Visible)
		for i := range x {
			x[i] = float64(rng.IntN(2))
		}
		g, err := r.Gradient(x, nil)
		if err != nil {
			t.Fatal(err)
		}
		at := func() float64 {
			l, err := r.LogLikelihood(x)
			if err != nil {
				t.Fatal(err)
			}
			return l
		}
		for which, p := range parameters(r) {
			for i, w := range p {
				const h = 1e-5
				p[i] = w + h
				up := at()
				p[i] = w - h
				down := at()
				p[i] = w
				want, got := (up-down)/(2*h), parameters(g)[which][i]
				if rel := math.Abs(got-want) / max(1e-4, math.Abs(got)+math.Abs(want)); rel > 1e-6 {
					t.Errorf("%d x %d: derivative %d of %q = %g, finite difference %g", r.Visible, r.Hidden, i, "WBC"[which], got, want)
				}
			}
		}
	}
}

// Weights are those of the mean: an example with weight 2/3 counts as two.
func TestGradientOfWeightedExamples(t *testing.T) {
	r := randomRBM(4, 3, 1, seeded(5))
	a, b := []float64{0, 1, 1, 0}, []float64{1, 1, 0, 0}
	want, err := r.Gradient(slices.Concat(a, b, a), nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := r.Gradient(slices.Concat(a, b), []float64{2. / 3, 1. / 3})
	if err != nil {
		t.Fatal(err)
	}
	for which, p := range parameters(want) {
		for i, w := range p {
			near(t, "derivative", parameters(got)[which][i], w, 1e-14)
		}
	}
}

// Gibbs sampling visits the states of a 2 x 2 machine as often as the distribution
// says: chi-square over the 16 states, 15 degrees of freedom, below its 99.9 % point.
// The last of 20 steps of each chain is counted, so that counts are independent.
func TestGibbsSamplingHasTheRightDistribution(t *testing.T) {
	r := randomRBM(2, 2, 1, seeded(6))
	const chains, steps = 20000, 20
	rng := seeded(7)
	v, h := newBatch(2, chains), newBatch(2, chains)
	for range steps {
		r.hidden(h, v)
		drawAll(h, rng)
		r.visible(v, h)
		r.drawVisible(v, rng)
	}
	r.hidden(h, v) // so that the pair is of one time
	drawAll(h, rng)
	var counts [16]float64
	for j := range chains {
		counts[int(v.Row(0)[j])|int(v.Row(1)[j])<<1|int(h.Row(0)[j])<<2|int(h.Row(1)[j])<<3]++
	}
	z, chi2 := logZ(t, r), 0.0
	for s, got := range counts {
		want := chains * math.Exp(-energy(r, s&3, s>>2)-z)
		chi2 += (got - want) * (got - want) / want
	}
	if chi2 > 37.7 {
		t.Errorf("chi-square = %.1f, want at most 37.7", chi2)
	}
}

// As k grows, the expected update of CD-k becomes the exact gradient: after 30 steps,
// within 3 standard errors, over 1e5 chains. That of CD-1 is another.
func TestContrastiveDivergenceBecomesExact(t *testing.T) {
	const chains = 100_000
	r := randomRBM(3, 2, 1.5, seeded(8))
	var x []float64
	for _, example := range [][]float64{{1, 0, 1}, {0, 1, 1}, {1, 1, 1}, {1, 0, 0}} {
		for range chains / 4 {
			x = append(x, example...)
		}
	}
	want, err := r.Gradient(x, nil)
	if err != nil {
		t.Fatal(err)
	}
	order := make([]int, chains)
	for i := range order {
		order[i] = i
	}
	// Each chain contributes a value between 0 and 1: its variance is at most 1/4.
	sigma := 0.5 / math.Sqrt(chains)
	for _, k := range []int{1, 30} {
		tr := newTrainer(r, CD{K: k, Epochs: 1}, chains, seeded(9))
		tr.gather(x, order)
		tr.step(0) // its rate is 0
		all, furthest := 0, 0.0
		for which, p := range parameters(want) {
			for i, w := range p {
				got := parameters(tr.gradient)[which][i] / chains
				all++
				furthest = max(furthest, math.Abs(got-w))
				if k > 1 && math.Abs(got-w) > 3*sigma {
					t.Errorf("derivative %d of %q = %.5f, want %.5f", i, "WBC"[which], got, w)
				}
			}
		}
		if all != 11 {
			t.Errorf("%d derivatives compared, want 11", all)
		}
		t.Logf("CD-%d: at most %.1f standard errors", k, furthest/sigma)
		if k == 1 && furthest < 10*sigma {
			t.Errorf("CD-1 is within %.1f standard errors, and the test shows little", furthest/sigma)
		}
	}
}

// CD-1 updates by hand: one example, one unit of each kind, weights so large that
// nothing is left to chance. In the first the reconstruction is all off, in the second
// the data are, and the first hidden state.
func TestUpdateByHand(t *testing.T) {
	for _, tt := range []struct {
		w, b, c, v float64
		want       []float64
	}{
		{100, -200, -50, 1, []float64{100.5, -199.5, -49.5}}, // v=1: h is on; h on: v is off; v=0: h is off
		{100, 50, -50, 0, []float64{99.5, 49.5, -50.5}},      // v=0: h is off; h off: v is on; v=1: h is on
	} {
		r := zeroRBM(1, 1)
		r.W[0], r.B[0], r.C[0] = tt.w, tt.b, tt.c
		if err := r.Train(context.Background(), []float64{tt.v}, CD{K: 1, Epochs: 1, Rate: 0.5}, seeded(1)); err != nil {
			t.Fatal(err)
		}
		for i, want := range tt.want {
			near(t, "parameter", parameters(r)[i][0], want, 1e-9)
		}
	}
}

func TestBiasOfTheMean(t *testing.T) {
	r := zeroRBM(2, 1)
	x := []float64{1, 0, 1, 0, 0, 0, 1, 0} // means 3/4 and 0
	r.FitBias(x)
	near(t, "b[0]", r.B[0], math.Log(4./2), 1e-14)
	near(t, "b[1]", r.B[1], math.Log(1./5), 1e-14)
	r.Units = Gaussian
	r.FitBias(x)
	near(t, "Gaussian b[0]", r.B[0], 0.75, 0)
}

func TestTrainingStopsWhenAsked(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := NewRBM(4, 3, seeded(1)).Train(ctx, barsAndStripes(2), DefaultCD(), seeded(1)); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
	if err := NewRBM(4, 3, seeded(1)).Train(context.Background(), make([]float64, 6), DefaultCD(), seeded(1)); err == nil {
		t.Error("6 values for 4 visible units: no error")
	}
}

// With Draw, each presentation of a probability is another sample of it; without, it
// is the value itself.
func TestInputsAreDrawn(t *testing.T) {
	const n = 4000
	x := make([]float64, 2*n)
	order := make([]int, n)
	for i := range order {
		x[2*i], x[2*i+1], order[i] = 0.3, 1, i
	}
	tr := newTrainer(zeroRBM(2, 1), CD{Draw: true}, n, seeded(1))
	tr.gather(x, order)
	first := slices.Clone(tr.v0.Row(0))
	for _, v := range first {
		if v != 0 && v != 1 {
			t.Fatalf("0.3 is presented as %g, want 0 or 1", v)
		}
	}
	near(t, "mean of samples", mean(first), 0.3, 4*math.Sqrt(0.3*0.7/n))
	near(t, "mean of samples of 1", mean(tr.v0.Row(1)), 1, 0)
	tr.gather(x, order)
	if slices.Equal(first, tr.v0.Row(0)) {
		t.Error("the same samples twice")
	}
	tr.cd.Draw = false
	tr.gather(x, order)
	if tr.v0.Row(0)[7] != 0.3 {
		t.Errorf("0.3 is presented as %g without Draw, want 0.3", tr.v0.Row(0)[7])
	}
}
