package tasks

import (
	"math/rand/v2"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/data"
	"github.com/joust-bench/joust/network"
)

type shapesetConfig struct {
	N     int     `json:"n" doc:"training images" range:"[18,1e6]" scale:"log"`
	Size  int     `json:"size" doc:"height and width in pixels" range:"[16,64]"`
	Fresh int     `json:"fresh" doc:"images to validate on, and as many to test on" range:"[18,1e5]" scale:"log"`
	Goal  float64 `json:"goal" doc:"accuracy that counts as solved; 0: none" range:"[0,1]"`
}

func shapeset() bench.Task {
	return bench.DefineTask(bench.Task{
		Name:    "shapeset",
		Summary: "which one or two of triangle, parallelogram and ellipse are in an image, nine classes, validated and tested on fresh images; a constant predictor has accuracy 0.11, three hidden layers of ReLU about 0.38",
		Refs:    []string{"Glorot & Bengio 2010, Understanding the difficulty of training deep feedforward neural networks, AISTATS, section 2.1"},
		Goal:    "accuracy at least 0.35 on fresh images",
	}, shapesetConfig{N: 20000, Size: 16, Fresh: 900, Goal: 0.35}, shapesetConfig.data)
}

func (c shapesetConfig) data(seed uint64, _ string) (bench.Data, error) {
	train, valid, test := fresh(seed, c.N, c.Fresh, func(n int, rng *rand.Rand) data.Set {
		return data.Shapeset(n, c.Size, rng)
	})
	return classify(network.Shape{1, c.Size, c.Size}, data.ShapesetClasses, accuracy(c.Goal), train, valid, test), nil
}
