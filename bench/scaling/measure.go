package scaling

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/joust-bench/joust/bench/stats"
	"github.com/joust-bench/joust/optimizers"
)

// A Part is something that [Measure] can measure.
type Part string

// The parts, in the order in which they are measured.
const (
	PartPeak       Part = "peak"       // arithmetic and memory, at most
	PartGEMM       Part = "gemm"       // matrix products
	PartWorkloads  Part = "workloads"  // W1 to W9, over numbers of cores
	PartOptimizers Part = "optimizers" // Ask and Tell
)

// Parts returns all parts.
func Parts() []Part { return []Part{PartPeak, PartGEMM, PartWorkloads, PartOptimizers} }

// share is the part of the time that a part takes.
var share = map[Part]float64{PartPeak: 0.12, PartGEMM: 0.13, PartWorkloads: 0.5, PartOptimizers: 0.25}

// Options say what to measure.
type Options struct {
	Machine Machine // to be reported
	Only    []Part  // nil: all
	// Threads are the numbers of cores to measure workloads on. One core is
	// always measured. Nil: [Threads].
	Threads []int
	// Time is about how long all parts together measure; each has its share,
	// whether the others are measured or not. What is slow takes longer: all
	// is done once, at least.
	Time time.Duration
	// Optimizers are those whose overhead is measured. W8 is measured with the
	// one called "ga", W9 with "cma-es", if they are there.
	Optimizers []optimizers.Definition
	Memory     int64 // bytes that an optimizer may hold; 0: no limit
	// Progress is told what comes next. Nil: nobody wants to know.
	Progress func(part Part, what string)
}

// Threads are the powers of two up to the number of cores that the program may
// use, and that number.
func Threads() []int { return threadsUpTo(runtime.GOMAXPROCS(0)) }

func threadsUpTo(cores int) []int {
	var list []int
	for p := 1; p < cores; p *= 2 {
		list = append(list, p)
	}
	return append(list, cores)
}

// Measure measures this machine. It takes all of it: what else runs makes the
// figures worse. If ctx is cancelled it stops after the step under way, and
// returns what it has so far, marked, and no error.
func Measure(ctx context.Context, o Options) (Report, error) {
	started := time.Now()
	m := &measurer{Options: o, ctx: ctx}
	m.Threads = threadList(o.Threads)
	if m.Progress == nil {
		m.Progress = func(Part, string) {}
	}
	r := Report{Version: Version, Machine: o.Machine}
	for _, part := range Parts() {
		if o.Only != nil && !slices.Contains(o.Only, part) {
			continue
		}
		if err := m.measure(part, &r); err != nil {
			return r, fmt.Errorf("scaling: %s: %w", part, err)
		}
	}
	r.Interrupted = ctx.Err() != nil
	r.Seconds = time.Since(started).Seconds()
	return r, nil
}

// threadList completes a list of numbers of threads: ascending, from 1.
func threadList(list []int) []int {
	if list == nil {
		return Threads()
	}
	list = append([]int{1}, list...)
	slices.Sort(list)
	return slices.Compact(list)
}

// A measurer measures as its Options say.
type measurer struct {
	Options
	ctx context.Context
}

func (m *measurer) measure(part Part, r *Report) error {
	d := time.Duration(share[part] * float64(m.Time))
	switch part {
	case PartPeak:
		r.Peak = m.peak(d / 3)
		r.Memory = m.memory(d * 2 / 3)
	case PartGEMM:
		var one []Peak
		r.GEMM, one = m.gemm(d)
		r.Peak = bestPeaks(r.Peak, one)
		for i, g := range r.GEMM {
			r.GEMM[i].Share = g.GFLOPS / peakOf(r.Peak, g.Precision)
		}
	case PartWorkloads:
		var err error
		if r.Workloads, err = m.workloads(Workloads(), d*9/10); err != nil {
			return err
		}
		r.Searches, err = m.searches(d / 10)
		return err
	case PartOptimizers:
		var err error
		r.Optimizers, err = m.overheads(d)
		return err
	}
	return nil
}

// stopped says that no more is to be measured.
func (m *measurer) stopped() bool { return m.ctx.Err() != nil }

// A job is work that can be repeated: each run is so many units of it.
type job struct {
	run   func()
	units float64
}

// rounds is into how many the time is cut at most: enough for a median that a
// few disturbed ones leave alone.
const rounds = 11

// rates repeats jobs for about d in all and returns the rate of each in each
// round, in units a second. The jobs take turns, in one order and then in the
// other, so that what disturbs the machine for a while disturbs all of them. Each
// has run once before. There is at least one round, unless m is stopped.
func (m *measurer) rates(d time.Duration, jobs ...job) [][]float64 {
	rates := make([][]float64, len(jobs))
	slot := d / time.Duration(rounds*len(jobs))
	for _, j := range jobs {
		if m.stopped() {
			return rates
		}
		j.run()
	}
	started := time.Now()
	for round := range rounds {
		if round > 0 && time.Since(started) >= d {
			break
		}
		this := make([]float64, len(jobs))
		for i := range jobs {
			if round%2 == 1 {
				i = len(jobs) - 1 - i
			}
			this[i] = m.rate(jobs[i], slot)
			if m.stopped() {
				return rates // without half a round
			}
		}
		for i, v := range this {
			rates[i] = append(rates[i], v)
		}
	}
	return rates
}

// rate repeats the job until the time is over, or m is stopped.
func (m *measurer) rate(j job, d time.Duration) float64 {
	started := time.Now()
	for n := 1; ; n++ {
		j.run()
		if t := time.Since(started); t >= d || m.stopped() {
			// A clock that stands still must not make a speed infinite.
			return j.units * float64(n) / max(t, 1).Seconds()
		}
	}
}

// spread is the interquartile range of x as a share of its median.
func spread(x []float64) float64 {
	return (stats.Quantile(x, .75) - stats.Quantile(x, .25)) / stats.Median(x)
}

// onCores calls f for each of so many cores, on all at once.
func onCores(cores int, f func(core int)) {
	if cores == 1 {
		f(0)
		return
	}
	var wg sync.WaitGroup
	for core := range cores {
		wg.Go(func() { f(core) })
	}
	wg.Wait()
}

// oneAndAll are the numbers of threads that peaks are measured on.
func (m *measurer) oneAndAll() []int {
	return slices.Compact([]int{1, m.Threads[len(m.Threads)-1]})
}
