package evolution

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/opttest"
)

// strategies are the methods that this file and the next hold to properties that
// all of them have.
func strategies() []optimizers.Definition {
	return []optimizers.Definition{SNES, XNES, MuLambda, OpenAIES, PGPE, LMMAES, CRFMNES}
}

// The median of 25 seeds is within 15 % of that of a transcription of the paper
// in Python, testdata/strategies.py, which shares nothing with this program.
func TestAgreesWithATranscriptionOfThePaper(t *testing.T) {
	data, err := os.ReadFile("testdata/strategies.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Optimizer    string
		Config       json.RawMessage
		Function     string
		N            int
		Target       float64
		Limit, Seeds int
		Solved       int
		Median       float64
	}
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) != 14 {
		t.Fatalf("%d cases, want 14", len(cases))
	}
	for _, c := range cases {
		defs := strategies()
		i := slices.IndexFunc(defs, func(d optimizers.Definition) bool { return d.Name == c.Optimizer })
		if i < 0 {
			t.Fatalf("no optimizer %s", c.Optimizer)
		}
		s := opttest.Search{
			Definition: defs[i], Config: string(c.Config), Function: opttest.NewFunction(c.Function, c.N),
			Target: c.Target, Limit: c.Limit,
		}
		tally, err := s.Tally(c.Seeds)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s on %s, n = %d, to %g: %g (%d solved), transcription %g (%d)",
			c.Optimizer, c.Function, c.N, c.Target, tally.Median, tally.Solved, c.Median, c.Solved)
		// Rosenbrock's local optimum catches as many, but for chance.
		if math.Abs(float64(tally.Solved-c.Solved)) > 4 || math.Abs(tally.Median/c.Median-1) > 0.15 {
			t.Errorf("%s %s on %s, n = %d, to %g: median of %g evaluations, %d solved; want %g within 15 %%, and about %d",
				c.Optimizer, c.Config, c.Function, c.N, c.Target, tally.Median, tally.Solved, c.Median, c.Solved)
		}
	}
}
