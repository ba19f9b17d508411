package tasks

import (
	"math/rand/v2"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/data"
	"github.com/joust-bench/joust/network"
)

type reberConfig struct {
	Steps int     `json:"steps" doc:"longest string, without its last symbol; longer ones are drawn again" range:"[15,1000]"`
	N     int     `json:"n" doc:"training strings" range:"[4,1e6]" scale:"log"`
	Fresh int     `json:"fresh" doc:"strings to validate on, and as many to test on" range:"[4,1e5]" scale:"log"`
	Goal  float64 `json:"goal" doc:"share of strings of which every symbol is predicted that counts as solved; 0: none" range:"[0,1]"`
}

// grammar is what the two tasks have in common: a string is right if at every step the
// symbols that can follow have larger outputs than all others.
func grammar(name, summary string, refs []string, embedded bool) bench.Task {
	return bench.DefineTask(bench.Task{
		Name: name, Summary: summary, Refs: refs,
		Goal: "sequence-accuracy 1: in all fresh strings, the symbols that can come next have the largest outputs",
	}, reberConfig{Steps: 40, N: 256, Fresh: 256, Goal: 1}, func(c reberConfig, seed uint64, _ string) (bench.Data, error) {
		train, valid, test := fresh(seed, c.N, c.Fresh, func(n int, rng *rand.Rand) data.Set {
			return data.Reber(n, c.Steps, embedded, rng)
		})
		const symbols = len(data.ReberSymbols)
		return label(network.Shape{c.Steps, symbols}, symbols, sequenceAccuracy(c.Goal), train, valid, test), nil
	})
}

func reber() bench.Task {
	return grammar("reber",
		"the next symbol of strings of a grammar with six nodes; a constant predictor gets 15 % of them right, and two symbols of memory are enough",
		[]string{"Reber 1967, Implicit learning of artificial grammars, doi:10.1016/S0022-5371(67)80149-X", "Cleeremans, Servan-Schreiber & McClelland 1989, doi:10.1162/neco.1989.1.3.372"}, false)
}

func embeddedReber() bench.Task {
	return grammar("embedded-reber",
		"reber strings between two symbols of which the second repeats the first, some ten steps later; a constant predictor gets no string right, and what forgets the first at most half of them",
		[]string{hochreiter + ", experiment 1", "Smith & Zipser 1989, Learning sequential structure with the real-time recurrent learning algorithm, Int. J. Neural Systems 1(2)"}, true)
}
