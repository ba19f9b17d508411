package bench

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	"github.com/joust-bench/joust/optimizers"
)

// Trial runs one trial to its end, whatever that is: a crash, a time-out and
// an error are results too. The error is ctx's alone. Progress, which may be
// nil, is told of every point of the learning curve.
func (r *Runner) Trial(ctx context.Context, t Trial, progress func(p Point, units float64)) (Result, error) {
	now := r.Now
	if now == nil {
		now = time.Now
	}
	started := now()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	// The race has a result of its own, so that one that is given up shares
	// nothing with what is returned in its place.
	res := Result{Trial: t}
	var abandoned atomic.Bool
	race := race{runner: r, trial: t, res: &res, now: now, started: started, progress: func(p Point, units float64) {
		if progress != nil && !abandoned.Load() {
			progress(p, units)
		}
	}}
	done := make(chan error, 1) // ctx's error if it was interrupted
	go func() {
		var err error
		defer func() {
			if v := recover(); v != nil {
				res.Status, res.Reason = Failed, crashReason(v)
			}
			res.Timing.Wall = now().Sub(started)
			done <- err
		}()
		if err = race.run(ctx); err != nil && !errors.Is(err, ctx.Err()) {
			res.Status, res.Reason, err = Failed, err.Error(), nil
		}
	}()

	giveUp := make(<-chan time.Time)
	if t.Budget.Wall > 0 {
		timer := time.NewTimer(t.Budget.Wall + r.Patience)
		defer timer.Stop()
		giveUp = timer.C
	}
	interrupted := ctx.Done()
	for {
		select {
		case err := <-done:
			return res, err
		case <-interrupted:
			interrupted = nil
			timer := time.NewTimer(r.Patience)
			defer timer.Stop()
			giveUp = timer.C
		case <-giveUp:
			abandoned.Store(true)
			if err := ctx.Err(); err != nil {
				return Result{}, err
			}
			return Result{
				Trial: t, Status: Failed,
				Reason: fmt.Sprintf("timed out: still busy %v after the wall time of %v was over", r.Patience, t.Budget.Wall),
				Timing: Timing{Wall: now().Sub(started)},
			}, nil
		}
	}
}

// crashReason describes a panic and the place in which it happened.
func crashReason(v any) string {
	stack := debug.Stack()
	if p, ok := v.(*optimizers.Panic); ok {
		stack = p.Stack
	}
	reason := fmt.Sprintf("panic: %v", v)
	// The first frame after the runtime's panic is where it happened.
	lines := strings.Split(string(stack), "\n")
	for i, l := range lines {
		if strings.HasPrefix(l, "panic(") {
			for _, l := range lines[i+2:] {
				if place, ok := strings.CutPrefix(l, "\t"); ok && !strings.Contains(place, "/runtime/") {
					place, _, _ = strings.Cut(place, " ")
					parts := strings.Split(place, "/")
					return reason + " at " + strings.Join(parts[max(0, len(parts)-2):], "/")
				}
			}
		}
	}
	return reason
}
