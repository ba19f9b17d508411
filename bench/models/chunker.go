package models

import (
	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
)

type chunkerConfig struct {
	Levels     int     `json:"levels" doc:"recurrent networks, one above the other; 1: a plain one that predicts its inputs" range:"[1,10]"`
	Hidden     int     `json:"hidden" doc:"units of each level" range:"[1,1000]" scale:"log"`
	Surprise   float64 `json:"surprise" doc:"probability below which a symbol goes on to the next level, above 0.5; 0: where another is more probable" range:"[0,1]"`
	Truncation int     `json:"truncation" doc:"steps of its level that an error is propagated back; 0: all" range:"[0,1000]"`
	Collapse   float64 `json:"collapse" doc:"weight of the loss by which a level learns what the one above knows" range:"[0,100]"`
	Read       string  `json:"read" doc:"what the class is read from: the last level, all, or what the level below knows of the last" choices:"top,all,collapsed"`
}

// chunker is the remedy of 1992: what can be predicted is left out before anything has to
// be remembered, so that what is far apart in time is close together one level up. The
// predictions are trained along with the classes, by every optimizer alike: their losses
// are in the loss.
func chunker() bench.Model {
	return bench.DefineModel(bench.Model{
		Name:    "chunker",
		Summary: "recurrent networks that learn to predict sequences of symbols, each seeing only what surprised the one below: long lags become short ones",
		Refs: []string{
			"Schmidhuber 1992, Learning complex, extended sequences using the principle of history compression, doi:10.1162/neco.1992.4.2.234",
			"Schmidhuber 1991, Neural sequence chunkers, technical report FKI-148-91, TU München",
		},
	}, chunkerConfig{Levels: 2, Hidden: 32, Surprise: 0.95, Truncation: 3, Read: "top"}, func(c chunkerConfig, in, out network.Shape) (network.Specs, error) {
		if len(in) != 2 || in[1] < 2 {
			return nil, unsuited(in, "sequences of two symbols or more, (T, F)")
		}
		s := network.Specs{network.Chunker{
			Levels: c.Levels, Hidden: c.Hidden, Surprise: c.Surprise, Truncation: c.Truncation, Collapse: c.Collapse, Read: c.Read,
		}}
		return readout(s, out, network.Dense{}), nil
	})
}
