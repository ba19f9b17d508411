package evolution

import (
	"testing"

	"github.com/joust-bench/joust/bench/scaling"
	"github.com/joust-bench/joust/optimizers"
)

// Ask and Tell of 64 candidates beside their evaluation, workload W4: networks
// 784-64-10 on 512 examples in float32, on one core.
func BenchmarkOverhead(b *testing.B) {
	const n, lambda = 784*64 + 64 + 64*10 + 10, 64
	for _, def := range []optimizers.Definition{SNES, OpenAIES, PGPE, MuLambda, CRFMNES, LMMAES} {
		opt, err := def.New([]byte(`{"population": 64}`), optimizers.Problem{Init: make([]float64, n), Seed: 1, Threads: 1})
		if err != nil {
			b.Fatal(err)
		}
		evals := make([]optimizers.Evaluation, lambda)
		b.Run(def.Name, func(b *testing.B) {
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
		})
	}
	for _, w := range scaling.Workloads() {
		if w.Name != "W4" {
			continue
		}
		run, err := w.New("float32", 1)
		if err != nil {
			b.Fatal(err)
		}
		b.Run("W4", func(b *testing.B) {
			for b.Loop() {
				run()
			}
		})
	}
}
