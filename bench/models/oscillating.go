package models

import (
	"slices"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
)

type oscillatingConfig struct {
	Depth      int     `json:"depth" doc:"hidden weight layers" range:"[1,1000]" scale:"log"`
	Width      int     `json:"width" doc:"units of a hidden layer" range:"[1,10000]" scale:"log"`
	Activation string  `json:"activation" doc:"of the hidden layers: gcu, squ, ncu, ssu or dsu; mcu to compare with, which does not oscillate"`
	Gain       float64 `json:"gain" doc:"multiplies the first weights; 0: 0.5 for squ, ncu and mcu, which grow faster than what comes in, and 1 for others" range:"[0,100]"`
	Last       bool    `json:"last" doc:"only the last hidden layer oscillates, and those below are rectified"`
}

// gain is the first weights' over those of variance 1/fan-in. At half, the gradient of
// all these units vanishes; at 1, that of those explodes which are polynomials (doc.go).
func (c oscillatingConfig) gain() float64 {
	switch {
	case c.Gain != 0:
		return c.Gain
	case slices.Contains([]string{"squ", "ncu", "mcu"}, c.Activation):
		return 0.5
	}
	return 1
}

// oscillating is the remedy by units with several zeros, which saturate nowhere and
// can separate alone what a layer of others is needed for. Their values and slopes
// grow without bound, but for ssu and dsu: in deep stacks that explodes, against
// which weights can start smaller, the gradient can be clipped, and all layers but
// the last can be something else.
func oscillating() bench.Model {
	return listed(bench.DefineModel(bench.Model{
		Name:    "oscillating",
		Summary: "plain, with units that oscillate, such as z cos z; clip the gradient when deep",
		Refs: []string{
			"Noel et al. 2021, Growing cosine unit, arXiv:2108.12943",
			"Noel et al. 2021, Biologically inspired oscillating activation functions, arXiv:2111.04020",
		},
	}, oscillatingConfig{
		Depth: defaultDepth, Width: defaultWidth, Activation: "gcu",
	}, func(c oscillatingConfig, in, out network.Shape) (network.Specs, error) {
		layer := network.Dense{Out: c.Width, Init: "lecun-normal", Gain: c.gain()}
		if !c.Last {
			return dense(in, out, c.Depth, layer, c.Activation), nil
		}
		s := flat(in)
		for range c.Depth - 1 {
			s = append(s, network.Dense{Out: c.Width, Init: "he-normal"}, network.Activation{Func: "relu"})
		}
		s = append(s, layer, network.Activation{Func: c.Activation})
		return readout(s, out, layer), nil
	}))
}
