package plugins

import (
	"context"
	"errors"
	"io"
	"math"
	"sync"

	"github.com/joust-bench/joust/plugins/protocol"
)

// offerSocket makes steps over the socket a feature. They are answered from when
// the host has named it, too.
func (s *Server) offerSocket(socket io.ReadWriteCloser, fail func(error)) {
	s.features = append(s.features, protocol.FeatureSocket)
	s.listen = sync.OnceFunc(func() {
		go func() {
			err := s.serveSocket(socket)
			// To the host that is the end of the transport.
			if err = errors.Join(err, socket.Close()); err != nil {
				fail(err)
			}
		}()
	})
}

// serveSocket answers each request in turn until there are no more.
func (s *Server) serveSocket(socket io.ReadWriter) error {
	wire := protocol.NewWire(socket, math.MaxInt32)
	for {
		r := &protocol.StepRequest{}
		if err := wire.Recv(r); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		err := s.recovered(func() error {
			answer, _ := s.Step(context.Background(), r) // which holds the failure
			return sendParts(answer, mostBytes, func(a *protocol.StepResponse) error { return wire.Send(a) })
		})
		if err != nil {
			return err
		}
	}
}
