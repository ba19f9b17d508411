package tasks

import (
	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/data"
	"github.com/joust-bench/joust/network"
)

type chunksConfig struct {
	Lag int `json:"lag" doc:"symbols between the first and the end" range:"[1,1000]" scale:"log"`
}

// chunks is the task with 22 symbols for which the history compressor was made. There
// are two sequences; training, validation and test data are both.
func chunks() bench.Task {
	return bench.DefineTask(bench.Task{
		Name:    "chunks",
		Summary: "whether a sequence that always goes on in the same way began with a or with x, asked at its end; a constant predictor has accuracy 0.5",
		Refs:    []string{"Schmidhuber 1992, Learning complex, extended sequences using the principle of history compression, doi:10.1162/neco.1992.4.2.234, sec. 6"},
		Goal:    "accuracy 1 on the two sequences",
	}, chunksConfig{Lag: 20}, chunksConfig.data)
}

func (c chunksConfig) data(uint64, string) (bench.Data, error) {
	s := data.Chunks(c.Lag)
	return classify(network.Shape{c.Lag + 1, c.Lag + 2}, 2, accuracy(1), s, s, s), nil
}
