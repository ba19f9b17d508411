package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/joust-bench/joust/plugins/protocol"
)

const (
	maxMessage = 64 << 20 // bytes of a message that the host takes
	maxChunk   = 1 << 20  // bytes of a state in one message
)

// A grpcConn calls a plugin over gRPC.
type grpcConn struct {
	p      *Process
	rpc    plugin.ClientProtocol
	client protocol.OptimizerClient
	runs
}

// A stream is what the steps of a run take: one of gRPC, or the socket while it
// has it. It ends with the run, and with a call that was given up or went wrong.
type stream struct {
	messages
	end func() // from any goroutine
}

type messages interface {
	Send(r *protocol.StepRequest) error
	Recv() (*protocol.StepResponse, error)
}

func (c *grpcConn) leave()  { _ = c.rpc.Close() } // it dies by itself or is killed
func (c *grpcConn) hangUp() { _ = c.rpc.Close() } // the other side is dead

// failed is the error of a call: what the plugin refused, or of the transport.
func (c *grpcConn) failed(ctx context.Context, op string, err error) error {
	if of, ok := errors.AsType[*socketError](err); ok {
		return c.p.broken(ctx, op, harmless(of.Error(), 300))
	}
	s := status.Convert(err)
	if kind := protocol.KindOf(s.Code()); ctx.Err() == nil && kind != protocol.Failure_KIND_UNSPECIFIED && !tooLong(s) {
		return refused(kind, s.Message())
	}
	return c.p.broken(ctx, op, harmless(s.Message(), 300))
}

// tooLong reports whether a message was longer than gRPC's limit, which has
// the code of a dimension that is too large.
func tooLong(s *status.Status) bool {
	return s.Code() == codes.ResourceExhausted && strings.Contains(strings.ToLower(s.Message()), "message larger than max")
}

func (c *grpcConn) Describe(ctx context.Context, r *protocol.DescribeRequest) (*protocol.DescribeResponse, error) {
	socket := c.p.socket
	if socket.offered() {
		r = &protocol.DescribeRequest{Host: r.Host, Minor: r.Minor, Features: append(slices.Clone(r.Features), protocol.FeatureSocket)}
	}
	a, err := c.client.Describe(ctx, r)
	if err != nil {
		return nil, c.failed(ctx, "describe", err)
	}
	if i := slices.Index(a.Features, protocol.FeatureSocket); i >= 0 && socket.offered() {
		a.Features = slices.Delete(a.Features, i, i+1) // which is of this transport alone
		socket.agree()
	}
	return a, nil
}

func (c *grpcConn) Init(ctx context.Context, r *protocol.InitRequest) (*protocol.InitResponse, error) {
	a, err := c.client.Init(ctx, r)
	return c.begun(ctx, "init", r, a, err)
}

// begun is the end of Init and Restore.
func (c *grpcConn) begun(ctx context.Context, op string, r *protocol.InitRequest, a *protocol.InitResponse, err error) (*protocol.InitResponse, error) {
	if err != nil {
		return nil, c.failed(ctx, op, err)
	}
	if err := checkInit(r, a); err != nil {
		return nil, c.p.wrong(op, err)
	}
	c.begin(r, a)
	return a, nil
}

func (c *grpcConn) Step(ctx context.Context, r *protocol.StepRequest) (*protocol.StepResponse, error) {
	s, done := c.p.socket.take()
	if s != nil {
		defer done()
	} else {
		var err error
		if s, err = c.stream(ctx, r.Run); err != nil {
			return nil, c.failed(ctx, "step", err)
		}
	}
	// The end of the context ends the stream, and with it the call.
	stop := context.AfterFunc(ctx, s.end)
	a, err := c.step(r, s)
	if !stop() || err != nil {
		c.drop(r.Run, s)
	}
	var bad badAnswer
	switch {
	case errors.As(err, &bad):
		return nil, c.p.wrong("step", err)
	case err != nil:
		return nil, c.failed(ctx, "step", err)
	case a.Failure != nil:
		return a, refused(a.Failure.Kind, a.Failure.Message)
	}
	return a, nil
}

// step makes one call on a stream. Its error is gRPC's or a badAnswer.
func (c *grpcConn) step(r *protocol.StepRequest, s *stream) (*protocol.StepResponse, error) {
	// Of a stream that has ended Recv has the reason.
	if err := s.Send(r); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	a, err := s.Recv()
	if err != nil {
		return nil, err
	}
	run, limit := c.get(r.Run), c.p.cmd.Limits.Reply
	if err := checkRows(run, a.GetAsked().GetRows(), limit); err != nil {
		return nil, badAnswer{err}
	}
	if rows, ok := a.GetAsked().GetRows().GetWhere().(*protocol.Rows_Data); ok && a.More && run != nil {
		// Put together in memory that is kept: new pages take longer to get than to
		// fill.
		run.rows = append(run.rows[:0], rows.Data...)
		rows.Data = run.rows
		defer func() { run.rows = a.GetAsked().GetRows().GetData() }()
	}
	for more := a.More; more; {
		part, err := s.Recv()
		if err != nil {
			return nil, err
		}
		if err := checkRows(run, part.GetAsked().GetRows(), limit); err != nil {
			return nil, badAnswer{err}
		}
		if err := join(run, a, part, limit); err != nil {
			return nil, badAnswer{err}
		}
		more = part.More
	}
	a.More = false
	if err := checkStep(r, a); err != nil {
		return nil, badAnswer{err}
	}
	return a, nil
}

// stream returns the stream of a run, or one for a call on a run that the
// plugin does not have, which it will say.
func (c *grpcConn) stream(ctx context.Context, name string) (*stream, error) {
	run := c.get(name)
	if run != nil && run.stream != nil {
		return run.stream, nil
	}
	// It outlives the call.
	of, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer context.AfterFunc(ctx, cancel)()
	s, err := c.client.Step(of)
	if err != nil {
		cancel()
		return nil, err
	}
	n := &stream{messages: s, end: cancel}
	if run != nil {
		run.stream = n
	}
	return n, nil
}

// drop ends a stream.
func (c *grpcConn) drop(name string, s *stream) {
	s.end()
	if run := c.get(name); run != nil && run.stream == s {
		run.stream = nil
	}
}

func (c *grpcConn) Recommend(ctx context.Context, r *protocol.RecommendRequest) (*protocol.RecommendResponse, error) {
	a, err := c.client.Recommend(ctx, r)
	if err != nil {
		return nil, c.failed(ctx, "recommend", err)
	}
	if err := checkRecommend(c.get(r.Run), r, a, c.p.cmd.Limits.Reply); err != nil {
		return nil, c.p.wrong("recommend", err)
	}
	return a, nil
}

func (c *grpcConn) Diagnose(ctx context.Context, r *protocol.DiagnoseRequest) (*protocol.DiagnoseResponse, error) {
	a, err := c.client.Diagnose(ctx, r)
	if err != nil {
		return nil, c.failed(ctx, "diagnose", err)
	}
	if err := checkSeconds(a.OptimizerSeconds); err != nil {
		return nil, c.p.wrong("diagnose", err)
	}
	return a, nil
}

func (c *grpcConn) Checkpoint(ctx context.Context, r *protocol.CheckpointRequest) ([]byte, error) {
	ctx, cancel := context.WithCancel(ctx) // ends the stream
	defer cancel()
	s, err := c.client.Checkpoint(ctx, r)
	if err != nil {
		return nil, c.failed(ctx, "checkpoint", err)
	}
	state := []byte{}
	for {
		chunk, err := s.Recv()
		if errors.Is(err, io.EOF) {
			return state, nil
		}
		if err != nil {
			return nil, c.failed(ctx, "checkpoint", err)
		}
		if limit := c.p.cmd.Limits.Reply; int64(len(state)+len(chunk.Data)) > limit {
			return nil, c.p.wrong("checkpoint", fmt.Errorf("answered with a state of more than %d bytes", limit))
		}
		state = append(state, chunk.Data...)
	}
}

func (c *grpcConn) Restore(ctx context.Context, r *protocol.InitRequest, state []byte) (*protocol.InitResponse, error) {
	of, cancel := context.WithCancel(ctx)
	defer cancel()
	s, err := c.client.Restore(of)
	if err != nil {
		return nil, c.failed(ctx, "restore", err)
	}
	err = s.Send(&protocol.RestoreRequest{Part: &protocol.RestoreRequest_Init{Init: r}})
	for chunk := range slices.Chunk(state, maxChunk) {
		if err != nil {
			break
		}
		err = s.Send(&protocol.RestoreRequest{Part: &protocol.RestoreRequest_Chunk{Chunk: &protocol.Chunk{Data: chunk}}})
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, c.failed(ctx, "restore", err)
	}
	a, err := s.CloseAndRecv()
	return c.begun(ctx, "restore", r, a, err)
}

func (c *grpcConn) Finish(ctx context.Context, r *protocol.FinishRequest) (*protocol.FinishResponse, error) {
	if run := c.get(r.Run); run != nil && run.stream != nil {
		c.drop(r.Run, run.stream)
	}
	a, err := c.client.Finish(ctx, r)
	if err != nil {
		return nil, c.failed(ctx, "finish", err)
	}
	if _, unshared := c.end(r.Run); unshared {
		if err := c.p.shared.clear(); err != nil {
			return nil, fmt.Errorf("%s: %w", c.p.cmd.name(), err)
		}
	}
	return a, nil
}
