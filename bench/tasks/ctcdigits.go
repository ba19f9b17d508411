package tasks

import (
	"math/rand/v2"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/data"
	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/loss"
)

type ctcDigitsConfig struct {
	Digits int     `json:"digits" doc:"most digits of a line" range:"[1,20]"`
	N      int     `json:"n" doc:"training lines" range:"[4,1e6]" scale:"log"`
	Size   int     `json:"size" doc:"height of a line, and width of a digit, in pixels" range:"[8,64]"`
	Noise  float64 `json:"noise" doc:"how much the pen wavers, as in stroke-digits" range:"[0,0.5]"`
	Fresh  int     `json:"fresh" doc:"lines to validate on, and as many to test on" range:"[4,1e5]" scale:"log"`
	Goal   float64 `json:"goal" doc:"label error rate that counts as solved; 0: none" range:"[0,1]"`
}

// ctcDigits is connected handwriting in small: nobody says where a digit begins.
func ctcDigits() bench.Task {
	return bench.DefineTask(bench.Task{
		Name:    "ctc-digits",
		Summary: "read a line of digits column by column, without being told where they are; what reads nothing, as a constant predictor does, has a label error rate of 1",
		Refs: []string{
			"Graves et al. 2006, Connectionist temporal classification, doi:10.1145/1143844.1143891",
			"Graves & Schmidhuber 2009, Offline handwriting recognition with multidimensional recurrent neural networks, NIPS",
		},
		Goal: "label error rate at most 0.1 on fresh lines",
	}, ctcDigitsConfig{Digits: 3, N: 2000, Size: 8, Noise: 0.03, Fresh: 500, Goal: 0.1}, ctcDigitsConfig.data)
}

func (c ctcDigitsConfig) data(seed uint64, _ string) (bench.Data, error) {
	train, valid, test := fresh(seed, c.N, c.Fresh, func(n int, rng *rand.Rand) data.Set {
		return data.DigitStrings(n, c.Size, c.Digits, c.Noise, rng)
	})
	steps := data.DigitStringSteps(c.Size, c.Digits)
	return bench.Data{
		In: network.Shape{steps, c.Size}, Out: 11, Steps: steps, Loss: loss.CTC,
		Goal:  towards(bench.Metric{Name: "label-error-rate"}, c.Goal),
		Train: bench.Examples(train), Valid: bench.Examples(valid), Test: bench.Examples(test),
	}, nil
}
