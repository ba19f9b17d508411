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
