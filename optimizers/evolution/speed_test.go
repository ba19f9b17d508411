package evolution

import (
	"testing"

	"github.com/joust-bench/joust/optimizers"
)

// BenchmarkStrategies is Ask and Tell of 64 candidates of 50,890 weights, those
// of a network 784-64-10, on one core. To evaluate them on 512 examples in
// float32 is workload W4 of bench/scaling.
func BenchmarkStrategies(b *testing.B) {
	const n, lambda = 784*64 + 64 + 64*10 + 10, 64
	for _, def := range strategies() {
		if def.Name == "xnes" {
			continue // which takes 500
		}
		b.Run(def.Name, func(b *testing.B) {
			opt, err := def.New([]byte(`{"population": 64}`), optimizers.Problem{Init: make([]float64, n), Seed: 1, Threads: 1})
			if err != nil {
				b.Fatal(err)
			}
			evals := make([]optimizers.Evaluation, lambda)
			b.ReportAllocs()
			for b.Loop() {
				rows, err := opt.Ask()
				if err != nil {
					b.Fatal(err)
				}
				for k := range evals {
					evals[k].Loss = rows[k][0]
				}
				if err := opt.Tell(evals); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/lambda/n, "ns/weight")
		})
	}
}
