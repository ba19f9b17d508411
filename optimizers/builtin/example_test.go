package builtin_test

import (
	"fmt"

	"github.com/joust-bench/joust/optimizers/builtin"
)

// Everything that a list or a form needs to know of an optimizer is in its
// definition.
func Example() {
	for _, def := range builtin.All() {
		if def.Name != "rprop" {
			continue
		}
		fmt.Printf("%s needs the %s\n", def.Name, def.Need)
		for _, p := range def.Params {
			fmt.Printf("%s: %s, default %s\n", p.Name, p.Type, p.Default)
		}
	}
	// Output:
	// rprop needs the gradient
	// variant: string, default "irprop-"
	// init: float, default 0.1
	// min: float, default 0.000001
	// max: float, default 50
	// up: float, default 1.2
	// down: float, default 0.5
}
