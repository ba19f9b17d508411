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
	// sgd needs the gradient, and has 13 parameters, the first: lr
	// momentum needs the gradient, and has 13 parameters, the first: lr
	// nesterov needs the gradient, and has 13 parameters, the first: lr
	// adam needs the gradient, and has 14 parameters, the first: lr
	// adamw needs the gradient, and has 14 parameters, the first: lr
	// rmsprop needs the gradient, and has 15 parameters, the first: lr
	// adagrad needs the gradient, and has 12 parameters, the first: lr
	// rprop needs the gradient, and has 6 parameters, the first: variant
	// signsgd needs the gradient, and has 12 parameters, the first: lr
	// signum needs the gradient, and has 12 parameters, the first: lr
	// lion needs the gradient, and has 13 parameters, the first: lr
	// lbfgs needs the gradient, and has 3 parameters, the first: memory
	// cg needs the gradient, and has 3 parameters, the first: beta
	// random-search needs the loss, and has 6 parameters, the first: mode
	// ga needs the loss, and has 10 parameters, the first: population
}
