package genetic

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/opttest"
)

// As many evaluations as the transcriptions in testdata/medians.py take, which
// share nothing with the code here: the medians of 101 seeds are within 10 % of
// theirs, whose own error is about half of that.
func TestMediansAreThoseOfTranscriptions(t *testing.T) {
	data, err := os.ReadFile("testdata/medians.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Optimizer, Function string
		Dim                 int
		Target              float64
		Config              json.RawMessage
		Q1, Median, Q3      float64
	}
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	defs := []optimizers.Definition{GA, Islands, Steady, Deep, SAMR, CoSyNE}
	covered := map[string]bool{}
	for _, c := range cases {
		covered[c.Optimizer] = true
		t.Run(fmt.Sprintf("%s/%s%d", c.Optimizer, c.Function, c.Dim), func(t *testing.T) {
			i := slices.IndexFunc(defs, func(d optimizers.Definition) bool { return d.Name == c.Optimizer })
			got, err := opttest.Search{
				Definition: defs[i],
				Config:     string(c.Config),
				Function:   opttest.NewFunction(c.Function, c.Dim),
				Target:     c.Target,
				Limit:      200_000,
			}.Tally(101)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%v (%v-%v) evaluations, transcribed %v (%v-%v)", got.Median, got.Q1, got.Q3, c.Median, c.Q1, c.Q3)
			if got.Solved != got.Runs || math.Abs(got.Median/c.Median-1) > 0.1 {
				t.Errorf("%d of %d runs in a median of %v evaluations, want all in %v within 10 %% (%s)",
					got.Solved, got.Runs, got.Median, c.Median, c.Config)
			}
		})
	}
	for _, d := range defs {
		if !covered[d.Name] {
			t.Errorf("%s has no transcription", d.Name)
		}
	}
}
