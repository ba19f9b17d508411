package models

import (
	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
)

type sequentialRNNConfig struct {
	Hidden     int    `json:"hidden" doc:"hidden units" range:"[1,10000]" scale:"log"`
	Activation string `json:"activation" doc:"of the hidden units; outputs are sigmoid"`
	Recurrence string `json:"recurrence" doc:"how hidden units see each other" choices:"full,self,none"`
	Init       string `json:"init" doc:"how weights are drawn"`
}

// sequentialRNN is the network of the guessing experiments: A1 has one hidden unit, and
// A2 many, which see at most themselves. The outputs are units of the network, which
// lie between 0 and 1; what the loss gets is what their sigmoid is taken of.
func sequentialRNN() bench.Model {
	return listed(bench.DefineModel(bench.Model{
		Name:    "sequential-rnn",
		Summary: "fully recurrent network, outputs included, updated hidden units first: small enough for its weights to be guessed",
		Refs:    []string{"Hochreiter & Schmidhuber 1997, LSTM can solve hard long time lag problems (NIPS 9)"},
	}, sequentialRNNConfig{
		Hidden: 1, Activation: "sigmoid", Recurrence: "full", Init: "xavier-uniform",
	}, func(c sequentialRNNConfig, in, out network.Shape) (network.Specs, error) {
		if len(in) != 2 {
			return nil, unsuited(in, "sequences, (T, F)")
		}
		s := network.Specs{network.SequentialRNN{
			Hidden: c.Hidden, Out: out[len(out)-1], Func: c.Activation, Recurrence: c.Recurrence, Logits: true, Init: c.Init,
		}}
		if len(out) == 1 {
			s = append(s, network.Last{})
		}
		return s, nil
	}))
}
