package models

import (
	"fmt"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
)

type pyramidConfig struct {
	Layers   int     `json:"layers" doc:"layers of feature arrays, each half as high and wide as the one before; as few as it takes to reach from the inputs to the outputs, if that is more" range:"[1,10]"`
	Features int     `json:"features" doc:"arrays of the second layer; every further one has twice as many as the one before" range:"[1,1000]" scale:"log"`
	Hidden   int     `json:"hidden" doc:"arrays of the first layer besides those of the outputs" range:"[0,1000]"`
	Steps    int     `json:"steps" doc:"iterations" range:"[1,1000]" scale:"log"`
	Every    bool    `json:"every" doc:"whether the output of every step is trained on, the later the more, so that it gets there early and stays; if not, the last alone, before which it does what it likes"`
	Prior    float64 `json:"prior" doc:"price of the mean activity of hidden arrays, which makes them sparse" range:"[0,1]"`
	Wrap     bool    `json:"wrap" doc:"whether arrays continue beyond their border with the other side; if not, with zeros"`
	Function string  `json:"activation" doc:"of every array"`
}

// pyramid is the Neural Abstraction Pyramid for images that are to be made of images.
// Its outputs are arrays of its finest layer. Where those are 2, 4, 8 ... times as high
// and wide as the inputs, these are arrays of layer 1, 2, 3 ...
//
// By default it has, for images of 16x16, the 1535 weights of a task of one array.
func pyramid() bench.Model {
	return listed(bench.DefineModel(bench.Model{
		Name:    "pyramid",
		Summary: "layers of feature arrays at falling resolution that look at an image again and again, each with its neighbours above and below, until it is made whole: shared weights, and depth in time",
		Refs: []string{
			"Behnke 2001, doi:10.1142/S1469026801000342",
			"Behnke 2003, Hierarchical Neural Networks for Image Interpretation, LNCS 2766",
		},
	}, pyramidConfig{Layers: 3, Features: 4, Steps: 8, Every: true, Function: "sigmoid"}, pyramidConfig.layers))
}

func (c pyramidConfig) layers(in, out network.Shape) (network.Specs, error) {
	if len(in) != 3 || len(out) != 3 {
		return nil, bench.Unsuited(fmt.Sprintf("it makes images of images, and not %v of %v", out, in))
	}
	s := network.Pyramid{Outputs: out[0], Steps: c.Steps, Every: c.Every, Prior: c.Prior, Wrap: c.Wrap, Func: c.Function}
	for in[1]<<s.Input < out[1] {
		s.Input++
	}
	if in[1]<<s.Input != out[1] || in[2]<<s.Input != out[2] {
		return nil, bench.Unsuited(fmt.Sprintf("its outputs are 1, 2, 4, ... times as large as its inputs, and not %v for %v", out, in))
	}
	layers := max(c.Layers, s.Input+1)
	for i := range layers {
		switch {
		case i == 0:
			s.Features = append(s.Features, s.Outputs+c.Hidden)
		case i == s.Input && i == layers-1:
			s.Features = append(s.Features, 0) // the inputs alone
		default:
			s.Features = append(s.Features, c.Features<<(i-1))
		}
	}
	return network.Specs{s}, nil
}
