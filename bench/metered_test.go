package bench_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/optimizers"
)

// metered is a sphere whose evaluations cost 4 for each candidate, not the 10 that
// they might.
type metered struct {
	sphere
	spent bench.Work
}

func (m *metered) Evaluate(need optimizers.Need, candidates [][]float64, step int, evals []optimizers.Evaluation) {
	m.sphere.Evaluate(need, candidates, step, evals)
	m.spent = bench.Work{Forward: 4 * int64(len(candidates))}
}

func (m *metered) Spent() bench.Work { return m.spent }

func TestMeteredWorkIsChargedAsSpent(t *testing.T) {
	r := runner(bench.Task{
		Name: "sphere",
		New:  func(json.RawMessage, bench.Setup) (bench.Objective, error) { return &metered{}, nil },
	}, population(10))
	res := runTrial(t, r, trialOf("population", 1000))
	// 125 are set aside for the end; the 22nd Ask starts at 840.
	if want := (bench.Work{Forward: 40*int64(res.Steps) + 10*(7+5) + 5}); res.Work != want || res.Steps != 22 {
		t.Errorf("work %+v in %d steps, want %+v in 22", res.Work, res.Steps, want)
	}
}

func TestUnsuitedModelsAreSkipped(t *testing.T) {
	r := runner(bench.Task{
		Name: "sphere",
		New: func(json.RawMessage, bench.Setup) (bench.Objective, error) {
			return nil, fmt.Errorf("sphere: %w", bench.Unsuited("it reads sequences, and there are none"))
		},
	}, gradientDescent())
	res := runTrial(t, r, trialOf("descent", 1000))
	if want := "none does not suit sphere: it reads sequences, and there are none"; res.Status != bench.Skipped || res.Reason != want {
		t.Errorf("%s (%s), want skipped (%s)", res.Status, res.Reason, want)
	}
}
