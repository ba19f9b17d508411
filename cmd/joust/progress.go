package main

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/joust-bench/joust/bench"
)

// A progress follows the trials of a run, for whoever shows it. It is not safe
// for concurrent use, and does not look at a clock.
type progress struct {
	trials   []bench.Trial
	state    []trialState
	rows     []*row // contenders on tasks, in the order of the plan
	rowOf    []*row // of each trial
	workers  int
	finished int           // trials with a result
	stored   int           // those that had one before
	failed   int           // those that failed
	wall     time.Duration // of all finished trials
}

type phase uint8

const (
	waiting phase = iota
	running
	finished
)

type trialState struct {
	phase   phase
	started time.Time
	units   float64       // of work, so far
	valid   float64       // newest value of the metric; NaN before the first
	status  bench.Status  // of a finished trial
	reason  string        // of a failed one
	wall    time.Duration // of a finished trial
}

// A row is one contender on one task.
type row struct {
	taskName  string
	task      string // label
	contender string // label
	trials    []int
	finished  int
	solved    int
	failed    int
	work      float64 // to the target, and that of the trials that did not reach it
	values    float64 // sum of the test metric
	valued    int     // trials in values
	wall      time.Duration
	goal      bench.Goal
}

func newProgress(trials []bench.Trial, workers int) *progress {
	p := &progress{trials: trials, state: make([]trialState, len(trials)), rowOf: make([]*row, len(trials)), workers: workers}
	l := bench.NewLabels(trials)
	rows := make(map[[2]string]*row)
	for i, t := range trials {
		p.state[i].valid = math.NaN()
		key := [2]string{l.Task(t), l.Contender(t)}
		r, ok := rows[key]
		if !ok {
			r = &row{taskName: t.Task.Name, task: key[0], contender: key[1]}
			rows[key] = r
			p.rows = append(p.rows, r)
		}
		r.trials = append(r.trials, i)
		p.rowOf[i] = r
	}
	return p
}

// restore takes in the result that trial i had before the run.
func (p *progress) restore(i int, r bench.Result) {
	p.stored++
	p.finish(i, r)
}

// event takes in what a runner says. Of stored trials, restore knew before.
func (p *progress) event(e bench.Event, now time.Time) {
	s := &p.state[e.Index]
	switch e.Kind {
	case bench.Cached:
	case bench.Started:
		s.phase, s.started = running, now
	case bench.Progress:
		s.units, s.valid = e.Units, e.Point.Valid.Value
	case bench.Finished:
		p.finish(e.Index, *e.Result)
	}
}

func (p *progress) finish(i int, r bench.Result) {
	s, row := &p.state[i], p.rowOf[i]
	s.phase, s.status, s.reason, s.wall = finished, r.Status, r.Reason, r.Timing.Wall
	s.units, s.valid = r.Work.Units(r.Trial.GradCost), r.Test.Value
	p.finished++
	p.wall += s.wall
	row.finished++
	row.wall += s.wall
	row.goal = r.Goal
	switch {
	case r.Status == bench.Failed:
		p.failed++
		row.failed++
	case r.Hit != nil:
		row.solved++
		row.work += r.Hit.Units(r.Trial.GradCost)
	default:
		row.work += s.units
	}
	if r.Status != bench.Failed && r.Status != bench.Skipped {
		row.values += r.Test.Value
		row.valued++
	}
}

// value is the mean test metric of the finished trials; NaN if there are none.
func (r *row) value() float64 { return r.values / float64(r.valued) }

// workToTarget is the expected running time: all work that was spent until a
// target was reached, for each time it was (Hansen et al. 2016,
// arXiv:1605.03560). It is +Inf before the first time.
func (r *row) workToTarget() float64 {
	if r.solved == 0 {
		return math.Inf(1)
	}
	return r.work / float64(r.solved)
}

// standing returns the rows of each task, in the order of the plan, best
// first: by the share that is solved, then by the work that it took, then by
// the metric. It is what can be said while trials run; the final ranking is
// the report's.
func (p *progress) standing() [][]*row {
	var tasks [][]*row
	for _, r := range p.rows {
		i := slices.IndexFunc(tasks, func(t []*row) bool { return t[0].task == r.task })
		if i < 0 {
			i = len(tasks)
			tasks = append(tasks, nil)
		}
		tasks[i] = append(tasks[i], r)
	}
	share := func(r *row) float64 { return float64(r.solved) / float64(max(1, r.finished)) }
	for _, rows := range tasks {
		slices.SortStableFunc(rows, func(a, b *row) int {
			switch {
			case (a.finished > 0) != (b.finished > 0):
				return cmp.Compare(b.finished, a.finished)
			case share(a) != share(b):
				return cmp.Compare(share(b), share(a))
			case a.workToTarget() != b.workToTarget():
				return cmp.Compare(a.workToTarget(), b.workToTarget())
			case a.goal.Metric.Better(a.value(), b.value()):
				return -1
			case a.goal.Metric.Better(b.value(), a.value()):
				return 1
			}
			return 0
		})
	}
	return tasks
}

// left estimates the time until the last trial has finished; false: there is
// nothing to go by yet. A trial is expected to take as long as the others of
// its contender have on average, which counts in that solved trials stop
// early. The first trial of a contender takes as long as its pace so far says,
// by work done and work allowed; if it has not started, as long as the average
// trial.
func (p *progress) left(now time.Time) (time.Duration, bool) {
	mean := 0.0 // seconds a trial; 0: not known
	if p.finished > 0 {
		mean = p.wall.Seconds() / float64(p.finished)
	} else {
		var sum, n float64
		for i, s := range p.state {
			if t, ok := pace(p.trials[i], s, now); ok {
				sum, n = sum+t, n+1
			}
		}
		if n > 0 {
			mean = sum / n
		}
	}
	if mean == 0 {
		return 0, false
	}
	sum, longest := 0.0, 0.0
	for i, s := range p.state {
		if s.phase == finished {
			continue
		}
		expect := mean
		if r := p.rowOf[i]; r.finished > 0 {
			expect = r.wall.Seconds() / float64(r.finished)
		} else if t, ok := pace(p.trials[i], s, now); ok {
			expect = t
		}
		if limit := p.trials[i].Budget.Wall; limit > 0 {
			expect = min(expect, limit.Seconds())
		}
		if s.phase == running {
			expect = max(0, expect-now.Sub(s.started).Seconds())
		}
		sum += expect
		longest = max(longest, expect)
	}
	seconds := max(longest, sum/float64(max(1, p.workers)))
	return time.Duration(seconds * float64(time.Second)), true
}

// pace is how many seconds a running trial will take if it uses up its budget.
func pace(t bench.Trial, s trialState, now time.Time) (float64, bool) {
	if s.phase != running || s.units <= 0 {
		return 0, false
	}
	if t.Budget.Work > 0 {
		return now.Sub(s.started).Seconds() * t.Budget.Work / s.units, true
	}
	return t.Budget.Wall.Seconds(), true
}
