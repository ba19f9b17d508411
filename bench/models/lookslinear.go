package models

import (
	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
)

type looksLinearConfig struct {
	Depth int    `json:"depth" doc:"hidden weight layers" range:"[1,1000]" scale:"log"`
	Width int    `json:"width" doc:"units of a hidden layer; the layer above sees twice as many inputs" range:"[1,10000]" scale:"log"`
	Init  string `json:"init" doc:"how weights above a CReLU are drawn; he-normal is what the paper compares with"`
}

// looksLinear is the remedy by a network that is linear when it starts: every unit
// has both max(h, 0) and max(-h, 0), and weights of opposite signs put h together
// again. Gradients of neighbouring inputs then agree, which in deep rectified
// networks they do not: they are shattered.
func looksLinear() bench.Model {
	return listed(bench.DefineModel(bench.Model{
		Name:    "looks-linear",
		Summary: "concatenated rectifiers (CReLU) with mirrored orthogonal weights: linear at first, at any depth and without skips",
		Refs: []string{
			"Balduzzi et al. 2017, The shattered gradients problem, arXiv:1702.08591",
			"Shang, Sohn, Almeida & Lee 2016, arXiv:1603.05201",
		},
	}, looksLinearConfig{
		Depth: defaultDepth, Width: defaultWidth, Init: "looks-linear",
	}, func(c looksLinearConfig, in, out network.Shape) (network.Specs, error) {
		first := c.Init
		if first == "looks-linear" { // nothing is mirrored yet
			first = "orthogonal"
		}
		s := append(flat(in), network.Dense{Out: c.Width, Init: first})
		for range c.Depth - 1 {
			s = append(s, network.CReLU{}, network.Dense{Out: c.Width, Init: c.Init})
		}
		return readout(append(s, network.CReLU{}), out, network.Dense{Init: c.Init}), nil
	}))
}
