package bench

import (
	"math"
	"testing"

	"github.com/joust-bench/joust/optimizers"
)

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-14*max(1, math.Abs(want))) {
		t.Errorf("%s = %v, want %v", what, got, want)
	}
}

func TestSearchByHand(t *testing.T) {
	s := measureSearch([]float64{1, 2, 3, 6})
	near(t, "spread", s.Spread, math.Sqrt((4+1+0+9)/4.0)/3)
	near(t, "share better than the mean", s.Better, 0.5)
	s = measureSearch([]float64{-1, -3, math.Inf(1), math.Inf(1)})
	near(t, "spread of the finite", s.Spread, 0.5)
	near(t, "share of all", s.Better, 0.25)
	for _, same := range [][]float64{{0, 0}, {2, 2, 2}, {math.Inf(1), math.Inf(1)}} {
		if s := measureSearch(same); s.Spread != 0 || s.Better != 0 {
			t.Errorf("losses %v: %+v, want no spread", same, s)
		}
	}
	if s := measureSearch([]float64{-1, 1}); s.Spread != math.MaxFloat64 {
		t.Errorf("spread %v around 0, want the largest number", s.Spread)
	}
}

func TestSpearmanByHand(t *testing.T) {
	for _, tt := range []struct {
		a, b []float64
		want float64
	}{
		{[]float64{1, 2, 3}, []float64{10, 100, 1000}, 1},
		{[]float64{1, 2, 3}, []float64{3, 2, 1}, -1},
		// 1 - 6 sum d^2 / (n (n^2-1)) with d = 1, 1, 0, 1, 1.
		{[]float64{1, 2, 3, 4, 5}, []float64{2, 1, 3, 5, 4}, 1 - 6*4/120.0},
		// Ranks 0, 1.5, 1.5, 3 and 0, 1, 2, 3: 4.5 / sqrt(4.5 * 5).
		{[]float64{1, 2, 2, 3}, []float64{1, 2, 3, 4}, 4.5 / math.Sqrt(22.5)},
		{[]float64{1, 1, 1}, []float64{1, 2, 3}, 0},
		{[]float64{1, 2, math.Inf(1)}, []float64{1, 2, 3}, 1},
	} {
		near(t, "Spearman's", spearman(tt.a, tt.b), tt.want)
	}
}

func TestUpdatesByHand(t *testing.T) {
	blocks := []optimizers.Block{
		{Name: "0.w", Off: 0, Len: 2, Layer: 0, FanIn: 2},
		{Name: "0.b", Off: 2, Len: 1, Layer: 0},
		{Name: "1.gamma", Off: 3, Len: 1, Layer: 1},
		{Name: "2.w", Off: 4, Len: 1, Layer: 2, FanIn: 1},
		{Name: "3.w", Off: 5, Len: 1, Layer: 3, FanIn: 1},
		{Name: "4.w", Off: 6, Len: 1, Layer: 4, FanIn: 1},
	}
	got := updates(blocks, []float64{1, 2, 2, 7, 5, 0, 3}, []float64{1, 2, 2.3, 9, 5, 0, 0})
	want := []float64{0.3 / math.Sqrt(1+4+2.3*2.3), 0, 0, 1}
	if len(got) != len(want) {
		t.Fatalf("updates %v, want %v", got, want)
	}
	for i := range want {
		near(t, "update", got[i], want[i])
	}
}
