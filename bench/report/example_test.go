package report_test

import (
	"encoding/json"
	"fmt"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/report"
)

// Two contenders with one run each, and random search.
func Example() {
	target := 0.95
	run := func(optimizer string, spent, hit int64, accuracy float64) bench.Result {
		r := bench.Result{
			Trial: bench.Trial{
				Task:  bench.Part{Name: "two-spirals", Config: json.RawMessage(`{}`)},
				Model: bench.Part{Name: "plain", Config: json.RawMessage(`{"depth":2}`)}, Optimizer: bench.Part{Name: optimizer},
				Seed: 1, GradCost: 3,
			},
			Goal:   bench.Goal{Metric: bench.Metric{Name: "accuracy", Higher: true}, Target: &target},
			Status: bench.Exhausted, Work: bench.Work{Forward: spent}, Test: bench.Score{Value: accuracy, Loss: 0.1},
			Curve: []bench.Point{{Work: bench.Work{Forward: spent}, Valid: bench.Score{Value: accuracy, Loss: 0.1}}},
		}
		if hit > 0 {
			r.Status, r.Hit = bench.Solved, &bench.Work{Forward: hit}
		}
		return r
	}
	s := report.Analyse(report.Input{
		Name: "spirals", Planned: 3,
		Results: []bench.Result{run("ga", 90000, 90000, 0.97), run("pso", 30000, 30000, 0.96), run("random-search", 1e6, 0, 0.61)},
	})
	fmt.Println(s.Answer[0].Lead)
	fmt.Println(s.Answer[0].Detail)
	for _, c := range s.Tasks[0].Contenders {
		fmt.Printf("%d %s: %s\n", c.Rank, c.Label, c.Words)
	}
	// Output:
	// On two-spirals plain + pso wins: accuracy 0.95 is reached in 1 of 1 seed, at an expected work of 3e4.
	// The runner-up, plain + ga, needs 9e4, 3.0 times as much; with 1 against 1 run no significance is claimed.
	// 1 plain + pso: reaches the target at work 3e4 (1 of 1)
	// 2 plain + ga: reaches the target at work 9e4 (1 of 1)
	// 3 plain + random-search: never reaches the target within work 1e6, test accuracy 0.610
}
