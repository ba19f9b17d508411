package models

import (
	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
)

type convnetConfig struct {
	Blocks     int    `json:"blocks" doc:"n, of two convolutions, in each of the three stages: 6n+1 convolutions, and the output layer" range:"[1,200]" scale:"log"`
	Channels   int    `json:"channels" doc:"of the first stage; twice and four times as many in the others" range:"[1,1000]" scale:"log"`
	Activation string `json:"activation" doc:"after each convolution"`
	Init       string `json:"init" doc:"how weights are drawn"`
	Norm       string `json:"norm" doc:"normalisation before every activation" choices:"batch,layer,none"`
}

// convnet is the plain counterpart of conv-resnet: the same convolutions in the same
// order, without the shortcuts.
func convnet() bench.Model {
	return listed(bench.DefineModel(bench.Model{
		Name:    "convnet",
		Summary: "convolutions and nothing else, in three stages: the plain counterpart of conv-resnet; for images",
		Refs: []string{
			"LeCun et al. 1989, doi:10.1162/neco.1989.1.4.541",
			"He et al. 2016, arXiv:1512.03385, doi:10.1109/CVPR.2016.90",
		},
	}, convnetConfig{
		Blocks: 1, Channels: 4, Activation: "relu", Init: "he-normal", Norm: "batch",
	}, func(c convnetConfig, in, out network.Shape) (network.Specs, error) {
		b := blocks{order: "post", norm: c.Norm, activation: c.Activation, plain: true}
		return stages{blocks: b, n: c.Blocks, channels: c.Channels, init: c.Init}.layers(in, out)
	}))
}
