package tasks

import (
	"fmt"
	"math/rand/v2"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/data"
	"github.com/joust-bench/joust/network"
)

type addingConfig struct {
	Steps   int     `json:"steps" doc:"length of a sequence; in the version of 1997 the least, and a tenth more the most" range:"[2,10000]" scale:"log"`
	Version string  `json:"version" doc:"uniform: values from U(0, 1) and a marked one in each half; 1997: as in the paper" choices:"uniform,1997"`
	N       int     `json:"n" doc:"training sequences" range:"[4,1e6]" scale:"log"`
	Fresh   int     `json:"fresh" doc:"sequences to validate on, and as many to test on" range:"[4,1e5]" scale:"log"`
	Goal    float64 `json:"goal" doc:"what counts as solved: rmse at most, or in the version of 1997 the share of targets met to 0.04 at least; 0: none" range:"[0,1]"`
}

// adding is solved by what remembers a number, and not only a symbol.
func adding() bench.Task {
	return bench.DefineTask(bench.Task{
		Name:    "adding",
		Summary: "the sum of the two marked numbers of a long sequence, asked at its end; a constant predictor has rmse 0.408 (mse 1/6), and in the version of 1997 15 % of targets to 0.04",
		Refs:    []string{hochreiter + ", experiment 4", "Le, Jaitly & Hinton 2015, arXiv:1504.00941"},
		Goal:    "rmse at most 0.1 on fresh sequences (version 1997: give a goal, such as 0.99 of targets met to 0.04)",
	}, addingConfig{Steps: 50, Version: "uniform", N: 5000, Fresh: 500, Goal: 0.1}, addingConfig.data)
}

func (c addingConfig) data(seed uint64, _ string) (bench.Data, error) {
	steps, goal, draw := c.Steps, towards(bench.Metric{Name: "rmse"}, c.Goal), data.Adding
	if c.Version == "1997" {
		if c.Steps < 20 {
			return bench.Data{}, fmt.Errorf("steps: %d, want at least 20 in the version of 1997", c.Steps)
		}
		steps, goal, draw = c.Steps+c.Steps/10, accuracy(c.Goal), data.HistoricalAdding
	}
	train, valid, test := fresh(seed, c.N, c.Fresh, func(n int, rng *rand.Rand) data.Set { return draw(n, c.Steps, rng) })
	d := regress(network.Shape{steps, 2}, goal, train, valid, test)
	d.Tolerance = 0.04
	return d, nil
}
