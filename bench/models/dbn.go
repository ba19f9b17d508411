package models

import (
	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/pretrain"
)

type dbnConfig struct {
	Depth      int     `json:"depth" doc:"hidden weight layers" range:"[1,1000]" scale:"log"`
	Width      int     `json:"width" doc:"units of a hidden layer" range:"[1,10000]" scale:"log"`
	Epochs     int     `json:"epochs" doc:"passes over the inputs in which each layer is pretrained" range:"[1,100000]" scale:"log"`
	K          int     `json:"k" doc:"steps of Gibbs sampling in an update" range:"[1,1000]" scale:"log"`
	LR         float64 `json:"lr" doc:"learning rate of pretraining; a tenth of it for inputs that are not from 0 to 1" range:"(0,10]" scale:"log"`
	Persistent bool    `json:"persistent" doc:"persistent chains (PCD) instead of chains that start at the data (CD); then lr falls to 0, and wants to be half as large"`
	Draw       bool    `json:"draw" doc:"what a layer sees are probabilities, and it is shown samples of them, and not the values themselves"`
	Gain       float64 `json:"gain" doc:"multiplies the first weights of the output layer, which is not pretrained" range:"(0,100]" scale:"log"`
}

// dbn is the remedy of 2006: every layer first learns to generate what it sees, so
// that the gradient finds features where it used to find noise.
func dbn() bench.Model {
	defaults := dbnConfig{Depth: defaultDepth, Width: defaultWidth, Epochs: 20, K: 1, LR: 0.1, Draw: true, Gain: 1}
	return bench.Pretrained(bench.DefineModel(bench.Model{
		Name:    "dbn",
		Summary: "plain, pretrained without labels as a deep belief network, by contrastive divergence, layer by layer; then fine-tuned by the optimizer",
		Refs: []string{
			"Hinton, Osindero & Teh 2006, A fast learning algorithm for deep belief nets, doi:10.1162/neco.2006.18.7.1527",
			"Hinton & Salakhutdinov 2006, Reducing the dimensionality of data with neural networks, doi:10.1126/science.1127647",
			"Tieleman 2008, Training restricted Boltzmann machines using approximations to the likelihood gradient, doi:10.1145/1390156.1390290",
		},
	}, defaults, func(c dbnConfig, in, out network.Shape) (network.Specs, error) {
		return sigmoids(in, out, c.Depth, c.Width, c.Gain), nil
	}), defaults, func(c dbnConfig) pretrain.Stage {
		cd := pretrain.DefaultCD()
		cd.Epochs, cd.K, cd.Rate = c.Epochs, c.K, c.LR
		cd.Persistent, cd.Anneal, cd.Draw = c.Persistent, c.Persistent, c.Draw
		return pretrain.Contrastive{CD: cd}
	})
}

// sigmoids is plain, whose hidden weights are going to be replaced. The gain is of
// the output layer.
func sigmoids(in, out network.Shape, depth, width int, gain float64) network.Specs {
	s := flat(in)
	for range depth {
		s = append(s, network.Dense{Out: width}, network.Activation{Func: "sigmoid"})
	}
	return readout(s, out, network.Dense{Gain: gain})
}
