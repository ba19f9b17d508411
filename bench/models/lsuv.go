package models

import (
	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/pretrain"
)

type lsuvConfig struct {
	Depth      int    `json:"depth" doc:"hidden weight layers" range:"[1,1000]" scale:"log"`
	Width      int    `json:"width" doc:"units of a hidden layer" range:"[1,10000]" scale:"log"`
	Activation string `json:"activation" doc:"of the hidden layers"`
	Examples   int    `json:"examples" doc:"inputs that the variance is measured on; 0: all" range:"[0,100000]"`
}

// lsuv is the remedy by initialisation that asks the data: what a formula promises
// of layers with independent weights and inputs, it measures.
func lsuv() bench.Model {
	defaults := lsuvConfig{Depth: defaultDepth, Width: defaultWidth, Activation: "tanh", Examples: 256}
	return listed(bench.Pretrained(bench.DefineModel(bench.Model{
		Name:    "lsuv",
		Summary: "plain, with orthogonal weights scaled, layer by layer, until what each layer computes from the data has a variance of 1",
		Refs: []string{
			"Mishkin & Matas 2016, All you need is a good init, arXiv:1511.06422",
			"Saxe, McClelland & Ganguli 2014, arXiv:1312.6120",
		},
	}, defaults, func(c lsuvConfig, in, out network.Shape) (network.Specs, error) {
		const init = "orthogonal"
		return dense(in, out, c.Depth, network.Dense{Out: c.Width, Init: init}, c.Activation), nil
	}), defaults, func(c lsuvConfig) pretrain.Stage {
		s := pretrain.DefaultLSUV()
		s.Examples = c.Examples
		return s
	}))
}
