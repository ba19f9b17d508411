package tasks

import (
	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/data"
	"github.com/joust-bench/joust/network"
)

type parityConfig struct {
	Bits int `json:"bits" doc:"number of inputs; there are 2^bits patterns" range:"[2,16]"`
}

// parity has no structure short of all its inputs: leaving one out leaves
// chance. Training, validation and test data are all patterns; what is asked
// is whether they can be fitted.
func parity() bench.Task {
	return bench.DefineTask(bench.Task{
		Name:    "parity",
		Summary: "whether the number of +1 among inputs ±1 is odd, all patterns; a constant predictor has accuracy 0.5",
		Refs:    []string{"Rumelhart, Hinton & Williams 1986, Learning internal representations by error propagation, in Parallel Distributed Processing, vol. 1"},
		Goal:    "accuracy 1 on all patterns",
	}, parityConfig{Bits: 4}, parityConfig.data)
}

func (c parityConfig) data(seed uint64, _ string) (bench.Data, error) {
	s := data.Parity(c.Bits)
	// The referee takes samples from the start of the training data.
	s = s.Pick(stream(seed, streamTrain).Perm(s.N))
	return classify(network.Shape{c.Bits}, 2, accuracy(1), s, s, s), nil
}
