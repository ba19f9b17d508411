package models

import (
	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
)

type noisyBatchnormConfig struct {
	Depth       int     `json:"depth" doc:"hidden weight layers" range:"[1,1000]" scale:"log"`
	Width       int     `json:"width" doc:"units of a hidden layer" range:"[1,10000]" scale:"log"`
	Activation  string  `json:"activation" doc:"of the hidden layers"`
	Init        string  `json:"init" doc:"how weights are drawn"`
	Shift       float64 `json:"shift" doc:"units are moved by at most this much, anew in every step" range:"[0,1000]"`
	Scale       float64 `json:"scale" doc:"units are stretched by 1 to this factor, anew in every step" range:"[1,1000]"`
	ShiftSpread float64 `json:"shift_spread" doc:"each value is moved by at most this much more" range:"[0,1000]"`
	ScaleSpread float64 `json:"scale_spread" doc:"standard deviation of what is added to the factor of each value" range:"[0,1000]"`
}

// noisyBatchnorm is the control of batchnorm: normalised, and then the distributions
// are made to jump about from step to step, which is what normalisation is said to
// prevent.
func noisyBatchnorm() bench.Model {
	return listed(bench.DefineModel(bench.Model{
		Name:    "noisy-batchnorm",
		Summary: "batchnorm, with random shifts and scales after it that undo the stability of the distributions",
		Refs:    []string{"Santurkar et al. 2018, arXiv:1805.11604"},
	}, noisyBatchnormConfig{
		Depth: defaultDepth, Width: defaultWidth, Activation: "sigmoid", Init: "xavier-uniform",
		Shift: 0.5, Scale: 1.25, ShiftSpread: 0.1, ScaleSpread: 0.1,
	}, func(c noisyBatchnormConfig, in, out network.Shape) (network.Specs, error) {
		s := flat(in)
		for range c.Depth {
			s = append(s,
				network.Dense{Out: c.Width, Init: c.Init, NoBias: true},
				network.BatchNorm{},
				network.Noise{Shift: c.Shift, Scale: c.Scale, ShiftSpread: c.ShiftSpread, ScaleSpread: c.ScaleSpread},
				network.Activation{Func: c.Activation})
		}
		return readout(s, out, network.Dense{Init: c.Init}), nil
	}))
}
