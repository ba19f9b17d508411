package tasks

import (
	"math/rand/v2"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/data"
	"github.com/joust-bench/joust/network"
)

type denoiseConfig struct {
	N     int     `json:"n" doc:"training images" range:"[10,1e5]" scale:"log"`
	Size  int     `json:"size" doc:"height and width in pixels" range:"[8,64]"`
	Noise float64 `json:"noise" doc:"largest noise of a pixel, either way, where black and white are 0.5 apart" range:"[0,1]"`
	Fresh int     `json:"fresh" doc:"images to validate on, and as many to test on" range:"[10,1e5]" scale:"log"`
	Goal  float64 `json:"goal" doc:"root mean square error of a pixel that counts as solved; 0: none" range:"[0,1]"`
}

func denoise() bench.Task {
	return bench.DefineTask(bench.Task{
		Name:    "contrast-noise",
		Summary: "digits in black and white that a bad camera has seen, with little contrast, in changing light and with noise, to be made clean, tested on fresh digits; copying the input has an rmse of 0.32, and a constant predictor one of about 0.35",
		Refs:    []string{behnke},
		Images:  true,
		Goal:    "rmse at most 0.2 on fresh images",
	}, denoiseConfig{N: 200, Size: 16, Noise: 0.25, Fresh: 200, Goal: 0.2}, denoiseConfig.data)
}

func (c denoiseConfig) data(seed uint64, _ string) (bench.Data, error) {
	train, valid, test := fresh(seed, c.N, c.Fresh, func(n int, rng *rand.Rand) data.Set {
		return degraded(n, c.Size, rng, func(s data.Set, rng *rand.Rand) data.Set {
			return data.Faded(s, c.Size*c.Size, c.Noise, rng)
		})
	})
	image := network.Shape{1, c.Size, c.Size}
	return reconstruct(image, image, rmse(), c.Goal, train, valid, test), nil
}
