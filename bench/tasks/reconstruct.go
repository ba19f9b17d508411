package tasks

import (
	"math/rand/v2"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/data"
	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/loss"
)

// reconstruct poses the making of images from images, by mean squared error; target 0
// is none.
func reconstruct(in, out network.Shape, metric bench.Metric, target float64, train, valid, test data.Set) bench.Data {
	d := bench.Data{
		In: in, Out: out.Len(), Image: out, Loss: loss.MSE, Goal: bench.Goal{Metric: metric},
		Train: bench.Examples(train), Valid: bench.Examples(valid), Test: bench.Examples(test),
	}
	if target > 0 {
		d.Goal.Target = &target
	}
	return d
}

// rmse is the metric of images whose values are between 0 and 1.
func rmse() bench.Metric { return bench.Metric{Name: "rmse"} }

// degraded draws stroke digits in black and white, as scanned ones are, and spoils
// them. What spoils them has a stream of its own, so that more images begin with the
// fewer.
func degraded(n, size int, rng *rand.Rand, spoil func(s data.Set, rng *rand.Rand) data.Set) data.Set {
	own := rand.New(rand.NewPCG(rng.Uint64(), 0))
	s := data.Strokes(n, size, 0.03, rng)
	data.Threshold(s, 0.5)
	return spoil(s, own)
}

// behnke is where all but one of these tasks come from.
const behnke = "Behnke 2001, Learning iterative image reconstruction in the Neural Abstraction Pyramid, doi:10.1142/S1469026801000342"
