package host

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"

	"github.com/joust-bench/joust/plugins/protocol"
)

// A socket is a pair of which host and plugin have an end each, for steps: a
// round trip over it takes a tenth of one over gRPC. It carries one at a time.
type socket struct {
	theirs *os.File // the plugin's file descriptor 4; nil: there is none

	mu     sync.Mutex  // held during a call
	agreed atomic.Bool // the plugin answers there
	wire   *protocol.Wire

	ours  *os.File
	close func() error // closes ours, once
}

// newSocket returns a pair, or, unless it is wanted and there can be one, none.
func newSocket(wanted bool) (*socket, error) {
	s := &socket{close: func() error { return nil }}
	if !wanted {
		return s, nil
	}
	ours, theirs, err := socketPair()
	if err != nil {
		return s, fmt.Errorf("socket: %w", err)
	}
	if s.ours, s.theirs = ours, theirs; ours == nil {
		return s, nil
	}
	s.wire = protocol.NewWire(ours, maxMessage)
	s.close = sync.OnceValue(func() error {
		_ = shutDown(ours) // the other side may have done so
		return ours.Close()
	})
	return s, nil
}

// handed closes the plugin's end, which the plugin has now, or will never have.
func (s *socket) handed() error {
	f := s.theirs
	if s.theirs = nil; f == nil {
		return nil
	}
	return f.Close()
}

// offered reports whether there is one to offer to the plugin.
func (s *socket) offered() bool { return s != nil && s.ours != nil }

// agree notes that the plugin answers there.
func (s *socket) agree() { s.agreed.Store(true) }

// take returns a way for one call, with what gives it back, or nothing if there
// is no such way or another call has it. After a call that was given up or went
// wrong there is none any more, since an answer may still come.
func (s *socket) take() (way *stream, done func()) {
	if !s.offered() || !s.mu.TryLock() {
		return nil, nil
	}
	if !s.agreed.Load() {
		s.mu.Unlock()
		return nil, nil
	}
	return &stream{messages: socketMessages{s.wire}, end: s.end}, s.mu.Unlock
}

// end ends the call that has it.
func (s *socket) end() {
	s.agreed.Store(false)
	_ = s.close() // nothing is written any more
}

// socketMessages are those of steps.
type socketMessages struct{ wire *protocol.Wire }

func (m socketMessages) Send(r *protocol.StepRequest) error {
	if m.wire.Buffered() > 0 {
		return &socketError{errors.New("answered what it was not asked")}
	}
	if err := m.wire.Send(r); err != nil {
		return &socketError{err}
	}
	return nil
}

func (m socketMessages) Recv() (*protocol.StepResponse, error) {
	a := &protocol.StepResponse{}
	err := m.wire.Recv(a)
	if errors.Is(err, io.EOF) {
		err = errors.New("it was closed")
	}
	if err != nil {
		return nil, &socketError{err}
	}
	return a, nil
}

// A socketError is one of the transport.
type socketError struct{ error }

func (e *socketError) Error() string { return "socket of its steps: " + e.error.Error() }
func (e *socketError) Unwrap() error { return e.error }
