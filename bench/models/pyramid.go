package models

import (
	"fmt"
	"math/bits"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
)

type pyramidConfig struct {
	Layers   int    `json:"layers" doc:"layers of feature arrays, each half as high and wide as the one before; as few as it takes to reach from the inputs to the outputs, if that is more" range:"[1,10]"`
	Features int    `json:"features" doc:"arrays of the second layer; every further one has twice as many as the one before" range:"[1,1000]" scale:"log"`
	Hidden   int    `json:"hidden" doc:"arrays of the first layer besides those of the outputs" range:"[0,1000]"`
	Steps    int    `json:"steps" doc:"iterations" range:"[1,1000]" scale:"log"`
	Wrap     bool   `json:"wrap" doc:"whether arrays continue beyond their border with the other side; if not, with zeros"`
	Function string `json:"activation" doc:"of every array"`
}

// pyramid is the Neural Abstraction Pyramid for images that are to be made of
// images. Its outputs are arrays of its finest layer after the last step: as many as
// there are inputs in each, or one of 2, 4, 8 ... times their height and width, whose
// inputs are in layer 1, 2, 3 ... then.
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
	}, pyramidConfig{Layers: 3, Features: 4, Steps: 8, Function: "sigmoid"}, func(c pyramidConfig, in network.Shape, out int) (network.Specs, error) {
		s, err := c.spec(in, out)
		if err != nil {
			return nil, err
		}
		return network.Specs{s, network.Flatten{}}, nil
	}))
}

func (c pyramidConfig) spec(in network.Shape, out int) (network.Pyramid, error) {
	s := network.Pyramid{Steps: c.Steps, Wrap: c.Wrap, Func: c.Function}
	if len(in) != 3 || out%(in[1]*in[2]) != 0 {
		return s, fmt.Errorf("%d outputs of inputs %v, want images of images: outputs for each pixel of (C, H, W)", out, in)
	}
	s.Outputs = out / (in[1] * in[2])
	if zoom := bits.Len(uint(s.Outputs)) - 1; s.Outputs == 1<<zoom && zoom > 0 && zoom%2 == 0 {
		s.Input, s.Outputs = zoom/2, 1
	}
	for i := range max(c.Layers, s.Input+1) {
		switch {
		case i == 0:
			s.Features = append(s.Features, s.Outputs+c.Hidden)
		case i == s.Input && i == max(c.Layers, s.Input+1)-1:
			s.Features = append(s.Features, 0) // the inputs alone
		default:
			s.Features = append(s.Features, c.Features<<(i-1))
		}
	}
	return s, nil
}
