package bench

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// A Runner runs trials. Its lists are all that it knows: there is no registry,
// and a test may run with a list of one.
type Runner struct {
	Lists
	Store   Store
	Workers int   // trials at once, at least 1; 1 for timings worth publishing
	Threads int   // cores within a trial, at least 1
	Memory  int64 // bytes that the optimizer of one trial may hold; 0: no limit
	// Patience is how long a trial may stay silent, in one call of an optimizer
	// or one evaluation, after its wall time is over or the run was
	// interrupted. Then it is given up: Go cannot stop it, so its goroutine is
	// left behind.
	Patience time.Duration
	Dir      string           // where relative paths in configurations start
	Now      func() time.Time // the clock; nil: time.Now
	// Events is told what happens, one call at a time; it must not block.
	// Nil: nobody listens.
	Events func(Event)
}

// DefaultPatience is a Patience that a busy machine does not exceed by itself.
const DefaultPatience = 5 * time.Second

// An EventKind says what happened to a trial.
type EventKind uint8

// What can happen to a trial.
const (
	Cached   EventKind = iota // it was stored already, and is not run
	Started                   // a worker took it
	Progress                  // it reached a checkpoint
	Finished                  // its result is stored
)

// An Event is progress to show.
type Event struct {
	Kind   EventKind
	Index  int     // of the trial among those passed to Run
	Worker int     // who runs it, from 0
	Units  float64 // of work spent so far
	Point  *Point  // of Progress: the newest of the curve
	Result *Result // of Finished
}

// Run runs every trial that the store does not have, and stores each result as
// it comes. A trial that fails is a result with its reason, and the others go
// on; the error is for the store, or for ctx. A trial that ctx interrupts
// leaves nothing behind.
func (r *Runner) Run(ctx context.Context, trials []Trial) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var mu sync.Mutex
	emit := func(e Event) {
		if r.Events != nil {
			mu.Lock()
			defer mu.Unlock()
			r.Events(e)
		}
	}
	var todo []int
	for i, t := range trials {
		id := t.ID()
		done, err := r.Store.Has(ctx, id)
		if err != nil {
			return fmt.Errorf("trial %s: %w", id, err)
		}
		if done {
			emit(Event{Kind: Cached, Index: i})
		} else {
			todo = append(todo, i)
		}
	}
	queue := make(chan int)
	var wg sync.WaitGroup
	for worker := range min(max(1, r.Workers), len(todo)) {
		wg.Go(func() {
			for i := range queue {
				emit(Event{Kind: Started, Index: i, Worker: worker})
				res, err := r.Trial(ctx, trials[i], func(p Point, units float64) {
					emit(Event{Kind: Progress, Index: i, Worker: worker, Units: units, Point: &p})
				})
				if err != nil {
					return // interrupted: ctx says why
				}
				// A finished trial is stored even if the run has just been
				// interrupted.
				if err := r.Store.Save(context.WithoutCancel(ctx), res); err != nil {
					cancel(fmt.Errorf("trial %s: %w", trials[i].ID(), err))
					return
				}
				emit(Event{Kind: Finished, Index: i, Worker: worker, Units: res.Work.Units(trials[i].GradCost), Result: &res})
			}
		})
	}
feed:
	for _, i := range todo {
		select {
		case queue <- i:
		case <-ctx.Done():
			break feed
		}
	}
	close(queue)
	wg.Wait()
	return context.Cause(ctx)
}
