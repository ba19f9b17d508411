package protocol

import "context"

// A Conn carries calls to a process, or to a server in this one, and their
// answers. Every transport is one: gRPC, frames over pipes, and a direct call.
// What is refused or fails on the other side is an [*Error]; any other error is
// the transport's, and then the process is of no more use.
//
// Calls on different runs may be made from different goroutines; calls on one
// run follow each other. What an answer refers to lasts until the next call on
// the run.
type Conn interface {
	Describe(ctx context.Context, r *DescribeRequest) (*DescribeResponse, error)
	Init(ctx context.Context, r *InitRequest) (*InitResponse, error)
	// Step has the answers to one request put together: Asked holds every row.
	// A Failure in the answer is returned as the error instead, with the
	// answer beside it, since the tell may have gone well and the ask not.
	Step(ctx context.Context, r *StepRequest) (*StepResponse, error)
	Recommend(ctx context.Context, r *RecommendRequest) (*RecommendResponse, error)
	Diagnose(ctx context.Context, r *DiagnoseRequest) (*DiagnoseResponse, error)
	Checkpoint(ctx context.Context, r *CheckpointRequest) ([]byte, error)
	Restore(ctx context.Context, r *InitRequest, state []byte) (*InitResponse, error)
	Finish(ctx context.Context, r *FinishRequest) (*FinishResponse, error)
}

// An Error is what the other side refused, or what failed there.
type Error struct {
	Kind    Failure_Kind
	Message string // a line, lower case
}

func (e *Error) Error() string { return e.Message }
