package models

import (
	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
)

type neuronConfig struct {
	Activation string  `json:"activation" doc:"of the unit: gcu, squ, ncu, ssu or dsu to separate exclusive or; mcu, tanh and other growing functions cannot"`
	Std        float64 `json:"std" doc:"standard deviation of the first weights and bias; dsu wants 3" range:"(0,100]" scale:"log"`
}

// neuron has no hidden layer: one unit for each output, f(w x + b). If f grows
// everywhere it separates a half-plane from another, and exclusive or is out of
// reach; if f has two zeros or more, a unit is enough.
func neuron() bench.Model {
	return listed(bench.DefineModel(bench.Model{
		Name:    "neuron",
		Summary: "a single unit for each output and no hidden layer: with an oscillating activation it can learn exclusive or",
		Refs: []string{
			"Minsky & Papert 1969, Perceptrons",
			"Noel et al. 2021, arXiv:2108.12943, arXiv:2111.04020",
		},
	}, neuronConfig{
		Activation: "gcu", Std: 1,
	}, func(c neuronConfig, in, out network.Shape) (network.Specs, error) {
		s := readout(flat(in), out, network.Dense{Init: "unit-normal", Gain: c.Std, BiasStd: c.Std})
		return append(s, network.Activation{Func: c.Activation}), nil
	}))
}
