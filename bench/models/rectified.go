package models

import (
	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
)

type rectifiedConfig struct {
	Depth int `json:"depth" doc:"hidden weight layers" range:"[1,1000]" scale:"log"`
	Width int `json:"width" doc:"units of a hidden layer" range:"[1,10000]" scale:"log"`
}

// rectified is the remedy by activation and initialisation: the slope of a
// ReLU is 1 or 0, and weights of variance 2/fan-in make up for the zeros.
func rectified() bench.Model {
	const init = "he-normal"
	return bench.DefineModel(bench.Model{
		Name:    "rectified",
		Summary: "plain, with rectified linear units and weights drawn to suit them",
		Refs: []string{
			"Glorot, Bordes & Bengio 2011, Deep sparse rectifier neural networks, AISTATS",
			"He et al. 2015, arXiv:1502.01852, doi:10.1109/ICCV.2015.123",
		},
	}, rectifiedConfig{Depth: defaultDepth, Width: defaultWidth}, func(c rectifiedConfig, in, out network.Shape) (network.Specs, error) {
		s := flat(in)
		for range c.Depth {
			s = append(s,
				network.Dense{Out: c.Width, Init: init},
				network.Activation{Func: "relu"})
		}
		return readout(s, out, network.Dense{Init: init}), nil
	})
}
