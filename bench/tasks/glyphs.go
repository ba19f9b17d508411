package tasks

import (
	"math/rand/v2"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/data"
	"github.com/joust-bench/joust/network"
)

type glyphsConfig struct {
	N     int     `json:"n" doc:"training images" range:"[10,1e5]" scale:"log"`
	Size  int     `json:"size" doc:"height and width in pixels" range:"[8,64]"`
	Flips float64 `json:"flips" doc:"share of the pixels that are the other way round" range:"[0,0.5]"`
	Fresh int     `json:"fresh" doc:"images to validate on, and as many to test on" range:"[10,1e5]" scale:"log"`
	Goal  float64 `json:"goal" doc:"accuracy that counts as solved; 0: none" range:"[0,1]"`
	// Unlabelled is for few labels: pretraining has use for more images.
	Unlabelled int `json:"unlabelled" doc:"more training images, without labels, for models that pretrain" range:"[0,1e5]"`
}

func glyphs() bench.Task {
	return bench.DefineTask(bench.Task{
		Name:    "glyph-digits",
		Summary: "printed digits of random size and place, with flipped pixels, validated and tested on fresh images; a constant predictor has accuracy 0.1, two hidden layers of ReLU about 0.7",
		Goal:    "accuracy at least 0.65 on fresh images",
	}, glyphsConfig{N: 4000, Size: 14, Flips: 0.08, Fresh: 500, Goal: 0.65}, glyphsConfig.data)
}

func (c glyphsConfig) data(seed uint64, _ string) (bench.Data, error) {
	train, valid, test := fresh(seed, c.N, c.Fresh, func(n int, rng *rand.Rand) data.Set {
		return data.GlyphDigits(n, c.Size, c.Flips, rng)
	})
	d := classify(network.Shape{1, c.Size, c.Size}, 10, accuracy(c.Goal), train, valid, test)
	d.Unlabelled = data.GlyphDigits(c.Unlabelled, c.Size, c.Flips, stream(seed, streamUnlabelled)).X
	return d, nil
}
