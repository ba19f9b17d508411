package models

import (
	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
)

type gruConfig struct {
	Hidden int    `json:"hidden" doc:"units of a recurrent layer" range:"[1,10000]" scale:"log"`
	Layers int    `json:"layers" doc:"recurrent layers, one on the outputs of another" range:"[1,100]"`
	Init   string `json:"init" doc:"how weights are drawn"`
	K1     int    `json:"k1" doc:"steps whose errors go back together, as a block; 0: k2" range:"[0,100000]"`
	K2     int    `json:"k2" doc:"steps that errors go back from the end of their block; 0: all" range:"[0,100000]"`
}

// gru is the remedy by a gate: where it is open, a state is kept, and its gradient too.
func gru() bench.Model {
	return listed(bench.DefineModel(bench.Model{
		Name:    "gru",
		Summary: "recurrent units with a gate that keeps the state, and its gradient, from step to step",
		Refs:    []string{"Cho et al. 2014, arXiv:1406.1078"},
	}, gruConfig{Hidden: defaultWidth, Layers: 1, Init: "xavier-uniform"}, func(c gruConfig, in, out network.Shape) (network.Specs, error) {
		spec := network.GRU{Hidden: c.Hidden, Init: c.Init, K1: c.K1, K2: c.K2}
		return stacked(spec, c.Layers, in, out, network.Dense{Init: c.Init})
	}))
}
