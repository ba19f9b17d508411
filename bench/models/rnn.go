package models

import (
	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
)

type rnnConfig struct {
	Hidden     int     `json:"hidden" doc:"units of a recurrent layer" range:"[1,10000]" scale:"log"`
	Layers     int     `json:"layers" doc:"recurrent layers, one on the outputs of another" range:"[1,100]"`
	Activation string  `json:"activation" doc:"of the units"`
	Init       string  `json:"init" doc:"how the weights of inputs are drawn"`
	Recurrent  string  `json:"recurrent" doc:"how the weights of the step before are drawn"`
	Gain       float64 `json:"gain" doc:"multiplies those" range:"[1e-6,100]" scale:"log"`
	Norm       float64 `json:"norm" doc:"scales them, instead, to this spectral norm: with tanh or relu, below 1 the gradient vanishes; 0: as drawn" range:"[0,100]"`
	K1         int     `json:"k1" doc:"steps whose errors go back together, as a block; 0: k2" range:"[0,100000]"`
	K2         int     `json:"k2" doc:"steps that errors go back from the end of their block; 0: all" range:"[0,100000]"`
	Omega      float64 `json:"omega" doc:"weight of the term that keeps the gradient's norm from step to step" range:"[0,1000]"`
}

// rnn is what the vanishing gradient was found in: a recurrent network, unrolled.
func rnn() bench.Model {
	return listed(bench.DefineModel(bench.Model{
		Name:    "rnn",
		Summary: "recurrent units on sequences, without a remedy: the gradient is multiplied by the same weights at every step back",
		Refs: []string{
			"Elman 1990, doi:10.1207/s15516709cog1402_1",
			"Williams & Peng 1990, doi:10.1162/neco.1990.2.4.490",
			"Pascanu, Mikolov & Bengio 2013, arXiv:1211.5063",
		},
	}, rnnConfig{
		Hidden: defaultWidth, Layers: 1, Activation: "tanh", Init: "xavier-uniform", Recurrent: "lecun-normal", Gain: 1,
	}, rnnConfig.layers))
}

func (c rnnConfig) layers(in, out network.Shape) (network.Specs, error) {
	spec := network.RNN{
		Hidden: c.Hidden, Func: c.Activation, Init: c.Init, Recurrent: c.Recurrent, Gain: c.Gain,
		K1: c.K1, K2: c.K2, Omega: c.Omega,
	}
	if c.Norm > 0 {
		spec.Norm, spec.Gain = c.Norm, 0
	}
	return stacked(spec, c.Layers, in, out, network.Dense{Init: c.Init})
}

// stacked is so many layers like spec, one on the outputs of another, and the output
// layer.
func stacked(spec network.Spec, layers int, in, out network.Shape, output network.Dense) (network.Specs, error) {
	if len(in) != 2 {
		return nil, unsuited(in, "sequences, (T, F)")
	}
	var s network.Specs
	for range layers {
		s = append(s, spec)
	}
	return sequenceReadout(s, out, output), nil
}
