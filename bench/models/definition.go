package models

import (
	"fmt"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/loss"
)

// A Definition is a network file that stands for itself, and needs no task: it has
// the shape of the inputs, all layers up to the outputs, and perhaps a loss.
//
//	input: [2]
//	layers:
//	  - {type: dense, out: 8}
//	  - {type: activation, func: tanh}
//	  - {type: dense, out: 3}
//	loss: softmax-cross-entropy
type Definition struct {
	Input  network.Shape
	Layers network.Specs
	Loss   loss.Kind // "": none
}

// ReadDefinition reads a network file and proves that it can be built. Errors begin
// with the name of the file and, where there is one, line and column.
func ReadDefinition(path string) (Definition, error) {
	content, err := readFile(path)
	if err != nil {
		return Definition{}, err
	}
	return ParseDefinition(path, content)
}

// ParseDefinition is [ReadDefinition] for the content of a file of that name.
func ParseDefinition(name string, content []byte) (Definition, error) {
	f, err := parseNetwork(name, content)
	if err != nil {
		return Definition{}, err
	}
	if f.input == nil {
		return Definition{}, fmt.Errorf("%s: no input, want its shape, such as input: [64]", name)
	}
	if err := checkNames(f.layers, "layers"); err != nil {
		return Definition{}, f.place(err)
	}
	n, err := network.New[float64](f.input, f.layers...)
	if err != nil {
		return Definition{}, f.locate(err)
	}
	if f.loss != "" {
		outputs := n.Out().Len()
		if f.loss == loss.CTC {
			if len(n.Out()) != 2 {
				return Definition{}, f.doc.errorf("loss", "loss: ctc is of sequences, want outputs (T, classes), got %v", n.Out())
			}
			outputs = n.Out()[1]
		}
		if err := f.loss.Check(outputs); err != nil {
			return Definition{}, f.doc.errorf("loss", "loss: %w", err)
		}
	}
	return Definition{Input: f.input, Layers: f.layers, Loss: f.loss}, nil
}
