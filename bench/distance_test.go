package bench

import (
	"math"
	"strings"
	"testing"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/loss"
)

func TestCentreIsThatOfTheBrightHalf(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		what  string
		image []float64 // 2 rows of 3
		y, x  float64
	}{
		{"one cell", []float64{0, 0, 0, 0, 0, 3}, 1, 2},
		{"two cells, 3 to 1, of which the fainter is not half as bright", []float64{3, 0, 1, 0, 0, 0}, 0, 0},
		{"two cells, 3 to 2", []float64{3, 0, 0, 0, 0, 2}, 2. / 5, 4. / 5},
		{"just half as bright", []float64{4, 0, 0, 0, 0, 2}, 0, 0},
		{"negative beside", []float64{-9, 1, -9, -9, 1, -9}, 0.5, 1},
		{"nothing", []float64{0, -1, 0, -2, 0, 0}, 0.5, 1},
		{"not a number", []float64{0, 1, nan, 0, 0, 0}, nan, nan},
		{"infinite", []float64{0, inf, 0, 0, 0, 0}, nan, nan},
	} {
		y, x := centre(c.image, 3)
		same := func(a, b float64) bool { return math.Abs(a-b) < 1e-15 || a != a && b != b }
		if !same(y, c.y) || !same(x, c.x) {
			t.Errorf("%s: (%g, %g), want (%g, %g)", c.what, y, x, c.y, c.x)
		}
	}
}

// Outputs that mark places 3 and 4, and 0 and 1, pixels from those of the targets
// are 3 pixels away on average.
func TestDistanceIsTheMeanOverPlaces(t *testing.T) {
	const h, w = 4, 5
	d := Data{Out: 2 * h * w, Image: network.Shape{2, h, w}, Loss: loss.MSE, Goal: Goal{Metric: Metric{Name: "distance"}}}
	m, err := newMetric(&d)
	if err != nil {
		t.Fatal(err)
	}
	marks := func(places ...int) []float64 {
		v := make([]float64, h*w*len(places))
		for k, p := range places {
			v[k*h*w+p] = 1
		}
		return v
	}
	got, weight := m.example(&sample{z: marks(0, 7), values: marks(3*w+4, 8)})
	if want := (5. + 1) / 2; math.Abs(got-want) > 1e-15 || weight != 1 {
		t.Errorf("distance %g with weight %g, want %g with 1", got, weight, want)
	}
	// Of two steps, the one that counts.
	steps := sample{z: marks(3, 3, 0, 7), values: marks(0, 0, 3*w+4, 8), weights: []float64{0, 1}}
	if got, _ := m.example(&steps); math.Abs(got-3) > 1e-15 {
		t.Errorf("distance %g at the second step, want 3", got)
	}
	if got := m.value(6, 4); got != 1.5 {
		t.Errorf("mean of 4 distances whose sum is 6 = %g, want 1.5", got)
	}
	if got := m.value(math.NaN(), 4); !math.IsInf(got, 1) {
		t.Errorf("distance that is not a number = %g, want +Inf, the worst", got)
	}
	d.Image = nil
	if _, err := newMetric(&d); err == nil || !strings.Contains(err.Error(), "want images (k, H, W)") {
		t.Errorf("outputs that are no images: %v", err)
	}
}
