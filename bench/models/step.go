package models

import (
	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
)

type stepConfig struct {
	Depth   int     `json:"depth" doc:"hidden weight layers" range:"[1,1000]" scale:"log"`
	Width   int     `json:"width" doc:"units of a hidden layer" range:"[1,10000]" scale:"log"`
	Init    string  `json:"init" doc:"how weights are drawn"`
	BiasStd float64 `json:"bias_std" doc:"standard deviation of the first biases: where the thresholds are" range:"[0,100]"`
}

// step is the network that back-propagation cannot train at all: the gradient does
// not vanish little by little but is 0 below the output layer, to the bit. An
// optimizer that follows the gradient may run; it trains the output layer, on
// random features. Searches do not care.
func step() bench.Model {
	return listed(bench.DefineModel(bench.Model{
		Name:    "step",
		Summary: "plain, with hard thresholds: the gradient is exactly 0 in every hidden layer, and only searches train it",
		Refs: []string{
			"McCulloch & Pitts 1943, A logical calculus of the ideas immanent in nervous activity, doi:10.1007/BF02478259",
			"Minsky & Papert 1969, Perceptrons",
		},
	}, stepConfig{
		Depth: 1, Width: 8, Init: "lecun-normal", BiasStd: 0.5,
	}, func(c stepConfig, in, out network.Shape) (network.Specs, error) {
		return dense(in, out, c.Depth, network.Dense{Out: c.Width, Init: c.Init, BiasStd: c.BiasStd}, "step"), nil
	}))
}
