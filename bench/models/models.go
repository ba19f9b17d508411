package models

import (
	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/activation"
	"github.com/joust-bench/joust/network/initializer"
)

// All returns the models in the order in which lists and reports show them.
func All() []bench.Model {
	return []bench.Model{
		plain(),
		rectified(),
		batchnorm(),
		resnet(),
		pyramid(),
		file(),
	}
}

// Every model but that of a file is as deep and as wide as this unless the
// user says otherwise.
const (
	defaultDepth = 4
	defaultWidth = 32
)

// flat is the beginning of a network of dense layers for inputs of shape in.
func flat(in network.Shape) network.Specs {
	if len(in) > 1 {
		return network.Specs{network.Flatten{}}
	}
	return nil
}

// listed completes the schema of m: the parameters activation and init are
// names from lists that grow, which a tag cannot know.
func listed(m bench.Model) bench.Model {
	for i := range m.Params {
		p := &m.Params[i]
		switch p.Name {
		case "activation":
			for _, f := range activation.All() {
				p.Choices = append(p.Choices, f.Name)
			}
		case "init":
			for _, f := range initializer.All() {
				p.Choices = append(p.Choices, f.Name)
			}
		}
	}
	return m
}
