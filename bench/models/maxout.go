package models

import (
	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
)

type maxoutConfig struct {
	Depth  int    `json:"depth" doc:"hidden weight layers" range:"[1,1000]" scale:"log"`
	Width  int    `json:"width" doc:"units of a hidden layer" range:"[1,10000]" scale:"log"`
	Pieces int    `json:"pieces" doc:"linear functions that a unit is the largest of, with weights of their own" range:"[1,256]"`
	Init   string `json:"init" doc:"how the weights of each piece are drawn"`
}

// maxout has no activation function: a unit is the largest of some linear functions,
// so that its slope is that of one of them and never 0.
func maxout() bench.Model {
	return listed(bench.DefineModel(bench.Model{
		Name:    "maxout",
		Summary: "units that are the largest of several linear functions: always some slope, for several times the weights",
		Refs:    []string{"Goodfellow, Warde-Farley, Mirza, Courville & Bengio 2013, Maxout networks, arXiv:1302.4389"},
	}, maxoutConfig{
		Depth: defaultDepth, Width: defaultWidth, Pieces: 2, Init: "lecun-normal",
	}, func(c maxoutConfig, in, out network.Shape) (network.Specs, error) {
		s := flat(in)
		for range c.Depth {
			s = append(s, network.Maxout{Out: c.Width, Pieces: c.Pieces, Init: c.Init})
		}
		return readout(s, out, network.Dense{Init: c.Init}), nil
	}))
}
