package probe

import (
	"math"
	"testing"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/activation"
)

// At the thresholds of what is dead and what is saturated, to the last bit of z, the
// kernels decide: they have the same bits on every platform, as the standard library has
// not. Each value is one unit with one example.
func TestKernelsDecideAtThresholds(t *testing.T) {
	const around = 200 // values on either side
	differ := 0        // from the references
	for _, f := range activation.All() {
		if !f.Smooth {
			continue
		}
		steepest := min(f.SupDeriv, math.MaxFloat64)
		if steepest == math.MaxFloat64 {
			steepest = 1
		}
		slope := func(z float64) float64 {
			s, y := []float64{1}, []float64{0}
			f.Float64.Forward(y, []float64{z})
			f.Float64.Grad(s, s, []float64{z}, y)
			return math.Abs(s[0])
		}
		for _, threshold := range []float64{0.05 * steepest, 1e-3} {
			// The last z on the way from where the slope is steep to -40 that is not below.
			hi, lo := 0.5, -40.0
			if slope(hi) < threshold || slope(lo) >= threshold {
				continue // no such place
			}
			for {
				mid := lo + (hi-lo)/2
				if mid <= lo || mid >= hi {
					break
				}
				if slope(mid) < threshold {
					lo = mid
				} else {
					hi = mid
				}
			}
			const n = 2*around + 1
			z, y := network.NewTensor[float64](network.Shape{n}, 1), network.NewTensor[float64](network.Shape{n}, 1)
			v := hi
			for range around {
				v = math.Nextafter(v, math.Inf(-1))
			}
			for i := range n {
				z.Row(i)[0] = v
				v = math.Nextafter(v, math.Inf(1))
			}
			dead, saturated, crossed := 0, 0, 0
			for i := range n {
				f.Float64.Forward(y.Row(i), z.Row(i))
				s := slope(z.Row(i)[0])
				if s < 1e-3 {
					dead++
				}
				if s < 0.05*steepest {
					saturated++
				}
				if d := math.Abs(f.D(z.Row(i)[0], y.Row(i)[0])); (d < threshold) != (s < threshold) {
					crossed++
				}
			}
			if crossed > 0 {
				differ++
			}
			gotDead, gotSaturated := slopes(f, z, y)
			if gotDead != float64(dead)/n || gotSaturated != float64(saturated)/n {
				t.Errorf("%s at z = %v: %v dead and %v saturated, want %d and %d of %d", f.Name, hi, gotDead, gotSaturated, dead, saturated, n)
			}
		}
	}
	if differ == 0 {
		t.Error("kernels and references agree at every threshold, and the test shows nothing")
	}
}
