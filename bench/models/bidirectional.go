package models

import (
	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
)

// bidirectional is for outputs at every step, which it shows what comes after as well
// as what came before. Where there is one at the end alone, the second layer of cells
// has seen a single step there, and adds little.
func bidirectional() bench.Model {
	return listed(bench.DefineModel(bench.Model{
		Name:    "bidirectional-lstm",
		Summary: "two lstm layers side by side, one from the first step to the last and one from the last to the first, for outputs at every step",
		Refs: []string{
			"Schuster & Paliwal 1997, doi:10.1109/78.650093",
			"Graves & Schmidhuber 2005, doi:10.1016/j.neunet.2005.06.042",
		},
	}, lstmDefaults, func(c lstmConfig, in, out network.Shape) (network.Specs, error) {
		return stacked(network.Bidirectional{Body: network.Specs{c.spec()}}, c.Layers, in, out, network.Dense{Init: c.Init})
	}))
}
