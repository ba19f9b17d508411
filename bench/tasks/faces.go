package tasks

import (
	"math/rand/v2"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/data"
	"github.com/joust-bench/joust/network"
)

type facesConfig struct {
	N     int     `json:"n" doc:"training images" range:"[10,1e5]" scale:"log"`
	Size  int     `json:"size" doc:"height and width in pixels" range:"[16,64]"`
	Fresh int     `json:"fresh" doc:"images to validate on, and as many to test on" range:"[10,1e5]" scale:"log"`
	Goal  float64 `json:"goal" doc:"distance in pixels that counts as solved; 0: none" range:"[0,64]"`
}

func faces() bench.Task {
	return bench.DefineTask(bench.Task{
		Name:    "face-localisation",
		Summary: "drawn faces of any size before a cluttered background, whose eyes are to be marked, each in an image of its own, tested on fresh faces; the distance is from where the marks are to the eyes, in pixels, and about 6.3 for a constant predictor",
		Refs:    []string{"Behnke 2003, Hierarchical Neural Networks for Image Interpretation, LNCS 2766, chapter 10"},
		Images:  true,
		Goal:    "distance at most 3.5 pixels on fresh images",
	}, facesConfig{N: 500, Size: 32, Fresh: 200, Goal: 3.5}, facesConfig.data)
}

func (c facesConfig) data(seed uint64, _ string) (bench.Data, error) {
	train, valid, test := fresh(seed, c.N, c.Fresh, func(n int, rng *rand.Rand) data.Set {
		return data.Faces(n, c.Size, rng)
	})
	return reconstruct(network.Shape{1, c.Size, c.Size}, network.Shape{2, c.Size, c.Size}, bench.Metric{Name: "distance", Unit: "pixels"}, c.Goal, train, valid, test), nil
}
