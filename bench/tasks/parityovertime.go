package tasks

import (
	"math/rand/v2"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/data"
	"github.com/joust-bench/joust/network"
)

type parityOverTimeConfig struct {
	Least int     `json:"least" doc:"steps of the shortest sequence" range:"[2,10000]" scale:"log"`
	Most  int     `json:"most" doc:"steps of the longest sequence" range:"[2,10000]" scale:"log"`
	N     int     `json:"n" doc:"training sequences" range:"[4,1e6]" scale:"log"`
	Fresh int     `json:"fresh" doc:"sequences to validate on, and as many to test on" range:"[4,1e5]" scale:"log"`
	Goal  float64 `json:"goal" doc:"accuracy that counts as solved; 0: none" range:"[0,1]"`
}

// parityOverTime is flat for a gradient: until every step is taken into account, there
// is nothing to learn from.
func parityOverTime() bench.Task {
	return bench.DefineTask(bench.Task{
		Name:    "parity-over-time",
		Summary: "whether the number of +1 in a long sequence of ±1 is odd, asked at its end; a constant predictor has accuracy 0.5",
		Refs:    []string{guessing, bengio},
		Goal:    "accuracy 1 on fresh sequences",
	}, parityOverTimeConfig{Least: 50, Most: 60, N: 100, Fresh: 500, Goal: 1}, parityOverTimeConfig.data)
}

func (c parityOverTimeConfig) data(seed uint64, _ string) (bench.Data, error) {
	if err := inOrder(c.Least, c.Most); err != nil {
		return bench.Data{}, err
	}
	train, valid, test := fresh(seed, c.N, c.Fresh, func(n int, rng *rand.Rand) data.Set {
		return data.ParityOverTime(n, c.Least, c.Most, rng)
	})
	return classify(network.Shape{c.Most, 1}, 2, accuracy(c.Goal), train, valid, test), nil
}
