package models

import (
	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
)

type lstm1997Config struct {
	Blocks     int     `json:"blocks" doc:"memory cell blocks, with an input and an output gate each" range:"[1,10000]" scale:"log"`
	Size       int     `json:"size" doc:"cells of a block" range:"[1,1000]" scale:"log"`
	Range      float64 `json:"range" doc:"initial weights are from minus this to this" range:"[1e-6,100]" scale:"log"`
	InputBias  float64 `json:"input_bias" doc:"initial bias of the first block's input gate" range:"[-100,100]"`
	InputStep  float64 `json:"input_step" doc:"and what is added to it for each next block" range:"[-100,100]"`
	OutputBias float64 `json:"output_bias" doc:"likewise of the output gate" range:"[-100,100]"`
	OutputStep float64 `json:"output_step" doc:"likewise" range:"[-100,100]"`
	Truncated  bool    `json:"truncated" doc:"only the cell states carry errors back in time, as in the paper"`
}

// lstm1997 starts as the paper's experiment 4 does.
func lstm1997() bench.Model {
	return bench.DefineModel(bench.Model{
		Name:    "lstm-1997",
		Summary: "long short-term memory as first published: no forget gate, so that nothing makes the gradient of a state smaller, and none goes back but that",
		Refs:    []string{"Hochreiter & Schmidhuber 1997, doi:10.1162/neco.1997.9.8.1735"},
	}, lstm1997Config{
		Blocks: 2, Size: 2, Range: 0.1, InputBias: -3, InputStep: -3, Truncated: true,
	}, func(c lstm1997Config, in, out network.Shape) (network.Specs, error) {
		return stacked(network.LSTM1997(c), 1, in, out, network.Dense{})
	})
}
