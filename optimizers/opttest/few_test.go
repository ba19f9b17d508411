package opttest

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/joust-bench/joust/optimizers"
)

// refusingFew is honest, but for a fault, and refuses less than 100 weights.
func refusingFew(fault, why string) optimizers.Definition {
	d := define(fault, false)
	build := d.New
	d.New = func(config json.RawMessage, p optimizers.Problem) (optimizers.Optimizer, error) {
		if n := len(p.Init); n > 0 && n < 100 {
			return nil, fmt.Errorf("%d weights, %s", n, why)
		}
		return build(config, p)
	}
	return d
}

// A method for many weights passes, with weights to spare, if it says how many it
// wants, and its faults are found all the same.
func TestFewWeightsMayBeRefused(t *testing.T) {
	for _, c := range []struct {
		fault, why, check string // the check that finds it; empty: none
	}{
		{"", "want at least 100", ""},
		{"", "too few", "CandidatesAreSound"},
		{"depends on threads", "want at least 100", "ThreadsChangeNothing"},
		{"forgets a part of its state", "want at least 100", "CheckpointContinues"},
		{"recommends NaN", "want at least 100", "CandidatesAreSound"},
	} {
		found := c.check == ""
		for _, check := range Checks() {
			err := check.Run(refusingFew(c.fault, c.why))
			if err != nil && c.check == "" {
				t.Errorf("%s: %v", check.Name, err)
			}
			found = found || err != nil && check.Name == c.check
		}
		if !found {
			t.Errorf("%s passed an optimizer with fault %q that refuses few weights: %s", c.check, c.fault, c.why)
		}
	}
}
