package builtin_test

import (
	"fmt"

	"github.com/joust-bench/joust/optimizers/builtin"
)

// Everything that a list or a form needs to know of an optimizer is in its
// definition.
func Example() {
	for _, def := range builtin.All() {
		if def.Name == "rprop" || def.Name == "ga" {
			fmt.Printf("%s needs the %s, and has %d parameters, the first: %s\n",
				def.Name, def.Need, len(def.Params), def.Params[0].Name)
		}
	}
	// Output:
	// rprop needs the gradient, and has 6 parameters, the first: variant
	// ga needs the loss, and has 10 parameters, the first: population
}
