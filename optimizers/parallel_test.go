package optimizers

import (
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Every unit is done once, by a worker whose number nobody else has meanwhile,
// whatever calls run beside.
func TestParallelDoesEveryUnitOnce(t *testing.T) {
	var wg sync.WaitGroup
	for _, threads := range []int{1, 2, 3, 9} {
		for _, units := range []int{0, 1, 2, 7, 100} {
			wg.Go(func() {
				for range 50 {
					done := make([]atomic.Int64, units)
					busy := make([]atomic.Bool, threads)
					Parallel(threads, units, func(worker, unit int) {
						if !busy[worker].CompareAndSwap(false, true) {
							t.Errorf("%d threads: worker %d is there twice", threads, worker)
						}
						done[unit].Add(1)
						busy[worker].Store(false)
					})
					for u := range done {
						if n := done[u].Load(); n != 1 {
							t.Errorf("%d threads: unit %d of %d was done %d times", threads, u, units, n)
						}
					}
				}
			})
		}
	}
	wg.Wait()
}

func TestProblemParallelDoesEveryUnitOnce(t *testing.T) {
	for _, threads := range []int{0, 1, 4} {
		var done [30]atomic.Int64
		Problem{Threads: threads}.Parallel(len(done), func(i int) { done[i].Add(1) })
		for i := range done {
			if n := done[i].Load(); n != 1 {
				t.Errorf("%d threads: unit %d was done %d times", threads, i, n)
			}
		}
	}
}

// A job inside a job does not wait for workers that wait for it.
func TestParallelInParallel(t *testing.T) {
	var done atomic.Int64
	Parallel(3, 5, func(int, int) {
		Parallel(3, 5, func(int, int) { done.Add(1) })
	})
	if n := done.Load(); n != 25 {
		t.Errorf("%d units done, want 25", n)
	}
}

func TestParallelRaisesAPanicInTheCaller(t *testing.T) {
	for range 20 {
		func() {
			defer func() {
				p, ok := recover().(*Panic)
				if !ok || p.Value != "on purpose" || !strings.Contains(string(p.Stack), "parallel_test.go") {
					t.Errorf("%v, want the panic and its stack", p)
				}
			}()
			Parallel(3, 50, func(_, unit int) {
				if unit == 13 {
					panic("on purpose")
				}
			})
			t.Error("the panic was lost")
		}()
	}
}

// Nothing is left running when there has been nothing to do for a while.
func TestParallelCleansUp(t *testing.T) {
	lookingOut := func() int {
		idle.Lock()
		defer idle.Unlock()
		return len(idle.helpers)
	}
	for range 100 {
		var both sync.WaitGroup
		both.Add(2)
		Parallel(2, 2, func(_, _ int) { // a helper has to come
			both.Done()
			both.Wait()
		})
	}
	deadline := time.Now().Add(time.Minute)
	for lookingOut() > 0 || strings.Contains(stacks(), ".(*helper).run(") {
		if time.Now().After(deadline) {
			t.Fatalf("%d helpers are idle, want none; goroutines:\n%s", lookingOut(), stacks())
		}
		time.Sleep(time.Millisecond)
	}
}

func stacks() string {
	b := make([]byte, 1<<20)
	return string(b[:runtime.Stack(b, true)])
}

func BenchmarkParallel(b *testing.B) {
	do := func(_, _ int) {}
	b.ReportAllocs()
	for b.Loop() {
		Parallel(2, 2, do)
	}
}
