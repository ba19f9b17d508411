package models

import (
	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
)

type irnnConfig struct {
	Hidden int     `json:"hidden" doc:"units of a recurrent layer" range:"[1,10000]" scale:"log"`
	Layers int     `json:"layers" doc:"recurrent layers, one on the outputs of another" range:"[1,100]"`
	Gain   float64 `json:"gain" doc:"what is on the diagonal: above 1 the gradient explodes" range:"[1e-6,100]" scale:"log"`
}

// irnn is the remedy by initialisation: with the identity and rectified units, a state
// and its gradient are handed on unchanged until training says otherwise.
func irnn() bench.Model {
	return bench.DefineModel(bench.Model{
		Name:    "irnn",
		Summary: "rnn of rectified linear units whose recurrent weights start as the identity, which hands states and gradients on as they are",
		Refs:    []string{"Le, Jaitly & Hinton 2015, arXiv:1504.00941"},
	}, irnnConfig{Hidden: defaultWidth, Layers: 1, Gain: 1}, func(c irnnConfig, in, out network.Shape) (network.Specs, error) {
		return rnnConfig{
			Hidden: c.Hidden, Layers: c.Layers, Activation: "relu", Init: "xavier-uniform", Recurrent: "identity", Gain: c.Gain,
		}.layers(in, out)
	})
}
