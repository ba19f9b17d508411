package evolution_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/evolution"
)

// BenchmarkCandidate is the time of Ask and Tell for one candidate, with the
// default population, on one core. The loss is as good as free.
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
				p := optimizers.Problem{Init: make([]float64, n), Threads: 1}
				opt, err := c.def.New(nil, p)
				if err != nil {
					b.Fatal(err)
				}
				evals := make([]optimizers.Evaluation, 100)
				b.ReportAllocs()
				told, generation := 0, 0
				for b.Loop() {
					if generation++; generation%1000 == 0 { // before it converges
						b.StopTimer()
						if opt, err = c.def.New(nil, p); err != nil {
							b.Fatal(err)
						}
						b.StartTimer()
					}
					rows, err := opt.Ask()
					if err != nil {
						b.Fatal(err)
					}
					for k, x := range rows {
						evals[k].Loss = math.Abs(x[0] - 1e6*x[1])
					}
					if err := opt.Tell(evals[:len(rows)]); err != nil {
						b.Fatal(err)
					}
					told += len(rows)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/1e3/float64(told), "us/candidate")
			})
		}
	}
}
