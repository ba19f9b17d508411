package models

import (
	"math"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
)

type resnetConfig struct {
	Depth      int    `json:"depth" doc:"hidden weight layers: one to the width of the blocks, and those in the blocks" range:"[1,1000]" scale:"log"`
	Width      int    `json:"width" doc:"units of a hidden layer; 2 or more for norm layer" range:"[1,10000]" scale:"log"`
	Activation string `json:"activation" doc:"next to each weight layer of a block"`
	Init       string `json:"init" doc:"how weights are drawn"`
	Layers     int    `json:"layers" doc:"weight layers of a block; the last block has what is left" range:"[1,100]"`
	Order      string `json:"order" doc:"of a weight layer: pre has normalisation and activation before it, and nothing behind the sum; post has them after it, and an activation behind the sum" choices:"pre,post"`
	Norm       string `json:"norm" doc:"normalisation before every activation; with none, blocks are scaled by the root of their number" choices:"batch,layer,none"`
}

// resnet is a residual network on a stream of constant width, of pre-activation
// blocks (He et al. 2016b, fig. 1b):
//
//	dense to the width;
//	x = x + W f(BN(x)), with "layers" times W f(BN(.)) in each block;
//	f(BN(x)), then the output layer;
//
// or of the original ones (He et al. 2016, fig. 2), with the sum inside of f:
//
//	f(BN(W x)) to the width;
//	x = f(x + BN(W x)), with f(BN(W .)) before that in blocks of more layers;
//	the output layer.
//
// With batch normalisation all readers of the stream normalise it, or what comes out
// of W, so no layer but the last has a bias.
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
			"Veit, Wilber & Belongie 2016, Residual networks behave like ensembles of relatively shallow networks, arXiv:1605.06431",
			"Balduzzi et al. 2017, The shattered gradients problem, arXiv:1702.08591",
			"Zaeemzadeh, Rahnavard & Shah 2021, Norm-preservation: why residual networks can become extremely deep?, arXiv:1805.07477",
		},
	}, resnetConfig{
		Depth: defaultDepth, Width: defaultWidth, Activation: "relu", Init: "he-normal", Layers: 1, Order: "pre", Norm: "batch",
	}, func(c resnetConfig, in, out network.Shape) (network.Specs, error) {
		dense := network.Dense{Out: c.Width, Init: c.Init, NoBias: needless(c.Norm)}
		b := blocks{order: c.Order, norm: c.Norm, activation: c.Activation}
		inner := c.Depth - 1 // weight layers in blocks
		b.scaleFor((inner + c.Layers - 1) / c.Layers)
		s := b.begin(append(flat(in), dense))
		for ; inner > 0; inner -= c.Layers {
			var weights network.Specs
			for range min(inner, c.Layers) {
				weights = append(weights, dense)
			}
			s = append(s, b.block(weights, nil)...)
		}
		return readout(b.end(s), out, network.Dense{Init: c.Init}), nil
	}))
}

// blocks makes residual blocks of weight layers.
type blocks struct {
	order, norm, activation string
	scale                   float64
	plain                   bool // without shortcuts
}

// scaleFor keeps the variance of a stream with so many blocks in bounds if nothing
// normalises it.
func (b *blocks) scaleFor(blocks int) {
	if b.norm == "none" && blocks > 0 {
		b.scale = 1 / math.Sqrt(float64(blocks))
	}
}

// activate appends the activation of what has been normalised, f(BN(x)).
func (b blocks) activate(s network.Specs) network.Specs {
	return append(normalise(s, b.norm), network.Activation{Func: b.activation})
}

// begin completes what brings the inputs to the stream.
func (b blocks) begin(s network.Specs) network.Specs {
	if b.order == "post" {
		return b.activate(s)
	}
	return s
}

// block is one block with these weight layers, and the projection, if there is one,
// for a shortcut.
func (b blocks) block(weights, projection network.Specs) network.Specs {
	var body network.Specs
	for i, w := range weights {
		switch {
		case b.order == "pre":
			body = append(b.activate(body), w)
		case i < len(weights)-1:
			body = b.activate(append(body, w))
		default:
			body = normalise(append(body, w), b.norm)
		}
	}
	s := network.Specs{network.Residual{Body: body, Scale: b.scale, Shortcut: projection}}
	if b.plain {
		s = body
	}
	if b.order == "post" {
		s = append(s, network.Activation{Func: b.activation})
	}
	return s
}

// end completes what reads the stream.
func (b blocks) end(s network.Specs) network.Specs {
	if b.order == "pre" {
		return b.activate(s)
	}
	return s
}
