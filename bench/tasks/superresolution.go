package tasks

import (
	"fmt"
	"math/rand/v2"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/data"
	"github.com/joust-bench/joust/network"
)

type superResolutionConfig struct {
	N     int     `json:"n" doc:"training images" range:"[10,1e5]" scale:"log"`
	Size  int     `json:"size" doc:"height and width of the images to be made, in pixels" range:"[8,128]"`
	Block int     `json:"block" doc:"height and width of the pixels that are averaged to one" range:"[2,16]"`
	Fresh int     `json:"fresh" doc:"images to validate on, and as many to test on" range:"[10,1e5]" scale:"log"`
	Goal  float64 `json:"goal" doc:"root mean square error of a pixel that counts as solved; 0: none" range:"[0,1]"`
}

func superResolution() bench.Task {
	return bench.DefineTask(bench.Task{
		Name:    "super-resolution",
		Summary: "digits in black and white of 32x32 pixels from the means of 4x4 of them, tested on fresh digits; repeating each mean 4x4 times has an rmse of about 0.26, and a constant predictor one of about 0.3",
		Refs:    []string{behnke},
		Images:  true,
		Goal:    "rmse at most 0.21 on fresh images",
	}, superResolutionConfig{N: 200, Size: 32, Block: 4, Fresh: 200, Goal: 0.21}, superResolutionConfig.data)
}

func (c superResolutionConfig) data(seed uint64, _ string) (bench.Data, error) {
	if c.Size%c.Block != 0 {
		return bench.Data{}, fmt.Errorf("block: %d pixels, want a divisor of the size, %d", c.Block, c.Size)
	}
	train, valid, test := fresh(seed, c.N, c.Fresh, func(n int, rng *rand.Rand) data.Set {
		return degraded(n, c.Size, rng, func(s data.Set, _ *rand.Rand) data.Set {
			return data.Coarse(s, c.Size, c.Block)
		})
	})
	small := c.Size / c.Block
	return reconstruct(network.Shape{1, small, small}, network.Shape{1, c.Size, c.Size}, rmse(), c.Goal, train, valid, test), nil
}
