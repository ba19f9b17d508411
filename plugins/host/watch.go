package host

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// errExpired is the cause of a context whose call took too long.
var errExpired = errors.New("deadline expired")

// ticks is into how many parts a deadline is divided. A program that was
// suspended finds one timer expired when it goes on, not ten in a row: then a
// plugin that was suspended with it, or that has answered long since, is not
// thought to hang.
const ticks = 10

// A watch ends a call that takes too long.
type watch struct {
	mu     sync.Mutex
	timer  *time.Timer
	left   int // ticks; 0: over, or called off
	tick   time.Duration
	expire func()
}

// watchFor calls expire after the limit, unless it is called off before.
func watchFor(limit time.Duration, expire func()) (off func()) {
	w := &watch{left: ticks, tick: max(1, limit/ticks), expire: expire}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.timer = time.AfterFunc(w.tick, w.pass)
	return w.off
}

func (w *watch) pass() {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch w.left {
	case 0:
	case 1:
		w.left = 0
		w.expire()
	default:
		w.left--
		w.timer.Reset(w.tick)
	}
}

// off calls the watch off.
func (w *watch) off() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.left = 0
	w.timer.Stop()
}

// within makes a call of a process. At the deadline the call is cancelled and
// the process killed, since only then is it certain that the call returns.
func (w *worker) within(limit time.Duration, call func(ctx context.Context) error) error {
	ctx, cancel := context.WithCancelCause(w.ctx)
	defer cancel(nil)
	off := w.watch(limit, func() {
		cancel(errExpired)
		w.Kill()
	})
	err := call(ctx)
	off()
	if err == nil || answered(err) {
		return err
	}
	if errors.Is(context.Cause(ctx), errExpired) {
		return &fault{err: err, silent: limit}
	}
	return &fault{err: err}
}

// A pace is how long the last steps took.
type pace struct {
	last [31]time.Duration
	n    int
}

func (p *pace) add(d time.Duration) {
	p.last[p.n%len(p.last)] = d
	p.n++
}

// median is 0 before the first step.
func (p *pace) median() time.Duration {
	sorted := p.last
	s := sorted[:min(p.n, len(sorted))]
	if len(s) == 0 {
		return 0
	}
	slices.Sort(s)
	return s[len(s)/2]
}

// limit is how long the next step may take.
func (p *pace) limit(o *Options) time.Duration {
	return max(o.Step, time.Duration(o.Factor*float64(p.median())))
}
