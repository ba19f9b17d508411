package gradient

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/noise"
)

// BenchmarkTell is the whole of a step but the evaluation, in ns a weight, of the
// first-order methods.
func BenchmarkTell(b *testing.B) {
	const n = 100_000
	p := optimizers.Problem{Init: make([]float64, n), Budget: 1000}
	grad := make([]float64, n)
	noise.Normal(grad, 1, 0, 0)
	evals := []optimizers.Evaluation{{Loss: 1, Grad: grad}}
	for _, def := range family()[:11] {
		for _, threads := range []int{1, 2} {
			b.Run(fmt.Sprintf("%s/threads=%d", def.Name, threads), func(b *testing.B) {
				p.Threads = threads
				opt, err := def.New(json.RawMessage(`{}`), p)
				if err != nil {
					b.Fatal(err)
				}
				for b.Loop() {
					if _, err := opt.Ask(); err != nil {
						b.Fatal(err)
					}
					if err := opt.Tell(evals); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/weight")
			})
		}
	}
}
