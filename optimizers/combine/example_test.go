package combine_test

import (
	"encoding/json"
	"fmt"
	"log"
	"math"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/combine"
	"github.com/joust-bench/joust/optimizers/genetic"
	"github.com/joust-bench/joust/optimizers/gradient"
)

// A genetic algorithm finds the basin of the global minimum among many, and Rprop
// its lowest point. Only Rprop's steps are told gradients, and charged for them.
func ExampleThen() {
	def := combine.Then([]optimizers.Definition{genetic.GA, gradient.Rprop})
	opt, err := def.New(json.RawMessage(`{"first": "ga population=50", "second": "rprop", "share": 0.8}`),
		optimizers.Problem{Init: make([]float64, 3), Budget: 2000, Seed: 1, Threads: 2})
	if err != nil {
		log.Fatal(err)
	}
	const minimum = 1.3 // of the Rastrigin function, in each weight
	for work := 0; work < 3*2000; {
		rows, err := opt.Ask()
		if err != nil {
			log.Fatal(err)
		}
		evals := make([]optimizers.Evaluation, len(rows))
		need := opt.(optimizers.Needer).Needs()
		for k, w := range rows {
			if need == optimizers.NeedGrad {
				evals[k].Grad = make([]float64, len(w))
				work += 2
			}
			work++
			for i, x := range w {
				x -= minimum
				evals[k].Loss += x*x + 10*(1-math.Cos(2*math.Pi*x))
				if need == optimizers.NeedGrad {
					evals[k].Grad[i] = 2*x + 20*math.Pi*math.Sin(2*math.Pi*x)
				}
			}
		}
		if err := opt.Tell(evals); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Printf("%.3f\n", opt.(optimizers.Recommender).Recommend())
	// Output:
	// [1.300 1.300 1.300]
}
