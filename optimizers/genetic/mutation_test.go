package genetic

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

// The share of weights that move is the rate, and those that do move by sigma.
func TestMutationMovesItsShareBySigma(t *testing.T) {
	const n = 100_000
	for _, rate := range []float64{1, 0.2, 0.001} {
		w := slices.Repeat([]float64{5}, n)
		newMutation(3, rate).add(w, 0.5, 7, 9)
		moved, sum, squares := 0.0, 0.0, 0.0
		for _, x := range w {
			if x != 5 {
				moved++
				sum += x - 5
				squares += (x - 5) * (x - 5)
			}
		}
		if tol := 5*math.Sqrt(rate*(1-rate)*n) + 1e-9; math.Abs(moved-rate*n) > tol {
			t.Errorf("rate %v: %v of %d weights moved, want %v within %v", rate, moved, n, rate*n, tol)
		}
		if got, tol := sum/moved, 5*0.5/math.Sqrt(moved); math.Abs(got) > tol {
			t.Errorf("rate %v: mean move %v, want 0 within %v", rate, got, tol)
		}
		if got, tol := squares/moved, 5*0.25*math.Sqrt(2/moved); math.Abs(got-0.25) > tol {
			t.Errorf("rate %v: variance of the moves %v, want 0.25 within %v", rate, got, tol)
		}
	}
}

// Parts of a long vector, candidates and generations have noise of their own.
func TestMutationsDiffer(t *testing.T) {
	seen := map[float64]bool{}
	total := 0
	for _, rate := range []float64{1, 0.5} {
		for generation := range uint64(3) {
			for k := range 3 {
				w := make([]float64, 1000)
				newMutation(3, rate).add(w, 1, generation, uint32(k))
				for _, x := range w {
					if x != 0 {
						total++
						seen[x] = true
					}
				}
			}
		}
		if len(seen) != total {
			t.Errorf("rate %v: %d different moves of %d, want all", rate, len(seen), total)
		}
		clear(seen)
		total = 0
	}
}

// Each weight is as likely to mutate as any other, and does so whether or not
// the one before did.
func TestWeightsMutateIndependently(t *testing.T) {
	const n, trials = 700, 2000
	for _, rate := range []float64{0.5, 0.2, 0.01} {
		m := newMutation(5, rate)
		counts := make([]float64, n)
		both := 0.0
		for k := range trials {
			w := make([]float64, n)
			m.add(w, 1, 1, uint32(k))
			for i, x := range w {
				if x != 0 {
					counts[i]++
					if i > 0 && w[i-1] != 0 {
						both++
					}
				}
			}
		}
		chi2 := 0.0
		for _, c := range counts {
			d := c - rate*trials
			chi2 += d * d / (rate * (1 - rate) * trials)
		}
		if math.Abs(chi2-n) > 5*math.Sqrt(2*n) {
			t.Errorf("rate %v: chi-square of the counts %v, want %v within %v", rate, chi2, n, 5*math.Sqrt(2*n))
		}
		// Of neighbours that both mutate; the pairs overlap, which triples the variance at most.
		want := rate * rate * (n - 1) * trials
		if tol := 5 * math.Sqrt(3*want); math.Abs(both-want) > tol {
			t.Errorf("rate %v: %v neighbours mutated together, want %v within %v", rate, both, want, tol)
		}
	}
}

// What is drawn for a part of a long vector is not drawn for the next again: the
// number of weights that are spared between two that mutate is equal to that 256
// mutations before with probability r^2 / (1 - (1-r)^2), a third for r = 1/2.
func TestPartsOfAMaskDiffer(t *testing.T) {
	w := make([]float64, 40_000)
	newMutation(5, 0.5).add(w, 1, 1, 1)
	var gaps []int
	last := -1
	for i, x := range w {
		if x != 0 {
			gaps = append(gaps, i-last)
			last = i
		}
	}
	same, n := 0.0, float64(len(gaps)-256)
	for i, gap := range gaps[256:] {
		if gap == gaps[i] {
			same++
		}
	}
	if tol := 5 * math.Sqrt(n*2/9); math.Abs(same-n/3) > tol {
		t.Errorf("%v of %v gaps are those of the part before, want a third", same, n)
	}
}

// Half of Cauchy's distribution is within its scale, and a quarter is more than
// 1 + sqrt(2) times as far.
func TestCauchyMutation(t *testing.T) {
	const n, scale = 40_000, 0.3
	m := newMutation(3, 1)
	m.cauchy = true
	w := make([]float64, n)
	m.add(w, scale, 7, 9)
	for r, want := range map[float64]float64{1: 0.5, 1 + math.Sqrt2: 0.75, 20: 2 / math.Pi * math.Atan(20)} {
		within := 0.0
		for _, x := range w {
			if math.Abs(x) <= r*scale {
				within++
			}
		}
		if tol := 5 * math.Sqrt(want*(1-want)/n); math.Abs(within/n-want) > tol {
			t.Errorf("%v of the moves within %v scales, want %v within %v", within/n, r, want, tol)
		}
	}
}

// A rate so small that 1 - rate is 1 is no error.
func TestTinyRates(t *testing.T) {
	for _, rate := range []float64{1e-7, 1e-20, 5e-324} {
		w := make([]float64, 1000)
		m := newMutation(3, rate)
		for k := range 200 {
			m.add(w, 1, 1, uint32(k))
		}
		moved := 0
		for _, x := range w {
			if x != 0 {
				moved++
			}
		}
		if moved > 1 { // expected: 0.02 at most
			t.Errorf("rate %v: %d of 200,000 weights moved", rate, moved)
		}
	}
}

func BenchmarkMutation(b *testing.B) {
	w := make([]float64, 10000)
	for _, rate := range []float64{0.2, 0.01} {
		m := newMutation(1, rate)
		b.Run(fmt.Sprint(rate), func(b *testing.B) {
			k := uint32(0)
			for b.Loop() {
				m.add(w, 1, 1, k)
				k++
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rate/10000, "ns/hit")
		})
	}
}
