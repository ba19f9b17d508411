package tasks

import (
	"math/rand/v2"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/data"
	"github.com/joust-bench/joust/network"
)

type chunksConfig struct {
	Lag   int     `json:"lag" doc:"symbols between the first and the end" range:"[1,1000]" scale:"log"`
	Noise float64 `json:"noise" doc:"standard deviation of the noise on every input; 0, as in the paper: there are two sequences and no others" range:"[0,1]"`
	N     int     `json:"n" doc:"training sequences" range:"[2,1e5]" scale:"log"`
	Fresh int     `json:"fresh" doc:"sequences to validate on, and as many to test on" range:"[2,1e5]" scale:"log"`
}

// chunks is the task with 22 symbols for which the history compressor was made. Noise is
// not in the paper. Without it whatever an untrained network has left of the first symbol,
// a difference of 1e-9, has the right sign half of the time, and counts.
func chunks() bench.Task {
	return bench.DefineTask(bench.Task{
		Name:    "chunks",
		Summary: "whether a sequence that always goes on in the same way began with a or with x, asked at its end; a constant predictor has accuracy 0.5",
		Refs:    []string{"Schmidhuber 1992, Learning complex, extended sequences using the principle of history compression, doi:10.1162/neco.1992.4.2.234, sec. 6"},
		Goal:    "accuracy 1 on fresh sequences",
	}, chunksConfig{Lag: 20, Noise: 0.1, N: 200, Fresh: 200}, chunksConfig.data)
}

func (c chunksConfig) data(seed uint64, _ string) (bench.Data, error) {
	train, valid, test := fresh(seed, c.N, c.Fresh, func(n int, rng *rand.Rand) data.Set {
		return data.Chunks(n, c.Lag, c.Noise, rng)
	})
	return classify(network.Shape{c.Lag + 1, c.Lag + 2}, 2, accuracy(1), train, valid, test), nil
}
