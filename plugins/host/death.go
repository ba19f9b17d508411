package host

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// What is known of a process that has ended, or whose connection has.

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
