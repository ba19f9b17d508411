package search

import (
	"slices"
	"testing"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/opttest"
)

// By hand, from (0, 0) with steps of 1 on (x-3)^2 + 2 (y-1)^2: a round that moves
// to (1, 1), a pattern move to (2, 2) that is corrected to (3, 1), another to (5,
// 1) corrected to (4, 1), which is worse; back at (3, 1) nothing improves, and
// the step is halved.
func TestPatternSearchByHand(t *testing.T) {
	opt := newOptimizer(t, Pattern, `{"step": 1}`, optimizers.Problem{Init: []float64{0, 0}})
	loss := func(_ int, w []float64) float64 {
		return (w[0]-3)*(w[0]-3) + 2*(w[1]-1)*(w[1]-1)
	}
	got := asked(t, opt, 12, loss)
	want := slices.Concat([][][]float64{
		{{0, 0}, {1, 0}, {-1, 0}}, // along x
		{{1, 0}, {1, 1}, {1, -1}}, // along y
		{{2, 2}, {3, 2}, {1, 2}},  // after the pattern move
		{{3, 2}, {3, 3}, {3, 1}},
		{{1, 1}, {3, 1}},         // compared
		{{5, 1}, {6, 1}, {4, 1}}, // the pattern again
		{{4, 1}, {4, 2}, {4, 0}},
		{{3, 1}, {4, 1}},         // worse
		{{3, 1}, {4, 1}, {2, 1}}, // back
		{{3, 1}, {3, 2}, {3, 0}},
		{{3, 1}, {3.5, 1}, {2.5, 1}}, // halved
		{{3, 1}, {3, 1.5}, {3, 0.5}},
	}...)
	if !same(got, want) {
		t.Errorf("candidates are\n%v, want\n%v", got, want)
	}
	if w := opt.(optimizers.Recommender).Recommend(); !slices.Equal(w, []float64{3, 1}) {
		t.Errorf("recommends %v, want the minimum, (3, 1)", w)
	}
}

// A reflection of any coordinates reflects the search, but for the order of the
// two neighbours.
func TestPatternSearchReflects(t *testing.T) {
	const n = 5
	f := opttest.NewFunction("rosenbrock", n)
	signs := []float64{1, -1, -1, 1, -1}
	y := make([]float64, n)
	plain := newOptimizer(t, Pattern, "", optimizers.Problem{Init: []float64{0.3, 0.3, 0.3, 0.3, 0.3}})
	mirrored := newOptimizer(t, Pattern, "", optimizers.Problem{Init: []float64{0.3, -0.3, -0.3, 0.3, -0.3}})
	for k := range 600 {
		step(t, plain, func(w []float64) float64 { return f.Loss(w, nil) })
		step(t, mirrored, func(w []float64) float64 {
			for i := range w {
				y[i] = signs[i] * w[i]
			}
			return f.Loss(y, nil)
		})
		got := mirrored.(optimizers.Recommender).Recommend()
		for i, x := range plain.(optimizers.Recommender).Recommend() {
			if got[i] != signs[i]*x {
				t.Fatalf("weight %d after %d steps = %v, want %v", i, k+1, got[i], signs[i]*x)
			}
		}
	}
}

// It converges at the minimum, at steps below the tolerance.
func TestPatternSearchConverges(t *testing.T) {
	f := opttest.NewFunction("sphere", 4)
	opt := newOptimizer(t, Pattern, `{"tolerance": 1e-6}`, optimizers.Problem{Init: make([]float64, 4)})
	rows := asked(t, opt, 10_000, func(_ int, w []float64) float64 { return f.Loss(w, nil) })
	if len(rows) > 2000 {
		t.Errorf("%d candidates, want it converged after some hundreds", len(rows))
	}
	if got := f.Loss(opt.(optimizers.Recommender).Recommend(), nil); got > 4e-12 {
		t.Errorf("loss %v where it converged, want at most 4e-12: within a step in each of 4 coordinates", got)
	}
}
