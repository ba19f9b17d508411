package bench

import (
	"strings"
	"sync"
	"testing"
)

func TestParallelDoesEveryUnitOnce(t *testing.T) {
	for _, threads := range []int{1, 2, 3, 9} {
		var mu sync.Mutex
		done := make(map[int]int)
		parallel(threads, 7, func(worker, unit int) {
			mu.Lock()
			defer mu.Unlock()
			if worker < 0 || worker >= threads {
				t.Errorf("worker %d of %d", worker, threads)
			}
			done[unit]++
		})
		for u := range 7 {
			if done[u] != 1 {
				t.Errorf("%d threads: unit %d was done %d times", threads, u, done[u])
			}
		}
	}
}

// A crash on another goroutine must reach the caller, who fails one trial; left
// alone it would end the process.
func TestParallelPassesACrashOn(t *testing.T) {
	for _, threads := range []int{1, 3} {
		func() {
			defer func() {
				reason := crashReason(recover())
				if !strings.HasPrefix(reason, "panic: on purpose at bench/parallel_test.go:") {
					t.Errorf("%d threads: %q, want the crash and its place", threads, reason)
				}
			}()
			parallel(threads, 5, func(_, unit int) {
				if unit == 3 {
					panic("on purpose")
				}
			})
			t.Errorf("%d threads: the crash was lost", threads)
		}()
	}
}
