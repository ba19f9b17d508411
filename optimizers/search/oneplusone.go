package search

import (
	"iter"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/noise"
)

// OnePlusOneConfig configures [OnePlusOne].
type OnePlusOneConfig struct {
	Sigma float64 `json:"sigma" doc:"first standard deviation of a step" range:"(0,1000]" scale:"log"`
}

// OnePlusOne is the (1+1) evolution strategy with the 1/5 success rule: steps
// grow when more than one in five is an improvement, and shrink when fewer are.
var OnePlusOne = optimizers.Define(optimizers.Definition{
	Name:    "one-plus-one",
	Summary: "Steps at random, keeps what is better, and aims for one better step in five.",
	Refs:    []string{"Rechenberg 1973, Evolutionsstrategie, Frommann-Holzboog"},
	Memory:  func(dim int) int64 { return 2 * 8 * int64(dim) },
}, OnePlusOneConfig{Sigma: 0.5}, newOnePlusOne)

type onePlusOne struct {
	p     optimizers.Problem
	sigma float64
	step  uint64
	rows  [][]float64 // the parent, which is evaluated again, and its offspring
}

func newOnePlusOne(cfg OnePlusOneConfig, p optimizers.Problem) (*onePlusOne, error) {
	parent, offspring := make([]float64, len(p.Init)), make([]float64, len(p.Init))
	copy(parent, p.Init)
	return &onePlusOne{p: p, sigma: cfg.Sigma, rows: [][]float64{parent, offspring}}, nil
}

func (o *onePlusOne) Ask() ([][]float64, error) {
	copy(o.rows[1], o.rows[0])
	noise.AddNormal(o.rows[1], o.sigma, o.p.Seed, o.step, 0)
	return o.rows, nil
}

func (o *onePlusOne) Tell(evals []optimizers.Evaluation) error {
	o.step++
	// At one success in five the factors cancel: 1.5 * (1.5^(-1/4))^4 = 1.
	const grow, shrink = 1.5, 0.9036020036098449
	if evals[1].Loss < evals[0].Loss {
		o.rows[0], o.rows[1] = o.rows[1], o.rows[0]
		o.sigma = min(grow*o.sigma, 1e3)
	} else {
		o.sigma = max(shrink*o.sigma, 1e-12)
	}
	return nil
}

// Recommend is the parent.
func (o *onePlusOne) Recommend() []float64 { return o.rows[0] }

// Diagnostics reports the standard deviation of a step.
func (o *onePlusOne) Diagnostics() iter.Seq2[string, float64] {
	return func(yield func(string, float64) bool) { yield("sigma", o.sigma) }
}

// The checkpoint: the fields that Tell changes, in a fixed order.
func (o *onePlusOne) state() []any { return []any{&o.sigma, &o.step, o.rows[0]} }

func (o *onePlusOne) MarshalBinary() ([]byte, error) {
	return optimizers.SaveState("one-plus-one/1", o.state()...)
}

func (o *onePlusOne) UnmarshalBinary(data []byte) error {
	return optimizers.LoadState("one-plus-one/1", data, o.state()...)
}
