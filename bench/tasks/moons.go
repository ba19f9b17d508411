package tasks

import (
	"math/rand/v2"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/data"
	"github.com/joust-bench/joust/network"
)

type moonsConfig struct {
	N     int     `json:"n" doc:"training points" range:"[4,1e6]" scale:"log"`
	Noise float64 `json:"noise" doc:"standard deviation of the noise, of half circles of radius 1" range:"[0,2]"`
	Fresh int     `json:"fresh" doc:"points to validate on, and as many to test on" range:"[1,1e6]" scale:"log"`
	Goal  float64 `json:"goal" doc:"accuracy that counts as solved; 0: none" range:"[0,1]"`
}

func moons() bench.Task {
	return bench.DefineTask(bench.Task{
		Name:    "two-moons",
		Summary: "two interleaved half circles in the plane, validated and tested on fresh points; a constant predictor has accuracy 0.5, a linear one 0.88",
		Refs:    []string{"Pedregosa et al. 2011, Scikit-learn: machine learning in Python, JMLR 12 (make_moons)"},
		Goal:    "accuracy at least 0.95 on fresh points",
	}, moonsConfig{N: 100, Noise: 0.1, Fresh: 500, Goal: 0.95}, moonsConfig.data)
}

func (c moonsConfig) data(seed uint64, _ string) (bench.Data, error) {
	train, valid, test := fresh(seed, c.N, c.Fresh, func(n int, rng *rand.Rand) data.Set {
		return data.Moons(n, c.Noise, rng)
	})
	return classify(network.Shape{2}, 2, accuracy(c.Goal), train, valid, test), nil
}
