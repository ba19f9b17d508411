package host

import (
	"context"
	"errors"
	"fmt"

	"github.com/joust-bench/joust/plugins/protocol"
)

// The calls of the protocol in frames.

func (c *frameConn) Describe(ctx context.Context, r *protocol.DescribeRequest) (*protocol.DescribeResponse, error) {
	features := append([]string{}, r.Features...)
	q := &protocol.FrameRequest{Op: "describe", Protocol: protocol.Major, Minor: &r.Minor, Host: r.Host, Features: features}
	var d *protocol.DescribeResponse
	_, err := c.call(ctx, q, nil, func(a *protocol.FrameAnswer) error {
		err := checkMajor(a.Protocol)
		if err == nil {
			d, err = described(a)
		}
		return err
	})
	return d, err
}

func (c *frameConn) Init(ctx context.Context, r *protocol.InitRequest) (*protocol.InitResponse, error) {
	q := &protocol.FrameRequest{Op: "init"}
	return c.make(ctx, q, r)
}

func (c *frameConn) Restore(ctx context.Context, r *protocol.InitRequest, state []byte) (*protocol.InitResponse, error) {
	q := &protocol.FrameRequest{Op: "restore", State: uint64(len(state))}
	return c.make(ctx, q, r, state)
}

// make makes a run.
func (c *frameConn) make(ctx context.Context, q *protocol.FrameRequest, r *protocol.InitRequest, state ...[]byte) (*protocol.InitResponse, error) {
	init, err := inMessage(r.Init)
	if err != nil {
		return nil, c.p.wrong(q.Op, err)
	}
	setInit(q, r)
	a, err := c.call(ctx, q, nil, nil, append([][]byte{init}, state...)...)
	if err != nil {
		return nil, err
	}
	m := &protocol.InitResponse{OptimizerSeconds: a.OptimizerSeconds}
	c.begin(r, m)
	return m, nil
}

// inMessage returns the bytes of rows that the host sends.
func inMessage(r *protocol.Rows) ([]byte, error) {
	if _, ok := r.GetWhere().(*protocol.Rows_Offset); ok {
		return nil, errors.New("frames have no shared memory: want the rows in the message")
	}
	return r.GetData(), nil
}

func (c *frameConn) Step(ctx context.Context, r *protocol.StepRequest) (*protocol.StepResponse, error) {
	q := &protocol.FrameRequest{Op: "step", Run: r.Run, Ask: r.Ask != nil}
	var body [][]byte
	if t := r.Tell; t != nil {
		grads, err := inMessage(t.Grads)
		if err != nil {
			return nil, c.p.wrong(q.Op, err)
		}
		q.Tell = &protocol.FrameTell{Batch: t.Batch, N: uint64(len(t.Losses)), Grads: t.Grads.GetN() > 0}
		body = [][]byte{protocol.AppendFloats(nil, t.Losses), grads}
	}
	run := c.get(r.Run)
	rows := new([]byte)
	if run != nil {
		rows = &run.rows
	}
	var m *protocol.StepResponse
	a, err := c.call(ctx, q, rows, func(a *protocol.FrameAnswer) (err error) {
		m, err = c.stepped(run, r, a)
		return err
	}, body...)
	switch {
	case err != nil && a == nil:
		return nil, err
	case err != nil:
		return &protocol.StepResponse{Failure: asFailure(err), Told: a.Told, OptimizerSeconds: a.OptimizerSeconds}, err
	case m.Asked.GetRows().GetN() > 0:
		m.Asked.Rows.Where = &protocol.Rows_Data{Data: *rows}
	}
	return m, nil
}

// asFailure is a refusal as the message has it.
func asFailure(err error) *protocol.Failure {
	var e *protocol.Error
	if !errors.As(err, &e) {
		return nil
	}
	return e.Failure()
}

// stepped is the answer to a step, whose rows are still to come.
func (c *frameConn) stepped(run *run, r *protocol.StepRequest, a *protocol.FrameAnswer) (*protocol.StepResponse, error) {
	m := &protocol.StepResponse{Told: a.Told, OptimizerSeconds: a.OptimizerSeconds}
	need, err := enum("need", "NEED_", a.Need, protocol.Need_value)
	if err != nil {
		return nil, err
	}
	if a.Batch > 0 || a.Rows() > 0 || a.Bytes > 0 {
		m.Asked = &protocol.Asked{Batch: a.Batch, Need: protocol.Need(need)}
		if a.Rows() > 0 {
			m.Asked.Rows = &protocol.Rows{N: uint64(a.Rows())}
		}
	}
	if err := checkStep(r, m); err != nil {
		return nil, err
	}
	return m, c.promised(run, a)
}

// promised says what is wrong with the number of bytes that are to follow.
func (c *frameConn) promised(run *run, a *protocol.FrameAnswer) error {
	if a.Rows() == 0 && a.Bytes == 0 {
		return nil
	}
	if run == nil {
		return fmt.Errorf("answered with %d rows of a run that was never made", a.Rows())
	}
	if err := checkSize(uint64(a.Rows()), run.dim, c.p.cmd.Limits.Reply); err != nil {
		return err
	}
	if want := a.Rows() * 8 * int64(run.dim); a.Bytes != want {
		return fmt.Errorf("answered with %d bytes, want %d for %d rows of %d weights", a.Bytes, want, a.Rows(), run.dim)
	}
	return nil
}

func (c *frameConn) Recommend(ctx context.Context, r *protocol.RecommendRequest) (*protocol.RecommendResponse, error) {
	q := &protocol.FrameRequest{Op: "recommend", Run: r.Run, Shortlist: r.Shortlist}
	run, rows := c.get(r.Run), []byte(nil)
	a, err := c.call(ctx, q, &rows, func(a *protocol.FrameAnswer) error {
		if most := max(r.Shortlist, 1); uint64(a.Rows()) > most {
			return fmt.Errorf("answered with %d rows, want at most %d", a.Rows(), most)
		}
		return c.promised(run, a)
	})
	if err != nil {
		return nil, err
	}
	return &protocol.RecommendResponse{
		Rows:             &protocol.Rows{N: uint64(a.Rows()), Where: &protocol.Rows_Data{Data: rows}},
		OptimizerSeconds: a.OptimizerSeconds,
	}, nil
}

func (c *frameConn) Diagnose(ctx context.Context, r *protocol.DiagnoseRequest) (*protocol.DiagnoseResponse, error) {
	var values []byte
	a, err := c.call(ctx, &protocol.FrameRequest{Op: "diagnose", Run: r.Run}, &values, func(a *protocol.FrameAnswer) error {
		if want := 8 * len(a.Names); a.Bytes != int64(want) {
			return fmt.Errorf("answered with %d bytes, want %d for %d names", a.Bytes, want, len(a.Names))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	m := &protocol.DiagnoseResponse{OptimizerSeconds: a.OptimizerSeconds}
	for i, v := range protocol.Floats(values) {
		m.Figures = append(m.Figures, &protocol.Figure{Name: a.Names[i], Value: v})
	}
	return m, nil
}

func (c *frameConn) Checkpoint(ctx context.Context, r *protocol.CheckpointRequest) ([]byte, error) {
	state := []byte{}
	_, err := c.call(ctx, &protocol.FrameRequest{Op: "checkpoint", Run: r.Run}, &state, func(a *protocol.FrameAnswer) error {
		if limit := c.p.cmd.Limits.Reply; a.Bytes > limit {
			return fmt.Errorf("answered with a state of %d bytes, want at most %d", a.Bytes, limit)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return state, nil
}

func (c *frameConn) Finish(ctx context.Context, r *protocol.FinishRequest) (*protocol.FinishResponse, error) {
	if _, err := c.call(ctx, &protocol.FrameRequest{Op: "finish", Run: r.Run}, nil, nil); err != nil {
		return nil, err
	}
	c.end(r.Run)
	return &protocol.FinishResponse{}, nil
}
