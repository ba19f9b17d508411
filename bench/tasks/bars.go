package tasks

import (
	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/data"
	"github.com/joust-bench/joust/network"
)

type barsConfig struct {
	Size int `json:"size" doc:"height and width in pixels; there are 2 (2^size - 2) images" range:"[2,10]"`
}

// bars is all images of one direction, for training, validation and test: whether they
// can be fitted.
func bars() bench.Task {
	return bench.DefineTask(bench.Task{
		Name:    "bars-and-stripes",
		Summary: "whether the bars of a binary image are rows or columns, all images; a constant predictor has accuracy 0.5, a linear one 0.75 at most",
		Refs:    []string{"Hinton & Sejnowski 1986, Learning and relearning in Boltzmann machines, in Parallel Distributed Processing, vol. 1", "MacKay 2003, Information Theory, Inference, and Learning Algorithms, ch. 43"},
		Goal:    "accuracy 1 on all images",
	}, barsConfig{Size: 4}, barsConfig.data)
}

func (c barsConfig) data(seed uint64, _ string) (bench.Data, error) {
	s := data.BarsOrStripes(c.Size)
	// The referee takes samples from the start of the training data.
	s = s.Pick(stream(seed, streamTrain).Perm(s.N))
	return classify(network.Shape{1, c.Size, c.Size}, 2, accuracy(1), s, s, s), nil
}
