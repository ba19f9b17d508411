package evolution_test

import (
	"fmt"
	"testing"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/evolution"
)

// BenchmarkCandidate is the time of Ask and Tell for one candidate, with the
// default population, on one core. The loss is free, and cannot be learned.
func BenchmarkCandidate(b *testing.B) {
	for _, c := range []struct {
		def  optimizers.Definition
		dims []int
	}{
		{evolution.CMAES, []int{10, 100, 500}},
		{evolution.SepCMAES, []int{10, 100, 500, 51_000}},
	} {
		for _, n := range c.dims {
			b.Run(fmt.Sprintf("%s/n=%d", c.def.Name, n), func(b *testing.B) {
				opt, err := c.def.New(nil, optimizers.Problem{Init: make([]float64, n), Threads: 1})
				if err != nil {
					b.Fatal(err)
				}
				var evals []optimizers.Evaluation
				b.ReportAllocs()
				told, turn := 0, 0
				for b.Loop() {
					rows, err := opt.Ask()
					if err != nil {
						b.Fatal(err)
					}
					if evals == nil {
						evals = make([]optimizers.Evaluation, len(rows))
					}
					for k := range rows {
						turn = (turn*1103515245 + 12345) & 0x7fffffff
						evals[k].Loss = float64(turn)
					}
					if err := opt.Tell(evals); err != nil {
						b.Fatal(err)
					}
					told += len(rows)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/1e3/float64(told), "us/candidate")
			})
		}
	}
}
