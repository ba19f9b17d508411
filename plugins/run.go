package plugins

import (
	"errors"
	"io"
	"runtime/debug"
	"sync"
	"time"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/plugins/protocol"
)

// A run is an optimizer at work on one problem.
type run struct {
	id    string
	fault func(stack []byte)

	mu       sync.Mutex // held during each call; guards what follows
	finished bool
	broken   *protocol.Error // what every call but Finish answers from now on
	spent    time.Duration   // inside the optimizer, in this call

	def optimizers.Definition
	dim int
	opt optimizers.Optimizer
	// What both sides have mapped: candidates in the first half, gradients in
	// the second. Nil: vectors are in the messages, for the reason unshared.
	shared   []byte
	unshared error
	arena    arena // of the first half

	batch uint64 // how many were asked for
	open  int    // candidates of the last, until they are told
	need  optimizers.Need
	sent  []byte // their weights, where they are not in shared memory
	evals []optimizers.Evaluation
}

// call runs the optimizer's own code: it is timed, and a panic breaks the run
// and not the process.
func (u *run) call(what string, f func() error) (err error) {
	start := time.Now()
	defer func() {
		u.spent += time.Since(start)
		if r := recover(); r != nil {
			stack := debug.Stack()
			if p, ok := r.(*optimizers.Panic); ok { // it was another goroutine's
				stack = p.Stack
			}
			u.fault(stack)
			u.broken = protocol.Errorf(protocol.Failure_KIND_BROKEN, "panic in %s: %v", what, r)
			err = u.broken
		}
	}()
	return f()
}

// failed is what an error of the optimizer's Ask or Tell means. All but
// divergence, after which it still recommends something, ends the run.
func (u *run) failed(what string, err error) error {
	switch {
	case u.broken != nil:
	case errors.Is(err, optimizers.ErrDiverged):
		return protocol.Errorf(protocol.Failure_KIND_DIVERGED, "%v", err)
	default:
		u.broken = protocol.Errorf(protocol.Failure_KIND_BROKEN, "%s: %v", what, err)
	}
	return u.broken
}

func (u *run) seconds() float64 { return u.spent.Seconds() }

// close releases the optimizer.
func (u *run) close() error {
	c, ok := u.opt.(io.Closer)
	u.opt = nil
	if !ok {
		return nil
	}
	if err := u.call("Close", c.Close); err != nil {
		return protocol.Errorf(protocol.Failure_KIND_BROKEN, "%v", err)
	}
	return nil
}

func wrongOrder(format string, args ...any) error {
	return protocol.Errorf(protocol.Failure_KIND_WRONG_ORDER, format, args...)
}
