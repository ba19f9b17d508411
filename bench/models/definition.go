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
		if f.loss == loss.CTC && len(n.Out()) != 2 {
			return Definition{}, f.doc.errorf("loss", "loss: ctc is of sequences, want outputs (T, classes), got %v", n.Out())
		}
		_, outputs := Steps(n.Out())
		if err := f.loss.Check(outputs); err != nil {
			return Definition{}, f.doc.errorf("loss", "loss: %w", err)
		}
	}
	return Definition{Input: f.input, Layers: f.layers, Loss: f.loss}, nil
}

// Steps is at how many steps a network with outputs of shape out has them, and how many
// at each: those of (T, Out) are counted by a loss at each step. 0 steps: there is one
// output for an example, of all values.
func Steps(out network.Shape) (steps, outputs int) {
	if len(out) == 2 {
		return out[0], out[1]
	}
	return 0, out.Len()
}

// CheckSize is an error if the network of a file is too large for what takes memory for
// each weight and, of so many examples, for each value that goes into a layer or comes
// out of one: more than most in all. It begins with line and column of the layer that is
// too much. The file is one that [ReadDefinition] accepts.
func CheckSize(path string, examples, most int) error {
	content, err := readFile(path)
	if err != nil {
		return err
	}
	f, err := parseNetwork(path, content)
	if err != nil {
		return err
	}
	for i := range f.layers {
		n, err := network.New[float64](f.input, f.layers[:i+1]...)
		if err != nil {
			return f.locate(err)
		}
		if values := n.In().Len() + n.Activations(); n.Dim()+examples*values > most {
			return f.doc.errorf(fmt.Sprintf("layers[%d]", i), "layer %d: up to here %d weights, and %d values of each of %d examples, want at most %d of them all",
				i, n.Dim(), values, examples, most)
		}
	}
	return nil
}
