package builtin_test

import (
	"fmt"

	"github.com/joust-bench/joust/optimizers/builtin"
)

// Everything that a list or a form needs to know of an optimizer is in its
// definition.
func Example() {
	for _, def := range builtin.All() {
		fmt.Printf("%s needs the %s, and has %d parameters, the first: %s\n",
			def.Name, def.Need, len(def.Params), def.Params[0].Name)
	}
	// Output:
	// sgd needs the gradient, and has 8 parameters, the first: lr
	// rprop needs the gradient, and has 6 parameters, the first: variant
	// random-search needs the loss, and has 6 parameters, the first: mode
	// ga needs the loss, and has 14 parameters, the first: population
	// ga-islands needs the loss, and has 17 parameters, the first: islands
	// ga-steady needs the loss, and has 13 parameters, the first: population
	// deep-ga needs the loss, and has 7 parameters, the first: population
	// samr-ga needs the loss, and has 6 parameters, the first: population
	// cosyne needs the loss, and has 9 parameters, the first: population
	// then needs the gradient, and has 3 parameters, the first: first
	// restart needs the gradient, and has 4 parameters, the first: optimizer
	// portfolio needs the gradient, and has 2 parameters, the first: optimizers
}
