package models

import (
	"math"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
)

type resnetConfig struct {
	Depth      int    `json:"depth" doc:"hidden weight layers: one to the width of the blocks, and those in the blocks" range:"[1,1000]" scale:"log"`
	Width      int    `json:"width" doc:"units of a hidden layer" range:"[1,10000]" scale:"log"`
	Activation string `json:"activation" doc:"before each weight layer of a block"`
	Init       string `json:"init" doc:"how weights are drawn"`
	Layers     int    `json:"layers" doc:"weight layers of a block; the last block has what is left" range:"[1,100]"`
	Norm       bool   `json:"norm" doc:"batch normalisation before every activation; if not, blocks are scaled by the root of their number"`
}

// resnet is a residual network of pre-activation blocks (He et al. 2016b, fig.
// 1b) on a stream of constant width:
//
//	dense to the width;
//	x = x + W f(BN(x)), with "layers" times W f(BN(.)) in each block;
//	f(BN(x)), then the output layer.
//
// All readers of the stream normalise it, so no layer but the last has a bias.
//
// Without normalisation a block is x = x + W f(x)/sqrt(blocks), or the variance
// would double with each; so it grows by a factor of about e in all (Marion et
// al. 2022, arXiv:2206.06929).
func resnet() bench.Model {
	return listed(bench.DefineModel(bench.Model{
		Name:    "resnet",
		Summary: "dense layers in blocks that add to a stream, along which the gradient passes unchanged",
		Refs: []string{
			"He et al. 2016, arXiv:1512.03385, doi:10.1109/CVPR.2016.90",
			"He et al. 2016b, arXiv:1603.05027, doi:10.1007/978-3-319-46493-0_38",
		},
	}, resnetConfig{
		Depth: defaultDepth, Width: defaultWidth, Activation: "relu", Init: "he-normal", Layers: 1, Norm: true,
	}, func(c resnetConfig, in, out network.Shape) (network.Specs, error) {
		dense := network.Dense{Out: c.Width, Init: c.Init, NoBias: c.Norm}
		s := append(flat(in), dense)
		inner := c.Depth - 1 // weight layers in blocks
		scale := 0.0
		if blocks := (inner + c.Layers - 1) / c.Layers; !c.Norm && blocks > 0 {
			scale = 1 / math.Sqrt(float64(blocks))
		}
		for ; inner > 0; inner -= c.Layers {
			var body network.Specs
			for range min(inner, c.Layers) {
				body = append(c.activate(body), dense)
			}
			s = append(s, network.Residual{Body: body, Scale: scale})
		}
		return readout(c.activate(s), out, network.Dense{Init: c.Init}), nil
	}))
}

// activate appends f(BN(x)), or f(x).
func (c resnetConfig) activate(s network.Specs) network.Specs {
	if c.Norm {
		s = append(s, network.BatchNorm{})
	}
	return append(s, network.Activation{Func: c.Activation})
}
