package host

import (
	"testing"

	"github.com/joust-bench/joust/optimizers/builtin"
	"github.com/joust-bench/joust/optimizers/opttest"
)

// One check makes no sense of an optimizer in another process: the heap of this
// one is not where it holds its memory.
func TestRemoteOptimizersKeepTheContract(t *testing.T) {
	f := serving(builtin.All()...)
	p := f.plugin(t, Options{})
	for _, def := range p.Definitions() {
		if def.Name == "random-guessing" {
			def = opttest.With(def, `{"radius": 3}`) // as in the test of the built-ins
		}
		t.Run(def.Name, func(t *testing.T) {
			for _, c := range opttest.Checks() {
				if c.Name == "MemoryIsAsDeclared" {
					continue
				}
				if err := c.Run(def); err != nil {
					t.Errorf("%s: %v", c.Name, err)
				}
			}
		})
	}
}
