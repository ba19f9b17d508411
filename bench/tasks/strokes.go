package tasks

import (
	"math/rand/v2"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/data"
	"github.com/joust-bench/joust/network"
)

type strokesConfig struct {
	N     int     `json:"n" doc:"training images" range:"[10,1e5]" scale:"log"`
	Size  int     `json:"size" doc:"height and width in pixels" range:"[8,64]"`
	Noise float64 `json:"noise" doc:"how much the pen wavers: standard deviation of each coordinate of a control point, in heights of the image" range:"[0,0.5]"`
	Bent  int     `json:"bent" doc:"images that are made of each training image by bending, turning and stretching it, in its place; 0: none, and it is trained on itself" range:"[0,1000]"`
	Fresh int     `json:"fresh" doc:"images to validate on, and as many to test on" range:"[10,1e5]" scale:"log"`
	Goal  float64 `json:"goal" doc:"accuracy that counts as solved; 0: none" range:"[0,1]"`
	// Unlabelled is for few labels: pretraining has use for more images.
	Unlabelled int `json:"unlabelled" doc:"more training images, without labels, for models that pretrain" range:"[0,1e5]"`
}

func strokes() bench.Task {
	return bench.DefineTask(bench.Task{
		Name:    "stroke-digits",
		Summary: "digits drawn by a pen that wavers, turns and slants, validated and tested on fresh images; a constant predictor has accuracy 0.1, a linear one 0.98",
		Goal:    "accuracy at least 0.95 on fresh images",
		Refs: []string{
			"Cireşan, Meier, Gambardella & Schmidhuber 2010, Deep, big, simple neural nets for handwritten digit recognition, doi:10.1162/NECO_a_00052 (bent)",
			"Simard, Steinkraus & Platt 2003, Best practices for convolutional neural networks, doi:10.1109/ICDAR.2003.1227801 (bent)",
		},
	}, strokesConfig{N: 1000, Size: 16, Noise: 0.03, Fresh: 500, Goal: 0.95}, strokesConfig.data)
}

func (c strokesConfig) data(seed uint64, _ string) (bench.Data, error) {
	train, valid, test := fresh(seed, c.N, c.Fresh, func(n int, rng *rand.Rand) data.Set {
		return data.Strokes(n, c.Size, c.Noise, rng)
	})
	if c.Bent > 0 {
		train = data.Deformed(train, c.Size, c.Bent, data.Handwriting(c.Size), stream(seed, streamBent))
	}
	d := classify(network.Shape{1, c.Size, c.Size}, 10, accuracy(c.Goal), train, valid, test)
	d.Unlabelled = data.Strokes(c.Unlabelled, c.Size, c.Noise, stream(seed, streamUnlabelled)).X
	return d, nil
}
