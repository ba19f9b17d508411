package conformance

import (
	"context"
	"time"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/plugins/protocol"
)

// A Subject is one optimizer of a plugin, to be checked. Its methods may be
// called from many goroutines.
type Subject interface {
	// Optimizer is its name.
	Optimizer() string
	// Conn leads to a process that the checks share. One that a check has
	// brought down is replaced.
	Conn(ctx context.Context) (protocol.Conn, error)
	// Second leads to a process beside that, with memory of [SharedSize] if there
	// is any to share, for one check at a time. One that was stopped, or brought
	// down, is replaced.
	Second(ctx context.Context) (Process, error)
	// Definition is the optimizer as a host uses it. It wraps
	// [errors.ErrUnsupported] where there is no host.
	Definition() (optimizers.Definition, error)
}

// SharedSize is how many bytes the second process shares: enough for the largest
// batch that is tried. What is not written to takes no memory.
const SharedSize = 2 * largestBatch

// A Process is a process of the plugin.
type Process interface {
	Conn() protocol.Conn
	// Shared is the memory that the plugin has mapped: it writes the first half
	// and this process the second. Nil: there is none.
	Shared() []byte
	// Facts looks at the process from outside. It wraps
	// [errors.ErrUnsupported] where that cannot be done.
	Facts() (Facts, error)
	// Stop ends the process, which has until the grace is over to go by itself.
	// An error says that it did not.
	Stop(grace time.Duration) error
}

// Facts are what the operating system knows of a process.
type Facts struct {
	Resident int64    // bytes of memory in use
	Threads  int      // of the process alone
	Children int      // processes it has started, and theirs, that are still there
	Open     int      // open file descriptors
	Noise    int64    // bytes written to standard output where nobody reads them
	Files    []string // in its working directory, at any depth
}
