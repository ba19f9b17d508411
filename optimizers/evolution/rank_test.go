package evolution

import (
	"math"
	"slices"
	"testing"

	"github.com/joust-bench/joust/optimizers"
)

// Ties, infinities and signed zeros have one order, whatever the sort does.
func TestRankIsDeterministic(t *testing.T) {
	inf := math.Inf(1)
	negativeZero := math.Copysign(0, -1)
	for _, c := range []struct {
		losses []float64
		want   []int
	}{
		{[]float64{3, 1, 2}, []int{1, 2, 0}},
		{[]float64{1, 1, 0, 1}, []int{2, 0, 1, 3}},
		{[]float64{inf, 5, inf, -inf, inf}, []int{3, 1, 0, 2, 4}},
		{[]float64{0, negativeZero, 0}, []int{0, 1, 2}},
	} {
		evals := make([]optimizers.Evaluation, len(c.losses))
		for i, loss := range c.losses {
			evals[i].Loss = loss
		}
		order := make([]int, len(evals))
		rank(order, evals)
		if !slices.Equal(order, c.want) {
			t.Errorf("order = %v, want %v (losses %v)", order, c.want, c.losses)
		}
	}
	// Longer than what a sort does by insertion.
	evals := make([]optimizers.Evaluation, 1000)
	for i := range evals {
		evals[i].Loss = float64(i * 7919 % 3)
	}
	order := make([]int, len(evals))
	rank(order, evals)
	for i := 1; i < len(order); i++ {
		a, b := order[i-1], order[i]
		if la, lb := evals[a].Loss, evals[b].Loss; la > lb || la == lb && a > b {
			t.Fatalf("place %d has candidate %d of loss %v, after %d of %v", i, b, lb, a, la)
		}
	}
	if n := testing.AllocsPerRun(10, func() { rank(order, evals) }); n > 0 {
		t.Errorf("rank makes %v allocations, want none", n)
	}
}
