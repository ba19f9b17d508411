package models

import "github.com/joust-bench/joust/network"

// readout appends the output layer, which makes outputs of shape out, to hidden layers
// that end in a vector: out is all in one, (T*Out) where there are steps. Its Out is
// that of out, and what else it says that of the layer.
func readout(s network.Specs, out network.Shape, layer network.Dense) network.Specs {
	layer.Out = out.Len()
	return append(s, layer)
}

// sequenceReadout is readout for hidden layers that end in a sequence, (T, F): the
// same layer at every step for outputs at every step, (T, Out), and else at the last
// step of each sequence.
func sequenceReadout(s network.Specs, out network.Shape, layer network.Dense) network.Specs {
	if len(out) == 2 {
		layer.Out = out[1]
		return append(s, network.TimeDense(layer))
	}
	return readout(append(s, network.Last{}), out, layer)
}
