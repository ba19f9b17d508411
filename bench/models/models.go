package models

import (
	"fmt"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/activation"
	"github.com/joust-bench/joust/network/initializer"
)

// All returns the models in the order in which lists and reports show them.
func All() []bench.Model {
	return []bench.Model{
		plain(),
		step(),
		neuron(),
		xavier(),
		orthogonal(),
		rectified(),
		selu(),
		maxout(),
		looksLinear(),
		oscillating(),
		batchnorm(),
		noisyBatchnorm(),
		layernorm(),
		dropout(),
		resnet(),
		rnn(),
		irnn(),
		gru(),
		lstm(),
		lstm1997(),
		bidirectional(),
		sequentialRNN(),
		mdlstm(),
		mdrnn(),
		chunker(),
		highway(),
		convnet(),
		convResnet(),
		dbn(),
		autoencoder(),
		lsuv(),
		amplified(),
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

// unsuited says that a model cannot read inputs of shape in.
func unsuited(in network.Shape, want string) error {
	return bench.Unsuited(fmt.Sprintf("inputs of shape %v, want %s", in, want))
}

// flat is the beginning of a network of dense layers for inputs of shape in.
func flat(in network.Shape) network.Specs {
	if len(in) > 1 {
		return network.Specs{network.Flatten{}}
	}
	return nil
}

// dense is a network of depth dense layers of one width, each with the activation,
// and an output layer of the same kind.
func dense(in, out network.Shape, depth int, layer network.Dense, activation string) network.Specs {
	s := flat(in)
	for range depth {
		s = append(s, layer, network.Activation{Func: activation})
	}
	return readout(s, out, layer)
}

// listed completes the schema of m: the parameters activation, init and recurrent are
// names from lists that grow, which a tag cannot know.
func listed(m bench.Model) bench.Model {
	for i := range m.Params {
		p := &m.Params[i]
		switch p.Name {
		case "activation":
			for _, f := range activation.All() {
				p.Choices = append(append(p.Choices, f.Name), f.Also...)
			}
		case "init", "recurrent":
			for _, f := range initializer.All() {
				p.Choices = append(append(p.Choices, f.Name), f.Also...)
			}
		}
	}
	return m
}
