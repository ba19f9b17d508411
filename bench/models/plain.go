package models

import (
	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
)

type plainConfig struct {
	Depth      int     `json:"depth" doc:"hidden weight layers" range:"[1,1000]" scale:"log"`
	Width      int     `json:"width" doc:"units of a hidden layer" range:"[1,10000]" scale:"log"`
	Activation string  `json:"activation" doc:"of the hidden layers"`
	Init       string  `json:"init" doc:"how weights are drawn"`
	Gain       float64 `json:"gain" doc:"multiplies the first weights of every layer, the output layer included; 4 makes up for the slope of a sigmoid" range:"(0,100]" scale:"log"`
}

// plain is the patient: depth times dense and activation, then the output
// layer. A sigmoid with the weights that suit a tanh loses three quarters of
// the gradient in every layer.
func plain() bench.Model {
	return listed(bench.DefineModel(bench.Model{
		Name:    "plain",
		Summary: "dense layers and nothing else: the network whose gradient vanishes",
		Refs: []string{
			"Hochreiter 1991, Untersuchungen zu dynamischen neuronalen Netzen, diploma thesis, TU München",
			"Glorot & Bengio 2010, Understanding the difficulty of training deep feedforward neural networks, AISTATS",
			"Schmidhuber 2015, Deep learning in neural networks: an overview, doi:10.1016/j.neunet.2014.09.003",
		},
	}, plainConfig{
		Depth: defaultDepth, Width: defaultWidth, Activation: "sigmoid", Init: "xavier-uniform", Gain: 1,
	}, func(c plainConfig, in, out network.Shape) (network.Specs, error) {
		return dense(in, out, c.Depth, network.Dense{Out: c.Width, Init: c.Init, Gain: c.Gain}, c.Activation), nil
	}))
}
