package evolution

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/joust-bench/joust/optimizers"
)

// Worked out by hand: ln 6 - ln k for k up to 5, by their sum, less 1/10.
func TestNESUtilitiesByHand(t *testing.T) {
	want := []float64{.329544, .163374, .066170, -.002797, -.056291, -.1, -.1, -.1, -.1, -.1}
	if diff := cmp.Diff(want, nesUtilities(10), cmpopts.EquateApprox(0, 1e-6)); diff != "" {
		t.Errorf("utilities of ten (-want +got):\n%s", diff)
	}
}

func TestCentredRanksByHand(t *testing.T) {
	if diff := cmp.Diff([]float64{.5, .25, 0, -.25, -.5}, centredRanks(5)); diff != "" {
		t.Errorf("centred ranks of five (-want +got):\n%s", diff)
	}
	for _, lambda := range []int{2, 7, 64, 1001} {
		for k, u := range centredRanks(lambda) {
			if mirrored := centredRanks(lambda)[lambda-1-k]; u != -mirrored {
				t.Errorf("of %d, rank %d has %v and the opposite rank %v, want opposites", lambda, k, u, mirrored)
			}
		}
	}
}

// 1/sum w^2 of (4, 3, 2, 1)/10 is 100/30.
func TestNormalizeByHand(t *testing.T) {
	w := []float64{4, 3, 2, 1}
	muEff := normalize(w)
	if math.Abs(muEff-10.0/3) > 1e-12 || !slices.Equal(w, []float64{.4, .3, .2, .1}) {
		t.Errorf("weights %v worth %v, want 0.4 to 0.1 worth 10/3", w, muEff)
	}
}

func evaluations(losses ...float64) []optimizers.Evaluation {
	evals := make([]optimizers.Evaluation, len(losses))
	for k, loss := range losses {
		evals[k].Loss = loss
	}
	return evals
}

func TestEqualLossesShareTheirUtilities(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		losses, norms, want []float64
	}{
		{[]float64{3, 1, 2, 4}, nil, []float64{4, 16, 8, 2}},
		{[]float64{2, 1, 2, 4}, nil, []float64{6, 16, 6, 2}},
		{[]float64{0, 0, 0, 0}, nil, []float64{7.5, 7.5, 7.5, 7.5}},
		{[]float64{inf, 1, inf, inf}, nil, []float64{14. / 3, 16, 14. / 3, 14. / 3}},
		{[]float64{inf, 1, inf, -1e308}, []float64{3, 9, 2, 9}, []float64{2, 8, 4, 16}},
		{[]float64{inf, inf, inf, 1}, []float64{3, 2, 2, 9}, []float64{2, 6, 6, 16}},
		{[]float64{1, 1, inf, inf}, []float64{3, 2, 1, 1}, []float64{12, 12, 3, 3}}, // norms are for +Inf only
		{[]float64{math.Copysign(0, -1), 0, 1, 2}, nil, []float64{12, 12, 4, 2}},
	} {
		s := newShaper([]float64{16, 8, 4, 2})
		if got := s.shape(evaluations(c.losses...), c.norms); !slices.Equal(got, c.want) {
			t.Errorf("utilities of losses %v with norms %v: %v, want %v", c.losses, c.norms, got, c.want)
		}
	}
}

// Candidates told in another order have the utilities they had.
func TestUtilitiesDoNotDependOnTheOrder(t *testing.T) {
	losses := []float64{3, math.Inf(1), 1, 1, -2, 3, math.Inf(1), 8}
	s := newShaper(nesUtilities(len(losses)))
	want := slices.Clone(s.shape(evaluations(losses...), nil))
	for shift := range losses {
		turned := append(slices.Clone(losses[shift:]), losses[:shift]...)
		got := s.shape(evaluations(turned...), nil)
		if back := append(slices.Clone(got[len(got)-shift:]), got[:len(got)-shift]...); !slices.Equal(back, want) {
			t.Errorf("turned by %d: utilities %v, want %v", shift, back, want)
		}
	}
}

func TestWeightedSumByHand(t *testing.T) {
	rows := [][]float64{{1, 2, 3, 4}, {10, 20, 30, 40}, {100, 200, 300, 400}}
	dst := []float64{9, 9, 9, 9}
	weightedSum(dst[1:3], []float64{1, -2, 0.5}, rows, 1)
	if want := []float64{9, 2 - 40 + 100, 3 - 60 + 150, 9}; !slices.Equal(dst, want) {
		t.Errorf("weighted sum %v, want %v", dst, want)
	}
}

func TestStretchesTile(t *testing.T) {
	for _, n := range []int{1, stretch - 1, stretch, stretch + 1, 5*stretch + 3} {
		at := 0
		for i := range stretches(n) {
			from, to := bounds(i, n)
			if from != at || to <= from {
				t.Errorf("stretch %d of %d weights is [%d, %d), want it to start at %d", i, n, from, to, at)
			}
			at = to
		}
		if at != n {
			t.Errorf("stretches of %d weights end at %d", n, at)
		}
	}
}
