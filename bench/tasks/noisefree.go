package tasks

import (
	"math/rand/v2"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/data"
	"github.com/joust-bench/joust/network"
)

type noiseFreeConfig struct {
	Lag     int     `json:"lag" doc:"p, steps from the symbol to remember to the end" range:"[2,1000]" scale:"log"`
	Targets string  `json:"targets" doc:"at which steps the next symbol is asked" choices:"all,last"`
	Goal    float64 `json:"goal" doc:"share of the two sequences predicted to the end that counts as solved; 0: none" range:"[0,1]"`
}

// noiseFree has two sequences, so that they are training, validation and test data:
// what is asked is whether the lag can be bridged.
func noiseFree() bench.Task {
	return bench.DefineTask(bench.Task{
		Name:    "noise-free-lag",
		Summary: "two sequences of p steps that are the same but for their first symbols, which come again at their ends: predict every next symbol; a constant predictor gets one of the two right",
		Refs:    []string{hochreiter + ", task 2a"},
		Goal:    "sequence-accuracy 1: both sequences predicted to the end",
	}, noiseFreeConfig{Lag: 10, Targets: "all", Goal: 1}, noiseFreeConfig.data)
}

func (c noiseFreeConfig) data(uint64, string) (bench.Data, error) {
	s := data.NoiseFree(c.Lag)
	if c.Targets == "last" {
		s.Weights = make([]float64, len(s.Labels))
		s.Weights[c.Lag-1], s.Weights[2*c.Lag-1] = 1, 1
	}
	return label(network.Shape{c.Lag, c.Lag + 1}, c.Lag+1, sequenceAccuracy(c.Goal), s, s, s), nil
}

type noisyLagConfig struct {
	Lag         int     `json:"lag" doc:"q, the least number of distractors; up to 40 more come after them" range:"[1,10000]" scale:"log"`
	Distractors int     `json:"distractors" doc:"p, how many symbols say nothing" range:"[1,1000]" scale:"log"`
	N           int     `json:"n" doc:"training sequences" range:"[4,1e6]" scale:"log"`
	Fresh       int     `json:"fresh" doc:"sequences to validate on, and as many to test on" range:"[4,1e5]" scale:"log"`
	Goal        float64 `json:"goal" doc:"accuracy that counts as solved; 0: none" range:"[0,1]"`
}

func noisyLag() bench.Task {
	return bench.DefineTask(bench.Task{
		Name:    "noisy-lag",
		Summary: "the second symbol of a sequence, asked after q and more others drawn at random; a constant predictor has accuracy 0.5",
		Refs:    []string{hochreiter + ", task 2c"},
		Goal:    "accuracy at least 0.99 on fresh sequences",
	}, noisyLagConfig{Lag: 30, Distractors: 10, N: 1000, Fresh: 500, Goal: 0.99}, noisyLagConfig.data)
}

func (c noisyLagConfig) data(seed uint64, _ string) (bench.Data, error) {
	train, valid, test := fresh(seed, c.N, c.Fresh, func(n int, rng *rand.Rand) data.Set {
		return data.NoisyLag(n, c.Distractors, c.Lag, rng)
	})
	return classify(network.Shape{data.NoisyLagSteps(c.Lag), c.Distractors + 4}, 2, accuracy(c.Goal), train, valid, test), nil
}
