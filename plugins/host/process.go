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

// bury waits until the process is dead and removes what is left of it.
func (p *Process) bury() {
	<-p.child.exited
	read := make(chan struct{})
	go func() { p.reading.Wait(); close(read) }()
	select {
	case <-read:
	case <-time.After(drain):
	}
	p.mu.Lock()
	p.gone = true
	c := p.conn
	p.mu.Unlock()
	if c != nil {
		c.hangUp()
	}
	err := errors.Join(p.child.err, p.child.closePipes(), p.folder.remove())
	<-read
	p.mu.Lock()
	p.cause = p.death(err)
	p.mu.Unlock()
	close(p.died)
}

// death is how the process died, as an error.
func (p *Process) death(err error) error {
	how := ending(p.child.state)
	switch {
	case killed(p.child.state) && p.why != "":
		how = p.why
	case p.stopped:
		how += " when it was asked to end"
	}
	msg := p.cmd.name() + " " + how + p.logged()
	if err != nil {
		return fmt.Errorf("%s\n%w", msg, err)
	}
	return errors.New(msg)
}

// logged is the end of the log, as it follows what is said of the plugin.
func (p *Process) logged() string {
	log := p.log.last()
	if len(log) == 0 {
		return ""
	}
	return "; the end of its log:\n\t" + strings.Join(log, "\n\t")
}

// wrong is an error of the transport: an answer that no plugin that keeps to
// the protocol gives.
func (p *Process) wrong(op string, err error) error {
	return lief("%s: %s: %v", p.cmd.name(), op, err)
}

// broken is an error of the transport, which ends the process's use: that it
// has died, if it has or does in a moment, or what was wrong with its answer.
// When the context has ended, it is that the call was given up.
func (p *Process) broken(ctx context.Context, op, what string) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%s: %s: gave up: %w", p.cmd.name(), op, context.Cause(ctx))
	}
	select {
	case <-p.died:
		return fmt.Errorf("%s: %w", op, p.cause)
	case <-time.After(dying):
	case <-ctx.Done():
	}
	return fmt.Errorf("%s: %s: %s", p.cmd.name(), op, what)
}

// dying is how long a process whose connection is gone may take to be seen dead.
const dying = time.Second

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

// Died is closed when the process has ended, and with it what it had started,
// its socket, and its folder.
func (p *Process) Died() <-chan struct{} { return p.died }

// Cause says how the process died and what it logged last, or nothing while it
// lives. What came from the plugin is harmless to a terminal.
func (p *Process) Cause() error {
	select {
	case <-p.died:
		return p.cause
	default:
		return nil
	}
}

// Log returns the last lines that the plugin wrote to its log, oldest first,
// for an error that is told while it lives.
func (p *Process) Log() []string { return p.log.last() }

// Noise is the number of bytes that a plugin that talks gRPC wrote to its
// standard output after its handshake, where nobody reads them.
func (p *Process) Noise() int64 { return p.noise.Load() }

// ID is the number of the process.
func (p *Process) ID() int { return p.child.id() }

// Kill kills the process and what it started. It does not wait; see Died.
func (p *Process) Kill() { p.kill("was killed by joust") }

func (p *Process) kill(why string) {
	p.mu.Lock()
	if p.why == "" {
		p.why = why
	}
	c := p.child
	p.mu.Unlock()
	if c != nil {
		c.kill()
	}
}

// buried is how long a process that was killed may take to die: longer only if
// the system does not let it.
const buried = 5 * time.Second

// Stop asks the plugin to end, kills it and what it started when it has not
// within grace, and unmaps the shared memory: nothing may refer to Shared any
// more. It returns when nothing is left, at the latest some seconds after
// grace. The error is that the plugin did not end when asked, or could not be
// killed or cleared away; it is nil if the process was dead already.
func (p *Process) Stop(grace time.Duration) error {
	err := p.stop(grace)
	p.once.Do(func() { err = errors.Join(err, p.shared.close(), p.socket.close()) })
	return err
}

func (p *Process) stop(grace time.Duration) error {
	select {
	case <-p.died:
		return nil
	default:
	}
	var err error
	if c := p.connection(); c != nil && grace > 0 {
		p.mu.Lock()
		p.stopped = true
		p.mu.Unlock()
		go c.leave()
		select {
		case <-p.died:
			return nil
		case <-time.After(grace):
			err = fmt.Errorf("%s did not end within %v of being asked to: killed", p.cmd.name(), grace)
		}
		p.kill(fmt.Sprintf("was killed: it did not end within %v of being asked to", grace))
	} else {
		p.Kill()
	}
	select {
	case <-p.died:
		return err
	case <-time.After(buried):
		return errors.Join(err, fmt.Errorf("%s does not die: process %d", p.cmd.name(), p.child.id()))
	}
}
