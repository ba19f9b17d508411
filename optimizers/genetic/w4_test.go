package genetic

import (
	"math/rand/v2"
	"testing"

	"github.com/joust-bench/joust/optimizers"
)

// BenchmarkW4 is what breeding costs beside the evaluation of 64 candidates of
// a network 784-64-10 on 512 examples, about 37 ms of one core.
func BenchmarkW4(b *testing.B) {
	const in, hidden, out = 784, 64, 10
	p := optimizers.Problem{Threads: 1, Blocks: []optimizers.Block{
		{Name: "0.dense.w", Off: 0, Len: in * hidden, Layer: 0, Rows: hidden},
		{Name: "0.dense.b", Off: in * hidden, Len: hidden, Layer: 0, Rows: hidden},
		{Name: "1.dense.w", Off: (in + 1) * hidden, Len: hidden * out, Layer: 1, Rows: out},
		{Name: "1.dense.b", Off: (in+1)*hidden + hidden*out, Len: out, Layer: 1, Rows: out},
	}}
	p.Init = make([]float64, (in+1)*hidden+(hidden+1)*out)
	for name, c := range map[string]struct {
		def    optimizers.Definition
		config string
	}{
		"ga":                     {GA, `{"population": 64}`},
		"ga, a fifth mutates":    {GA, `{"population": 64, "weights": 1000000}`},
		"ga, all weights mutate": {GA, `{"population": 64, "weights": 1000000, "weight_rate": 1}`},
		"ga-islands":             {Islands, `{"population": 16}`},
		"deep-ga":                {Deep, `{"population": 64, "portion": 64, "repeats": 0}`},
		"samr-ga":                {SAMR, `{"population": 64}`},
		"cosyne":                 {CoSyNE, `{"population": 64, "parents": 16}`},
	} {
		b.Run(name, func(b *testing.B) {
			opt, err := c.def.New([]byte(c.config), p)
			if err != nil {
				b.Fatal(err)
			}
			evals := make([]optimizers.Evaluation, 64)
			for b.Loop() {
				if _, err := opt.Ask(); err != nil {
					b.Fatal(err)
				}
				for k := range evals {
					evals[k].Loss = rand.Float64()
				}
				if err := opt.Tell(evals); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
