package report

import (
	"testing"

	"github.com/joust-bench/joust/bench"
)

// fiveSeeds makes the runs of a contender.
func fiveSeeds(run func(seed uint64) bench.Result) (runs []bench.Result) {
	for seed := range uint64(5) {
		runs = append(runs, run(seed))
	}
	return runs
}

func TestVerdictLine(t *testing.T) {
	vanishing := func(r bench.Result) bench.Result { // factor 0.01 over three layers
		return probed(r, forward(0), 1.2e-7, 1.2e-5, 1.2e-3)
	}
	for _, tt := range []struct {
		name string
		runs []bench.Result
		want string
	}{
		{
			"stuck", fiveSeeds(func(s uint64) bench.Result { return vanishing(ends("a", "x", s, .7, .5)) }),
			"VANISHING, first-layer delta 1e-4 of the last (factor 0.0100 a layer); stuck at the constant predictor's loss in 5 of 5 seeds",
		},
		{
			"worse than constant", fiveSeeds(func(s uint64) bench.Result { return ends("a", "x", s, 7, .4) }),
			"no better than the constant predictor in 5 of 5 seeds, test accuracy 0.400",
		},
		{
			"solved", fiveSeeds(func(s uint64) bench.Result {
				return probed(solvedAt("a", "x", s, forward(120000)), forward(0), 1, 1, 1)
			}),
			"HEALTHY (factor 1.00 a layer); reaches the target at work 1.2e5 (5 of 5)",
		},
		{
			"partly",
			[]bench.Result{solvedAt("a", "x", 1, forward(200)), ends("a", "x", 2, .3, .8), ends("a", "x", 3, .7, .5)},
			"reaches the target in 1 of 3 seeds, expected work 2.2e3, no better than the constant predictor in 1 of 3 seeds, test accuracy 0.767",
		},
		{
			"never",
			[]bench.Result{ends("a", "x", 1, .3, .8)},
			"never reaches the target within work 1e3, test accuracy 0.800",
		},
		{
			"no target",
			[]bench.Result{with(ends("a", "x", 1, .3, .8), func(r *bench.Result) { r.Goal = goal(rmse, nan) })},
			"test rmse 0.800 mm",
		},
		{
			"better at the end",
			[]bench.Result{probed(vanishing(ends("a", "x", 1, .3, .8)), forward(1000), 1, 1, 1)},
			"VANISHING, first-layer delta 1e-4 of the last (factor 0.0100 a layer); never reaches the target within work 1e3, test accuracy 0.800; HEALTHY at the end",
		},
		{
			"some seeds",
			[]bench.Result{vanishing(ends("a", "x", 1, .3, .8)), probed(ends("a", "x", 2, .3, .8), forward(0), 1, 1, 1)},
			"VANISHING in 1 of 2 seeds, first-layer delta 1e-4 of the last (factor 0.0100 a layer); never reaches the target within work 1e3, test accuracy 0.800",
		},
		{
			"overflow",
			[]bench.Result{probed(ends("a", "x", 1, .3, .8), forward(0), inf, 1, 1)},
			"EXPLODING, deltas are not finite; never reaches the target within work 1e3, test accuracy 0.800",
		},
		{
			"nothing arrives",
			[]bench.Result{probed(ends("a", "x", 1, .3, .8), forward(0), 0, 0, 1)},
			"VANISHING, no delta reaches the first layer; never reaches the target within work 1e3, test accuracy 0.800",
		},
		{
			"below",
			[]bench.Result{ends("a", "x", 1, .3, .8), ends("a", bench.Yardstick, 1, .3, .85)},
			"never reaches the target within work 1e3, test accuracy 0.800; does not beat random search",
		},
		{"failed", []bench.Result{failedRun("a", "x", 1), skippedRun("a", "x", 2)}, "no score: failed in 1, skipped in 1"},
	} {
		if got := row(t, analyse(tt.runs...), "a + x").Words; got != tt.want {
			t.Errorf("%s:\n got %q\nwant %q", tt.name, got, tt.want)
		}
	}
}

func TestAnswer(t *testing.T) {
	noTarget := func(o string, seed uint64, v float64) bench.Result {
		return with(ends("a", o, seed, .3, v), func(r *bench.Result) { r.Goal = goal(rmse, nan) })
	}
	join := func(groups ...[]bench.Result) (all []bench.Result) {
		for _, g := range groups {
			all = append(all, g...)
		}
		return all
	}
	for _, tt := range []struct {
		name         string
		runs         []bench.Result
		lead, detail string
	}{
		{
			"a clear winner",
			join(fiveSeeds(func(s uint64) bench.Result { return solvedAt("a", "x", s, forward(100)) }),
				fiveSeeds(func(s uint64) bench.Result { return solvedAt("a", "y", s, forward(250)) }),
				fiveSeeds(func(s uint64) bench.Result {
					return probed(told(ends("deep", "y", s, .7, .5)), forward(0), 1e-8, 1e-6, 1e-4)
				}),
				fiveSeeds(func(s uint64) bench.Result { return ends("deep", bench.Yardstick, s, .69, .55) })),
			"On xor a + x wins: accuracy 0.9 is reached in 5 of 5 seeds, at an expected work of 100 (95 % interval 100 to 100).",
			"The runner-up, a + y, needs 250, 2.5 times as much; a run of the winner is the better one with probability 100 % (Mann-Whitney on work to target, p = 0.0079, 5 against 5 runs). " +
				"deep + y is stuck at the constant predictor's loss in every seed: the gradient vanishes (first-layer delta 1e-4 of the last). deep + y does not beat random search at equal work.",
		},
		{
			"few runs, no significance",
			[]bench.Result{solvedAt("a", "x", 1, forward(100)), solvedAt("a", "y", 1, forward(104))},
			"On xor a + x wins: accuracy 0.9 is reached in 1 of 1 seed, at an expected work of 100.",
			"The runner-up, a + y, needs 104, 1.04 times as much; with 1 against 1 run no significance is claimed.",
		},
		{
			"may be chance",
			join(fiveSeeds(func(s uint64) bench.Result { return solvedAt("a", "x", s, forward(100+int64(s))) }),
				fiveSeeds(func(s uint64) bench.Result { return solvedAt("a", "y", s, forward(101+int64(s))) })),
			"On xor a + x wins: accuracy 0.9 is reached in 5 of 5 seeds, at an expected work of 102 (95 % interval 101 to 103).",
			// 15 pairs won and 4 tied of 25; P by counting all 252 splits in Python.
			"The runner-up, a + y, needs 103, 1.01 times as much; a run of the winner is the better one with probability 68 % (Mann-Whitney on work to target, p = 0.44, 5 against 5 runs), so the order of these two may be chance.",
		},
		{
			"only one solves",
			[]bench.Result{solvedAt("a", "x", 1, forward(100)), ends("a", "y", 1, .3, .8)},
			"On xor a + x wins: accuracy 0.9 is reached in 1 of 1 seed, at an expected work of 100.",
			"No other contender reaches it in any seed; the next is a + y; with 1 against 1 run no significance is claimed.",
		},
		{
			"solves more often, but later",
			[]bench.Result{solvedAt("a", "x", 1, forward(900)), solvedAt("a", "x", 2, forward(900)), solvedAt("a", "y", 1, forward(10)), with(ends("a", "y", 2, .3, .8), func(r *bench.Result) { r.Work = forward(20) })},
			"On xor a + x wins: accuracy 0.9 is reached in 2 of 2 seeds, at an expected work of 900 (95 % interval 900 to 900).",
			"The runner-up, a + y, gets there in 1 of 2, at an expected work of 30; with 2 against 2 runs no significance is claimed.",
		},
		{
			"nobody solves",
			[]bench.Result{ends("a", "x", 1, .3, .8), ends("a", "y", 1, .3, .7)},
			"On xor no contender reaches accuracy 0.9. The best at equal work (1e3) is a + x, with a validation accuracy of 0.800.",
			"The runner-up, a + y, has 0.700; with 1 against 1 run no significance is claimed.",
		},
		{
			"no target",
			[]bench.Result{noTarget("x", 1, .25), noTarget("y", 1, .75)},
			"On xor a + x wins: test rmse 0.250 mm over 1 seed.",
			"The runner-up, a + y, has 0.750 mm, 0.500 more; with 1 against 1 run no significance is claimed.",
		},
		{
			"a tie",
			[]bench.Result{noTarget("x", 1, .25), noTarget("y", 1, .25), noTarget("z", 1, .5)},
			"On xor a + x and a + y tie: test rmse 0.250 mm over 1 seed.", "",
		},
		{
			"random search first",
			[]bench.Result{solvedAt("a", bench.Yardstick, 1, forward(100)), solvedAt("a", "x", 1, forward(200))},
			"On xor nothing beats random search (a + random-search): accuracy 0.9 is reached in 1 of 1 seed, at an expected work of 100.",
			"The runner-up, a + x, needs 200, 2.0 times as much; with 1 against 1 run no significance is claimed. a + x does not beat random search at equal work.",
		},
		{"alone", []bench.Result{noTarget("x", 1, .25)}, "On xor a + x wins: test rmse 0.250 mm over 1 seed.", "It ran alone: nothing to compare it with."},
		{"all failed", []bench.Result{failedRun("a", "x", 1)}, "On xor no trial ended with a score.", "The list of failures says why."},
	} {
		got := analyse(tt.runs...).Answer
		if len(got) != 1 || got[0].Lead != tt.lead || got[0].Detail != tt.detail {
			t.Errorf("%s:\n got %q\nwant %q\n and %q", tt.name, got, tt.lead, tt.detail)
		}
	}
}

func TestAnswerAcrossTasks(t *testing.T) {
	on := func(task string, r bench.Result) bench.Result { r.Trial.Task.Name = task; return r }
	s := analyse(
		on("p", ends("a", "x", 1, .3, .8)), on("p", ends("a", "y", 1, .3, .7)),
		on("q", ends("a", "x", 1, .3, .8)), on("q", ends("a", "y", 1, .3, .7)),
		on("r", ends("a", "x", 1, .3, .6)), on("r", ends("a", "y", 1, .3, .7)),
	)
	if len(s.Answer) != 4 || s.Answer[0].Lead != "a + x wins 2 of 3 tasks." {
		t.Errorf("answer = %q, want a + x first, with 2 of 3 tasks", s.Answer)
	}
	s = analyse(on("p", ends("a", "x", 1, .3, .8)), on("q", ends("a", "y", 1, .3, .7)))
	if got, want := s.Answer[0].Lead, "a + x and a + y each win 1 of 2 tasks."; got != want {
		t.Errorf("answer = %q, want %q", got, want)
	}
	empty := Analyse(Input{Planned: 7}).Answer
	if len(empty) != 1 || empty[0].Detail != "None of 7 planned trials has a result." {
		t.Errorf("answer without results = %q", empty)
	}
}
