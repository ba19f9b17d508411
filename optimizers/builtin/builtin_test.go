package builtin

import (
	"encoding"
	"testing"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/opttest"
)

func TestContract(t *testing.T) {
	for _, def := range All() {
		if def.Name == "random-guessing" {
			// No guess in a cube of 200 is near the optimum of the sphere; in one of
			// 6 some are.
			def = opttest.With(def, `{"radius": 3}`)
		}
		t.Run(def.Name, func(t *testing.T) { opttest.Run(t, def) })
	}
}

// What the contract leaves open to others, every built-in has: papers, a
// checkpoint, and an answer of its own to what it recommends.
func TestBuiltinsHaveAllThatIsOptional(t *testing.T) {
	names := map[string]bool{}
	for _, def := range All() {
		if names[def.Name] {
			t.Errorf("%s is listed twice", def.Name)
		}
		names[def.Name] = true
		if len(def.Refs) == 0 {
			t.Errorf("%s cites no paper", def.Name)
		}
		opt, err := def.New(nil, optimizers.Problem{Init: make([]float64, max(1, def.MinDim)), Threads: 1})
		if err != nil {
			t.Errorf("%s: %v", def.Name, err)
			continue
		}
		_, marshals := opt.(encoding.BinaryMarshaler)
		_, unmarshals := opt.(encoding.BinaryUnmarshaler)
		if !marshals || !unmarshals {
			t.Errorf("%s has no checkpoint", def.Name)
		}
		_, recommends := opt.(optimizers.Recommender)
		_, lists := opt.(optimizers.Shortlister)
		if recommends == lists {
			t.Errorf("%s: recommends %v, shortlists %v, want one of them", def.Name, recommends, lists)
		}
	}
}
