package search_test

import (
	"encoding/json"
	"fmt"
	"log"
	"math"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/search"
)

// Guessing in [-2, 2] until a weight is right to 1 %.
func ExampleRandom() {
	config := json.RawMessage(`{"prior": "uniform", "radius": 2}`)
	opt, err := search.Random.New(config, optimizers.Problem{Init: []float64{0}, Seed: 1, Threads: 1})
	if err != nil {
		log.Fatal(err)
	}
	for range 100 {
		rows, err := opt.Ask()
		if err != nil {
			log.Fatal(err)
		}
		evals := make([]optimizers.Evaluation, len(rows))
		for k, w := range rows {
			evals[k].Loss = math.Abs(w[0] - math.Sqrt2)
		}
		if err := opt.Tell(evals); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Printf("%.2f\n", opt.(optimizers.Shortlister).Shortlist(1)[0][0])
	// Output:
	// 1.41
}

// Hooke and Jeeves need no more than an order of losses.
func ExamplePattern() {
	opt, err := search.Pattern.New(nil, optimizers.Problem{Init: []float64{0, 0}, Threads: 1})
	if err != nil {
		log.Fatal(err)
	}
	for {
		rows, err := opt.Ask()
		if err != nil {
			log.Fatal(err)
		}
		if len(rows) == 0 {
			break // converged
		}
		evals := make([]optimizers.Evaluation, len(rows))
		for k, w := range rows {
			evals[k].Loss = math.Abs(w[0]-3) + math.Abs(w[1]+2)
		}
		if err := opt.Tell(evals); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Printf("%.2f\n", opt.(optimizers.Recommender).Recommend())
	// Output:
	// [3.00 -2.00]
}
