package plugins

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/joust-bench/joust/plugins/protocol"
)

// socketConn is a server whose steps go over a pipe.
type socketConn struct {
	*Server
	wire *protocol.Wire
}

func (c socketConn) Step(_ context.Context, r *protocol.StepRequest) (*protocol.StepResponse, error) {
	if err := c.wire.Send(r); err != nil {
		return nil, err
	}
	a := &protocol.StepResponse{}
	if err := c.wire.Recv(a); err != nil {
		return nil, err
	}
	if a.Failure != nil {
		return a, &protocol.Error{Kind: a.Failure.Kind, Message: a.Failure.Message}
	}
	return a, nil
}

// overSocket is a server of all definitions whose steps go over a socket, as was
// agreed on, and a channel with what became of it.
func overSocket(t *testing.T, s *Server) (socketConn, net.Conn, chan error) {
	t.Helper()
	ours, theirs := net.Pipe()
	failed := make(chan error, 1)
	s.offerSocket(theirs, func(err error) { failed <- err })
	for _, features := range [][]string{nil, {"other"}, {"other", protocol.FeatureSocket}, {protocol.FeatureSocket}} {
		a, err := s.Describe(t.Context(), &protocol.DescribeRequest{Features: features})
		if err != nil {
			t.Fatal(err)
		}
		if slices.Contains(a.Features, protocol.FeatureSocket) != slices.Contains(features, protocol.FeatureSocket) || slices.Contains(a.Features, "other") {
			t.Errorf("features %q of a host's %q, want those of both", a.Features, features)
		}
	}
	return socketConn{s, protocol.NewWire(ours, 1<<30)}, ours, failed
}

func TestSameBitsOverTheSocket(t *testing.T) {
	const dim, steps = 12, 10
	for _, name := range []string{"sgd", "ga", "openai-es"} {
		def := definition(t, name)
		conn, ours, failed := overSocket(t, NewServer(def))
		c := client{conn: conn, def: def, dim: dim, run: "1"}
		if _, err := conn.Init(t.Context(), initRequest(def, "1", dim, 5)); err != nil {
			t.Fatal(err)
		}
		for range steps {
			if err := c.step(t.Context(), true); err != nil {
				t.Fatal(err)
			}
		}
		if want := direct(t, def, dim, 5, steps); !slices.Equal(c.trace, want[:len(c.trace)]) {
			t.Errorf("%s: other candidates than those of the optimizer itself", name)
		}
		if a, err := conn.Step(t.Context(), &protocol.StepRequest{Run: "none"}); a.GetFailure().GetKind() != protocol.Failure_KIND_UNKNOWN_RUN {
			t.Errorf("%s: a run that there is not: %v, %v", name, a, err)
		}
		if err := ours.Close(); err != nil {
			t.Error(err)
		}
		select {
		case err := <-failed:
			t.Errorf("%s: %v, want no error when the host is done", name, err)
		default:
		}
	}
}

// TestASocketThatCannotBeFollowedIsClosed, since nobody knows where the next
// message begins.
func TestASocketThatCannotBeFollowedIsClosed(t *testing.T) {
	_, ours, failed := overSocket(t, NewServer(definition(t, "sgd")))
	if _, err := ours.Write([]byte("\x04\x00\x00\x00\xff\xff\xff\xff")); err != nil {
		t.Fatal(err)
	}
	if _, err := ours.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("read: %v, want EOF", err)
	}
	if err := <-failed; err == nil || !strings.Contains(err.Error(), "cannot parse") {
		t.Errorf("%v, want that the message is none", err)
	}
}
