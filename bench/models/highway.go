package models

import (
	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
)

type highwayConfig struct {
	Depth      int     `json:"depth" doc:"hidden weight layers: one to the width of the stream, and the layers on it; their gates are not counted" range:"[1,1000]" scale:"log"`
	Width      int     `json:"width" doc:"units of a hidden layer" range:"[1,10000]" scale:"log"`
	Activation string  `json:"activation" doc:"of the hidden layers"`
	Init       string  `json:"init" doc:"how weights are drawn"`
	Bias       float64 `json:"bias" doc:"first bias of the gates; below 0, the layers let their inputs pass at first" range:"[-100,100]"`
}

// highway is a dense layer to the width of the stream, and depth-1 highway layers
// with a dense gate each: about twice the weights of the others.
func highway() bench.Model {
	return listed(bench.DefineModel(bench.Model{
		Name:    "highway",
		Summary: "dense layers with gates that learn how much of the input passes unchanged",
		Refs:    []string{"Srivastava, Greff & Schmidhuber 2015, arXiv:1505.00387, arXiv:1507.06228"},
	}, highwayConfig{
		Depth: defaultDepth, Width: defaultWidth, Activation: "tanh", Init: "xavier-uniform", Bias: -2,
	}, func(c highwayConfig, in, out network.Shape) (network.Specs, error) {
		layer := network.Specs{network.Dense{Out: c.Width, Init: c.Init}, network.Activation{Func: c.Activation}}
		s := append(flat(in), layer...)
		for range c.Depth - 1 {
			s = append(s, network.Highway{Body: layer, Gate: network.Specs{
				network.Dense{Out: c.Width, Init: c.Init, Bias: c.Bias}, network.Activation{Func: "sigmoid"},
			}})
		}
		return readout(s, out, network.Dense{Init: c.Init}), nil
	}))
}
