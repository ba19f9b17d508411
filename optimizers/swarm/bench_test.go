package swarm

import (
	"fmt"
	"testing"

	"github.com/joust-bench/joust/optimizers"
)

// Ask and Tell, the time of a candidate.
func BenchmarkCandidate(b *testing.B) {
	for _, def := range all() {
		for _, n := range []int{10, 1000} {
			b.Run(fmt.Sprintf("%s/n=%d", def.Name, n), func(b *testing.B) {
				opt, err := def.New(nil, optimizers.Problem{Init: make([]float64, n), Threads: 1})
				if err != nil {
					b.Fatal(err)
				}
				candidates := 0
				var evals []optimizers.Evaluation
				for b.Loop() {
					rows, err := opt.Ask()
					if err != nil {
						b.Fatal(err)
					}
					evals = evals[:0]
					for _, w := range rows {
						evals = append(evals, optimizers.Evaluation{Loss: w[0] * w[0]})
					}
					if err := opt.Tell(evals); err != nil {
						b.Fatal(err)
					}
					candidates += len(rows)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(candidates), "ns/candidate")
			})
		}
	}
}
