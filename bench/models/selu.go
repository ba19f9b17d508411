package models

import (
	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
)

type seluConfig struct {
	Depth int `json:"depth" doc:"hidden weight layers" range:"[1,1000]" scale:"log"`
	Width int `json:"width" doc:"units of a hidden layer" range:"[1,10000]" scale:"log"`
}

// selu is the remedy by an activation that normalises: mean 0 and variance 1 are a
// fixed point of its layers that attracts, with weights of variance 1/fan-in.
func selu() bench.Model {
	return bench.DefineModel(bench.Model{
		Name:    "selu",
		Summary: "plain, with self-normalising units and the weights they need: mean 0 and variance 1 at any depth",
		Refs:    []string{"Klambauer, Unterthiner, Mayr & Hochreiter 2017, arXiv:1706.02515"},
	}, seluConfig{Depth: defaultDepth, Width: defaultWidth}, func(c seluConfig, in, out network.Shape) (network.Specs, error) {
		return dense(in, out, c.Depth, network.Dense{Out: c.Width, Init: "lecun-normal"}, "selu"), nil
	})
}
