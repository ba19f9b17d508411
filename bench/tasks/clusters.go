package tasks

import (
	"fmt"
	"math/rand/v2"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/data"
	"github.com/joust-bench/joust/network"
)

type clustersConfig struct {
	N       int     `json:"n" doc:"training points" range:"[4,1e6]" scale:"log"`
	Dims    int     `json:"dims" doc:"dimensions" range:"[1,1000]" scale:"log"`
	Centres int     `json:"centres" doc:"clusters, drawn from a normal distribution" range:"[2,10000]" scale:"log"`
	Classes int     `json:"classes" doc:"classes, among which the clusters are dealt out in turn" range:"[2,1000]" scale:"log"`
	Noise   float64 `json:"noise" doc:"standard deviation of a point from its centre, in each dimension" range:"[0,10]"`
	Fresh   int     `json:"fresh" doc:"points to validate on, and as many to test on" range:"[1,1e6]" scale:"log"`
	Goal    float64 `json:"goal" doc:"accuracy that counts as solved; 0: none" range:"[0,1]"`
}

func clusters() bench.Task {
	return bench.DefineTask(bench.Task{
		Name:    "clusters",
		Summary: "classes of several normal clusters each, in 16 dimensions, validated and tested on fresh points; a constant predictor has accuracy 0.1, a linear one about 0.83, the nearest true centre 1",
		Goal:    "accuracy at least 0.9 on fresh points",
	}, clustersConfig{N: 500, Dims: 16, Centres: 40, Classes: 10, Noise: 0.35, Fresh: 500, Goal: 0.9}, clustersConfig.data)
}

func (c clustersConfig) data(seed uint64, _ string) (bench.Data, error) {
	if c.Classes > c.Centres {
		return bench.Data{}, fmt.Errorf("classes: %d, want at most one for each of the %d centres", c.Classes, c.Centres)
	}
	world := data.NewClusters(c.Dims, c.Centres, c.Classes, stream(seed, streamWorld))
	train, valid, test := fresh(seed, c.N, c.Fresh, func(n int, rng *rand.Rand) data.Set {
		return world.Draw(n, c.Noise, rng)
	})
	return classify(network.Shape{c.Dims}, c.Classes, accuracy(c.Goal), train, valid, test), nil
}
