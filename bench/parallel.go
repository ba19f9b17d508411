package bench

import (
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

// parallel calls f for every unit in [0, units), from at most threads
// goroutines, each with a worker number of its own in [0, threads). Which
// worker takes which unit differs from run to run, so f must not let its
// result depend on the worker. A panic in f is passed on to the caller, so
// that it ends one trial and not the process.
//
// The caller is worker 0 and starts at once: waking another core takes as long
// as a small unit, and what is done by then need not wait for it.
func parallel(threads, units int, f func(worker, unit int)) {
	threads = min(threads, units)
	if threads <= 1 {
		for u := range units {
			f(0, u)
		}
		return
	}
	j := job{units: units, f: f}
	for worker := 1; worker < threads; worker++ {
		j.wg.Go(func() { j.work(worker) })
	}
	j.work(0)
	j.wg.Wait()
	if p := j.crash.Load(); p != nil {
		panic(p)
	}
}

// A job is a call of parallel.
type job struct {
	units int
	f     func(worker, unit int)
	next  atomic.Int64 // unit
	crash atomic.Pointer[workerPanic]
	wg    sync.WaitGroup
}

// work does units until there are none, or one has panicked.
func (j *job) work(worker int) {
	defer func() {
		if v := recover(); v != nil {
			j.crash.CompareAndSwap(nil, &workerPanic{v, debug.Stack()})
		}
	}()
	for j.crash.Load() == nil {
		u := int(j.next.Add(1)) - 1
		if u >= j.units {
			return
		}
		j.f(worker, u)
	}
}

// A workerPanic is a panic of a worker, with the stack it happened on.
type workerPanic struct {
	value any
	stack []byte
}

func (p *workerPanic) String() string { return fmt.Sprint(p.value) }
