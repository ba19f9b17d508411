package tasks

import (
	"fmt"
	"math/rand/v2"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/data"
	"github.com/joust-bench/joust/network"
)

type occlusionConfig struct {
	N      int     `json:"n" doc:"training images" range:"[10,1e5]" scale:"log"`
	Size   int     `json:"size" doc:"height and width in pixels" range:"[8,64]"`
	Square int     `json:"square" doc:"height and width of the grey square" range:"[1,64]"`
	Margin int     `json:"margin" doc:"pixels at the border that the square leaves free" range:"[0,32]"`
	Fresh  int     `json:"fresh" doc:"images to validate on, and as many to test on" range:"[10,1e5]" scale:"log"`
	Goal   float64 `json:"goal" doc:"root mean square error of a pixel that counts as solved; 0: none" range:"[0,1]"`
}

func occlusion() bench.Task {
	return bench.DefineTask(bench.Task{
		Name:    "occlusion",
		Summary: "digits in black and white of which a grey square hides a part, to be made whole, tested on fresh digits; copying the input has an rmse of 0.1875, all of it in the square, and a constant predictor one of about 0.35",
		Refs:    []string{behnke},
		Images:  true,
		Goal:    "rmse at most 0.167 on fresh images, 0.8 of the mean squared error of copying",
	}, occlusionConfig{N: 200, Size: 16, Square: 6, Fresh: 200, Goal: 0.167}, occlusionConfig.data)
}

func (c occlusionConfig) data(seed uint64, _ string) (bench.Data, error) {
	if room := c.Size - 2*c.Margin; c.Square > room {
		return bench.Data{}, fmt.Errorf("square: %d pixels, want at most the %d between the margins", c.Square, room)
	}
	train, valid, test := fresh(seed, c.N, c.Fresh, func(n int, rng *rand.Rand) data.Set {
		return degraded(n, c.Size, rng, func(s data.Set, rng *rand.Rand) data.Set {
			return data.Occluded(s, c.Size, c.Square, c.Margin, 0.5, rng)
		})
	})
	image := network.Shape{1, c.Size, c.Size}
	return reconstruct(image, image, rmse(), c.Goal, train, valid, test), nil
}
