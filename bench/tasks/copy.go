package tasks

import (
	"math/rand/v2"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/data"
	"github.com/joust-bench/joust/network"
)

type copyConfig struct {
	Lag     int     `json:"lag" doc:"T, the steps between the last symbol to remember and the first to repeat" range:"[1,10000]" scale:"log"`
	Symbols int     `json:"symbols" doc:"S, how many of eight kinds are to be remembered" range:"[1,100]"`
	N       int     `json:"n" doc:"training sequences" range:"[4,1e6]" scale:"log"`
	Fresh   int     `json:"fresh" doc:"sequences to validate on, and as many to test on" range:"[4,1e5]" scale:"log"`
	Goal    float64 `json:"goal" doc:"accuracy over all steps that counts as solved; 0: none" range:"[0,1]"`
}

// copyMemory asks for everything at every step, most of which is a blank.
func copyMemory() bench.Task {
	return bench.DefineTask(bench.Task{
		Name:    "copy",
		Summary: "repeat S symbols after T steps; without a memory the cross-entropy is S ln 8 / (T+2S), and the accuracy (T+S+S/8)/(T+2S), which is 0.78 for T = 20 and S = 10",
		Refs:    []string{"Arjovsky, Shah & Bengio 2016, arXiv:1511.06464", hochreiter},
		Goal:    "accuracy at least 0.99 over all steps of fresh sequences",
	}, copyConfig{Lag: 20, Symbols: 10, N: 5000, Fresh: 500, Goal: 0.99}, copyConfig.data)
}

func (c copyConfig) data(seed uint64, _ string) (bench.Data, error) {
	train, valid, test := fresh(seed, c.N, c.Fresh, func(n int, rng *rand.Rand) data.Set {
		return data.Copy(n, c.Symbols, c.Lag, rng)
	})
	return label(network.Shape{c.Lag + 2*c.Symbols, data.CopyFeatures}, data.CopyClasses, accuracy(c.Goal), train, valid, test), nil
}
