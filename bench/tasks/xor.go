package tasks

import (
	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/data"
	"github.com/joust-bench/joust/network"
)

type xorConfig struct {
	Bits bool `json:"bits" doc:"inputs are 0 and 1, not -1 and 1"`
}

// xor is the smallest task that needs a hidden layer, or a unit that oscillates.
// Training, validation and test data are the same four patterns; a constant gets two
// of them right.
func xor() bench.Task {
	return bench.DefineTask(bench.Task{
		Name:    "xor",
		Summary: "exclusive or of two inputs ±1, all four patterns; a constant predictor has accuracy 0.5, a linear one 0.75",
		Refs: []string{
			"Minsky & Papert 1969, Perceptrons",
			"Rumelhart, Hinton & Williams 1986, Learning internal representations by error propagation, in Parallel Distributed Processing, vol. 1",
		},
		Goal: "accuracy 1 on the four patterns",
	}, xorConfig{}, xorConfig.data)
}

func (c xorConfig) data(uint64, string) (bench.Data, error) {
	s := data.XOR()
	if c.Bits {
		for i, x := range s.X {
			s.X[i] = (x + 1) / 2
		}
	}
	return classify(network.Shape{2}, 2, accuracy(1), s, s, s), nil
}
