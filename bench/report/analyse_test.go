package report

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/joust-bench/joust/bench"
)

func TestTasksAndContendersKeepTheOrderOfThePlan(t *testing.T) {
	other := func(r bench.Result) bench.Result { r.Trial.Task.Name = "spirals"; return r }
	s := analyse(base("b", "x", 1), other(base("a", "x", 1)), base("a", "x", 1), base("b", "x", 2))
	if len(s.Tasks) != 2 || s.Tasks[0].Label != "xor" || s.Tasks[1].Label != "spirals" {
		t.Fatalf("tasks = %v, want xor, spirals", s.Tasks)
	}
	labels, _ := labelsOf(s) // equal in everything
	if want := []string{"b + x", "a + x"}; !slices.Equal(labels, want) {
		t.Errorf("contenders = %q, want %q", labels, want)
	}
	if got := row(t, s, "b + x").Runs; got != 2 {
		t.Errorf("runs = %d, want 2", got)
	}
	if s.Tasks[0].Seeds != 2 || s.Tasks[1].Seeds != 1 {
		t.Errorf("seeds = %d, %d, want 2, 1", s.Tasks[0].Seeds, s.Tasks[1].Seeds)
	}
}

func TestSameInputSameSummary(t *testing.T) {
	in := []bench.Result{solvedAt("a", "x", 1, forward(10)), solvedAt("a", "x", 2, forward(30)), ends("a", "y", 1, .5, .6), ends("a", "y", 2, .4, .7)}
	a, err := json.Marshal(analyse(in...))
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(analyse(in...))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(a, b) {
		t.Error("two analyses of the same results differ")
	}
	// Another contender does not change a contender's own figures.
	alone, among := row(t, analyse(in[:2]...), "a + x"), row(t, analyse(in...), "a + x")
	if alone.ERT != among.ERT || alone.Value != among.Value {
		t.Errorf("figures change with the company: %v %v, %v %v", alone.ERT, among.ERT, alone.Value, among.Value)
	}
}

func TestRowFigures(t *testing.T) {
	slow := func(r bench.Result, d time.Duration) bench.Result { r.Timing.Wall = d; return r }
	s := analyse(
		slow(solvedAt("a", "x", 1, graded(100)), 2*time.Second),
		slow(ends("a", "x", 2, .3, .8), 4*time.Second),
		failedRun("a", "x", 3), skippedRun("a", "x", 4),
	)
	c := row(t, s, "a + x")
	if c.Runs != 3 || c.Solved != 1 || !near(c.SolvedShare.Value, 1./3) {
		t.Errorf("runs %d, solved %d, share %v; want 3, 1, 1/3", c.Runs, c.Solved, c.SolvedShare.Value)
	}
	// Wilson by hand: n=3, p=1/3, z^2 = 3.8414588: centre (1/3+z^2/6)/(1+z^2/3) and
	// half width z sqrt(p(1-p)/3 + z^2/36)/(1+z^2/3).
	if lo, hi := float64(c.SolvedShare.Lo), float64(c.SolvedShare.Hi); !(lo > .0614 && lo < .0616 && hi > .7923 && hi < .7924) {
		t.Errorf("Wilson interval = [%v, %v], want [0.0615, 0.7923]", lo, hi)
	}
	if !near(c.ERT.Value, 1300) || !near(c.Spent, 1300) { // 300 + 1000 + 0
		t.Errorf("ERT %v, spent %v; want 1300, 1300", c.ERT.Value, c.Spent)
	}
	if !near(c.Loss, .2) || !near(c.Wall, 2) || !near(c.Value.Value, (1+.8+.5)/3) {
		t.Errorf("median loss %v, wall %v, value %v; want 0.2, 2, 0.7667", c.Loss, c.Wall, c.Value.Value)
	}
	want := []StatusCount{{bench.Solved, 1}, {bench.Exhausted, 1}, {bench.Failed, 1}, {bench.Skipped, 1}}
	if !slices.Equal(c.Statuses, want) {
		t.Errorf("statuses = %v, want %v", c.Statuses, want)
	}
}

func TestStuckIsNoBetterThanTheConstantPredictor(t *testing.T) {
	for _, tt := range []struct {
		name  string
		run   bench.Result
		stuck int
	}{
		{"at it", ends("a", "x", 1, .7, .5), 1},
		{"1.9 % below", ends("a", "x", 1, .7*.981, .5), 1},
		{"2.1 % below", ends("a", "x", 1, .7*.979, .5), 0},
		{"far above", ends("a", "x", 1, 7, .5), 1},
		{"far above, after it had learned", with(ends("a", "x", 1, 7, .5), func(r *bench.Result) {
			r.Curve = append(r.Curve, bench.Point{Valid: bench.Score{Loss: .3, Value: .8}})
		}), 0},
		{"solved all the same", with(solvedAt("a", "x", 1, forward(9)), func(r *bench.Result) { r.Valid.Loss = .7 }), 0},
		{"diverged", with(ends("a", "x", 1, .7, .5), func(r *bench.Result) { r.Status = bench.Diverged }), 0},
		{"infinite", ends("a", "x", 1, inf, .5), 0},
		{"unknown", ends("a", "x", 1, nan, .5), 0},
		{"failed", failedRun("a", "x", 1), 0},
	} {
		if got := row(t, analyse(tt.run), "a + x").Stuck; got != tt.stuck {
			t.Errorf("%s: stuck = %d, want %d", tt.name, got, tt.stuck)
		}
	}
}

func TestFailuresAreGroupedByReason(t *testing.T) {
	diverged := with(ends("a", "y", 1, .7, .5), func(r *bench.Result) { r.Status, r.Reason = bench.Diverged, "step 3" })
	s := analyse(failedRun("a", "x", 1), diverged, failedRun("a", "x", 2), skippedRun("a", "z", 1), skippedRun("a", "z", 2),
		with(failedRun("a", "x", 3), func(r *bench.Result) { r.Reason = "other" }), base("a", "ok", 1))
	want := []Failure{
		{"xor", "a + x", bench.Failed, "panic: boom", []uint64{1, 2}, 0},
		{"xor", "a + x", bench.Failed, "other", []uint64{3}, 0},
		{"xor", "a + y", bench.Diverged, "step 3", []uint64{1}, 1000},
		{"xor", "a + z", bench.Skipped, "z needs a gradient", []uint64{1, 2}, 0},
	}
	if !reflect.DeepEqual(s.Failures, want) {
		t.Errorf("failures = %+v, want %+v", s.Failures, want)
	}
}

func TestNotes(t *testing.T) {
	in := Input{Name: "n", Planned: 3, Results: []bench.Result{base("a", "x", 1), base("a", bench.Yardstick, 1)}}
	want := []string{
		"Incomplete: 2 of 3 planned trials have a result; what follows is about those.",
		"Fewer than 5 seeds on xor: no significance is claimed there.",
	}
	if got := Analyse(in).Notes; !slices.Equal(got, want) {
		t.Errorf("notes = %q, want %q", got, want)
	}
	var full []bench.Result
	for seed := range uint64(5) {
		full = append(full, base("a", "x", seed))
	}
	want = []string{"Random search has no score on xor: nothing is flagged there."}
	if got := analyse(full...).Notes; !slices.Equal(got, want) {
		t.Errorf("notes = %q, want %q", got, want)
	}
}
