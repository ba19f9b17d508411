package models

import (
	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
)

type lstmConfig struct {
	Hidden     int     `json:"hidden" doc:"cells of a recurrent layer" range:"[1,10000]" scale:"log"`
	Layers     int     `json:"layers" doc:"recurrent layers, one on the outputs of another" range:"[1,100]"`
	ForgetBias float64 `json:"forget_bias" doc:"initial bias of the forget gates: the larger, the longer a state lasts" range:"[-100,100]"`
	Init       string  `json:"init" doc:"how weights are drawn"`
	Peepholes  bool    `json:"peepholes" doc:"gates see the cell states"`
	Truncated  bool    `json:"truncated" doc:"only the cell states carry errors back in time"`
	K1         int     `json:"k1" doc:"steps whose errors go back together, as a block; 0: k2" range:"[0,100000]"`
	K2         int     `json:"k2" doc:"steps that errors go back from the end of their block; 0: all" range:"[0,100000]"`
}

func (c lstmConfig) spec() network.LSTM {
	return network.LSTM{
		Hidden: c.Hidden, ForgetBias: c.ForgetBias, Init: c.Init, Peepholes: c.Peepholes, Truncated: c.Truncated, K1: c.K1, K2: c.K2,
	}
}

var lstmDefaults = lstmConfig{Hidden: defaultWidth, Layers: 1, ForgetBias: 1, Init: "xavier-uniform"}

// lstm is the remedy by a state that is added to: its gradient is multiplied by the
// forget gate alone.
func lstm() bench.Model {
	return listed(bench.DefineModel(bench.Model{
		Name:    "lstm",
		Summary: "long short-term memory: cells that add to a state, whose gradient only the forget gate can make smaller",
		Refs: []string{
			"Hochreiter & Schmidhuber 1997, doi:10.1162/neco.1997.9.8.1735",
			"Gers, Schmidhuber & Cummins 2000, doi:10.1162/089976600300015015",
			"Jozefowicz, Zaremba & Sutskever 2015, An empirical exploration of recurrent network architectures (ICML)",
		},
	}, lstmDefaults, func(c lstmConfig, in, out network.Shape) (network.Specs, error) {
		return stacked(c.spec(), c.Layers, in, out, network.Dense{Init: c.Init})
	}))
}
