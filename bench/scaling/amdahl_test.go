package scaling

import (
	"math"
	"testing"
)

// Speed-ups that follow the law give back its serial fraction.
func TestFitAmdahlFindsTheFractionThatMadeTheSpeedups(t *testing.T) {
	for _, s := range []float64{0, 0.01, 0.25, 0.9, 1} {
		threads := []int{1, 2, 4, 8, 64}
		speedup := make([]float64, len(threads))
		for i, p := range threads {
			speedup[i] = 1 / (s + (1-s)/float64(p))
		}
		for n := 2; n <= len(threads); n++ {
			f, ok := FitAmdahl(threads[:n], speedup[:n])
			if !ok || math.Abs(f.Serial-s) > 1e-12 || f.Note != "" && s > 0 && s < 1 {
				t.Errorf("fit to the speed-ups of s = %v on %v cores: %+v, %v", s, threads[:n], f, ok)
			}
		}
	}
}

// By hand, for speed-ups of 1.6 on 2 cores and 2 on 4: 1/S - 1/p is 1/8 and 1/4,
// 1 - 1/p is 1/2 and 3/4, and s = (1/16 + 3/16) / (1/4 + 9/16) = 4/13.
func TestFitAmdahlIsLeastSquares(t *testing.T) {
	f, ok := FitAmdahl([]int{1, 2, 4}, []float64{1, 1.6, 2})
	if want := 4.0 / 13; !ok || math.Abs(f.Serial-want) > 1e-15 {
		t.Errorf("serial fraction %v, %v, want %v", f.Serial, ok, want)
	}
	// Two cores alone: s = 2/S - 1, and 64 cores give 1/(s + (1-s)/64).
	f, _ = FitAmdahl([]int{1, 2}, []float64{1, 1.6})
	if got, want := f.Speedup(64), 1/(0.25+0.75/64); math.Abs(f.Serial-0.25) > 1e-15 || math.Abs(got-want) > 1e-12 {
		t.Errorf("serial fraction %v and speed-up %v on 64 cores, want 0.25 and %v", f.Serial, got, want)
	}
}

func TestFitAmdahlStaysWithinItsBoundsAndSaysSo(t *testing.T) {
	for _, tt := range []struct{ speedup, want float64 }{{2.2, 0}, {0.8, 1}} {
		f, ok := FitAmdahl([]int{1, 2}, []float64{1, tt.speedup})
		if !ok || f.Serial != tt.want || f.Note == "" {
			t.Errorf("speed-up %v on 2 cores: %+v, %v, want serial fraction %v with a note", tt.speedup, f, ok, tt.want)
		}
	}
	for _, threads := range [][]int{nil, {1}} {
		if f, ok := FitAmdahl(threads, []float64{1}[:len(threads)]); ok {
			t.Errorf("%v cores: %+v, want no fit", threads, f)
		}
	}
	if f, ok := FitAmdahl([]int{1, 2, 4}, []float64{1, 0, math.NaN()}); ok {
		t.Errorf("no usable speed-up: %+v, want no fit", f)
	}
}
