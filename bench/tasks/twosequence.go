package tasks

import (
	"fmt"
	"math/rand/v2"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/data"
	"github.com/joust-bench/joust/network"
)

type twoSequenceConfig struct {
	Least       int     `json:"least" doc:"steps of the shortest sequence" range:"[2,10000]" scale:"log"`
	Most        int     `json:"most" doc:"steps of the longest sequence" range:"[2,10000]" scale:"log"`
	Informative int     `json:"informative" doc:"steps at the start that tell the class" range:"[1,100]"`
	Variance    float64 `json:"variance" doc:"of the noise after those; whether the papers mean this or the standard deviation is not known" range:"[0,10]"`
	N           int     `json:"n" doc:"training sequences" range:"[4,1e6]" scale:"log"`
	Fresh       int     `json:"fresh" doc:"sequences to validate on, and as many to test on" range:"[4,1e5]" scale:"log"`
	Goal        float64 `json:"goal" doc:"accuracy that counts as solved; 0: none" range:"[0,1]"`
}

func twoSequence() bench.Task {
	return bench.DefineTask(bench.Task{
		Name:    "two-sequence",
		Summary: "two classes of noisy sequences that differ in their first inputs, asked at their end; a constant predictor has accuracy 0.5",
		Refs:    []string{bengio, hochreiter + ", experiment 3", guessing},
		Goal:    "accuracy 1 on fresh sequences",
	}, twoSequenceConfig{Least: 50, Most: 60, Informative: 3, Variance: 0.2, N: 100, Fresh: 500, Goal: 1}, twoSequenceConfig.data)
}

func (c twoSequenceConfig) data(seed uint64, _ string) (bench.Data, error) {
	if err := inOrder(c.Least, c.Most); err != nil {
		return bench.Data{}, err
	}
	if c.Informative > c.Least {
		return bench.Data{}, fmt.Errorf("informative: %d, want at most the %d steps of the shortest sequence", c.Informative, c.Least)
	}
	train, valid, test := fresh(seed, c.N, c.Fresh, func(n int, rng *rand.Rand) data.Set {
		return data.TwoSequence(n, c.Least, c.Most, c.Informative, c.Variance, rng)
	})
	return classify(network.Shape{c.Most, 1}, 2, accuracy(c.Goal), train, valid, test), nil
}
