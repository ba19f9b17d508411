package search

import "github.com/joust-bench/joust/optimizers"

// GuessingConfig configures [Guessing].
type GuessingConfig struct {
	Radius     float64 `json:"radius" doc:"weights are uniform in [-radius, radius] (a)" range:"(0,1e6]" scale:"log"`
	Candidates int     `json:"candidates" doc:"guesses of each Ask" range:"[1,100000]" scale:"log"`
}

// Guessing is random weight guessing as Schmidhuber, Hochreiter & Bengio did it:
// every weight is uniform in [-100, 100], whatever was told, until a guess
// solves the task. With p the share of the cube that does, the number of guesses
// is geometric, of mean 1/p and standard deviation sqrt(1-p)/p.
//
// It is made for small recurrent networks with saturated units, which solve
// latch and parity problems by weights of order 10 and more. There it beats
// [Random] with its prior of N(0, 1): four weights of 20 or more are guessed once
// in 39 times, and never from N(0, 1). Where the solutions have weights of order 1,
// it is the other way round.
//
// It is [Random] with a uniform prior, and other defaults.
var Guessing = optimizers.Define(optimizers.Definition{
	Name:    "random-guessing",
	Summary: "Guesses all weights uniformly from a wide cube, without memory, until a guess is right.",
	Refs: []string{
		"Schmidhuber, Hochreiter & Bengio 2001, Evaluating benchmark problems by random guessing, in A Field Guide to Dynamical Recurrent Networks, IEEE Press",
	},
	Memory: func(dim int) int64 { return 8 * int64(dim) * (32 + shortlist) },
}, GuessingConfig{Radius: 100, Candidates: 32}, newGuessing)

func newGuessing(cfg GuessingConfig, p optimizers.Problem) (*random, error) {
	return newRandom(RandomConfig{Mode: "guess", Prior: "uniform", Radius: cfg.Radius, Candidates: cfg.Candidates}, p)
}
