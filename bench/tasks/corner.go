package tasks

import (
	"math/rand/v2"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/data"
	"github.com/joust-bench/joust/network"
)

type cornerConfig struct {
	N     int     `json:"n" doc:"training images" range:"[10,1e6]" scale:"log"`
	Size  int     `json:"size" doc:"height and width in pixels" range:"[2,64]"`
	Fresh int     `json:"fresh" doc:"images to validate on, and as many to test on" range:"[10,1e5]" scale:"log"`
	Goal  float64 `json:"goal" doc:"accuracy that counts as solved; 0: none" range:"[0,1]"`
}

// corner asks a network that reads an image at its last corner about the first one. A
// linear model of all pixels does it at once: it is a task for layers that scan.
func corner() bench.Task {
	return bench.DefineTask(bench.Task{
		Name:    "corner-bit",
		Summary: "the sign of the first pixel of an image of noise, validated and tested on fresh images: easy to see, and hard to carry to the other corner; a constant predictor has accuracy 0.5, a linear one 0.98",
		Refs:    []string{"Graves, Fernández & Schmidhuber 2007, Multi-dimensional recurrent neural networks, doi:10.1007/978-3-540-74690-4_56"},
		Goal:    "accuracy at least 0.95 on fresh images",
	}, cornerConfig{N: 5000, Size: 8, Fresh: 500, Goal: 0.95}, cornerConfig.data)
}

func (c cornerConfig) data(seed uint64, _ string) (bench.Data, error) {
	train, valid, test := fresh(seed, c.N, c.Fresh, func(n int, rng *rand.Rand) data.Set {
		return data.Corner(n, c.Size, rng)
	})
	return classify(network.Shape{1, c.Size, c.Size}, 2, accuracy(c.Goal), train, valid, test), nil
}
