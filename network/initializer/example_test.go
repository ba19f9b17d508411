package initializer_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/joust-bench/joust/network/initializer"
)

// The weights of 2 units with 3 inputs each.
func Example() {
	init, err := initializer.ByName("he-normal")
	if err != nil {
		fmt.Println(err)
		return
	}
	s := initializer.Shape{Out: 2, In: 3}
	w := make([]float64, s.Len())
	init.Fill(w, s, rand.New(rand.NewPCG(1, 2)))
	fmt.Printf("%d weights of standard deviation %.4f\n", len(w), init.Std(s))
	// Output: 6 weights of standard deviation 0.8165
}
