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
	// ga needs the loss, and has 10 parameters, the first: population
	// cma-es needs the loss, and has 4 parameters, the first: sigma
	// sep-cma-es needs the loss, and has 2 parameters, the first: sigma
	// xnes needs the loss, and has 4 parameters, the first: population
	// snes needs the loss, and has 5 parameters, the first: population
	// cr-fm-nes needs the loss, and has 2 parameters, the first: population
	// lm-ma-es needs the loss, and has 3 parameters, the first: population
	// mu-lambda-es needs the loss, and has 4 parameters, the first: population
	// openai-es needs the loss, and has 7 parameters, the first: population
	// pgpe needs the loss, and has 7 parameters, the first: population
}
