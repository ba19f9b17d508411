package bench

import (
	"math/rand/v2"

	"github.com/joust-bench/joust/optimizers/noise"
)

// The streams of randomness within one trial. They are independent of each
// other, and none depends on the contender: trials that differ only in their
// optimizer share data, splits, starting weights, minibatches, and what layers draw.
const (
	StreamData = iota + 1
	StreamInit
	StreamBatch
	StreamOptimizer
	StreamPass // what the layers draw in a training step
	StreamPretrain
	StreamImagine
)

// Stream derives the seed of one stream of a trial.
func Stream(seed, stream uint64) uint64 { return noise.Mix(seed, stream) }

// rng returns the generator of one stream of a trial.
func rng(seed, stream uint64) *rand.Rand {
	return rand.New(rand.NewPCG(Stream(seed, stream), 0))
}
