package bench_test

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/pretrain"
	"github.com/joust-bench/joust/optimizers"
)

// stage is pretraining that a test writes down: it adds a random number to every
// weight, and costs what it says.
type stage struct {
	cost, spent int64
	run         func(ctx context.Context) error // nil: at once
	saw         *int                            // how many input values
}

func (s stage) Cost(network.Shape, network.Specs, int) (int64, error) { return s.cost, nil }

func (s stage) Run(ctx context.Context, _ network.Shape, _ network.Specs, w, x []float64, rng *rand.Rand) (int64, error) {
	if s.saw != nil {
		*s.saw = len(x)
	}
	for i := range w {
		w[i] += rng.NormFloat64()
	}
	if s.run != nil {
		return s.spent, s.run(ctx)
	}
	return s.spent, nil
}

// pretrained is a runner of trials on blobs, whose model has the stage, and of which
// the test sees what optimizers are given.
func pretrained(s stage, given *[]optimizers.Problem) *bench.Runner {
	look := func(name string) optimizers.Definition {
		return define(name, optimizers.NeedGrad, func(p optimizers.Problem) optimizers.Optimizer {
			*given = append(*given, p)
			return &recommending{script{w: slices.Clone(p.Init), ask: oneCandidate, tell: descend}}
		})
	}
	model := bench.DefineModel(bench.Model{Name: "none"}, struct{}{}, func(_ struct{}, in, out network.Shape) (network.Specs, error) {
		return mlp(false)(in, out)
	})
	task := bench.DefineTask(bench.Task{Name: "sphere"}, struct{}{}, func(struct{}, uint64, string) (bench.Data, error) {
		d := blobs(40)
		d.Unlabelled = make([]float64, 2*60)
		return d, nil
	})
	r := runner(task, look("a"), look("b"))
	r.Models = []bench.Model{bench.Pretrained(model, struct{}{}, func(struct{}) pretrain.Stage { return s })}
	return r
}

func pretrainTrial(optimizer string, work float64, wall time.Duration) bench.Trial {
	t := trialOf(optimizer, work)
	t.Task.Config, t.Model.Config = json.RawMessage(`{}`), json.RawMessage(`{}`)
	t.Budget.Wall, t.Precision, t.Batch = wall, "float64", 10
	return t
}

// Pretraining is charged before the first Ask, the curve starts after it, and the
// optimizer expects what is left; all optimizers start from the same weights.
func TestPretrainingIsChargedAndShared(t *testing.T) {
	var given []optimizers.Problem
	saw := 0
	r := pretrained(stage{cost: 200, spent: 170, saw: &saw}, &given)
	for _, name := range []string{"a", "b"} {
		res := runTrial(t, r, pretrainTrial(name, 500, 0))
		if res.Status != bench.Exhausted || res.Reason != "" {
			t.Fatalf("%s: %s (%s), want exhausted", name, res.Status, res.Reason)
		}
		if got := res.Curve[0]; got.Work != (bench.Work{Forward: 170}) || got.Step != 0 {
			t.Errorf("%s: the curve starts at %+v, want 170 units and no step", name, got)
		}
		// A step is 30 units; at 500, 11 of them are spent.
		if res.Steps != 11 || res.Work != (bench.Work{Forward: 170 + 110, Backward: 110}) {
			t.Errorf("%s: %d steps for %+v, want 11 and 170 units more", name, res.Steps, res.Work)
		}
		if res.Timing.Pretrain < 0 || res.Timing.Pretrain > res.Timing.Wall {
			t.Errorf("%s: pretraining took %v of %v", name, res.Timing.Pretrain, res.Timing.Wall)
		}
	}
	if saw != 2*(40+60) {
		t.Errorf("the stage sees %d input values, want those of 40 labelled and 60 unlabelled examples", saw)
	}
	if given[0].Budget != (500-170)/30 {
		t.Errorf("the optimizer expects %d evaluations, want %d", given[0].Budget, (500-170)/30)
	}
	if !slices.Equal(given[0].Init, given[1].Init) {
		t.Error("two optimizers start from different weights")
	}
	var plain []optimizers.Problem
	r = pretrained(stage{}, &plain)
	r.Models[0].Stage = nil
	runTrial(t, r, pretrainTrial("a", 500, 0))
	if slices.Equal(plain[0].Init, given[0].Init) {
		t.Error("the weights are those of no pretraining")
	}
}

func TestPretrainingThatDoesNotFitTheBudgetSaysSo(t *testing.T) {
	var given []optimizers.Problem
	for _, c := range []struct {
		s    stage
		want string
	}{
		{stage{cost: 471}, "a budget of 500 is too small: pretraining costs 471, and one evaluation 30"},
		{stage{cost: 400, spent: 480}, "a budget of 500 is too small: pretraining costs 480, one evaluation 30, and choosing the final point 0"},
		{stage{run: func(context.Context) error { return errors.New("no luck") }}, "no luck"},
	} {
		res := runTrial(t, pretrained(c.s, &given), pretrainTrial("a", 500, 0))
		if res.Status != bench.Failed || res.Reason != c.want {
			t.Errorf("%s: %q, want failed: %q", res.Status, res.Reason, c.want)
		}
	}
}

// untilEnd works until it is told to stop.
func untilEnd(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

// When time is over during pretraining, the starting weights are scored, what was
// spent is charged, and the optimizer makes no step.
func TestPretrainingEndsWithTheWallTime(t *testing.T) {
	var given []optimizers.Problem
	res := runTrial(t, pretrained(stage{spent: 77, run: untilEnd}, &given), pretrainTrial("a", 0, 10*time.Millisecond))
	if res.Status != bench.Exhausted || !strings.Contains(res.Reason, "wall time of 10ms") {
		t.Fatalf("%s: %q, want exhausted, and the wall time", res.Status, res.Reason)
	}
	if res.Steps != 0 || res.Work.Forward != 77 || len(res.Curve) != 1 || res.Timing.Pretrain == 0 {
		t.Errorf("%d steps, %d units, %d points, %v: want 0, 77, 1, and more than 0", res.Steps, res.Work.Forward, len(res.Curve), res.Timing.Pretrain)
	}
	o := supervise(t, blobs(40), bench.Setup{Seed: res.Trial.Seed})
	if !slices.Equal(res.Weights, o.Init()) {
		t.Error("the final weights are not those of before pretraining")
	}
	// Nor does it where a clock says that there is time, and work is left.
	r := pretrained(stage{spent: 77, run: untilEnd}, &given)
	r.Now = func() time.Time { return time.Time{} }
	if res := runTrial(t, r, pretrainTrial("a", 500, 10*time.Millisecond)); res.Status != bench.Exhausted || res.Steps != 0 {
		t.Errorf("%s after %d steps, want exhausted after none", res.Status, res.Steps)
	}
}

func TestPretrainingIsInterrupted(t *testing.T) {
	var given []optimizers.Problem
	ctx, cancel := context.WithCancel(context.Background())
	s := stage{run: func(ctx context.Context) error {
		cancel()
		return untilEnd(ctx)
	}}
	if _, err := pretrained(s, &given).Trial(ctx, pretrainTrial("a", 500, time.Hour), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
}

func TestPretrainingNeedsDataInMemory(t *testing.T) {
	r := runner(sphereTask(sphere{}), gradientDescent())
	r.Models = []bench.Model{bench.Pretrained(noModel, struct{}{}, func(struct{}) pretrain.Stage { return stage{} })}
	res := runTrial(t, r, pretrainTrial("descent", 500, 0))
	if res.Status != bench.Skipped || !strings.Contains(res.Reason, "no data in memory") {
		t.Errorf("%s: %q, want skipped", res.Status, res.Reason)
	}
}
