package combine_test

import (
	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/noise"
)

type quitterConfig struct {
	After int `json:"after" doc:"steps until it has converged" range:"[1,1000000]"`
}

// quitter looks around the start and soon says that it has converged. It has no
// checkpoint but its step, and recommends the best that it has seen.
var quitter = optimizers.Define(optimizers.Definition{
	Name: "quitter", Summary: "Comes to an end.",
	Memory: func(dim int) int64 { return 3 * 8 * int64(dim) },
}, quitterConfig{After: 3}, func(cfg quitterConfig, p optimizers.Problem) (*quits, error) {
	q := &quits{cfg: cfg, p: p, best: make([]float64, len(p.Init)), rows: [][]float64{make([]float64, len(p.Init))}}
	copy(q.best, p.Init)
	return q, nil
})

type quits struct {
	cfg  quitterConfig
	p    optimizers.Problem
	step uint64
	low  float64
	best []float64
	rows [][]float64
}

func (q *quits) Ask() ([][]float64, error) {
	if q.step == uint64(q.cfg.After) {
		return nil, nil
	}
	if copy(q.rows[0], q.p.Init); q.step > 0 {
		noise.AddNormal(q.rows[0], 1, q.p.Seed, q.step, 0)
	}
	return q.rows, nil
}

func (q *quits) Tell(evals []optimizers.Evaluation) error {
	if q.step == 0 || evals[0].Loss < q.low {
		q.low = evals[0].Loss
		copy(q.best, q.rows[0])
	}
	q.step++
	return nil
}

func (q *quits) Recommend() []float64 { return q.best }

func (q *quits) state() []any { return []any{&q.step, &q.low, q.best} }

func (q *quits) MarshalBinary() ([]byte, error) {
	return optimizers.SaveState("quitter/1", q.state()...)
}

func (q *quits) UnmarshalBinary(data []byte) error {
	return optimizers.LoadState("quitter/1", data, q.state()...)
}
