package tasks

import (
	"math/rand/v2"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/data"
	"github.com/joust-bench/joust/network"
)

type temporalOrderConfig struct {
	Steps    int     `json:"steps" doc:"of the shortest sequence; the longest has a tenth more. 100 in the paper" range:"[10,10000]" scale:"log"`
	Relevant int     `json:"relevant" doc:"symbols whose order counts: 2 in task 6a, 3 in 6b" range:"[2,3]"`
	N        int     `json:"n" doc:"training sequences" range:"[4,1e6]" scale:"log"`
	Fresh    int     `json:"fresh" doc:"sequences to validate on, and as many to test on" range:"[4,1e5]" scale:"log"`
	Goal     float64 `json:"goal" doc:"accuracy that counts as solved; 0: none" range:"[0,1]"`
}

func temporalOrder() bench.Task {
	return bench.DefineTask(bench.Task{
		Name:    "temporal-order",
		Summary: "in which order X and Y came among many other symbols, asked at the end; a constant predictor has accuracy 1/4 with two of them and 1/8 with three",
		Refs:    []string{hochreiter + ", experiments 6a and 6b", "Pascanu, Mikolov & Bengio 2013, arXiv:1211.5063"},
		Goal:    "accuracy at least 0.99 on fresh sequences",
	}, temporalOrderConfig{Steps: 30, Relevant: 2, N: 2000, Fresh: 500, Goal: 0.99}, temporalOrderConfig.data)
}

func (c temporalOrderConfig) data(seed uint64, _ string) (bench.Data, error) {
	train, valid, test := fresh(seed, c.N, c.Fresh, func(n int, rng *rand.Rand) data.Set {
		return data.TemporalOrder(n, c.Steps, c.Relevant, rng)
	})
	return classify(network.Shape{c.Steps + c.Steps/10, data.TemporalFeatures}, 1<<c.Relevant, accuracy(c.Goal), train, valid, test), nil
}
