package models

import (
	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
)

type layernormConfig struct {
	Depth      int    `json:"depth" doc:"hidden weight layers" range:"[1,1000]" scale:"log"`
	Width      int    `json:"width" doc:"units of a hidden layer" range:"[2,10000]" scale:"log"`
	Activation string `json:"activation" doc:"of the hidden layers; what a sigmoid has in common for all examples is not normalised away, and vanishes with depth"`
	Init       string `json:"init" doc:"how weights are drawn"`
}

// layernorm normalises what goes into each activation over the units of the layer
// and not over the minibatch, so that the loss of an example does not depend on
// which others are evaluated with it.
func layernorm() bench.Model {
	return listed(bench.DefineModel(bench.Model{
		Name:    "layernorm",
		Summary: "plain, with the units of a layer normalised, example by example, before every activation",
		Refs:    []string{"Ba, Kiros & Hinton 2016, arXiv:1607.06450"},
	}, layernormConfig{
		Depth: defaultDepth, Width: defaultWidth, Activation: "tanh", Init: "xavier-uniform",
	}, func(c layernormConfig, in, out network.Shape) (network.Specs, error) {
		s := flat(in)
		for range c.Depth {
			s = append(s,
				network.Dense{Out: c.Width, Init: c.Init},
				network.LayerNorm{},
				network.Activation{Func: c.Activation})
		}
		return readout(s, out, network.Dense{Init: c.Init}), nil
	}))
}
