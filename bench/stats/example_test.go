package stats_test

import (
	"fmt"

	"github.com/joust-bench/joust/bench/stats"
)

// Two contenders with five runs each. The first solved the task every time, the
// second gave up twice.
func Example() {
	first := []stats.Run{{Work: 900, Solved: true}, {Work: 1100, Solved: true}, {Work: 1000, Solved: true}, {Work: 800, Solved: true}, {Work: 1200, Solved: true}}
	second := []stats.Run{{Work: 2000, Solved: true}, {Work: 10000}, {Work: 3000, Solved: true}, {Work: 10000}, {Work: 2500, Solved: true}}
	fmt.Printf("expected work: %.0f and %.0f\n", stats.ERT(first), stats.ERT(second))

	// Worst value for runs that never got there: all that a rank test needs.
	x, y := []float64{900, 1100, 1000, 800, 1200}, []float64{2000, 1e9, 3000, 1e9, 2500}
	fmt.Printf("a run of the first beats one of the second with probability %.0f %%, P = %.3f\n",
		100*stats.ProbabilityOfImprovement(x, y), stats.MannWhitney(x, y).P)
	// Output:
	// expected work: 1000 and 9167
	// a run of the first beats one of the second with probability 100 %, P = 0.008
}
