package gradient_test

import (
	"encoding/json"
	"fmt"
	"log"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/gradient"
)

// A gradient of the billionth part takes Rprop to the same place, here in seven
// steps on w^2/2 from 1.
func ExampleRprop() {
	for _, scale := range []float64{1, 1e-9} {
		opt, err := gradient.Rprop.New(json.RawMessage(`{"init": 0.1}`), optimizers.Problem{Init: []float64{1}, Threads: 1})
		if err != nil {
			log.Fatal(err)
		}
		for range 7 {
			rows, err := opt.Ask()
			if err != nil {
				log.Fatal(err)
			}
			w := rows[0][0]
			err = opt.Tell([]optimizers.Evaluation{{Loss: scale * w * w / 2, Grad: []float64{scale * w}}})
			if err != nil {
				log.Fatal(err)
			}
		}
		fmt.Printf("%.7f\n", opt.(optimizers.Recommender).Recommend()[0])
	}
	// Output:
	// -0.2915904
	// -0.2915904
}

// A gradient transform is a member of the configuration: here the first step,
// 0.1 times a gradient of 3 and 4, is clipped to a fifth.
func ExampleSGD() {
	opt, err := gradient.SGD.New(json.RawMessage(`{"lr": 0.1, "clip_norm": 1}`), optimizers.Problem{Init: []float64{3, 4}, Threads: 1})
	if err != nil {
		log.Fatal(err)
	}
	rows, err := opt.Ask()
	if err != nil {
		log.Fatal(err)
	}
	w := rows[0]
	if err := opt.Tell([]optimizers.Evaluation{{Loss: (w[0]*w[0] + w[1]*w[1]) / 2, Grad: []float64{w[0], w[1]}}}); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.2f\n", opt.(optimizers.Recommender).Recommend())
	// Output: [2.94 3.92]
}
