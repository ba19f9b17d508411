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
func parallel(threads, units int, f func(worker, unit int)) {
	threads = min(threads, units)
	if threads <= 1 {
		for u := range units {
			f(0, u)
		}
		return
	}
	var (
		next  atomic.Int64
		crash atomic.Pointer[workerPanic]
		wg    sync.WaitGroup
	)
	for worker := range threads {
		wg.Go(func() {
			defer func() {
				if v := recover(); v != nil {
					crash.CompareAndSwap(nil, &workerPanic{v, debug.Stack()})
				}
			}()
			for crash.Load() == nil {
				u := int(next.Add(1)) - 1
				if u >= units {
					return
				}
				f(worker, u)
			}
		})
	}
	wg.Wait()
	if p := crash.Load(); p != nil {
		panic(p)
	}
}

// A workerPanic is a panic of a worker, with the stack it happened on.
type workerPanic struct {
	value any
	stack []byte
}

func (p *workerPanic) String() string { return fmt.Sprint(p.value) }
