package optimizers_test

import (
	"encoding/json"
	"fmt"
	"log"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/noise"
)

// HillClimbConfig is the whole of what a user can set, with its documentation.
type HillClimbConfig struct {
	Sigma float64 `json:"sigma" doc:"standard deviation of a step" range:"(0,100]" scale:"log"`
}

// HillClimb is a complete optimizer: it steps at random from the best point.
var HillClimb = optimizers.Define(optimizers.Definition{
	Name:    "hill-climb",
	Summary: "Steps at random and keeps what is better.",
	Memory:  func(dim int) int64 { return 2 * 8 * int64(dim) },
}, HillClimbConfig{Sigma: 0.1}, newHillClimb)

type hillClimb struct {
	sigma float64
	p     optimizers.Problem
	step  uint64
	rows  [][]float64 // the best point, evaluated again, and a step from it
}

func newHillClimb(cfg HillClimbConfig, p optimizers.Problem) (*hillClimb, error) {
	h := &hillClimb{sigma: cfg.Sigma, p: p, rows: [][]float64{make([]float64, len(p.Init)), make([]float64, len(p.Init))}}
	copy(h.rows[0], p.Init)
	return h, nil
}

func (h *hillClimb) Ask() ([][]float64, error) {
	copy(h.rows[1], h.rows[0])
	noise.AddNormal(h.rows[1], h.sigma, h.p.Seed, h.step, 0)
	return h.rows, nil
}

func (h *hillClimb) Tell(evals []optimizers.Evaluation) error {
	h.step++
	if evals[1].Loss < evals[0].Loss {
		h.rows[0], h.rows[1] = h.rows[1], h.rows[0]
	}
	return nil
}

func (h *hillClimb) Recommend() []float64 { return h.rows[0] }

// An optimizer is a configuration struct, Ask and Tell. The loop is the user's.
func Example() {
	problem := optimizers.Problem{Init: []float64{0, 0}, Seed: 1, Threads: 1}
	opt, err := HillClimb.New(json.RawMessage(`{"sigma": 0.2}`), problem)
	if err != nil {
		log.Fatal(err)
	}
	for range 200 {
		candidates, err := opt.Ask()
		if err != nil {
			log.Fatal(err)
		}
		evals := make([]optimizers.Evaluation, len(candidates))
		for k, w := range candidates {
			evals[k].Loss = (w[0]-1)*(w[0]-1) + (w[1]+2)*(w[1]+2)
		}
		if err := opt.Tell(evals); err != nil {
			log.Fatal(err)
		}
	}
	w := opt.(optimizers.Recommender).Recommend()
	fmt.Printf("%.1f %.1f\n", w[0], w[1])

	_, err = HillClimb.New(json.RawMessage(`{"sigm": 0.2}`), problem)
	fmt.Println(err)
	// Output:
	// 1.0 -2.0
	// hill-climb: "sigm": no such member, did you mean sigma? (members: sigma)
}
