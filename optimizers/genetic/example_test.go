package genetic_test

import (
	"fmt"
	"log"
	"math"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/genetic"
)

// The Rastrigin function has a local minimum at every point with whole
// coordinates; a genetic algorithm is not stopped by them.
func ExampleGA() {
	rastrigin := func(w []float64) float64 {
		sum := 0.0
		for _, x := range w {
			x -= 1.3 // the global minimum
			sum += x*x + 10*(1-math.Cos(2*math.Pi*x))
		}
		return sum
	}
	opt, err := genetic.GA.New(nil, optimizers.Problem{Init: make([]float64, 5), Seed: 1, Threads: 2})
	if err != nil {
		log.Fatal(err)
	}
	for range 100 { // generations of 100
		rows, err := opt.Ask()
		if err != nil {
			log.Fatal(err)
		}
		evals := make([]optimizers.Evaluation, len(rows))
		for k, w := range rows {
			evals[k].Loss = rastrigin(w)
		}
		if err := opt.Tell(evals); err != nil {
			log.Fatal(err)
		}
	}
	best := opt.(optimizers.Shortlister).Shortlist(1)[0]
	fmt.Println("in the global minimum:", rastrigin(best) < 1)
	// Output:
	// in the global minimum: true
}
