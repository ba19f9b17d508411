// Command my-es is an optimizer for joust: an evolution strategy to start from.
package main

import (
	"iter"
	"slices"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/noise"
	"github.com/joust-bench/joust/plugins"
)

// Config is what users may set. The tags are the help and the bounds.
type Config struct {
	Sigma      float64 `json:"sigma" doc:"first standard deviation of the cloud" range:"(0,1000]" scale:"log"`
	Decay      float64 `json:"decay" doc:"factor of sigma at every generation" range:"(0,1]"`
	Population int     `json:"population" doc:"candidates of a generation" range:"[4,10000]" scale:"log"`
}

// ES samples a normal cloud around a mean, moves the mean to the average of the
// best quarter, and lets the cloud shrink at a fixed rate.
var ES = optimizers.Define(optimizers.Definition{
	Name:    "my-es",
	Summary: "Moves to the average of the best quarter of a shrinking normal cloud.",
	Memory:  func(dim int) int64 { return (16 + 1) * 8 * int64(dim) },
}, Config{Sigma: 0.3, Decay: 0.98, Population: 16}, newES)

type es struct {
	seed         uint64
	sigma, decay float64
	generation   uint64
	mean         []float64
	cloud        [][]float64
}

func newES(c Config, p optimizers.Problem) (*es, error) {
	o := &es{seed: p.Seed, sigma: c.Sigma, decay: c.Decay, mean: slices.Clone(p.Init)}
	_, o.cloud = p.Candidates(c.Population)
	return o, nil
}

// Ask returns the cloud. Its noise is a function of seed, generation and row:
// the same each time, in any process.
func (o *es) Ask() ([][]float64, error) {
	for i, x := range o.cloud {
		copy(x, o.mean)
		noise.AddNormal(x, o.sigma, o.seed, o.generation, uint32(i))
	}
	return o.cloud, nil
}

// Tell moves the mean. A loss is +Inf where the network diverged.
func (o *es) Tell(evals []optimizers.Evaluation) error {
	order := make([]int, len(evals))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case evals[a].Loss < evals[b].Loss:
			return -1
		case evals[a].Loss > evals[b].Loss:
			return 1
		}
		return 0
	})
	best := order[:len(order)/4]
	clear(o.mean)
	for _, k := range best {
		for i, w := range o.cloud[k] {
			o.mean[i] += w / float64(len(best))
		}
	}
	o.sigma *= o.decay
	o.generation++
	return nil
}

// Recommend is the mean: better than any candidate, which all have noise.
func (o *es) Recommend() []float64 { return o.mean }

// Diagnostics are figures worth plotting.
func (o *es) Diagnostics() iter.Seq2[string, float64] {
	return func(yield func(string, float64) bool) { yield("sigma", o.sigma) }
}

// state is what a checkpoint holds: all that Tell changes.
func (o *es) state() []any { return []any{&o.sigma, &o.generation, o.mean} }

func (o *es) MarshalBinary() ([]byte, error) { return optimizers.SaveState("my-es/1", o.state()...) }

func (o *es) UnmarshalBinary(data []byte) error {
	return optimizers.LoadState("my-es/1", data, o.state()...)
}

func main() { plugins.Serve(ES) }
