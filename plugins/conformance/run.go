package conformance

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// An Outcome is how a check went.
type Outcome string

// The outcomes.
const (
	OK      Outcome = "ok"
	Failed  Outcome = "fail"
	Skipped Outcome = "n/a"
)

// A Result is what came of one check.
type Result struct {
	Optimizer string  `json:"optimizer"`
	Check     string  `json:"check"`
	Outcome   Outcome `json:"outcome"`
	// Message says what is wrong, or why the check does not apply.
	Message string  `json:"message,omitempty"`
	Seconds float64 `json:"seconds"`
}

// Options are how checks are run. Both members are above 0.
type Options struct {
	Parallel int           // how many at the same time, beside one with Second
	Timeout  time.Duration // of each: what hangs has failed
}

// Run runs checks and hands each result to report, in the order of the checks,
// as soon as it and those before it are there. A failure stops nothing. When
// ctx is done, what is left fails with its error.
func Run(ctx context.Context, s Subject, checks []Check, o Options, report func(Result)) {
	results := make([]chan Result, len(checks))
	for i := range results {
		results[i] = make(chan Result, 1)
	}
	first, second := make(chan int, len(checks)), make(chan int, len(checks))
	for i, c := range checks {
		if c.Second {
			second <- i
		} else {
			first <- i
		}
	}
	work := func(list <-chan int) {
		for i := range list {
			results[i] <- runOne(ctx, s, checks[i], o.Timeout)
		}
	}
	close(first)
	close(second)
	go work(second)
	for range max(1, o.Parallel) {
		go work(first)
	}
	for _, r := range results {
		report(<-r)
	}
}

// runOne waits no longer than the timeout, whether or not the check heeds it.
func runOne(ctx context.Context, s Subject, c Check, timeout time.Duration) Result {
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, fmt.Errorf("no end after %v", timeout))
	defer cancel()
	from := time.Now()
	err := context.Cause(ctx)
	if err == nil {
		err = await(ctx, func() error { return c.Run(ctx, s) })
	}
	r := Result{Optimizer: s.Optimizer(), Check: c.Name, Outcome: OK, Seconds: time.Since(from).Seconds()}
	var n *NotApplicable
	switch {
	case errors.As(err, &n):
		r.Outcome, r.Message = Skipped, n.Reason
	case err != nil:
		r.Outcome, r.Message = Failed, err.Error()
	}
	return r
}

// await is the error of run, or why ctx has ended if run does not come back.
func await(ctx context.Context, run func() error) error {
	done := make(chan error, 1)
	go func() { done <- run() }()
	var err error
	select {
	case err = <-done:
	case <-ctx.Done():
		select { // what heeds ctx says best what it was waiting for
		case err = <-done:
		case <-time.After(time.Second):
			return context.Cause(ctx)
		}
	}
	if err != nil && ctx.Err() != nil {
		err = fmt.Errorf("%w: %w", context.Cause(ctx), err)
	}
	return err
}
