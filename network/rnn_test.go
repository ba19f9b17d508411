package network_test

import (
	"math"
	"testing"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/activation"
	"github.com/joust-bench/joust/network/netcheck"
)

// Recurrent layers have the gradient of what they compute, for sequences of one length
// and of several.
func TestGradientsOfRecurrentLayers(t *testing.T) {
	tanh := network.Activation{Func: "tanh"}
	type chain struct {
		name  string
		in    network.Shape
		specs network.Specs
	}
	tests := []chain{
		{"rnn of one unit", network.Shape{5, 1}, network.Specs{network.RNN{Hidden: 1}}},
		{"rnn of one step", network.Shape{1, 3}, network.Specs{network.RNN{Hidden: 2, Initial: true}}},
		{"rnn with an initial state", network.Shape{4, 2}, network.Specs{network.RNN{Hidden: 5, Initial: true, Recurrent: "lecun-normal"}, network.Last{}, network.Dense{Out: 2}}},
		{"rnn of rnn", network.Shape{4, 2}, network.Specs{network.RNN{Hidden: 3, Recurrent: "identity", Gain: 0.5}, tanh, network.RNN{Hidden: 2}, network.Last{}}},
		{"rnn back over all steps", network.Shape{5, 2}, network.Specs{network.RNN{Hidden: 3, K1: 5, K2: 5}}},
		{"rnn whose blocks go back over all steps", network.Shape{5, 2}, network.Specs{network.RNN{Hidden: 3, K1: 1, K2: 5, Initial: true}}},
		{"gru", network.Shape{6, 3}, network.Specs{network.GRU{Hidden: 5}}},
		{"gru of one step", network.Shape{1, 2}, network.Specs{network.GRU{Hidden: 3}}},
		{"gru of gru", network.Shape{5, 2}, network.Specs{network.GRU{Hidden: 3, Recurrent: "orthogonal"}, tanh, network.GRU{Hidden: 1}, network.Last{}}},
		{"gru whose blocks go back over all steps", network.Shape{5, 1}, network.Specs{network.GRU{Hidden: 2, K1: 1, K2: 5}}},
		{"time-dense", network.Shape{5, 3}, network.Specs{network.TimeDense{Out: 2}}},
		{"time-dense on rnn", network.Shape{3, 2}, network.Specs{network.TimeDense{Out: 4, NoBias: true}, tanh, network.RNN{Hidden: 3}, network.TimeDense{Out: 1}}},
		{"bidirectional rnn", network.Shape{5, 2}, network.Specs{network.Bidirectional{Body: network.Specs{network.RNN{Hidden: 3}}}}},
		{"bidirectional of one step", network.Shape{1, 2}, network.Specs{network.Bidirectional{Body: network.Specs{network.LSTM{Hidden: 2}}}}},
		{"lstm back over all steps", network.Shape{5, 2}, network.Specs{network.LSTM{Hidden: 3, K1: 1, K2: 5, Peepholes: true}}},
		{"lstm1997", network.Shape{6, 2}, network.Specs{network.LSTM1997{Blocks: 2, Size: 3, Range: 0.5, InputBias: -1, InputStep: -2, OutputBias: -2, OutputStep: -2}}},
		{"lstm1997 of one cell", network.Shape{5, 1}, network.Specs{network.LSTM1997{Blocks: 1, Range: 2}, network.Last{}}},
		{"lstm1997 of one step", network.Shape{1, 3}, network.Specs{network.LSTM1997{Blocks: 3, Range: 1}}},
		{"sequential rnn", network.Shape{5, 2}, network.Specs{network.SequentialRNN{Hidden: 3, Out: 2, Func: "tanh"}}},
		{"sequential rnn of one unit each", network.Shape{4, 1}, network.Specs{network.SequentialRNN{Hidden: 1, Out: 1}, network.Last{}}},
		{"sequential rnn with connections to themselves", network.Shape{5, 2}, network.Specs{network.SequentialRNN{Hidden: 4, Out: 1, Recurrence: "self", OutFunc: "tanh"}}},
		{"sequential rnn without hidden recurrence", network.Shape{5, 1}, network.Specs{network.SequentialRNN{Hidden: 3, Out: 2, Recurrence: "none"}}},
		{"sequential rnn with logits", network.Shape{5, 2}, network.Specs{network.SequentialRNN{Hidden: 3, Out: 2, Logits: true}}},
		{"sequential rnn of one step", network.Shape{1, 3}, network.Specs{network.SequentialRNN{Hidden: 2, Out: 3}}},
		// Activations and residuals have their gradients in memory that the copies share.
		{"bidirectional chain", network.Shape{4, 2}, network.Specs{
			network.TimeDense{Out: 2},
			tanh,
			network.Bidirectional{Body: network.Specs{tanh, network.GRU{Hidden: 2}, network.Residual{Body: network.Specs{network.RNN{Hidden: 2}}}, tanh}},
			network.Residual{Body: network.Specs{network.Bidirectional{Body: network.Specs{network.LSTM{Hidden: 2}}}}},
			network.Last{},
		}},
		{"bidirectional in bidirectional", network.Shape{4, 1}, network.Specs{
			network.Bidirectional{Body: network.Specs{network.Bidirectional{Body: network.Specs{network.RNN{Hidden: 2}}}, network.TimeDense{Out: 1}}},
		}},
		{"bidirectional without weights", network.Shape{4, 2}, network.Specs{network.Bidirectional{Body: network.Specs{tanh}}, network.TimeDense{Out: 2}}},
	}
	for _, f := range activation.All() {
		steps := 5
		if math.IsInf(f.SupDeriv, 1) {
			// What grows faster than its input explodes in a recurrence: after 5 steps
			// of a cubic the states have degree 243 in the first, more than a float32
			// can hold.
			steps = 2
		}
		tests = append(tests, chain{"rnn with " + f.Name, network.Shape{steps, 3}, network.Specs{network.RNN{Hidden: 4, Func: f.Name, Gain: 0.7, Initial: true}}})
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			netcheck.Layer(t, tt.in, tt.specs...)
			netcheck.Sequences(t, tt.in, tt.specs...)
		})
	}
}

// What goes back along something else than the gradient keeps all other promises.
func TestPromisesOfTruncatedLayers(t *testing.T) {
	for _, spec := range []network.Spec{
		network.RNN{Hidden: 4, K2: 2},
		network.RNN{Hidden: 3, K1: 2, K2: 3, Initial: true},
		network.RNN{Hidden: 3, K2: 1},
		network.RNN{Hidden: 4, Omega: 0.7},
		network.GRU{Hidden: 3, K1: 1, K2: 3},
		network.LSTM{Hidden: 3, K2: 2},
		network.LSTM{Hidden: 3, K1: 2, K2: 3, Peepholes: true},
		network.LSTM{Hidden: 4, Truncated: true, Peepholes: true},
		network.LSTM1997{Blocks: 2, Size: 2, Range: 0.5, Truncated: true},
	} {
		netcheck.Surrogate(t, network.Shape{6, 2}, spec)
	}
	netcheck.Surrogate(t, network.Shape{7, 2}, network.RNN{Hidden: 3, Omega: 1, Initial: true}, network.RNN{Hidden: 2, K2: 3}, network.Last{})
}
