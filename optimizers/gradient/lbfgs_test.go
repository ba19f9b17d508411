package gradient

import (
	"math"
	"testing"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/noise"
	"github.com/joust-bench/joust/optimizers/opttest"
)

// The direction is that of the BFGS matrix, built in full from the same pairs
// (Nocedal & Wright 2006, eq. 6.17, from gamma times the identity, eq. 7.20),
// also when the oldest pairs have been dropped.
func TestLBFGSDirectionIsThatOfTheMatrix(t *testing.T) {
	const n, m = 6, 4
	v := newLinear(optimizers.Problem{Init: make([]float64, n), Threads: 1})
	b := &lbfgs{v: v, rho: make([]float64, m), alpha: make([]float64, m)}
	for range m {
		b.s, b.y = append(b.s, make([]float64, n)), append(b.y, make([]float64, n))
	}
	var ss, ys [][]float64
	x, g, d := make([]float64, n), make([]float64, n), make([]float64, n)
	loss := opttest.NewFunction("rotated-ellipsoid", n).Loss
	loss(x, g)
	for k := range 7 {
		x2, g2, s, y := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
		noise.Normal(x2, 7, uint64(k), 0)
		loss(x2, g2)
		for i := range s {
			s[i], y[i] = x2[i]-x[i], g2[i]-g[i]
		}
		ss, ys = append(ss, s), append(ys, y)
		b.turn(d, x, g, x2, g2)
		first := max(0, len(ss)-m)
		want := bfgsDirection(ss[first:], ys[first:], g2)
		for i := range d {
			if math.Abs(d[i]-want[i]) > 1e-9*largest(want) {
				t.Fatalf("after %d pairs d[%d] = %v, want %v", k+1, i, d[i], want[i])
			}
		}
		x, g = x2, g2
	}
}

func bfgsDirection(ss, ys [][]float64, g []float64) []float64 {
	n := len(g)
	inner := func(x, y []float64) (sum float64) {
		for i := range x {
			sum += x[i] * y[i]
		}
		return sum
	}
	last := len(ss) - 1
	h := make([][]float64, n)
	for i := range h {
		h[i] = make([]float64, n)
		h[i][i] = inner(ss[last], ys[last]) / inner(ys[last], ys[last])
	}
	for k, s := range ss {
		y, rho := ys[k], 1/inner(ss[k], ys[k])
		// H <- (I - rho s y') H (I - rho y s') + rho s s'
		left := func(i, j int) float64 {
			if i == j {
				return 1 - rho*s[i]*y[j]
			}
			return -rho * s[i] * y[j]
		}
		next := make([][]float64, n)
		for i := range next {
			next[i] = make([]float64, n)
			for j := range n {
				next[i][j] = rho * s[i] * s[j]
				for a := range n {
					for c := range n {
						next[i][j] += left(i, a) * h[a][c] * left(j, c)
					}
				}
			}
		}
		h = next
	}
	d := make([]float64, n)
	for i := range d {
		d[i] = -inner(h[i], g)
	}
	return d
}

// A pair without positive curvature would make the matrix indefinite.
func TestLBFGSDropsPairsWithoutCurvature(t *testing.T) {
	for name, g2 := range map[string][]float64{"none": {1, 2}, "negative": {0, 1}} {
		opt, err := newLBFGS(LBFGSConfig{Memory: 3}, optimizers.Problem{Init: make([]float64, 2), Threads: 1})
		if err != nil {
			t.Fatal(err)
		}
		d := make([]float64, 2)
		opt.compass.turn(d, []float64{0, 0}, []float64{1, 2}, []float64{1, 1}, g2)
		if d[0] != -g2[0] || d[1] != -g2[1] {
			t.Errorf("curvature %s: d = %v, want the steepest, -%v", name, d, g2)
		}
	}
}
