package swarm_test

import (
	"fmt"
	"log"
	"math"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/swarm"
)

// The deepest of many valleys.
func ExampleSHADE() {
	opt, err := swarm.SHADE.New(nil, optimizers.Problem{Init: []float64{0, 0}, Seed: 1, Threads: 1})
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
			for i, x := range w {
				d := x - []float64{3, -2}[i]
				evals[k].Loss += d*d + 10*(1-math.Cos(2*math.Pi*d))
			}
		}
		if err := opt.Tell(evals); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Printf("%.2f\n", opt.(optimizers.Shortlister).Shortlist(1)[0])
	// Output:
	// [3.00 -2.00]
}
