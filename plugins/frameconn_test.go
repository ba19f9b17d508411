package plugins

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"testing"

	"github.com/joust-bench/joust/plugins/protocol"
)

// overFrames serves s over a pair of pipes and returns the other side.
func overFrames(t *testing.T, s *Server) protocol.Conn {
	t.Helper()
	requests, toPlugin := io.Pipe()
	fromPlugin, answers := io.Pipe()
	served := make(chan error, 1)
	go func() { served <- s.ServeFrames(requests, answers) }()
	t.Cleanup(func() {
		if err := toPlugin.Close(); err != nil {
			t.Error(err)
		}
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return &frameConn{in: bufio.NewReader(fromPlugin), out: toPlugin}
}

// frameConn writes frames as a host without the types of this package would.
type frameConn struct {
	mu  sync.Mutex
	in  *bufio.Reader
	out io.Writer
}

type object = map[string]any

// call sends one frame and returns what is answered.
func (c *frameConn) call(q object, body []byte) (a protocol.FrameAnswer, data []byte, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(body) > 0 {
		q["bytes"] = len(body)
	}
	text, err := json.Marshal(q)
	if err != nil {
		return a, nil, err
	}
	if _, err := c.out.Write(append(append(text, '\n'), body...)); err != nil {
		return a, nil, err
	}
	if text, err = c.in.ReadBytes('\n'); err != nil {
		return a, nil, err
	}
	if err := json.Unmarshal(text, &a); err != nil {
		return a, nil, err
	}
	data = make([]byte, a.Bytes)
	if _, err := io.ReadFull(c.in, data); err != nil {
		return a, nil, err
	}
	if a.Error != nil {
		return a, nil, protocol.Errorf(protocol.KindNamed(a.Error.Kind), "%s", a.Error.Message)
	}
	return a, data, nil
}

func (c *frameConn) Describe(_ context.Context, r *protocol.DescribeRequest) (*protocol.DescribeResponse, error) {
	a, _, err := c.call(object{"op": "describe", "protocol": protocol.Major, "minor": r.Minor, "host": r.Host}, nil)
	if err != nil {
		return nil, err
	}
	if a.Protocol != protocol.Major || a.Minor == nil {
		return nil, fmt.Errorf("protocol %d, minor %v", a.Protocol, a.Minor)
	}
	d := &protocol.DescribeResponse{Runtime: a.Runtime}
	for _, f := range a.Optimizers {
		d.Optimizers = append(d.Optimizers, &protocol.Description{Name: f.Name})
	}
	return d, nil
}

func initObject(op string, r *protocol.InitRequest) (object, []byte) {
	q := object{
		"op": op, "run": r.Run, "optimizer": r.Optimizer, "dim": r.Dim, "seed": r.Seed, "budget": r.Budget, "threads": r.Threads,
	}
	if r.Config != "" {
		q["config"] = json.RawMessage(r.Config)
	}
	var blocks []object
	for _, b := range r.Blocks {
		blocks = append(blocks, object{
			"name": b.Name, "off": b.Off, "len": b.Len, "layer": b.Layer, "rows": b.Rows, "fan_in": b.FanIn, "scale": b.Scale,
		})
	}
	q["blocks"] = blocks
	return q, r.GetInit().GetData()
}

func (c *frameConn) Init(_ context.Context, r *protocol.InitRequest) (*protocol.InitResponse, error) {
	q, body := initObject("init", r)
	a, _, err := c.call(q, body)
	return &protocol.InitResponse{OptimizerSeconds: a.OptimizerSeconds}, err
}

func (c *frameConn) Step(_ context.Context, r *protocol.StepRequest) (*protocol.StepResponse, error) {
	q, body := object{"op": "step", "run": r.Run}, []byte(nil)
	if r.Ask != nil {
		q["ask"] = true
	}
	if t := r.Tell; t != nil {
		q["tell"] = object{"batch": t.Batch, "n": len(t.Losses), "grads": t.Grads != nil}
		body = append(protocol.AppendFloats(nil, t.Losses), t.GetGrads().GetData()...)
	}
	a, data, err := c.call(q, body)
	answer := &protocol.StepResponse{Told: a.Told, OptimizerSeconds: a.OptimizerSeconds}
	if a.N != nil {
		answer.Asked = &protocol.Asked{Batch: a.Batch}
		if *a.N > 0 {
			answer.Asked.Rows = &protocol.Rows{N: uint64(a.Rows()), Where: &protocol.Rows_Data{Data: data}}
		}
	}
	return answer, err
}

func (c *frameConn) Recommend(_ context.Context, r *protocol.RecommendRequest) (*protocol.RecommendResponse, error) {
	a, data, err := c.call(object{"op": "recommend", "run": r.Run, "shortlist": r.Shortlist}, nil)
	if err != nil {
		return nil, err
	}
	return &protocol.RecommendResponse{Rows: &protocol.Rows{N: uint64(a.Rows()), Where: &protocol.Rows_Data{Data: data}}}, nil
}

func (c *frameConn) Diagnose(_ context.Context, r *protocol.DiagnoseRequest) (*protocol.DiagnoseResponse, error) {
	a, data, err := c.call(object{"op": "diagnose", "run": r.Run}, nil)
	if err != nil {
		return nil, err
	}
	answer := &protocol.DiagnoseResponse{}
	for i, x := range protocol.Floats(data) {
		answer.Figures = append(answer.Figures, &protocol.Figure{Name: a.Names[i], Value: x})
	}
	return answer, nil
}

func (c *frameConn) Checkpoint(_ context.Context, r *protocol.CheckpointRequest) ([]byte, error) {
	_, data, err := c.call(object{"op": "checkpoint", "run": r.Run}, nil)
	return data, err
}

func (c *frameConn) Restore(_ context.Context, r *protocol.InitRequest, state []byte) (*protocol.InitResponse, error) {
	q, body := initObject("restore", r)
	q["state"] = len(state)
	a, _, err := c.call(q, append(body, state...))
	return &protocol.InitResponse{OptimizerSeconds: a.OptimizerSeconds}, err
}

func (c *frameConn) Finish(_ context.Context, r *protocol.FinishRequest) (*protocol.FinishResponse, error) {
	_, _, err := c.call(object{"op": "finish", "run": r.Run}, nil)
	return &protocol.FinishResponse{}, err
}
