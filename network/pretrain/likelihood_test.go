package pretrain

import (
	"context"
	"math"
	"testing"
)

// Bars and stripes 3 x 3 have 14 images, so that no model is likelier than -ln 14.
// Learning raises the exact likelihood from the -6.24 of 9 fair coins, and AIS
// measures it. The margins are those of a prototype's 3 seeds, which rose by 2.9
// (CD-1), 3.3 (CD-10) and 1.8 (PCD-1).
func TestLearningRaisesTheExactLikelihood(t *testing.T) {
	x := barsAndStripes(3)
	const seeds = 3
	var rise [3]float64
	for i, c := range []struct {
		name string
		cd   CD
		want float64
	}{
		{"CD-1", CD{K: 1, Epochs: 3000, Rate: 0.1}, 2.5},
		{"CD-10", CD{K: 10, Epochs: 3000, Rate: 0.1}, 3.0},
		{"PCD-1", CD{K: 1, Epochs: 3000, Rate: 0.05, Persistent: true}, 1.3},
	} {
		for seed := range uint64(seeds) {
			r := NewRBM(9, 16, seeded(seed))
			before := logLikelihood(t, r, x)
			near(t, "ln p before learning", before, -9*math.Ln2, 0.02)
			if err := r.Train(context.Background(), x, c.cd, seeded(100+seed)); err != nil {
				t.Fatal(err)
			}
			after := logLikelihood(t, r, x)
			if after > -math.Log(14) {
				t.Errorf("%s, seed %d: ln p = %.4f, more than the data allow, %.4f", c.name, seed, after, -math.Log(14))
			}
			rise[i] += (after - before) / seeds
			t.Logf("%s seed %d: ln p %.3f -> %.3f", c.name, seed, before, after)
			if seed == 0 {
				annealed(t, c.name, r)
			}
		}
		if rise[i] < c.want {
			t.Errorf("%s: ln p rises by %.2f in the mean, want more than %.1f", c.name, rise[i], c.want)
		}
	}
	if rise[1] < rise[0]+0.2 {
		t.Errorf("ln p rises by %.2f with CD-10 and %.2f with CD-1, want 0.2 more", rise[1], rise[0])
	}
}

func annealed(t *testing.T, name string, r *RBM) {
	t.Helper()
	exact := logZ(t, r)
	for _, c := range []struct {
		steps int
		most  func(sigma float64) float64
	}{
		{1000, func(sigma float64) float64 { return max(0.1, 4*sigma) }},
		{100, func(float64) float64 { return 0.3 }},
	} {
		z, sigma, err := r.AIS(nil, c.steps, 100, seeded(uint64(c.steps)))
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: AIS of %d steps %.3f +- %.3f, exact %.3f", name, c.steps, z, sigma, exact)
		if !(math.Abs(z-exact) < c.most(sigma)) || !(sigma > 0) {
			t.Errorf("%s: AIS of %d steps: ln Z = %.3f +- %.3f, exactly %.3f, want within %.3f", name, c.steps, z, sigma, exact, c.most(sigma))
		}
	}
}

func logLikelihood(t *testing.T, r *RBM, x []float64) float64 {
	t.Helper()
	l, err := r.LogLikelihood(x)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// A machine without W is its own beginning: every run has the same weight.
func TestAISOfIndependentUnitsIsExact(t *testing.T) {
	r := randomRBM(5, 4, 1, seeded(1))
	clear(r.W)
	z, _, err := r.AIS(r.B, 10, 20, seeded(2))
	if err != nil {
		t.Fatal(err)
	}
	near(t, "ln Z", z, logZ(t, r), 1e-12)
}

func TestAISWithLabelsAndAnotherBase(t *testing.T) {
	r := randomRBM(7, 4, 0.7, seeded(3))
	r.Labels = 3
	for _, base := range [][]float64{nil, {1, -1, 0, 2, 0.5, 0, -0.5}} {
		z, sigma, err := r.AIS(base, 300, 200, seeded(4))
		if err != nil {
			t.Fatal(err)
		}
		near(t, "ln Z", z, logZ(t, r), max(0.02, 4*sigma))
	}
	for _, bad := range []func(){
		func() { _, _, err := r.AIS(nil, 0, 10, seeded(1)); mustFail(t, err) },
		func() { _, _, err := r.AIS(nil, 10, 1, seeded(1)); mustFail(t, err) },
		func() {
			g := *r
			g.Units = Gaussian
			_, _, err := g.AIS(nil, 10, 10, seeded(1))
			mustFail(t, err)
		},
	} {
		bad()
	}
}

func mustFail(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		t.Error("no error, want one")
	}
}
