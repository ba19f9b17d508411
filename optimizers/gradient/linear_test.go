package gradient

import (
	"testing"

	"github.com/joust-bench/joust/optimizers"
)

// Sums over several panels have all of them.
func TestLinearTakesAllPanels(t *testing.T) {
	const n = 2*panel + 3
	x, y := make([]float64, n), make([]float64, n)
	want := 0.0
	for i := range x {
		x[i], y[i] = float64(i%7), float64(i%3)
		want += x[i] * y[i] // whole numbers: exact in any order
	}
	for _, threads := range []int{1, 3} {
		v := newLinear(optimizers.Problem{Init: x, Threads: threads})
		if got := v.dot(x, y); got != want {
			t.Errorf("x.y = %v with %d threads, want %v", got, threads, want)
		}
		sum := make([]float64, n)
		v.sum(sum, x, 2, y)
		for i := range sum {
			if sum[i] != x[i]+2*y[i] {
				t.Fatalf("x + 2y at %d = %v with %d threads, want %v", i, sum[i], threads, x[i]+2*y[i])
			}
		}
	}
}
