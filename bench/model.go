package bench

import (
	"encoding/json"
	"fmt"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/pretrain"
	"github.com/joust-bench/joust/optimizers"
)

// A Model is a named way to wire a network: the plain one, or one that adds a
// remedy for vanishing gradients. [DefineModel] makes one.
type Model struct {
	Name    string
	Summary string
	Refs    []string
	Params  []optimizers.Param
	// Prepare is as in [Task]: for models that are read from a file.
	Prepare func(config json.RawMessage, dir string) (json.RawMessage, error)
	// Layers returns the layers from inputs of shape in to outputs of shape out,
	// (Out), (T, Out) if there is one at every step, or an image (k, H, W); the
	// output layer is included. A network whose outputs are a vector may have all
	// steps, or pixels, in it. One that has outputs at every step where one is asked
	// for, (T, Out) for (Out), is trained at all steps and scored at the last.
	Layers func(config json.RawMessage, dir string, in, out network.Shape) (network.Specs, error)
	// Stage returns what improves the starting weights before any optimizer
	// sees them. Its work is charged. Nil: nothing does. [Pretrained] makes one.
	Stage func(config json.RawMessage) (pretrain.Stage, error)
}

// DefineModel completes m with a configuration type C.
func DefineModel[C any](m Model, defaults C, layers func(c C, in, out network.Shape) (network.Specs, error)) Model {
	m.Params = optimizers.Params(defaults)
	m.Layers = func(config json.RawMessage, _ string, in, out network.Shape) (network.Specs, error) {
		c, err := optimizers.Configure(defaults, config)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.Name, err)
		}
		specs, err := layers(c, in, out)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.Name, err)
		}
		return specs, nil
	}
	return m
}

// Pretrained completes m, which has the configuration type C, with a stage.
func Pretrained[C any](m Model, defaults C, stage func(c C) pretrain.Stage) Model {
	m.Stage = func(config json.RawMessage) (pretrain.Stage, error) {
		c, err := optimizers.Configure(defaults, config)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.Name, err)
		}
		return stage(c), nil
	}
	return m
}
