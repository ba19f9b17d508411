package plugins

import (
	"context"
	"errors"
	"io"
	"math"
	"net"
	"slices"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"

	"github.com/joust-bench/joust/plugins/protocol"
)

// overGRPC serves s in memory and returns the other side.
func overGRPC(t *testing.T, s *Server, most int) protocol.Conn {
	t.Helper()
	listener := bufconn.Listen(1 << 16)
	g := grpc.NewServer(s.GRPCOptions()...)
	service := s.GRPC().(*grpcServer)
	service.most = most
	protocol.RegisterOptimizerServer(g, service)
	served := make(chan error, 1)
	go func() { served <- g.Serve(listener) }()
	conn, err := grpc.NewClient("passthrough:memory", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(64<<20), grpc.MaxCallSendMsgSize(math.MaxInt32)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
		g.Stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return &grpcConn{client: protocol.NewOptimizerClient(conn)}
}

// grpcConn is a plain client: a stream for each step.
type grpcConn struct {
	client protocol.OptimizerClient
	parts  int // messages of the last step
}

func (c *grpcConn) Describe(ctx context.Context, r *protocol.DescribeRequest) (*protocol.DescribeResponse, error) {
	a, err := c.client.Describe(ctx, r)
	return a, protocol.FromGRPC(err)
}

func (c *grpcConn) Init(ctx context.Context, r *protocol.InitRequest) (*protocol.InitResponse, error) {
	a, err := c.client.Init(ctx, r)
	return a, protocol.FromGRPC(err)
}

func (c *grpcConn) Step(ctx context.Context, r *protocol.StepRequest) (*protocol.StepResponse, error) {
	stream, err := c.client.Step(ctx)
	if err != nil {
		return nil, protocol.FromGRPC(err)
	}
	if err := stream.Send(r); err != nil {
		return nil, protocol.FromGRPC(err)
	}
	if err := stream.CloseSend(); err != nil {
		return nil, protocol.FromGRPC(err)
	}
	var data []byte
	var n uint64
	c.parts = 0
	for {
		a, err := stream.Recv()
		if err != nil {
			return nil, protocol.FromGRPC(err)
		}
		c.parts++
		rows := a.GetAsked().GetRows()
		if uint64(len(rows.GetData())) != 0 && (rows.GetN() == 0 || uint64(len(rows.GetData()))%rows.GetN() != 0) {
			return nil, errors.New("a message without whole rows")
		}
		data, n = append(data, rows.GetData()...), n+rows.GetN()
		if a.GetMore() {
			continue
		}
		if rows != nil {
			a.Asked.Rows = &protocol.Rows{N: n, Where: &protocol.Rows_Data{Data: data}}
		}
		if _, err := stream.Recv(); !errors.Is(err, io.EOF) {
			return nil, errors.New("more messages than were announced")
		}
		return a, a.GetFailure().Err()
	}
}

func (c *grpcConn) Recommend(ctx context.Context, r *protocol.RecommendRequest) (*protocol.RecommendResponse, error) {
	a, err := c.client.Recommend(ctx, r)
	return a, protocol.FromGRPC(err)
}

func (c *grpcConn) Diagnose(ctx context.Context, r *protocol.DiagnoseRequest) (*protocol.DiagnoseResponse, error) {
	a, err := c.client.Diagnose(ctx, r)
	return a, protocol.FromGRPC(err)
}

func (c *grpcConn) Checkpoint(ctx context.Context, r *protocol.CheckpointRequest) ([]byte, error) {
	stream, err := c.client.Checkpoint(ctx, r)
	if err != nil {
		return nil, protocol.FromGRPC(err)
	}
	var state []byte
	for {
		chunk, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return state, nil
		}
		if err != nil {
			return nil, protocol.FromGRPC(err)
		}
		if len(chunk.GetData()) > 1<<20 {
			return nil, errors.New("a chunk of more than 1 MiB")
		}
		state = append(state, chunk.GetData()...)
	}
}

func (c *grpcConn) Restore(ctx context.Context, r *protocol.InitRequest, state []byte) (*protocol.InitResponse, error) {
	stream, err := c.client.Restore(ctx)
	if err != nil {
		return nil, protocol.FromGRPC(err)
	}
	err = stream.Send(&protocol.RestoreRequest{Part: &protocol.RestoreRequest_Init{Init: r}})
	for chunk := range slices.Chunk(state, 1<<20) {
		if err == nil {
			err = stream.Send(&protocol.RestoreRequest{Part: &protocol.RestoreRequest_Chunk{Chunk: &protocol.Chunk{Data: chunk}}})
		}
	}
	if err != nil && !errors.Is(err, io.EOF) { // then the answer says why
		return nil, protocol.FromGRPC(err)
	}
	a, err := stream.CloseAndRecv()
	return a, protocol.FromGRPC(err)
}

func (c *grpcConn) Finish(ctx context.Context, r *protocol.FinishRequest) (*protocol.FinishResponse, error) {
	a, err := c.client.Finish(ctx, r)
	return a, protocol.FromGRPC(err)
}
