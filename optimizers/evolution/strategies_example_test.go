package evolution_test

import (
	"fmt"
	"log"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/evolution"
)

// A valley along an axis, a thousand times as steep across it as along: SNES
// learns how long its steps should be in each coordinate.
func ExampleSNES() {
	valley := func(w []float64) float64 {
		x, y := w[0]-3, w[1]+2
		return x*x + 1e6*y*y
	}
	opt, err := evolution.SNES.New(nil, optimizers.Problem{Init: make([]float64, 2), Seed: 1, Threads: 2})
	if err != nil {
		log.Fatal(err)
	}
	for range 200 {
		rows, err := opt.Ask()
		if err != nil {
			log.Fatal(err)
		}
		evals := make([]optimizers.Evaluation, len(rows))
		for k, w := range rows {
			evals[k].Loss = valley(w)
		}
		if err := opt.Tell(evals); err != nil {
			log.Fatal(err)
		}
	}
	w := opt.(optimizers.Recommender).Recommend()
	fmt.Printf("%.3f %.3f\n", w[0], w[1])
	// Output:
	// 3.000 -2.000
}
