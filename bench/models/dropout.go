package models

import (
	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
)

type dropoutConfig struct {
	Depth      int     `json:"depth" doc:"hidden weight layers" range:"[1,1000]" scale:"log"`
	Width      int     `json:"width" doc:"units of a hidden layer" range:"[1,10000]" scale:"log"`
	Activation string  `json:"activation" doc:"of the hidden layers"`
	Init       string  `json:"init" doc:"how weights are drawn"`
	Rate       float64 `json:"rate" doc:"share of the hidden units that a training step leaves out" range:"[0,1)"`
}

// dropout is rectified with units left out at random: against overfitting, and no
// remedy for a gradient that vanishes, which it makes noisier.
func dropout() bench.Model {
	return listed(bench.DefineModel(bench.Model{
		Name:    "dropout",
		Summary: "rectified, with hidden units left out at random in every training step; against overfitting",
		Refs:    []string{"Srivastava et al. 2014, JMLR 15:1929-1958"},
	}, dropoutConfig{
		Depth: defaultDepth, Width: defaultWidth, Activation: "relu", Init: "he-normal", Rate: 0.2,
	}, func(c dropoutConfig, in, out network.Shape) (network.Specs, error) {
		s := flat(in)
		for range c.Depth {
			s = append(s,
				network.Dense{Out: c.Width, Init: c.Init},
				network.Activation{Func: c.Activation},
				network.Dropout{Rate: c.Rate})
		}
		return readout(s, out, network.Dense{Init: c.Init}), nil
	}))
}
