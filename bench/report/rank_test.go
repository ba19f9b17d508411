package report

import (
	"slices"
	"testing"
	"time"

	"github.com/joust-bench/joust/bench"
)

// labelsOf lists contenders in the order of the leaderboard.
func labelsOf(s Summary) (labels []string, ranks []int) {
	for _, c := range s.Tasks[0].Contenders {
		labels, ranks = append(labels, c.Label), append(ranks, c.Rank)
	}
	return labels, ranks
}

func TestRankedBySolvedShareThenWorkThenValueAtEqualWork(t *testing.T) {
	s := analyse(
		ends("a", "never-good", 1, .3, .8), ends("a", "never-good", 2, .3, .8),
		ends("a", "never-bad", 1, .6, .6), ends("a", "never-bad", 2, .6, .6),
		solvedAt("a", "half", 1, forward(10)), ends("a", "half", 2, .7, .5), // ERT (10+1000)/1
		solvedAt("a", "slow", 1, forward(800)), solvedAt("a", "slow", 2, forward(900)), // ERT 850
		solvedAt("a", "fast", 1, graded(100)), solvedAt("a", "fast", 2, graded(200)), // ERT (300+600)/2
	)
	labels, ranks := labelsOf(s)
	want := []string{"a + fast", "a + slow", "a + half", "a + never-good", "a + never-bad"}
	if !slices.Equal(labels, want) || !slices.Equal(ranks, []int{1, 2, 3, 4, 5}) {
		t.Errorf("order = %q %v, want %q 1 to 5", labels, ranks, want)
	}
	for label, want := range map[string]float64{"a + fast": 450, "a + slow": 850, "a + half": 1010, "a + never-bad": inf} {
		if got := row(t, s, label).ERT.Value; !near(got, want) {
			t.Errorf("%s: ERT = %v, want %v", label, got, want)
		}
	}
	if got := row(t, s, "a + never-good").AtEqualWork; !near(got, .8) {
		t.Errorf("value at equal work = %v, want 0.8", got)
	}
}

func TestWithoutTargetRankedByTestMetric(t *testing.T) {
	// Validation says the opposite, which must not matter.
	run := func(optimizer string, test float64) bench.Result {
		return with(ends("a", optimizer, 1, .5, 1-test), func(r *bench.Result) {
			r.Goal, r.Test.Value = goal(rmse, nan), test
		})
	}
	labels, _ := labelsOf(analyse(run("worst", .9), run("best", .1), run("middle", .4)))
	if want := []string{"a + best", "a + middle", "a + worst"}; !slices.Equal(labels, want) {
		t.Errorf("lower is better: order = %q, want %q", labels, want)
	}
	run = func(optimizer string, test float64) bench.Result {
		return with(ends("a", optimizer, 1, .5, .5), func(r *bench.Result) {
			r.Goal, r.Test.Value = goal(accuracy, nan), test
		})
	}
	labels, _ = labelsOf(analyse(run("worst", .1), run("best", .9), run("middle", .4)))
	if want := []string{"a + best", "a + middle", "a + worst"}; !slices.Equal(labels, want) {
		t.Errorf("higher is better: order = %q, want %q", labels, want)
	}
}

func TestEqualsShareARankAndFailuresHaveNone(t *testing.T) {
	s := analyse(
		failedRun("a", "broken", 1), skippedRun("a", "senseless", 1),
		ends("a", "x", 1, .5, .6), ends("a", "y", 1, .5, .6), ends("a", "z", 1, .5, .55), ends("a", "best", 1, .2, .8),
	)
	labels, ranks := labelsOf(s)
	want := []string{"a + best", "a + x", "a + y", "a + z", "a + broken", "a + senseless"}
	if !slices.Equal(labels, want) || !slices.Equal(ranks, []int{1, 2, 2, 4, 0, 0}) {
		t.Errorf("order = %q %v, want %q 1 2 2 4 0 0", labels, ranks, want)
	}
	if c := row(t, s, "a + senseless"); c.Runs != 0 || c.VsWinner != nil || !near(c.Value.Value, nan) {
		t.Errorf("a skipped contender has runs %d, comparison %v, value %v; want none", c.Runs, c.VsWinner, c.Value)
	}
	if c := row(t, s, "a + broken"); c.Runs != 1 || !near(c.Value.Value, nan) {
		t.Errorf("a failed contender has runs %d, value %v; want 1 and none", c.Runs, c.Value.Value)
	}
}

// A zero score of a failed trial would be a perfect rmse.
func TestFailedRunCountsAsConstantPredictor(t *testing.T) {
	s := analyse(
		with(ends("a", "x", 1, .2, .2), func(r *bench.Result) { r.Goal = goal(rmse, nan); r.Constant.Value = 1 }),
		failedRun("a", "x", 2),
		with(ends("a", "y", 2, .2, .4), func(r *bench.Result) { r.Goal = goal(rmse, nan); r.Constant.Value = 2 }),
	)
	x := row(t, s, "a + x") // seed 2's constant predictor is known from the other contender
	if !near(x.Value.Value, (.2+2)/2) || x.Imputed != 1 || x.Runs != 2 {
		t.Errorf("value = %v with %d of %d counted as constant, want 1.1 with 1 of 2", x.Value.Value, x.Imputed, x.Runs)
	}
	if got := row(t, s, "a + y").Rank; got != 1 {
		t.Errorf("rank of the one without failures = %d, want 1", got)
	}
	if got := s.Tasks[0].Constant.Value; !near(got, 1.5) {
		t.Errorf("constant predictor = %v, want the mean over seeds, 1.5", got)
	}
}

func TestEqualWork(t *testing.T) {
	spent := func(optimizer string, status bench.Status, n int64, wall time.Duration) bench.Result {
		return with(base("a", optimizer, 1), func(r *bench.Result) {
			r.Status, r.Work, r.Timing.Wall = status, forward(n), wall
			r.Trial.Budget.Wall = time.Second
		})
	}
	for _, tt := range []struct {
		name string
		runs []bench.Result
		want Number
	}{
		{"the least of those that work ended", []bench.Result{spent("x", bench.Exhausted, 900, 0), spent("y", bench.Exhausted, 1000, 0)}, 900},
		{"not of those that ended by themselves", []bench.Result{spent("x", bench.Converged, 10, 0), spent("y", bench.Exhausted, 1000, 0), spent("z", bench.Diverged, 5, 0)}, 1000},
		{"not of those that the clock ended", []bench.Result{spent("x", bench.Exhausted, 10, time.Second), spent("y", bench.Exhausted, 1000, 0)}, 1000},
		{"unless there are no others", []bench.Result{spent("x", bench.Exhausted, 10, time.Second), spent("y", bench.Exhausted, 20, time.Second)}, 10},
		{"all ended by themselves", []bench.Result{spent("x", bench.Converged, 10, 0), spent("y", bench.Solved, 30, 0)}, 30},
	} {
		if got := analyse(tt.runs...).Tasks[0].EqualWork; got != tt.want {
			t.Errorf("%s: equal work = %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestBelowRandomSearch(t *testing.T) {
	const rs = bench.Yardstick
	curve := func(model, optimizer string, seed uint64, work int64, values ...float64) bench.Result {
		return with(ends(model, optimizer, seed, .5, values[len(values)-1]), func(r *bench.Result) {
			r.Work, r.Curve = forward(work), nil
			for i, v := range values {
				r.Curve = append(r.Curve, point(forward(work*int64(i)/int64(len(values)-1)), .5, v))
			}
		})
	}
	for _, tt := range []struct {
		name  string
		runs  []bench.Result
		below bool // "a + x"
	}{
		{"larger share", []bench.Result{solvedAt("a", "x", 1, forward(900)), ends("a", rs, 1, .5, .8)}, false},
		{"smaller share", []bench.Result{ends("a", "x", 1, .5, .8), solvedAt("a", rs, 1, forward(900))}, true},
		{"same share, less work", []bench.Result{solvedAt("a", "x", 1, forward(100)), solvedAt("a", rs, 1, forward(900))}, false},
		{"same share, more work", []bench.Result{solvedAt("a", "x", 1, forward(900)), solvedAt("a", rs, 1, forward(100))}, true},
		{"neither, better", []bench.Result{curve("a", "x", 1, 1000, .5, .8), curve("a", rs, 1, 1000, .5, .7)}, false},
		{"neither, worse", []bench.Result{curve("a", "x", 1, 1000, .5, .6), curve("a", rs, 1, 1000, .5, .7)}, true},
		{"neither, a tie", []bench.Result{curve("a", "x", 1, 1000, .5, .7), curve("a", rs, 1, 1000, .5, .7)}, true},
		// At 500, all that random search had, x was behind: its later lead is bought with more work.
		{"better only with more work", []bench.Result{curve("a", "x", 1, 1000, .5, .6, .85), curve("a", rs, 1, 500, .5, .7)}, true},
		// And the same the other way round.
		{"worse only against more work", []bench.Result{curve("a", "x", 1, 500, .5, .7), curve("a", rs, 1, 1000, .5, .6, .85)}, false},
		{"the mean over common seeds", []bench.Result{
			curve("a", "x", 1, 1000, .5, .8), curve("a", "x", 2, 1000, .5, .5), curve("a", "x", 3, 1000, .5, .89),
			curve("a", rs, 1, 1000, .5, .7), curve("a", rs, 2, 1000, .5, .7),
		}, true},
		{"without common seeds", []bench.Result{curve("a", "x", 1, 1000, .5, .8), curve("a", rs, 2, 1000, .5, .7)}, false},
		{"no random search", []bench.Result{curve("a", "x", 1, 1000, .5, .5)}, false},
		{"random search failed", []bench.Result{curve("a", "x", 1, 1000, .5, .5), failedRun("a", rs, 1)}, false},
		{"the same model's counts", []bench.Result{curve("a", "x", 1, 1000, .5, .6), curve("a", rs, 1, 1000, .5, .55), curve("b", rs, 1, 1000, .5, .7)}, false},
		{"the best of other models", []bench.Result{curve("a", "x", 1, 1000, .5, .6), curve("c", rs, 1, 1000, .5, .55), curve("b", rs, 1, 1000, .5, .7)}, true},
		{"it failed itself", []bench.Result{failedRun("a", "x", 1), curve("a", rs, 1, 1000, .5, .7)}, false},
	} {
		s := analyse(tt.runs...)
		if got := row(t, s, "a + x").BelowRandom; got != tt.below {
			t.Errorf("%s: below random search = %v, want %v", tt.name, got, tt.below)
		}
		for _, c := range s.Tasks[0].Contenders {
			if c.Optimizer.Name == rs && (c.BelowRandom || !c.Yardstick) {
				t.Errorf("%s: random search itself is flagged %v, yardstick %v", tt.name, c.BelowRandom, c.Yardstick)
			}
		}
	}
}

func TestWinnerAgainstTheOthers(t *testing.T) {
	var runs []bench.Result
	for seed := range uint64(5) {
		runs = append(runs,
			solvedAt("a", "best", seed, forward(100+int64(seed))),
			solvedAt("a", "next", seed, forward(200+int64(seed))),
			ends("a", "last", seed, .7, .5))
	}
	s := analyse(runs...)
	if v := row(t, s, "a + best").VsWinner; v != nil {
		t.Errorf("the winner is compared with itself: %+v", v)
	}
	// All 25 pairs are won: 2 of the C(10, 5) = 252 splits are as extreme. Of two
	// tests, Holm doubles the smaller and keeps the larger at least as large.
	for _, label := range []string{"a + next", "a + last"} {
		v := row(t, s, label).VsWinner
		if v == nil || v.Basis != "work to target" || v.Improvement != 1 || !near(v.P, 2./252) || !near(v.PHolm, 4./252) {
			t.Errorf("%s: %+v, want work to target, 1, 2/252, 4/252", label, v)
		}
	}
	// Four seeds are too few to claim anything.
	var few []bench.Result
	for _, r := range runs {
		if r.Trial.Seed < 4 {
			few = append(few, r)
		}
	}
	if v := row(t, analyse(few...), "a + next").VsWinner; !near(v.P, nan) || !near(v.PHolm, nan) || v.Improvement != 1 {
		t.Errorf("with 4 seeds: %+v, want no P values", v)
	}
}

func TestWhatIsComparedWhereNobodySolves(t *testing.T) {
	s := analyse(ends("a", "x", 1, .4, .8), ends("a", "x", 2, .4, .6), ends("a", "y", 1, .5, .7), ends("a", "y", 2, .5, .6))
	// Pairs (.8, .7), (.8, .6), (.6, .7), (.6, .6): 2 wins and a tie of 4.
	v := row(t, s, "a + y").VsWinner
	if v.Basis != "validation accuracy at equal work" || !near(v.Improvement, .625) {
		t.Errorf("%+v, want validation accuracy at equal work, 0.625", v)
	}
	r := func(o string, v float64) bench.Result {
		return with(ends("a", o, 1, .4, .5), func(r *bench.Result) { r.Goal, r.Test.Value = goal(rmse, nan), v })
	}
	if v := row(t, analyse(r("x", .1), r("y", .2)), "a + y").VsWinner; v.Basis != "test rmse" || v.Improvement != 1 {
		t.Errorf("%+v, want test rmse, 1", v)
	}
}
