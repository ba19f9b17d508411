package evolution_test

import (
	"fmt"
	"log"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/evolution"
)

// The valley of Rosenbrock's function is narrow and bent. CMA-ES learns where it
// leads.
func ExampleCMAES() {
	rosenbrock := func(w []float64) float64 {
		sum := 0.0
		for i := range len(w) - 1 {
			a, b := w[i], w[i+1]
			sum += 100*(b-a*a)*(b-a*a) + (1-a)*(1-a)
		}
		return sum
	}
	opt, err := evolution.CMAES.New(nil, optimizers.Problem{Init: make([]float64, 8), Seed: 1, Threads: 1})
	if err != nil {
		log.Fatal(err)
	}
	for { // generations of 10, until no step makes a difference
		rows, err := opt.Ask()
		if err != nil {
			log.Fatal(err)
		}
		if len(rows) == 0 {
			break
		}
		evals := make([]optimizers.Evaluation, len(rows))
		for k, w := range rows {
			evals[k].Loss = rosenbrock(w)
		}
		if err := opt.Tell(evals); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Printf("%.3f\n", opt.(optimizers.Recommender).Recommend())
	// Output:
	// [1.000 1.000 1.000 1.000 1.000 1.000 1.000 1.000]
}
