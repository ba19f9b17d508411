package main

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"charm.land/lipgloss/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/joust-bench/joust/bench"
)

// trialsOf makes a trial for each optimizer and seed.
func trialsOf(budget bench.Budget, seeds int, optimizers ...string) []bench.Trial {
	var trials []bench.Trial
	empty := json.RawMessage("{}")
	for seed := range seeds {
		for _, o := range optimizers {
			trials = append(trials, bench.Trial{
				Task: bench.Part{Name: "xor", Config: empty}, Model: bench.Part{Name: "plain", Config: empty},
				Optimizer: bench.Part{Name: o, Config: empty}, Seed: uint64(seed), Budget: budget, GradCost: 3,
			})
		}
	}
	return trials
}

// result is how a trial ended: hit is the work to the target, 0 for never.
func result(t bench.Trial, status bench.Status, spent, hit int64, value float64, wall time.Duration) *bench.Result {
	target := 0.95
	r := &bench.Result{
		Trial: t, Status: status, Work: bench.Work{Forward: spent},
		Goal:   bench.Goal{Metric: bench.Metric{Name: "accuracy", Higher: true}, Target: &target},
		Test:   bench.Score{Value: value},
		Timing: bench.Timing{Wall: wall},
	}
	if hit > 0 {
		r.Hit = &bench.Work{Forward: hit}
	}
	return r
}

func TestStanding(t *testing.T) {
	trials := trialsOf(bench.Budget{Work: 1000}, 2, "late", "slow", "fast", "lucky", "best-loser", "loser", "failed")
	p := newProgress(trials, 1)
	now := time.Unix(0, 0)
	end := func(i int, status bench.Status, spent, hit int64, value float64) {
		p.event(bench.Event{Kind: bench.Finished, Index: i, Result: result(trials[i], status, spent, hit, value, time.Second)}, now)
	}
	// The first seed, and the second but for "late".
	end(1, bench.Solved, 600, 600, 1)
	end(2, bench.Solved, 100, 100, 0.96)
	end(3, bench.Solved, 10, 10, 0.96)
	end(4, bench.Exhausted, 1000, 0, 0.9)
	end(5, bench.Exhausted, 1000, 0, 0.5)
	end(6, bench.Failed, 20, 0, math.NaN())
	end(8, bench.Solved, 800, 800, 1)
	end(9, bench.Solved, 300, 300, 0.96)
	end(10, bench.Exhausted, 1000, 0, 0.8)
	end(11, bench.Exhausted, 1000, 0, 0.8)
	end(12, bench.Exhausted, 1000, 0, 0.5)
	end(13, bench.Failed, 20, 0, math.NaN())

	tasks := p.standing()
	if len(tasks) != 1 {
		t.Fatalf("%d tasks, want 1", len(tasks))
	}
	var got []string
	for _, r := range tasks[0] {
		got = append(got, fmt.Sprintf("%s %d/%d %g %.2f", r.contender, r.solved, r.finished, r.workToTarget(), r.value()))
	}
	want := []string{
		"plain + fast 2/2 200 0.96",        // (100 + 300) / 2
		"plain + slow 2/2 700 1.00",        // (600 + 800) / 2
		"plain + lucky 1/2 1010 0.88",      // 10 + 1000
		"plain + best-loser 0/2 +Inf 0.85", // (0.9 + 0.8) / 2
		"plain + loser 0/2 +Inf 0.50",
		"plain + failed 0/2 +Inf NaN",
		"plain + late 0/0 +Inf NaN",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("standing differs (-want +got):\n%s", diff)
	}
	if p.finished != 12 || p.failed != 2 || p.stored != 0 {
		t.Errorf("finished %d, failed %d, stored %d, want 12, 2, 0", p.finished, p.failed, p.stored)
	}
}

func TestTimeLeft(t *testing.T) {
	start := time.Unix(1000, 0)
	at := func(s float64) time.Time { return start.Add(time.Duration(s * float64(time.Second))) }
	check := func(p *progress, seconds, want float64, known bool) {
		t.Helper()
		got, ok := p.left(at(seconds))
		if ok != known || math.Abs(got.Seconds()-want) > 1e-6 {
			t.Errorf("after %g s: %v left (known: %v), want %g s (%v)", seconds, got, ok, want, known)
		}
	}
	trials := trialsOf(bench.Budget{Work: 100}, 2, "sgd", "ga")
	p := newProgress(trials, 1)
	check(p, 0, 0, false)
	p.event(bench.Event{Kind: bench.Started, Index: 0}, at(0))
	check(p, 1, 0, false)
	// A quarter of the work in 2 s: 8 s for this trial, of which 6 remain, and
	// as much for each of the three others.
	p.event(bench.Event{Kind: bench.Progress, Index: 0, Units: 25, Point: &bench.Point{}}, at(2))
	check(p, 2, 6+3*8, true)
	// It is solved after 4 s: so the other seed is expected to be, and what
	// nothing is known of takes as long as the average.
	p.event(bench.Event{Kind: bench.Finished, Index: 0, Result: result(trials[0], bench.Solved, 50, 50, 1, 4*time.Second)}, at(4))
	check(p, 4, 3*4, true)
	// The GA has done a tenth in 1 s: 9 s for it, then 4 s for sgd, and for the
	// second seed of ga, which has not started, the average of 4 s.
	p.event(bench.Event{Kind: bench.Started, Index: 1}, at(4))
	p.event(bench.Event{Kind: bench.Progress, Index: 1, Units: 10, Point: &bench.Point{}}, at(5))
	check(p, 5, 9+4+4, true)
	// With two workers half of that, but no less than the longest.
	p.workers = 2
	check(p, 5, 9, true)
	// A trial that takes longer than expected is about to end.
	p.event(bench.Event{Kind: bench.Finished, Index: 1, Result: result(trials[1], bench.Exhausted, 100, 0, 1, 10*time.Second)}, at(14))
	p.event(bench.Event{Kind: bench.Started, Index: 2}, at(14))
	p.event(bench.Event{Kind: bench.Started, Index: 3}, at(14))
	check(p, 20, 4, true)
	check(p, 100, 0, true)

	// Where only time is limited, that is how long trials take.
	p = newProgress(trialsOf(bench.Budget{Wall: 10 * time.Second}, 3, "sgd"), 1)
	p.event(bench.Event{Kind: bench.Started, Index: 0}, at(0))
	p.event(bench.Event{Kind: bench.Progress, Index: 0, Units: 1, Point: &bench.Point{}}, at(1))
	check(p, 4, 6+10+10, true)
	// And no trial takes longer than it may.
	p = newProgress(trialsOf(bench.Budget{Work: 1e9, Wall: 10 * time.Second}, 3, "sgd"), 1)
	p.event(bench.Event{Kind: bench.Started, Index: 0}, at(0))
	p.event(bench.Event{Kind: bench.Progress, Index: 0, Units: 1, Point: &bench.Point{}}, at(1))
	check(p, 4, 6+10+10, true)
}

// bigProgress is a run in its middle: two tasks, many contenders, all states.
func bigProgress(contenders int) *progress {
	names := make([]string, contenders)
	for i := range names {
		names[i] = fmt.Sprintf("optimizer-with-a-long-name-%d", i)
	}
	trials := trialsOf(bench.Budget{Work: 100}, 3, names...)
	for _, t := range trialsOf(bench.Budget{Work: 100}, 12, "sgd", "ga") {
		t.Task.Name = "two-moons"
		trials = append(trials, t)
	}
	p := newProgress(trials, 2)
	now := time.Unix(0, 0)
	for i, t := range trials[:len(trials)-1] {
		switch i % 5 {
		case 0:
			p.event(bench.Event{Kind: bench.Started, Index: i}, now)
			p.event(bench.Event{Kind: bench.Progress, Index: i, Units: 3, Point: &bench.Point{}}, now)
		case 1:
			p.event(bench.Event{Kind: bench.Finished, Index: i, Result: result(t, bench.Solved, 50, 50, 0.97, time.Second)}, now)
		case 2:
			p.event(bench.Event{Kind: bench.Finished, Index: i, Result: result(t, bench.Exhausted, 100, 0, 0.5, time.Second)}, now)
		case 3:
			p.event(bench.Event{Kind: bench.Finished, Index: i, Result: result(t, bench.Failed, 1, 0, math.NaN(), time.Second)}, now)
		}
	}
	return p
}

func TestBoardFitsEveryTerminal(t *testing.T) {
	title := strings.Repeat("網 a long title ", 20)
	goals := map[string]string{"two-moons": "accuracy at least 0.95 on fresh points"}
	for _, contenders := range []int{1, 3, 40} {
		p := bigProgress(contenders)
		for _, width := range []int{minBoard, 80, 200} {
			for height := 1; height <= 60; height += 1 + height/10 {
				got := strings.Split(board(p, title, goals, legend(p, width), width, height, time.Minute, time.Unix(60, 0)), "\n")
				if len(got) > height {
					t.Fatalf("%d contenders at %dx%d: %d lines", contenders, width, height, len(got))
				}
				for _, line := range got {
					if w := lipgloss.Width(line); w > width {
						t.Fatalf("%d contenders at %dx%d: a line of %d columns: %q", contenders, width, height, w, line)
					}
				}
			}
		}
	}
}

func TestBoardShowsEveryState(t *testing.T) {
	trials := trialsOf(bench.Budget{Work: 100}, 5, "sgd")
	p := newProgress(trials, 1)
	now := time.Unix(0, 0)
	for i, status := range []bench.Status{bench.Solved, bench.Exhausted, bench.Failed} {
		hit := int64(0)
		if status == bench.Solved {
			hit = 40
		}
		p.event(bench.Event{Kind: bench.Finished, Index: i, Result: result(trials[i], status, 100, hit, 0.9, time.Second)}, now)
	}
	p.event(bench.Event{Kind: bench.Started, Index: 3}, now)
	got := plainText(board(p, "deep: who wins?", map[string]string{"xor": "accuracy 1"}, legend(p, 80), 80, 24, 65*time.Second, now))
	for _, want := range []string{
		"deep: who wins?",
		" 3/5 trials, 1:05, about 2 s left",
		"xor: accuracy 1",
		"  1 plain + sgd  ■□x▸·   ",
		// One of three reached it, at 40 + 100 units; mean of 0.9 and 0.9.
		"     1/3     0.900        140",
		"1 trial failed; the report says why",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("board does not show %q:\n%s", want, got)
		}
	}
	few := plainText(board(bigProgress(40), "t", nil, "foot", 80, 24, 0, now))
	if !strings.Contains(few, "and 27 more\n") || !strings.Contains(few, "two-moons") {
		t.Errorf("board of 24 lines does not count what it hides:\n%s", few)
	}
	if many := bigProgress(1); !strings.Contains(plainText(board(many, "t", nil, "foot", 80, 24, 0, now)), "/12") {
		t.Error("twelve repetitions are not counted")
	}
}

// plainText takes the styles out.
func plainText(s string) string {
	var b strings.Builder
	in := false
	for _, r := range s {
		switch {
		case r == '\x1b':
			in = true
		case in:
			in = r != 'm'
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func TestLinesForLogs(t *testing.T) {
	trials := trialsOf(bench.Budget{Work: 100}, 2, "sgd", "ga")
	p := newProgress(trials, 1)
	p.restore(0, *result(trials[0], bench.Solved, 50, 50, 0.97, 2*time.Second))
	var out strings.Builder
	now := time.Unix(0, 0)
	l := newLines(&out, p, func() time.Time { return now })
	now = now.Add(3 * time.Second)
	l.event(bench.Event{Kind: bench.Cached, Index: 0})
	l.event(bench.Event{Kind: bench.Started, Index: 1})
	l.event(bench.Event{Kind: bench.Finished, Index: 1, Result: result(trials[1], bench.Exhausted, 20000, 0, 0.5, 4*time.Second)})
	failed := result(trials[2], bench.Failed, 0, 0, math.NaN(), time.Second)
	failed.Reason = "panic:\nboom"
	l.event(bench.Event{Kind: bench.Finished, Index: 2, Result: failed})
	l.event(bench.Event{Kind: bench.Finished, Index: 3, Result: result(trials[3], bench.Solved, 60, 60, 1, time.Second)})
	// Left after the second trial: sgd takes 2 s, ga 4 s.
	want := `[2/4 0:03, about 6 s left] xor, plain + ga, seed 0: exhausted at work 2e4, accuracy 0.500
[3/4 0:03, about 4 s left] xor, plain + sgd, seed 1: failed: panic: boom
[4/4 0:03] xor, plain + ga, seed 1: solved at work 60, accuracy 1.000
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("lines differ (-want +got):\n%s", diff)
	}
	if p.stored != 1 || p.finished != 4 {
		t.Errorf("stored %d, finished %d, want 1, 4", p.stored, p.finished)
	}
}

func TestLinesOfManyTrialsAreLimited(t *testing.T) {
	trials := trialsOf(bench.Budget{Work: 100}, manyTrials+1, "sgd")
	var out strings.Builder
	now := time.Unix(0, 0)
	l := newLines(&out, newProgress(trials, 1), func() time.Time { return now })
	for i, t := range trials {
		now = now.Add(10 * time.Millisecond)
		r := result(t, bench.Solved, 50, 50, 1, time.Second)
		if i == 17 {
			r.Status = bench.Failed
		}
		l.event(bench.Event{Kind: bench.Finished, Index: i, Result: r})
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	// At 0.01 s, 1.18 s after the failure at 0.18 s, 2.18, 3.18, 4.18 and the
	// last at 5.01 s.
	if len(lines) != 7 || !slices.ContainsFunc(lines, func(s string) bool { return strings.Contains(s, "failed") }) || !strings.HasPrefix(lines[6], "[501/501 ") {
		t.Errorf("got %d lines, want 7 with the failure and the last trial:\n%s", len(lines), out.String())
	}
}
