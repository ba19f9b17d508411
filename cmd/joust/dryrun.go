package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/joust-bench/joust/bench"
)

// dryTime is how long a dry run measures speeds, in all; what surrounds the
// measurements may take as long again.
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
	estimate, measured, err := r.estimate(ctx, contenders)
	if err != nil {
		if ctx.Err() != nil {
			return &exitError{exitInterrupted, fmt.Errorf("interrupted")}
		}
		return err
	}
	fmt.Fprintf(&b, "estimate at most about %s, %d at a time; trials that are solved stop early\n", roughly(estimate), min(r.jobs, len(r.trials)))
	if measured < len(contenders) {
		fmt.Fprintf(&b, "         by %d contenders, and there was no time to try the others\n", measured)
	}
	fmt.Fprintf(&b, "results  %s\nreport   %s\n", r.results, r.report)
	_, err = io.WriteString(r.out, b.String())
	return err
}

// estimate is the time that all trials take if each uses up its budget, and of how many
// contenders it knows. It runs one trial of every contender for a moment, and goes by
// its pace; or of as many as there is time for, if there are hundreds.
func (r *run) estimate(ctx context.Context, contenders []*row) (time.Duration, int, error) {
	moment := max(5*time.Millisecond, min(200*time.Millisecond, dryTime/time.Duration(len(contenders))))
	started := time.Now()
	total, longest, trials, measured := 0.0, 0.0, 0, 0
	for _, i := range rand.New(rand.NewPCG(0, 0)).Perm(len(contenders)) {
		if measured > 0 && time.Since(started) > 2*dryTime {
			break
		}
		c := contenders[i]
		t := r.trials[c.trials[0]]
		res, err := r.taste(ctx, t, moment)
		if err != nil {
			return 0, 0, err
		}
		measured++
		trials += len(c.trials)
		switch res.Status {
		case bench.Failed:
			r.say("%s, %s would fail: %s\n", c.task, c.contender, bench.Printable(res.Reason))
		case bench.Skipped:
			r.say("%s, %s would be skipped: %s\n", c.task, c.contender, bench.Printable(res.Reason))
			continue
		}
		seconds := res.Timing.Wall.Seconds() + remaining(res, t.Budget.Work)
		if t.Budget.Wall > 0 {
			seconds = math.Min(seconds, t.Budget.Wall.Seconds())
			if t.Budget.Work == 0 {
				seconds = t.Budget.Wall.Seconds()
			}
		}
		total += seconds * float64(len(c.trials))
		longest = max(longest, seconds)
	}
	total *= float64(len(r.trials)) / float64(trials)
	seconds := max(longest, total/float64(r.jobs))
	return time.Duration(min(seconds, 1e9) * float64(time.Second)), measured, nil
}

// taste runs a trial for a moment, or as much longer as it takes to make a step.
func (r *run) taste(ctx context.Context, t bench.Trial, moment time.Duration) (bench.Result, error) {
	const tries = 3
	runner := bench.Runner{Lists: r.lists, Threads: r.threads, Patience: bench.DefaultPatience, Dir: r.dir}
	t.Budget.Wall = moment
	for try := 1; ; try++ {
		res, err := runner.Trial(ctx, t, nil)
		if err != nil || res.Status != bench.Exhausted || res.Steps > 0 || try == tries {
			return res, err
		}
		t.Budget.Wall = moment + 2*res.Timing.Wall
	}
}

// remaining is how many seconds more a trial would take that was stopped early, up to so
// much work. Posing the task and the surveys take as long for any budget; what grows are
// the steps, or if there was none yet, pretraining.
func remaining(res bench.Result, budget float64) float64 {
	units := res.Work.Units(res.Trial.GradCost)
	if res.Status != bench.Exhausted || units >= budget {
		return 0
	}
	begun := res.Curve[0].Work.Units(res.Trial.GradCost) // pretraining
	switch t := res.Timing; {
	case units > begun:
		return (t.Ask + t.Eval + t.Tell).Seconds() * (budget - units) / (units - begun)
	case begun > 0:
		return t.Pretrain.Seconds() * (budget - units) / begun
	}
	return 0
}
