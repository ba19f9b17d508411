package conformance

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

// Some of the checks on an optimizer that is made without a weight.
func Example() {
	i := slices.IndexFunc(mutants(), func(m mutant) bool { return m.name == "makes one weight of none" })
	subject := mutants()[i].subject() // of a plugin: one of Open's Subjects

	checks := slices.DeleteFunc(Checks(), func(c Check) bool {
		return !strings.HasPrefix(c.Name, "tell/") && c.Name != "init/dimension-zero" && c.Name != "init/start-not-finite"
	})
	var count Count
	Run(context.Background(), subject, checks, Options{Parallel: 2, Timeout: 10 * time.Second}, func(r Result) {
		count.Add(r)
		if err := WriteText(os.Stdout, r); err != nil {
			fmt.Println(err)
		}
	})
	fmt.Printf("%s: %d ok, %d failed\n", count.Optimizer, count.OK, count.Failed)
	// Output:
	// FAIL init/dimension-zero: taken, want an error of kind invalid
	// ok   init/start-not-finite
	// ok   tell/wrong-count
	// ok   tell/twice
	// ok   tell/unknown-batch
	// n/a  tell/gradients: it needs the loss alone
	// climber: 4 ok, 1 failed
}
