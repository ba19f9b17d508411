package report

import (
	"math"
	"slices"
	"testing"
)

func TestTicksAreRoundAndInside(t *testing.T) {
	for _, tt := range []struct {
		a    axis
		n    int
		want []float64
	}{
		{axis{lo: 0, hi: 1}, 5, []float64{0, .2, .4, .6, .8, 1}},
		{axis{lo: .47, hi: .98}, 6, []float64{.5, .6, .7, .8, .9}},
		{axis{lo: -3, hi: 17}, 4, []float64{0, 5, 10, 15}},
		{axis{lo: 2, hi: 2}, 4, []float64{2}},
		{axis{lo: 900, hi: 1.1e6, log: true}, 6, []float64{1e3, 1e4, 1e5, 1e6}},
		{axis{lo: 1, hi: 1e12, log: true}, 6, []float64{1, 1e2, 1e4, 1e6, 1e8, 1e10, 1e12}},
		{axis{lo: 30, hi: 600, log: true}, 6, []float64{50, 100, 200, 500}},
	} {
		got := tt.a.ticks(tt.n)
		same := slices.EqualFunc(got, tt.want, func(a, b float64) bool { return math.Abs(a-b) <= 1e-9*max(1, math.Abs(b)) })
		if !same {
			t.Errorf("ticks of %+v = %v, want %v", tt.a, got, tt.want)
		}
	}
}

func TestAxisClips(t *testing.T) {
	a := axis{lo: 10, hi: 1000, from: 50, to: 250, log: true, zero: 20}
	for _, tt := range []struct{ v, want float64 }{
		{10, 50}, {100, 150}, {1000, 250}, {1e9, 250}, {inf, 250}, {1, 50}, {0, 20}, {-1, 20},
	} {
		if got := a.at(tt.v); math.Abs(got-tt.want) > 1e-9 {
			t.Errorf("at(%v) = %v, want %v", tt.v, got, tt.want)
		}
	}
	if got := a.at(nan); !math.IsNaN(got) {
		t.Errorf("at(NaN) = %v, want NaN, which draws nothing", got)
	}
	b := a.between(100, 500)
	if b.zero != 100 || b.from != 130 || b.to != 500 {
		t.Errorf("moved to 100..500: %+v, want the place of zero at 100 and the rest from 130", b)
	}
}

func TestPathsSkipWhatIsUnknown(t *testing.T) {
	if got, want := polyline([]float64{0, 1, 2, 3}, []float64{5, nan, 6, 7.25}), "M0 5M2 6L3 7.2"; got != want {
		t.Errorf("polyline = %q, want %q", got, want)
	}
	if got, want := band([]float64{0, 1}, []float64{1, 2}, []float64{3, 4}), "M0 3L1 4L1 2L0 1Z"; got != want {
		t.Errorf("band = %q, want %q", got, want)
	}
	if got := band([]float64{0, 1}, []float64{1, nan}, []float64{3, 4}); got != "" {
		t.Errorf("band of one point = %q, want none", got)
	}
}
