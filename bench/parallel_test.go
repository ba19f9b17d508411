package bench

import (
	"strings"
	"testing"

	"github.com/joust-bench/joust/optimizers"
)

// A crash on another goroutine must reach the caller, who fails one trial; left
// alone it would end the process. The reason names the place of the crash.
func TestACrashOfAWorkerNamesItsPlace(t *testing.T) {
	for _, threads := range []int{1, 3} {
		func() {
			defer func() {
				reason := crashReason(recover())
				if !strings.HasPrefix(reason, "panic: on purpose at bench/parallel_test.go:") {
					t.Errorf("%d threads: %q, want the crash and its place", threads, reason)
				}
			}()
			optimizers.Parallel(threads, 5, func(_, unit int) {
				if unit == 3 {
					panic("on purpose")
				}
			})
			t.Errorf("%d threads: the crash was lost", threads)
		}()
	}
}
