package plugins

import (
	"context"
	"errors"
	"io"
	"math"
	"runtime/debug"

	"google.golang.org/grpc"

	"github.com/joust-bench/joust/plugins/protocol"
)

// mostBytes is what a message to the host has at most, if it has more than one
// candidate. What is longer gets new pages from the system for each of its copies:
// 104 MB took three times as long 32 MiB at a time.
const mostBytes = 4 << 20

// chunkBytes is what a piece of a checkpoint has at most.
const chunkBytes = 1 << 20

// GRPC is the server as gRPC wants it. It is to be registered with a
// [grpc.Server] that was made with [GRPCOptions].
func (s *Server) GRPC() protocol.OptimizerServer { return &grpcServer{server: s, most: mostBytes} }

// GRPCOptions are options for the gRPC server of a plugin. They raise the limit
// of 4 MiB for what it receives, as starting weights and gradients may be long,
// and answer a panic of a handler with an error.
func (s *Server) GRPCOptions() []grpc.ServerOption {
	return []grpc.ServerOption{
		grpc.MaxRecvMsgSize(math.MaxInt32),
		grpc.MaxSendMsgSize(math.MaxInt32),
		grpc.UnaryInterceptor(func(ctx context.Context, r any, _ *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (answer any, err error) {
			err = s.recovered(func() (err error) {
				answer, err = handle(ctx, r)
				return err
			})
			return answer, err
		}),
		grpc.StreamInterceptor(func(srv any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
			return s.recovered(func() error { return handle(srv, stream) })
		}),
	}
}

// recovered turns a panic of this package into an error; those of optimizers
// are recovered where they are called.
func (s *Server) recovered(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			s.fault(debug.Stack())
			err = protocol.Errorf(protocol.Failure_KIND_BROKEN, "panic: %v", r)
		}
	}()
	return f()
}

type grpcServer struct {
	protocol.UnimplementedOptimizerServer
	server *Server
	most   int
}

func (g *grpcServer) Describe(ctx context.Context, r *protocol.DescribeRequest) (*protocol.DescribeResponse, error) {
	return g.server.Describe(ctx, r)
}

func (g *grpcServer) Init(ctx context.Context, r *protocol.InitRequest) (*protocol.InitResponse, error) {
	return g.server.Init(ctx, r)
}

func (g *grpcServer) Recommend(ctx context.Context, r *protocol.RecommendRequest) (*protocol.RecommendResponse, error) {
	return g.server.Recommend(ctx, r)
}

func (g *grpcServer) Diagnose(ctx context.Context, r *protocol.DiagnoseRequest) (*protocol.DiagnoseResponse, error) {
	return g.server.Diagnose(ctx, r)
}

func (g *grpcServer) Finish(ctx context.Context, r *protocol.FinishRequest) (*protocol.FinishResponse, error) {
	return g.server.Finish(ctx, r)
}

// Step answers each request in turn until the host closes the stream.
func (g *grpcServer) Step(stream grpc.BidiStreamingServer[protocol.StepRequest, protocol.StepResponse]) error {
	for {
		r, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		answer, _ := g.server.Step(stream.Context(), r) // which holds the failure
		if err := sendParts(answer, g.most, stream.Send); err != nil {
			return err
		}
	}
}

// sendParts sends an answer in messages of at most that many bytes of rows. Each
// has whole rows, at least one, and says how many; all but the last say that
// there are more. What is not rows is the same in all.
func sendParts(answer *protocol.StepResponse, most int, send func(*protocol.StepResponse) error) error {
	rows := answer.GetAsked().GetRows()
	data := rows.GetData()
	if len(data) <= most {
		return send(answer)
	}
	row := len(data) / int(rows.N)
	each := max(1, most/row)
	for len(data) > 0 {
		piece := data[:min(len(data), each*row)]
		data = data[len(piece):]
		err := send(&protocol.StepResponse{
			Told: answer.Told,
			Asked: &protocol.Asked{
				Batch: answer.Asked.Batch,
				Rows:  &protocol.Rows{N: uint64(len(piece) / row), Where: &protocol.Rows_Data{Data: piece}},
				Need:  answer.Asked.Need,
			},
			More:             len(data) > 0,
			OptimizerSeconds: answer.OptimizerSeconds,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Checkpoint sends at least one chunk.
func (g *grpcServer) Checkpoint(r *protocol.CheckpointRequest, stream grpc.ServerStreamingServer[protocol.Chunk]) error {
	state, err := g.server.Checkpoint(stream.Context(), r)
	if err != nil {
		return err
	}
	for len(state) > chunkBytes {
		if err := stream.Send(&protocol.Chunk{Data: state[:chunkBytes]}); err != nil {
			return err
		}
		state = state[chunkBytes:]
	}
	return stream.Send(&protocol.Chunk{Data: state})
}

func (g *grpcServer) Restore(stream grpc.ClientStreamingServer[protocol.RestoreRequest, protocol.InitResponse]) error {
	first, err := stream.Recv()
	if errors.Is(err, io.EOF) || err == nil && first.GetInit() == nil {
		return invalid("Restore starts with what Init would be sent, and then has the state")
	}
	if err != nil {
		return err
	}
	var state []byte
	for {
		r, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if r.GetChunk() == nil {
			return invalid("Restore has no chunk of the state in a message after the first")
		}
		state = append(state, r.GetChunk().GetData()...)
	}
	answer, err := g.server.Restore(stream.Context(), first.GetInit(), state)
	if err != nil {
		return err
	}
	return stream.SendAndClose(answer)
}
