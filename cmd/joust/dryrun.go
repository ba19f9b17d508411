package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"github.com/joust-bench/joust/bench"
)

// dryTime is how long a dry run may measure speeds, in all.
const dryTime = 3 * time.Second

// dry says what a run would do, and how long it would take. It writes nothing.
func (r *run) dry(ctx context.Context) error {
	nothing := func() {}
	ctx, stop := interruptible(ctx, nothing, nothing)
	defer stop()
	contenders := newProgress(r.trials, r.jobs).rows
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", heading(r.x))
	fmt.Fprintf(&b, "%s: %s, with %s each\n", count(len(r.trials), "trial"), count(len(contenders), "contender"), count(r.x.Repetitions, "seed"))
	if w := r.x.Budget.Work; w > 0 {
		fmt.Fprintf(&b, "work     at most %s units a trial, %s in all\n", work(w), work(w*float64(len(r.trials))))
	}
	if w := r.x.Budget.Wall; w > 0 {
		fmt.Fprintf(&b, "time     at most %s a trial\n", w)
	}
	estimate, err := r.estimate(ctx, contenders)
	if err != nil {
		if ctx.Err() != nil {
			return &exitError{exitInterrupted, fmt.Errorf("interrupted")}
		}
		return err
	}
	fmt.Fprintf(&b, "estimate at most about %s, %d at a time; trials that are solved stop early\n", roughly(estimate), min(r.jobs, len(r.trials)))
	fmt.Fprintf(&b, "results  %s\nreport   %s\n", r.results, r.report)
	_, err = io.WriteString(r.out, b.String())
	return err
}

// estimate is the time that all trials take if each uses up its budget. It
// runs one trial of every contender for a moment, and goes by its pace.
func (r *run) estimate(ctx context.Context, contenders []*row) (time.Duration, error) {
	runner := bench.Runner{Lists: r.lists, Threads: r.threads, Patience: bench.DefaultPatience, Dir: r.dir}
	moment := max(5*time.Millisecond, min(200*time.Millisecond, dryTime/time.Duration(len(contenders))))
	total, longest := 0.0, 0.0
	for _, c := range contenders {
		t := r.trials[c.trials[0]]
		budget := t.Budget
		t.Budget.Wall = moment
		res, err := runner.Trial(ctx, t, nil)
		if err != nil {
			return 0, err
		}
		switch res.Status {
		case bench.Failed:
			r.say("%s, %s would fail: %s\n", c.task, c.contender, bench.Printable(res.Reason))
		case bench.Skipped:
			r.say("%s, %s would be skipped: %s\n", c.task, c.contender, bench.Printable(res.Reason))
			continue
		}
		seconds := res.Timing.Wall.Seconds()
		if units := res.Work.Units(t.GradCost); res.Status == bench.Exhausted && units > 0 {
			seconds *= max(1, budget.Work/units)
		}
		if budget.Wall > 0 {
			seconds = math.Min(seconds, budget.Wall.Seconds())
			if budget.Work == 0 {
				seconds = budget.Wall.Seconds()
			}
		}
		total += seconds * float64(len(c.trials))
		longest = max(longest, seconds)
	}
	seconds := max(longest, total/float64(r.jobs))
	return time.Duration(min(seconds, 1e9) * float64(time.Second)), nil
}
