package main

import (
	"fmt"
	"io"
	"time"

	"github.com/joust-bench/joust/bench"
)

// A watcher shows the progress of a run while it lasts.
type watcher interface {
	// event takes in what a runner says. It does not block.
	event(e bench.Event)
	// stopping says that the run has been interrupted, and waits for trials.
	stopping()
	// close takes the picture away, and returns what went wrong with it.
	close() error
}

// lines shows progress as one line for every finished trial, for logs. Where
// there are many it writes no more than one line a second; a trial that failed
// always has one.
type lines struct {
	w       io.Writer
	p       *progress
	now     func() time.Time
	started time.Time
	every   time.Duration
	last    time.Time
	err     error // the first that w returned
}

const stoppingText = "stopping when the steps under way are done; Ctrl-C again stops at once"

// manyTrials is how many trials may have a line each.
const manyTrials = 500

func newLines(w io.Writer, p *progress, now func() time.Time) *lines {
	l := &lines{w: w, p: p, now: now, started: now()}
	if len(p.trials)-p.finished > manyTrials {
		l.every = time.Second
	}
	return l
}

func (l *lines) event(e bench.Event) {
	now := l.now()
	l.p.event(e, now)
	if e.Kind != bench.Finished {
		return
	}
	s, row, t := l.p.state[e.Index], l.p.rowOf[e.Index], l.p.trials[e.Index]
	if s.status != bench.Failed && now.Sub(l.last) < l.every && l.p.finished < len(l.p.trials) {
		return
	}
	l.last = now
	what := fmt.Sprintf("%s at work %s", s.status, work(s.units))
	switch {
	case s.reason != "":
		what = fmt.Sprintf("%s: %s", s.status, bench.Printable(s.reason))
	case row.goal.Metric.Name != "":
		what += fmt.Sprintf(", %s %s", row.goal.Metric.Name, metric(s.valid))
	}
	eta := ""
	if d, ok := l.p.left(now); ok && l.p.finished < len(l.p.trials) {
		eta = ", " + left(d)
	}
	_, err := fmt.Fprintf(l.w, "[%d/%d %s%s] %s, %s, seed %d: %s\n",
		l.p.finished, len(l.p.trials), clock(now.Sub(l.started)), eta, row.task, row.contender, t.Seed, what)
	if l.err == nil {
		l.err = err
	}
}

func (l *lines) stopping() {
	if _, err := fmt.Fprintln(l.w, stoppingText); l.err == nil {
		l.err = err
	}
}

func (l *lines) close() error { return l.err }
