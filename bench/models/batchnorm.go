package models

import (
	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
)

type batchnormConfig struct {
	Depth      int    `json:"depth" doc:"hidden weight layers" range:"[1,1000]" scale:"log"`
	Width      int    `json:"width" doc:"units of a hidden layer" range:"[1,10000]" scale:"log"`
	Activation string `json:"activation" doc:"of the hidden layers"`
	Init       string `json:"init" doc:"how weights are drawn"`
}

// batchnorm normalises what goes into each activation, as in the paper, sec.
// 3.2. The dense layers have no biases: the normalisation would cancel them.
func batchnorm() bench.Model {
	return listed(bench.DefineModel(bench.Model{
		Name:    "batchnorm",
		Summary: "plain, with batch normalisation before every activation",
		Refs: []string{
			"Ioffe & Szegedy 2015, arXiv:1502.03167",
			"Bjorck, Gomes, Selman & Weinberger 2018, Understanding batch normalization, arXiv:1806.02375",
			"Santurkar, Tsipras, Ilyas & Mądry 2018, How does batch normalization help optimization?, arXiv:1805.11604",
		},
	}, batchnormConfig{
		Depth: defaultDepth, Width: defaultWidth, Activation: "sigmoid", Init: "xavier-uniform",
	}, func(c batchnormConfig, in, out network.Shape) (network.Specs, error) {
		s := flat(in)
		for range c.Depth {
			s = append(s,
				network.Dense{Out: c.Width, Init: c.Init, NoBias: true},
				network.BatchNorm{},
				network.Activation{Func: c.Activation})
		}
		return readout(s, out, network.Dense{Init: c.Init}), nil
	}))
}
