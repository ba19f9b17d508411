//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package host

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"time"
)

// drain is how long the pipes of a plugin that has ended are read for what is
// left in them, should something that was not found hold them open.
const drain = 200 * time.Millisecond

// A child is a plugin's process, with the host's ends of its pipes.
type child struct {
	process *os.Process
	mark    string
	stdin   *os.File // nil: it has none
	stdout  *os.File
	stderr  *os.File

	mu     sync.Mutex
	reaped bool // its number may be another's

	exited chan struct{}    // closed when it and what it started is dead
	state  *os.ProcessState // after exited
	err    error            // what went wrong with that
}

// startChild starts a plugin in a session of its own: it has no terminal, and
// is killed with its group. It dies with the host where the system can do that.
// The files are its descriptors from 3 on; one that is nil is closed.
func startChild(c Command, env []string, f *folder, files []*os.File, stdin bool) (_ *child, err error) {
	cmd := &exec.Cmd{
		Path:        c.Path,
		Args:        append([]string{c.Path}, c.Args...),
		Env:         env,
		Dir:         f.work(),
		SysProcAttr: &syscall.SysProcAttr{Setsid: true},
	}
	dieWithHost(cmd.SysProcAttr)
	cmd.ExtraFiles = slices.Clone(files)
	if c.File != nil {
		if path := openedPath(3 + len(files)); path != "" {
			cmd.Path, cmd.ExtraFiles = path, append(cmd.ExtraFiles, c.File)
		}
	}

	ch := &child{mark: f.mark(), exited: make(chan struct{})}
	var theirs []*os.File // their ends of the pipes
	pipe := func() (r, w *os.File) {
		if err == nil {
			r, w, err = os.Pipe()
		}
		return r, w
	}
	var in, out, log *os.File
	if stdin {
		in, ch.stdin = pipe()
		cmd.Stdin = in
	}
	// Files, so that exec copies nothing and Wait waits for the process alone.
	ch.stdout, out = pipe()
	ch.stderr, log = pipe()
	cmd.Stdout, cmd.Stderr = out, log
	theirs = append(theirs, in, out, log)
	if err == nil {
		err = ch.run(cmd, c.Limits)
	}
	for _, f := range theirs {
		if f != nil {
			err = closing(f, err)
		}
	}
	if err != nil {
		if ch.process != nil {
			ch.kill()
			<-ch.exited
		}
		return nil, errors.Join(err, ch.closePipes())
	}
	return ch, nil
}

// run starts the command on a thread that lives as long as it does: the system
// kills the child when the thread ends that started it, not only the process.
func (ch *child) run(cmd *exec.Cmd, l Limits) error {
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		if err != nil {
			started <- err
			return
		}
		ch.process = cmd.Process
		started <- limit(cmd.Process.Pid, l)

		awaitExit(cmd.Process.Pid)
		left := killMarked(cmd.Process.Pid, ch.mark)
		ch.mu.Lock()
		ch.reaped = true
		ch.mu.Unlock()
		var failed *exec.ExitError
		if err := cmd.Wait(); err != nil && !errors.As(err, &failed) {
			left = errors.Join(left, err)
		}
		ch.state, ch.err = cmd.ProcessState, left
		close(ch.exited)
	}()
	return <-started
}

// kill kills the process and what it started. It does not wait.
func (ch *child) kill() {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	if !ch.reaped {
		// What does not die is found again, and told, when the process has ended.
		_ = killMarked(ch.process.Pid, ch.mark)
	}
}

func (ch *child) closePipes() error {
	var err error
	for _, f := range []*os.File{ch.stdin, ch.stdout, ch.stderr} {
		if f == nil {
			continue
		}
		if e := f.Close(); !errors.Is(e, os.ErrClosed) {
			err = errors.Join(err, e)
		}
	}
	return err
}

// ending says how a process ended.
func ending(s *os.ProcessState) string {
	if s == nil {
		return "was lost"
	}
	w, ok := s.Sys().(syscall.WaitStatus)
	if ok && w.Signaled() {
		return fmt.Sprintf("was killed by signal %d (%v)", int(w.Signal()), w.Signal())
	}
	return fmt.Sprintf("exited with status %d", s.ExitCode())
}

// killed reports whether it was killed by SIGKILL.
func killed(s *os.ProcessState) bool {
	if s == nil {
		return false
	}
	w, ok := s.Sys().(syscall.WaitStatus)
	return ok && w.Signaled() && w.Signal() == syscall.SIGKILL
}

func (ch *child) id() int { return ch.process.Pid }
