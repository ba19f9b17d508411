package models

import (
	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
)

type mdrnnConfig struct {
	Levels int     `json:"levels" doc:"layers that scan the image" range:"[1,8]"`
	Units  int     `json:"units" doc:"units of each scan of the first level; every level has twice as many as the one below" range:"[1,1000]" scale:"log"`
	Window int     `json:"window" doc:"height and width of what a level gathers into one position before it scans; 1: nothing" range:"[1,16]"`
	OneWay bool    `json:"one_way" doc:"scan from the first corner alone, and not from all four"`
	Read   string  `json:"read" doc:"what the class is read from: the mean over all positions, or the last corner" choices:"mean,corner"`
	Gain   float64 `json:"gain" doc:"multiplies the first recurrent weights" range:"(0,100]" scale:"log"`
}

// mdrnn is what mdlstm is compared with: the same scans without memory cells.
func mdrnn() bench.Model {
	return bench.DefineModel(bench.Model{
		Name:    "mdrnn",
		Summary: "tanh units that scan an image, mdlstm without its memory: the gradient vanishes, or explodes, from one corner to the other",
		Refs:    []string{"Graves, Fernández & Schmidhuber 2007, Multi-dimensional recurrent neural networks, doi:10.1007/978-3-540-74690-4_56"},
	}, mdrnnConfig{Levels: 2, Units: 4, Window: 2, Read: "mean", Gain: 1}, func(c mdrnnConfig, in, out network.Shape) (network.Specs, error) {
		return scans(in, out, c.Levels, c.Units, c.Window, c.Read, func(units int) network.Spec {
			s := network.MDRNN{Units: units, Concat: true, Gain: c.Gain}
			if c.OneWay {
				s.Directions = 1
			}
			return s
		})
	})
}
