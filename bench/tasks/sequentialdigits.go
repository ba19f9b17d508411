package tasks

import (
	"math/rand/v2"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/data"
	"github.com/joust-bench/joust/network"
)

type sequentialDigitsConfig struct {
	Order string  `json:"order" doc:"in which an image is read: by rows, by pixels, or by pixels in an order drawn once" choices:"rows,pixels,shuffled"`
	N     int     `json:"n" doc:"training images" range:"[10,1e5]" scale:"log"`
	Size  int     `json:"size" doc:"height and width in pixels" range:"[8,64]"`
	Noise float64 `json:"noise" doc:"how much the pen wavers, as in stroke-digits" range:"[0,0.5]"`
	Fresh int     `json:"fresh" doc:"images to validate on, and as many to test on" range:"[10,1e5]" scale:"log"`
	Goal  float64 `json:"goal" doc:"accuracy that counts as solved; 0: none" range:"[0,1]"`
}

// sequentialDigits is stroke-digits through a slit.
func sequentialDigits() bench.Task {
	return bench.DefineTask(bench.Task{
		Name:    "sequential-digits",
		Summary: "the images of stroke-digits, read row by row or pixel by pixel, and named at the end; a constant predictor has accuracy 0.1",
		Refs:    []string{"Le, Jaitly & Hinton 2015, A simple way to initialize recurrent networks of rectified linear units, arXiv:1504.00941"},
		Goal:    "accuracy at least 0.9 on fresh images",
	}, sequentialDigitsConfig{Order: "rows", N: 2000, Size: 12, Noise: 0.03, Fresh: 500, Goal: 0.9}, sequentialDigitsConfig.data)
}

func (c sequentialDigitsConfig) data(seed uint64, _ string) (bench.Data, error) {
	pixels := c.Size * c.Size
	order := stream(seed, streamWorld).Perm(pixels)
	train, valid, test := fresh(seed, c.N, c.Fresh, func(n int, rng *rand.Rand) data.Set {
		s := data.Strokes(n, c.Size, c.Noise, rng)
		if c.Order == "shuffled" {
			read := make([]float64, 0, len(s.X))
			for i := range n {
				for _, p := range order {
					read = append(read, s.X[i*pixels+p])
				}
			}
			s.X = read
		}
		return s
	})
	in := network.Shape{pixels, 1}
	if c.Order == "rows" {
		in = network.Shape{c.Size, c.Size}
	}
	return classify(in, 10, accuracy(c.Goal), train, valid, test), nil
}
