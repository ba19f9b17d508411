package models

import (
	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
)

type rectifiedConfig struct {
	Depth      int    `json:"depth" doc:"hidden weight layers" range:"[1,1000]" scale:"log"`
	Width      int    `json:"width" doc:"units of a hidden layer" range:"[1,10000]" scale:"log"`
	Activation string `json:"activation" doc:"of the hidden layers: a relative of the rectifier, such as leaky-relu, elu, gelu, swish or mish"`
	Init       string `json:"init" doc:"how weights are drawn; with caffe-xavier, thirty layers do not learn"`
}

// rectified is the remedy by activation and initialisation: the slope of a
// ReLU is 1 or 0, and weights of variance 2/fan-in make up for the zeros.
func rectified() bench.Model {
	return listed(bench.DefineModel(bench.Model{
		Name:    "rectified",
		Summary: "plain, with rectified linear units (ReLU) and weights drawn to suit them (He, Kaiming)",
		Refs: []string{
			"Glorot, Bordes & Bengio 2011, Deep sparse rectifier neural networks, AISTATS",
			"He et al. 2015, arXiv:1502.01852, doi:10.1109/ICCV.2015.123",
		},
	}, rectifiedConfig{
		Depth: defaultDepth, Width: defaultWidth, Activation: "relu", Init: "he-normal",
	}, func(c rectifiedConfig, in, out network.Shape) (network.Specs, error) {
		return dense(in, out, c.Depth, network.Dense{Out: c.Width, Init: c.Init}, c.Activation), nil
	}))
}
