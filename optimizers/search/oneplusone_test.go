package search

import (
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/joust-bench/joust/optimizers"
)

// CONTRIBUTING.md shows this optimizer as the example of how one is added.
func TestOnePlusOneIsThatOfTheGuide(t *testing.T) {
	guide, err := os.ReadFile("../../CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("oneplusone.go")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(guide), "```go\n"+string(source)+"```\n") {
		t.Error("CONTRIBUTING.md does not show oneplusone.go as it is")
	}
}

// The rule holds one step in five a success: as long as sigma neither grows nor
// falls by more than the logarithm of the distance does, which is 0.2/n a step at
// the most, a success is worth four failures. And its progress is below the
// most that any sigma allows, a fall of ln |w| by 0.2025/n (Rechenberg 1973), and
// above half of it.
func TestOneStepInFiveIsASuccess(t *testing.T) {
	const n, steps = 30, 6000
	o := newOptimizer(t, OnePlusOne, `{"sigma": 10}`, optimizers.Problem{Init: slices.Repeat([]float64{100}, n), Seed: 2}).(*onePlusOne)
	successes := 0.0
	first := math.Sqrt(dot(o.Recommend(), o.Recommend()))
	done := 0
	for ; done < steps && o.sigma > 1e-9; done++ { // far from its bounds
		_, losses := step(t, o, sphere)
		if losses[1] < losses[0] {
			successes++
		}
	}
	if got := successes / float64(done); math.Abs(got-0.2) > 0.02 {
		t.Errorf("share of steps that are successes = %v, want 0.2 within 0.02", got)
	}
	last := math.Sqrt(dot(o.Recommend(), o.Recommend()))
	if got := math.Log(first/last) / float64(done) * n; got > 0.2025 || got < 0.1 {
		t.Errorf("progress of %v/n a step, want at most 0.2025/n and at least half of it", got)
	}
}
