package conformance

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/plugins"
	"github.com/joust-bench/joust/plugins/host"
	"github.com/joust-bench/joust/plugins/protocol"
	"google.golang.org/protobuf/proto"
)

// local is a subject whose processes are servers in this one, with what the
// operating system would know of them made up.
type local struct {
	def   optimizers.Definition
	spoil func(process int, c *faulty)
	facts func(live, finished int) Facts
	stop  func(grace time.Duration) error

	first *localProcess
	n     atomic.Int64
}

func newLocal(def optimizers.Definition, spoil func(process int, c *faulty)) *local {
	l := &local{def: def, spoil: spoil}
	l.first = l.process(0)
	return l
}

func (l *local) Optimizer() string { return l.def.Name }

func (l *local) Conn(context.Context) (protocol.Conn, error) { return l.first.conn, nil }

// Definition is what a host makes of it.
func (l *local) Definition() (optimizers.Definition, error) {
	p, err := host.Attach(context.Background(), "local", plugins.NewServer(l.def), host.Options{})
	if err != nil {
		return optimizers.Definition{}, err
	}
	return p.Definitions()[0], nil
}

// Second is a new server for each check: what one of them has left is not that
// of the next.
func (l *local) Second(context.Context) (Process, error) {
	return l.process(4 << 20), nil
}

func (l *local) process(shared int64) *localProcess {
	n := int(l.n.Add(1)) - 1
	p := &localProcess{subject: l, conn: &faulty{Conn: plugins.NewServer(l.def)}}
	if shared > 0 {
		p.shared = make([]byte, shared)
		p.conn.Conn = &sharing{Conn: p.conn.Conn, memory: p.shared}
	}
	if l.spoil != nil {
		l.spoil(n, p.conn)
	}
	return p
}

type localProcess struct {
	subject *local
	conn    *faulty
	shared  []byte
}

func (p *localProcess) Conn() protocol.Conn { return p.conn }
func (p *localProcess) Shared() []byte      { return p.shared }

func (p *localProcess) Facts() (Facts, error) {
	if p.subject.facts == nil {
		return Facts{}, fmt.Errorf("it is served in this process: %w", errors.ErrUnsupported)
	}
	live, finished := p.conn.count()
	return p.subject.facts(live, finished), nil
}

func (p *localProcess) Stop(grace time.Duration) error {
	if p.subject.stop != nil {
		return p.subject.stop(grace)
	}
	return nil
}

// sharing is a server with memory that it shares with the host.
type sharing struct {
	protocol.Conn
	memory []byte
	run    string // the one that uses it
	dim    int    // of it
	// spoil may change what was written there.
	spoil func(rows []byte)
}

func (s *sharing) Init(ctx context.Context, r *protocol.InitRequest) (*protocol.InitResponse, error) {
	shared := r.GetSharedHalf() > 0
	if shared {
		s.run, s.dim, r.SharedHalf = r.GetRun(), int(r.GetDim()), 0
	}
	answer, err := s.Conn.Init(ctx, r)
	if err == nil {
		answer.Shared = shared
	}
	return answer, err
}

func (s *sharing) Step(ctx context.Context, r *protocol.StepRequest) (*protocol.StepResponse, error) {
	if r.GetRun() != s.run {
		return s.Conn.Step(ctx, r)
	}
	if grads := r.GetTell().GetGrads(); grads != nil {
		if at, ok := grads.GetWhere().(*protocol.Rows_Offset); ok {
			grads.Where = &protocol.Rows_Data{Data: s.memory[at.Offset:][:8*int(grads.GetN())*s.dim]}
		}
	}
	answer, err := s.Conn.Step(ctx, r)
	if rows := answer.GetAsked().GetRows(); err == nil && rows.GetN() > 0 {
		const at = 64
		half := s.memory[at : len(s.memory)/2]
		if len(rows.GetData()) > len(half) {
			return answer, err // it stays in the message
		}
		n := copy(half, rows.GetData())
		rows.Where = &protocol.Rows_Offset{Offset: at}
		if s.spoil != nil {
			s.spoil(half[:n])
		}
	}
	return answer, err
}

// faulty is a server with a fault: a func that is not nil is called in place of
// the method.
type faulty struct {
	protocol.Conn
	describe func(*protocol.DescribeResponse)
	init     func(context.Context, *protocol.InitRequest) (*protocol.InitResponse, error)
	step     func(context.Context, *protocol.StepRequest) (*protocol.StepResponse, error)
	save     func(context.Context, *protocol.CheckpointRequest) ([]byte, error)
	restore  func(context.Context, *protocol.InitRequest, []byte) (*protocol.InitResponse, error)
	finish   func(context.Context, *protocol.FinishRequest) (*protocol.FinishResponse, error)

	mu             sync.Mutex
	live, finished int
}

func (f *faulty) count() (live, finished int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.live, f.finished
}

func (f *faulty) Describe(ctx context.Context, r *protocol.DescribeRequest) (*protocol.DescribeResponse, error) {
	answer, err := f.Conn.Describe(ctx, r)
	if err == nil && f.describe != nil {
		answer = proto.CloneOf(answer) // the server has one for all
		f.describe(answer)
	}
	return answer, err
}

func (f *faulty) Init(ctx context.Context, r *protocol.InitRequest) (*protocol.InitResponse, error) {
	answer, err := orElse(f.init, f.Conn.Init)(ctx, r)
	if err == nil {
		f.mu.Lock()
		f.live++
		f.mu.Unlock()
	}
	return answer, err
}

func (f *faulty) Step(ctx context.Context, r *protocol.StepRequest) (*protocol.StepResponse, error) {
	return orElse(f.step, f.Conn.Step)(ctx, r)
}

func (f *faulty) Checkpoint(ctx context.Context, r *protocol.CheckpointRequest) ([]byte, error) {
	return orElse(f.save, f.Conn.Checkpoint)(ctx, r)
}

func (f *faulty) Restore(ctx context.Context, r *protocol.InitRequest, state []byte) (*protocol.InitResponse, error) {
	if f.restore != nil {
		return f.restore(ctx, r, state)
	}
	return f.Conn.Restore(ctx, r, state)
}

func (f *faulty) Finish(ctx context.Context, r *protocol.FinishRequest) (*protocol.FinishResponse, error) {
	answer, err := orElse(f.finish, f.Conn.Finish)(ctx, r)
	if err == nil {
		f.mu.Lock()
		f.live--
		f.finished++
		f.mu.Unlock()
	}
	return answer, err
}

// orElse is f, or else g.
func orElse[R, A any](f, g func(context.Context, R) (A, error)) func(context.Context, R) (A, error) {
	if f != nil {
		return f
	}
	return g
}
