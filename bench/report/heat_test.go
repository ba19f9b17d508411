package report

import (
	"fmt"
	"testing"
)

// lightness of a colour written #rrggbb, roughly as the eye sees it (ITU-R
// BT.601).
func lightness(t *testing.T, color string) float64 {
	t.Helper()
	var r, g, b int
	if _, err := fmt.Sscanf(color, "#%02x%02x%02x", &r, &g, &b); err != nil {
		t.Fatalf("colour %q: %v", color, err)
	}
	return .299*float64(r) + .587*float64(g) + .114*float64(b)
}

func TestHeatColorsDarkenAwayFromOne(t *testing.T) {
	s := heatScale{-8, 4}
	last := lightness(t, s.color(1))
	for _, r := range []float64{1e-1, 1e-2, 1e-4, 1e-6, 1e-8} {
		if l := lightness(t, s.color(r)); l >= last {
			t.Errorf("lightness at %g = %g, want below %g", r, l, last)
		} else {
			last = l
		}
	}
	last = lightness(t, s.color(1))
	for _, r := range []float64{10, 100, 1e3, 1e4} {
		if l := lightness(t, s.color(r)); l >= last {
			t.Errorf("lightness at %g = %g, want below %g", r, l, last)
		} else {
			last = l
		}
	}
	if s.color(1e-300) != s.color(1e-8) || s.color(1e300) != s.color(1e4) {
		t.Error("values beyond the scale do not get the colour of its end")
	}
	if s.color(0) != zeroColor || s.color(inf) != notFiniteColor || s.color(nan) != notFiniteColor {
		t.Error("0 and what is not finite do not have their own colours")
	}
}

func TestHeatScaleCoversTheData(t *testing.T) {
	task := func(v ...Number) Task {
		return Task{Contenders: []Contender{{Deltas: Deltas{Ratio: [][]Number{v}}}}}
	}
	for _, tt := range []struct {
		tasks []Task
		want  heatScale
	}{
		{nil, heatScale{-2, 1}},
		{[]Task{task(1, .5)}, heatScale{-2, 1}},
		{[]Task{task(3e-5), task(2e3)}, heatScale{-5, 4}},
		{[]Task{task(1e-40, 0, Number(inf), 1e40)}, heatScale{-12, 6}},
	} {
		if got := newHeatScale(tt.tasks); got != tt.want {
			t.Errorf("scale of %v = %v, want %v", tt.tasks, got, tt.want)
		}
	}
}
