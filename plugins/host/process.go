package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/joust-bench/joust/plugins/protocol"
)

// StartTimeout is how long a plugin may take to say that it is there, if the
// context of Start has no deadline.
const StartTimeout = 10 * time.Second

// A Process is a plugin that runs. It is killed with everything it started, and
// its folder removed, when it ends, by itself or by Stop. Its owner calls Stop
// in any case: shared memory is mapped until then.
type Process struct {
	cmd    Command
	folder *folder
	shared *region
	socket *socket
	log    tail
	child  *child
	conn   conn

	mu      sync.Mutex
	why     string // it was killed, as errors tell it
	stopped bool   // it was asked to end
	gone    bool   // it is dead, and the connection is to be hung up
	noise   atomic.Int64
	reading sync.WaitGroup // of its pipes

	died  chan struct{} // closed when nothing is left of it
	cause error         // after died
	once  sync.Once     // Stop's unmapping
}

// A conn is a protocol.Conn that can be ended.
type conn interface {
	protocol.Conn
	// leave asks the plugin to end. It may block for as long as the plugin lives.
	leave()
	// hangUp frees what the connection holds, when the plugin is dead.
	hangUp()
}

// Start starts a plugin, with at least shared bytes of shared memory, which may
// be 0, and returns when the plugin has said that it is there and in which
// version of the protocol it talks; one that talks in frames says so when it
// is asked to describe itself. Where there can be no shared memory, in frames
// or on other systems than Linux, the process goes without. The context bounds
// the start and not the process's life. An error names the plugin, what it
// did, and the end of its log; then nothing of it is left.
func Start(ctx context.Context, c Command, shared int64) (*Process, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, StartTimeout)
		defer cancel()
	}
	c.Args, c.Env, c.Limits = slices.Clone(c.Args), slices.Clone(c.Env), c.Limits.withDefaults()
	if c.Transport == Frames {
		shared = 0
	}
	p := &Process{cmd: c, died: make(chan struct{})}
	if err := p.start(ctx, shared); err != nil {
		return nil, err
	}
	return p, nil
}

func (p *Process) start(ctx context.Context, shared int64) (err error) {
	defer func() {
		if err == nil {
			return
		}
		if p.child != nil {
			err = errors.Join(err, p.stop(0))
		} else if p.folder != nil {
			err = errors.Join(err, p.folder.remove())
		}
		if p.shared != nil {
			err = errors.Join(err, p.shared.close(), p.socket.close())
		}
	}()
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%s: not started: %w", p.cmd.name(), err)
	}
	if p.shared, err = newRegion(shared); err != nil {
		return fmt.Errorf("%s: %w", p.cmd.name(), err)
	}
	if p.socket, err = newSocket(shared > 0); err != nil {
		return fmt.Errorf("%s: %w", p.cmd.name(), err)
	}
	if p.folder, err = newFolder(); err != nil {
		return fmt.Errorf("%s: %w", p.cmd.name(), err)
	}
	if p.cmd.Transport == Frames {
		return p.startFrames()
	}
	return p.startGRPC(ctx)
}

// launch starts the process with what is added to its environment.
func (p *Process) launch(added []string, stdin bool) error {
	env := slices.Clone(p.cmd.Env)
	if !slices.ContainsFunc(env, func(e string) bool { return strings.HasPrefix(e, "TMPDIR=") }) {
		env = append(env, "TMPDIR="+p.folder.work())
	}
	env = append(append(env, added...), p.folder.mark())
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.why != "" {
		return fmt.Errorf("%s %s before it was started", p.cmd.name(), p.why)
	}
	child, err := startChild(p.cmd, env, p.folder, []*os.File{p.shared.file, p.socket.theirs}, stdin)
	err = errors.Join(err, p.socket.handed())
	if child != nil {
		p.child = child
	}
	if err != nil {
		return fmt.Errorf("%s: starting %s: %w", p.cmd.name(), p.cmd.Path, err)
	}
	// Reading ends with the process. What was read until then is there.
	p.reading.Go(func() { _, _ = io.Copy(&p.log, child.stderr) })
	go p.bury()
	return nil
}

// Conn is the connection to the plugin. It is of no more use when the process
// has died.
func (p *Process) Conn() protocol.Conn { return p.conn }

// connect sets the connection.
func (p *Process) connect(c conn) {
	p.mu.Lock()
	p.conn = c
	gone := p.gone
	p.mu.Unlock()
	if gone {
		c.hangUp()
	}
}

// connection is Conn for those who may come before it is there.
func (p *Process) connection() conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.conn
}

// Shared is the memory that host and plugin have both mapped: the plugin writes
// to its first half and the host to the second. It is nil where there is none,
// zero at the beginning and again when the last run that used it has finished,
// and must not be touched after Stop. The plugin may change it at any time: what
// is checked in it must be copied first.
func (p *Process) Shared() []byte { return p.shared.mem }

// ID is the number of the process.
func (p *Process) ID() int { return p.child.id() }
