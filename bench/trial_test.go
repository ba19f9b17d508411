package bench_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/optimizers"
)

func runTrial(t *testing.T, r *bench.Runner, trial bench.Trial) bench.Result {
	t.Helper()
	res, err := r.Trial(context.Background(), trial, nil)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// A gradient step on a minibatch of 10 costs 30, and a population of 10 on it
// costs 100: forward passes are 1 each, backward passes 2.
func TestWorkIsCharged(t *testing.T) {
	const calibration = 5 // of the final point
	descent, pop := gradientDescent(), population(10)
	r := runner(sphereTask(sphere{}), descent, pop)

	res := runTrial(t, r, trialOf("descent", 300))
	want := bench.Work{Forward: 10*int64(res.Steps) + calibration, Backward: 10 * int64(res.Steps)}
	if res.Work != want || res.Evaluations != res.Steps {
		t.Errorf("descent: work %+v in %d steps and %d evaluations, want %+v", res.Work, res.Steps, res.Evaluations, want)
	}
	if got := (bench.Work{Forward: 10, Backward: 10}).Units(bench.DefaultGradCost); got != 30 {
		t.Errorf("a gradient step on 10 examples = %g units, want 30", got)
	}
	// 300 less the 5 reserved: after the tenth step 300 are spent.
	if res.Steps != 10 {
		t.Errorf("descent: %d steps in a budget of 300, want 10", res.Steps)
	}

	// The shortlist of ten is evaluated again, at 7 + 5 each.
	res = runTrial(t, r, trialOf("population", 1000))
	if want := (bench.Work{Forward: 100*int64(res.Steps) + 10*(7+5) + calibration}); res.Work != want {
		t.Errorf("population: work %+v in %d steps, want %+v", res.Work, res.Steps, want)
	}
	if res.Steps != 9 { // 1000 - 125 reserved: the ninth Ask starts at 800
		t.Errorf("population: %d steps in a budget of 1000, want 9", res.Steps)
	}
}

func TestBudgetIsExceededByAtMostOneAsk(t *testing.T) {
	for _, n := range []int{1, 3, 8, 50} {
		r := runner(sphereTask(sphere{}), population(n))
		for budget := 140.0 + 10; budget < 1500; budget += 37 {
			res := runTrial(t, r, trialOf("population", budget))
			if res.Status != bench.Exhausted {
				t.Fatalf("population of %d, budget %g: %s (%s), want exhausted", n, budget, res.Status, res.Reason)
			}
			spent, ask := res.Work.Units(3), float64(10*n)
			full := res.Evaluations >= 10 // the shortlist, whose cost is set aside
			if spent >= budget+ask || full && spent+ask < budget {
				t.Errorf("population of %d: spent %g of %g, want within one Ask of %g", n, spent, budget, ask)
			}
		}
	}
}

func TestBudgetTooSmallSaysWhatIsNeeded(t *testing.T) {
	r := runner(sphereTask(sphere{}), population(2))
	res := runTrial(t, r, trialOf("population", 100))
	if res.Status != bench.Failed || !strings.Contains(res.Reason, "one evaluation costs 10, and choosing the final point 125") {
		t.Errorf("%s: %s", res.Status, res.Reason)
	}
}

// needing asks for gradients at every third step.
type needing struct {
	script
	asked int
}

func (n *needing) Ask() ([][]float64, error) {
	n.asked++
	return n.script.Ask()
}

func (n *needing) Needs() optimizers.Need {
	if n.asked%3 == 0 {
		return optimizers.NeedGrad
	}
	return optimizers.NeedLoss
}

// What a step does not need is not charged.
func TestNeedOfAStepIsWhatIsCharged(t *testing.T) {
	def := define("needing", optimizers.NeedGrad, func(p optimizers.Problem) optimizers.Optimizer {
		return &needing{script: script{w: slices.Clone(p.Init), ask: oneCandidate, tell: func(step int, _ []float64, evals []optimizers.Evaluation) error {
			if step == 8 {
				return optimizers.ErrDiverged
			}
			return nil
		}}}
	})
	res := runTrial(t, runner(sphereTask(sphere{}), def), trialOf("needing", 1e6))
	steps := int64(res.Steps)
	if want := (bench.Work{Forward: 10 * steps, Backward: 10 * (steps / 3)}); res.Work.Forward < want.Forward || res.Work.Backward != want.Backward || steps < 8 {
		t.Errorf("%d steps: work %+v, want %+v", steps, res.Work, want)
	}
}

func TestEveryEndingHasItsStatus(t *testing.T) {
	wrongLength := func(_ int, w []float64) ([][]float64, error) { return [][]float64{w, w[1:]}, nil }
	crash := func(int, []float64, []optimizers.Evaluation) error {
		var none []int
		_ = none[3]
		return nil
	}
	for _, tt := range []struct {
		name   string
		task   sphere
		def    optimizers.Definition
		status bench.Status
		reason string
	}{
		{"solved", sphere{target: 0.5}, gradientDescent(), bench.Solved, ""},
		{"exhausted", sphere{}, gradientDescent(), bench.Exhausted, ""},
		{"converged", sphere{}, scripted("o", func(step int, w []float64) ([][]float64, error) {
			if step == 3 {
				return nil, nil
			}
			return [][]float64{w}, nil
		}, nothing), bench.Converged, ""},
		{"diverged", sphere{nan: 4}, gradientDescent(), bench.Diverged, "step 4: the gradient is not finite (loss +Inf)"},
		{"gradient diverged", sphere{nanGrad: true}, gradientDescent(), bench.Diverged, "step 1: the gradient is not finite (loss 3)"},
		{"tell says diverged", sphere{}, scripted("o", oneCandidate, func(int, []float64, []optimizers.Evaluation) error {
			return fmt.Errorf("lr 9: %w", optimizers.ErrDiverged)
		}), bench.Diverged, "step 1: lr 9: diverged"},
		{"gradient-free goes on", sphere{nan: 4}, population(2), bench.Exhausted, ""},
		{"skipped", sphere{noGrad: true}, gradientDescent(), bench.Skipped, "descent needs a gradient: the loss is a step function"},
		{"ask fails", sphere{}, scripted("o", brokenAsk, nothing), bench.Failed, "ask: step 2: broken on purpose"},
		{"tell fails", sphere{}, scripted("o", oneCandidate, func(int, []float64, []optimizers.Evaluation) error { return errBroken }), bench.Failed, "tell: broken on purpose"},
		{"wrong length", sphere{}, scripted("o", wrongLength, nothing), bench.Failed, "ask: candidate 1 has 2 weights, want 3"},
		{"crash", sphere{}, scripted("o", oneCandidate, crash), bench.Failed, "panic: runtime error: index out of range [3] with length 0 at bench/trial_test.go:"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			res := runTrial(t, runner(sphereTask(tt.task), tt.def), trialOf(tt.def.Name, 5000))
			if res.Status != tt.status || !strings.HasPrefix(res.Reason, tt.reason) || tt.reason == "" && res.Reason != "" {
				t.Errorf("%s (%s), want %s (%s)", res.Status, res.Reason, tt.status, tt.reason)
			}
			if res.Status == bench.Solved != (res.Hit != nil) {
				t.Errorf("status %s with hit %v", res.Status, res.Hit)
			}
		})
	}
}

func TestTooMuchMemoryIsRefused(t *testing.T) {
	def := population(2)
	def.Memory = func(dim int) int64 { return int64(dim) * 4e9 }
	r := runner(sphereTask(sphere{}), def)
	r.Memory = 10e9
	res := runTrial(t, r, trialOf("population", 5000))
	if res.Status != bench.Skipped || !strings.Contains(res.Reason, "needs 12 GB for 3 weights, more than the 10 GB") {
		t.Errorf("%s (%s)", res.Status, res.Reason)
	}
}

// A hanging optimizer costs its own trial and no other.
func TestHangingTrialTimesOut(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	hang := scripted("hang", func(int, []float64) ([][]float64, error) { <-release; return nil, nil }, nothing)
	r := runner(sphereTask(sphere{}), hang)
	r.Patience = 50 * time.Millisecond
	r.Now = func() time.Time { return time.Time{} } // it gets to hang, however slow the machine is
	trial := trialOf("hang", 0)
	trial.Budget.Wall = 10 * time.Millisecond
	res := runTrial(t, r, trial)
	if res.Status != bench.Failed || !strings.HasPrefix(res.Reason, "timed out: still busy") {
		t.Errorf("%s (%s), want failed (timed out)", res.Status, res.Reason)
	}
}

// What an optimizer is given: the same start for all, a stream of its own for
// each seed, and the number of evaluations that the budget allows.
func TestProblem(t *testing.T) {
	var got []optimizers.Problem
	note := func(p optimizers.Problem) optimizers.Optimizer {
		got = append(got, p)
		return &script{ask: func(int, []float64) ([][]float64, error) { return nil, nil }}
	}
	r := runner(sphereTask(sphere{}), define("free", optimizers.NeedLoss, note), define("grad", optimizers.NeedGrad, note))
	r.Threads = 3
	for _, seed := range []uint64{1, 2} {
		for _, o := range []string{"free", "grad"} {
			trial := trialOf(o, 3000)
			trial.Seed = seed
			runTrial(t, r, trial)
		}
	}
	if got[0].Budget != 300 || got[1].Budget != 100 {
		t.Errorf("budgets %d and %d, want 300 losses or 100 gradients of 10 examples in 3000 units", got[0].Budget, got[1].Budget)
	}
	if got[0].Seed != got[1].Seed || got[0].Seed == got[2].Seed || got[0].Seed == 1 {
		t.Errorf("seeds %d %d %d, want one of its own for each trial seed", got[0].Seed, got[1].Seed, got[2].Seed)
	}
	if got[0].Threads != 3 || !slices.Equal(got[0].Init, got[1].Init) {
		t.Errorf("problem %+v, want 3 threads and the same start", got[0])
	}
}

// What a trial that was given up still does is nobody's business.
func TestGivenUpTrialIsSilent(t *testing.T) {
	release, told := make(chan struct{}), make(chan struct{})
	late := scripted("late", func(_ int, w []float64) ([][]float64, error) {
		<-release
		return slices.Repeat([][]float64{w}, 20), nil
	},
		func(int, []float64, []optimizers.Evaluation) error { close(told); return nil })
	r := runner(sphereTask(sphere{}), late)
	r.Patience = 10 * time.Millisecond
	trial := trialOf("late", 0)
	trial.Budget.Wall = 10 * time.Millisecond
	var calls atomic.Int32
	if _, err := r.Trial(context.Background(), trial, func(bench.Point, float64) { calls.Add(1) }); err != nil {
		t.Fatal(err)
	}
	before := calls.Load()
	close(release)
	<-told
	time.Sleep(20 * time.Millisecond) // its checkpoint follows at once
	if after := calls.Load(); before != 1 || after != before {
		t.Errorf("%d calls of progress before and %d after the trial was given up, want 1 for the start and no more", before, after)
	}
}

// A result that is complete when the run is interrupted is not thrown away.
func TestFinishedTrialIsSavedThoughInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	last := scripted("last", func(int, []float64) ([][]float64, error) { cancel(); return nil, nil }, nothing)
	r := runner(sphereTask(sphere{}), last)
	if err := r.Run(ctx, []bench.Trial{trialOf("last", 2000)}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
	if n := r.Store.(*memory).saves; n != 1 {
		t.Errorf("%d results saved, want the one that was complete", n)
	}
}

func TestWallTimeEndsATrial(t *testing.T) {
	r := runner(sphereTask(sphere{}), population(1))
	clock := time.Unix(0, 0)
	r.Now = func() time.Time { clock = clock.Add(time.Millisecond); return clock }
	trial := trialOf("population", 0)
	trial.Budget.Wall = time.Second
	res := runTrial(t, r, trial)
	if res.Status != bench.Exhausted || res.Steps == 0 || res.Timing.Wall < time.Second {
		t.Errorf("%s after %d steps and %v, want exhausted after 1 s", res.Status, res.Steps, res.Timing.Wall)
	}
}

func TestInterruptedTrialIsNoResult(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	stop := scripted("o", oneCandidate, func(step int, _ []float64, _ []optimizers.Evaluation) error {
		if step == 3 {
			cancel()
		}
		return nil
	})
	r := runner(sphereTask(sphere{}), stop)
	if _, err := r.Trial(ctx, trialOf("o", 1e6), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
}

// Checkpoints are at the same work for everybody: 32 to a decade over three
// decades, the start and the end.
func TestCheckpointsAreAtFixedWork(t *testing.T) {
	r := runner(sphereTask(sphere{}), population(1))
	res := runTrial(t, r, trialOf("population", 1e6))
	if got := len(res.Curve); got != 98 {
		t.Errorf("%d points, want 98: the start, 96 a 32nd of a decade apart, and the last", got)
	}
	if res.Curve[0].Step != 0 || !math.IsNaN(res.Curve[0].Train) {
		t.Errorf("the first point is %+v, want one before the first step", res.Curve[0])
	}
	for i, p := range res.Curve[1:] {
		want := 1000 * math.Pow(10, float64(i)/32)
		if got := p.Work.Units(3); got < min(want, 1e6-130) || got > want+10 {
			t.Errorf("point %d at work %g, want the first step at or after %g", i+1, got, want)
		}
	}
	if got := len(res.Probes); got != 14 {
		t.Errorf("%d probes, want 14: the start, every eighth checkpoint before the end, and the end", got)
	}
}

// Validation must not change what an optimizer is told or charged.
func TestScoringIsFree(t *testing.T) {
	n := 0
	r := runner(sphereTask(sphere{scored: &n}), gradientDescent())
	res := runTrial(t, r, trialOf("descent", 3000))
	if n < 40 {
		t.Fatalf("scored %d times, want a check of something", n)
	}
	if got, want := res.Work.Units(3), float64(30*res.Steps+5); got != want {
		t.Errorf("work %g, want %g for the steps and the final calibration alone", got, want)
	}
}

// A candidate that was lucky on one minibatch does not become the result: the
// ten best are evaluated again on other data.
func TestFinalPointIsEvaluatedAgain(t *testing.T) {
	lucky := &sphere{}
	task := bench.Task{Name: "sphere", New: sphereTask(*lucky).New}
	liar := scripted("o", func(step int, w []float64) ([][]float64, error) {
		good, bad := []float64{0.9, 0.9, 0.9}, []float64{5, 5, 5}
		if step == 3 {
			return nil, nil
		}
		return [][]float64{good, bad}, nil
	}, nothing)
	r := runner(task, liar)
	r.Tasks[0].New = func(json.RawMessage, bench.Setup) (bench.Objective, error) { return &flattering{}, nil }
	res := runTrial(t, r, trialOf("o", 5000))
	if !slices.Equal(res.Weights, []float64{0.9, 0.9, 0.9}) {
		t.Errorf("final weights %v, want those that validate best", res.Weights)
	}
}

// flattering tells every bad candidate that it is good.
type flattering struct{ sphere }

func (f *flattering) Evaluate(_ optimizers.Need, candidates [][]float64, _ int, evals []optimizers.Evaluation) {
	for i, w := range candidates {
		evals[i].Loss = -f.at(w)
	}
}

func TestRunStoresEveryTrialOnceAndResumes(t *testing.T) {
	r := runner(sphereTask(sphere{}), gradientDescent(), population(3), scripted("broken", brokenAsk, nothing))
	store := r.Store.(*memory)
	var trials []bench.Trial
	for seed := range uint64(4) {
		for _, o := range []string{"descent", "population", "broken"} {
			trial := trialOf(o, 2000)
			trial.Seed = seed
			trials = append(trials, trial)
		}
	}
	if err := r.Run(context.Background(), trials[:5]); err != nil {
		t.Fatal(err)
	}
	r.Workers = 3
	seen := make(map[bench.EventKind]int)
	r.Events = func(e bench.Event) { seen[e.Kind]++ }
	if err := r.Run(context.Background(), trials); err != nil {
		t.Fatal(err)
	}
	if store.saves != 12 || len(store.results) != 12 {
		t.Errorf("%d saves of %d results, want 12 of 12", store.saves, len(store.results))
	}
	if seen[bench.Cached] != 5 || seen[bench.Started] != 7 || seen[bench.Finished] != 7 {
		t.Errorf("events %v, want 5 cached, 7 started and finished", seen)
	}
	failed := 0
	for _, res := range store.results {
		if res.Status == bench.Failed {
			failed++
		}
	}
	if failed != 4 {
		t.Errorf("%d failed, want the 4 broken ones", failed)
	}
}

func TestStoreErrorEndsTheRun(t *testing.T) {
	r := runner(sphereTask(sphere{}), population(3))
	r.Store = &memory{fail: fmt.Errorf("disk full")}
	trials := []bench.Trial{trialOf("population", 2000), trialOf("population", 3000)}
	if err := r.Run(context.Background(), trials); err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("error %v, want disk full", err)
	}
}

func TestTrialIDIsItsContent(t *testing.T) {
	base := trialOf("descent", 100)
	seen := map[string]string{base.ID(): "base"}
	change := func(what string, f func(*bench.Trial)) {
		trial := base
		f(&trial)
		if other, ok := seen[trial.ID()]; ok {
			t.Errorf("%s has the ID of %s", what, other)
		}
		seen[trial.ID()] = what
	}
	change("task", func(t *bench.Trial) { t.Task.Name = "x" })
	change("task config", func(t *bench.Trial) { t.Task.Config = []byte(`{"n":1}`) })
	change("model", func(t *bench.Trial) { t.Model.Name = "x" })
	change("optimizer config", func(t *bench.Trial) { t.Optimizer.Config = []byte(`{"lr":1}`) })
	change("seed", func(t *bench.Trial) { t.Seed++ })
	change("batch", func(t *bench.Trial) { t.Batch = 7 })
	change("work", func(t *bench.Trial) { t.Budget.Work++ })
	change("wall", func(t *bench.Trial) { t.Budget.Wall++ })
	change("grad cost", func(t *bench.Trial) { t.GradCost++ })
	change("precision", func(t *bench.Trial) { t.Precision = "float32" })
	if base.ID() != trialOf("descent", 100).ID() {
		t.Error("equal trials have different IDs")
	}
}

// What goes into an ID, and in which form, is written down here a second time: whoever
// changes it, or raises the format, sees that no result of before will be found.
func TestTrialIDCovers(t *testing.T) {
	trial := bench.Trial{
		Task:      bench.Part{Name: "xor", Config: json.RawMessage(`{"noise":0}`)},
		Model:     bench.Part{Name: "plain", Config: json.RawMessage(`{"depth":1}`)},
		Optimizer: bench.Part{Name: "adam", Config: json.RawMessage(`{"lr":0.01}`)},
		Seed:      7, Batch: 50, Budget: bench.Budget{Work: 1e6, Wall: time.Minute}, GradCost: 3, Precision: "float32",
	}
	const content = `{"format":2,` +
		`"task":{"name":"xor","config":{"noise":0}},` +
		`"model":{"name":"plain","config":{"depth":1}},` +
		`"optimizer":{"name":"adam","config":{"lr":0.01}},` +
		`"seed":7,"batch":50,"budget":{"work":1000000,"wall":60000000000},"grad_cost":3,"precision":"float32"}`
	if got, want := trial.ID(), fmt.Sprintf("%x", sha256.Sum256([]byte(content)))[:16]; got != want {
		t.Errorf("ID %s, want %s, the hash of %s", got, want, content)
	}
	// A plugin adds what its results come from, and takes nothing away.
	trial.Origin = &optimizers.Origin{Plugin: "my-es", Version: "0.1.0", Hash: "sha256:12", Runtime: []string{"python 3.11.2"}}
	plugin := strings.TrimSuffix(content, "}") +
		`,"origin":{"plugin":"my-es","version":"0.1.0","hash":"sha256:12","runtime":["python 3.11.2"]}}`
	if got, want := trial.ID(), fmt.Sprintf("%x", sha256.Sum256([]byte(plugin)))[:16]; got != want {
		t.Errorf("ID %s, want %s, the hash of %s", got, want, plugin)
	}
	// A new field of a trial belongs above.
	if n := reflect.TypeFor[bench.Trial]().NumField(); n != 9 {
		t.Errorf("a trial has %d fields, and this test knows 9", n)
	}
}
