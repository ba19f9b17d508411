package models

import (
	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
)

type convResnetConfig struct {
	Blocks     int    `json:"blocks" doc:"n, of two convolutions, in each of the three stages: 6n+1 convolutions, and the output layer" range:"[1,200]" scale:"log"`
	Channels   int    `json:"channels" doc:"of the first stage; twice and four times as many in the others" range:"[1,1000]" scale:"log"`
	Activation string `json:"activation" doc:"next to each convolution"`
	Init       string `json:"init" doc:"how weights are drawn"`
	Order      string `json:"order" doc:"of a convolution: pre has normalisation and activation before it, and nothing behind the sum; post has them after it, and an activation behind the sum" choices:"pre,post"`
	Norm       string `json:"norm" doc:"normalisation before every activation; with none, blocks are scaled by the root of their number" choices:"batch,layer,none"`
	Shortcut   string `json:"shortcut" doc:"where the image shrinks: pad with channels of zeros (option A), or project with a 1x1 convolution (option B)" choices:"pad,project"`
}

// convResnet is the residual network that its authors compare on small images, of
// 6n+2 weight layers (He et al. 2016, section 4.2): three stages, in which
// the image has a half of the height and width of the stage before and twice the
// channels.
func convResnet() bench.Model {
	return listed(bench.DefineModel(bench.Model{
		Name:    "conv-resnet",
		Summary: "convnet with a shortcut around every two convolutions, along which the gradient passes unchanged; for images",
		Refs: []string{
			"He et al. 2016, arXiv:1512.03385, doi:10.1109/CVPR.2016.90",
			"He et al. 2016b, arXiv:1603.05027, doi:10.1007/978-3-319-46493-0_38",
		},
	}, convResnetConfig{
		Blocks: 1, Channels: 4, Activation: "relu", Init: "he-normal", Order: "post", Norm: "batch", Shortcut: "pad",
	}, func(c convResnetConfig, in, out network.Shape) (network.Specs, error) {
		b := blocks{order: c.Order, norm: c.Norm, activation: c.Activation}
		b.scaleFor(3 * c.Blocks)
		return stages{blocks: b, n: c.Blocks, channels: c.Channels, init: c.Init, project: c.Shortcut == "project"}.layers(in, out)
	}))
}

// stages are a network of convolutions for images.
type stages struct {
	blocks
	n, channels int
	init        string
	project     bool
}

func (c stages) conv(channels, kernel, stride int) network.Conv {
	s := network.Conv{Channels: channels, Kernel: kernel, Pad: kernel / 2, Init: c.init, NoBias: needless(c.norm)}
	if stride > 1 {
		s.Stride = stride
	}
	return s
}

func (c stages) layers(in, out network.Shape) (network.Specs, error) {
	if len(in) != 3 {
		return nil, unsuited(in, "images (C, H, W)")
	}
	s := c.begin(network.Specs{c.conv(c.channels, 3, 1)})
	for stage := range 3 {
		channels := c.channels << stage
		for i := range c.n {
			stride, projection := 1, network.Specs(nil)
			if stage > 0 && i == 0 {
				stride, projection = 2, c.shortcut(channels)
			}
			s = append(s, c.block(network.Specs{c.conv(channels, 3, stride), c.conv(channels, 3, 1)}, projection)...)
		}
	}
	return readout(append(c.end(s), network.GlobalAveragePool{}), out, network.Dense{Init: c.init}), nil
}

// shortcut halves the image.
func (c stages) shortcut(channels int) network.Specs {
	if !c.project {
		return network.Specs{network.ZeroPad{Channels: channels, Stride: 2}}
	}
	s := network.Specs{c.conv(channels, 1, 2)}
	if c.order == "post" {
		return normalise(s, c.norm)
	}
	return s
}
