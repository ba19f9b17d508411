package optimizers

import (
	"sync"
	"sync/atomic"
)

// Parallel calls do(0) to do(n-1), each once, on at most p.Threads goroutines,
// and returns when all have returned. Calls run in any order and at the same
// time, so each writes only what is its own: what is computed then does not
// depend on Threads. A panic in do is raised again in the caller.
func (p Problem) Parallel(n int, do func(i int)) {
	if p.Threads <= 1 || n <= 1 {
		for i := range n {
			do(i)
		}
		return
	}
	var (
		next   atomic.Int64
		wg     sync.WaitGroup
		once   sync.Once
		failed any
	)
	work := func() {
		defer func() {
			if r := recover(); r != nil {
				once.Do(func() { failed = r })
			}
		}()
		for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
			do(int(i))
		}
	}
	for range min(p.Threads, n) - 1 {
		wg.Go(work)
	}
	work() // another core takes a while to wake up
	wg.Wait()
	if failed != nil {
		panic(failed)
	}
}
