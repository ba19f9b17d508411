package genetic

import (
	"testing"

	"github.com/joust-bench/joust/optimizers"
)

// A step allocates the two or three small things that going parallel takes. In
// those on eaopt, whose clones are allocated, ga_test.go limits the bytes.
func TestStepsHardlyAllocate(t *testing.T) {
	for _, def := range []optimizers.Definition{Steady, Deep, SAMR, CoSyNE} {
		opt, err := def.New(nil, optimizers.Problem{Init: make([]float64, 500), Threads: 1})
		if err != nil {
			t.Fatal(err)
		}
		evals := make([]optimizers.Evaluation, 100)
		for k := range evals {
			evals[k].Loss = float64(k * 7 % 100)
		}
		once := func() {
			rows, err := opt.Ask()
			if err != nil {
				t.Fatal(err)
			}
			if err := opt.Tell(evals[:len(rows)]); err != nil {
				t.Fatal(err)
			}
		}
		for range 20 {
			once()
		}
		if got := testing.AllocsPerRun(50, once); got > 3 {
			t.Errorf("%s allocates %v times a step, want at most 3", def.Name, got)
		}
	}
}
