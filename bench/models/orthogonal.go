package models

import (
	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
)

type orthogonalConfig struct {
	Depth      int     `json:"depth" doc:"hidden weight layers" range:"[1,1000]" scale:"log"`
	Width      int     `json:"width" doc:"units of a hidden layer" range:"[1,10000]" scale:"log"`
	Activation string  `json:"activation" doc:"of the hidden layers"`
	Gain       float64 `json:"gain" doc:"multiplies the first weights: 1 for tanh and identity, 1.414 for relu" range:"(0,100]" scale:"log"`
}

// orthogonal is the remedy by geometry: matrices whose singular values are all 1
// keep the length of every signal and every gradient, not just on average.
func orthogonal() bench.Model {
	return listed(bench.DefineModel(bench.Model{
		Name:    "orthogonal",
		Summary: "plain, with tanh and orthogonal first weights, which keep the length of every vector",
		Refs:    []string{"Saxe, McClelland & Ganguli 2014, arXiv:1312.6120"},
	}, orthogonalConfig{
		Depth: defaultDepth, Width: defaultWidth, Activation: "tanh", Gain: 1,
	}, func(c orthogonalConfig, in, out network.Shape) (network.Specs, error) {
		return dense(in, out, c.Depth, network.Dense{Out: c.Width, Init: "orthogonal", Gain: c.Gain}, c.Activation), nil
	}))
}
