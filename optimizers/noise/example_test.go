package noise_test

import (
	"fmt"
	"math"

	"github.com/joust-bench/joust/optimizers/noise"
)

// The noise of candidate 17 in step 1000 needs no other to be drawn before it.
func ExampleNormal() {
	const seed, step, row = 42, 1000, 17
	once, again := make([]float64, 10_000), make([]float64, 100)
	noise.Normal(once, seed, step, row)
	noise.Normal(again, seed, step, row)
	fmt.Println("the same again:", once[99] == again[99])

	squares := 0.0
	for _, z := range once {
		squares += z * z
	}
	fmt.Printf("standard deviation: %.1f\n", math.Sqrt(squares/float64(len(once))))
	// Output:
	// the same again: true
	// standard deviation: 1.0
}
