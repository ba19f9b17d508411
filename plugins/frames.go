package plugins

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/joust-bench/joust/plugins/protocol"
)

// mostHeader is the longest line that a frame may start with, its end included.
const mostHeader = 1 << 20

// ServeFrames answers the frames that it reads, as FRAMES.md has them, until r
// ends. An error says that the stream cannot be followed any further; the last
// frame, if it could be written, says so, too.
func (s *Server) ServeFrames(r io.Reader, w io.Writer) error {
	f := &frames{server: s, in: bufio.NewReaderSize(r, mostHeader), out: bufio.NewWriter(w), dims: map[string]uint64{}}
	for {
		q, body, err := f.read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		var lost *lostError
		if errors.As(err, &lost) {
			return errors.Join(err, f.write(protocol.FrameAnswer{}, nil, asError(invalid("%v", err))))
		}
		var answer protocol.FrameAnswer
		var data []byte
		if err == nil {
			err = s.recovered(func() (err error) {
				answer, data, err = f.answer(q, body)
				return err
			})
		}
		var refused *protocol.Error
		if err != nil {
			refused, data = asError(err), nil
		}
		if err := f.write(answer, data, refused); err != nil {
			return err
		}
	}
}

// frames is one host at the other end of two pipes.
type frames struct {
	server *Server
	in     *bufio.Reader
	out    *bufio.Writer
	body   []byte            // of the last request
	dims   map[string]uint64 // of the runs, to tell losses from gradients
}

// A lostError says that it is not known where the next frame starts.
type lostError struct{ reason string }

func (e *lostError) Error() string { return "frames: " + e.reason }

func lost(format string, args ...any) error { return &lostError{fmt.Sprintf(format, args...)} }

// read returns the next request and what follows its line, which lasts until
// the next. [io.EOF]: there is none. A request that is refused is one whose end
// is known.
func (f *frames) read() (q protocol.FrameRequest, body []byte, err error) {
	text, err := f.in.ReadSlice('\n')
	switch {
	case errors.Is(err, io.EOF) && len(text) == 0:
		return q, nil, io.EOF
	case errors.Is(err, bufio.ErrBufferFull):
		return q, nil, lost("a line of more than %d bytes", mostHeader)
	case err != nil:
		return q, nil, lost("a line without an end after %d bytes: %v", len(text), err)
	}
	var size struct {
		Bytes uint64 `json:"bytes"`
	}
	malformed := json.Unmarshal(text, &q)
	if malformed == nil {
		size.Bytes = q.Bytes
	} else if err := json.Unmarshal(text, &size); err != nil {
		return q, nil, lost("a line that is no JSON object with a number of bytes: %v", err)
	}
	if bytes.TrimSpace(text)[0] != '{' { // null, which JSON makes an empty object of
		return q, nil, lost("a line that is no JSON object: %.40q", text)
	}
	if err := f.readBody(size.Bytes); err != nil {
		return q, nil, err
	}
	if malformed != nil {
		return q, nil, invalid("%v", malformed)
	}
	return q, f.body, nil
}

// readBody makes room as the bytes arrive, and not because a line says so.
func (f *frames) readBody(size uint64) error {
	const step = 16 << 20
	f.body = f.body[:0]
	for have := uint64(0); have < size; have = uint64(len(f.body)) {
		n := int(min(size-have, max(have, step)))
		f.body = slices.Grow(f.body, n)[:int(have)+n]
		if got, err := io.ReadFull(f.in, f.body[have:]); err != nil {
			return lost("%d bytes after a line that says %d: %v", have+uint64(got), size, err)
		}
	}
	return nil
}

// write sends one frame. What cannot be written as a line is an error in its
// place.
func (f *frames) write(answer protocol.FrameAnswer, data []byte, refused *protocol.Error) error {
	answer.Bytes = int64(len(data))
	if refused != nil {
		answer.Error = &protocol.FrameError{Kind: refused.Kind.Name(), Message: refused.Message}
	}
	text, err := json.Marshal(answer)
	if err == nil && len(text) >= mostHeader {
		err = fmt.Errorf("the answer is a line of %d bytes, want less than %d", len(text), mostHeader)
	}
	if err != nil {
		data = nil
		text, err = json.Marshal(protocol.FrameAnswer{Error: &protocol.FrameError{
			Kind: protocol.Failure_KIND_BROKEN.Name(), Message: protocol.Errorf(protocol.Failure_KIND_BROKEN, "%v", err).Message,
		}})
		if err != nil {
			return err
		}
	}
	// Errors of a bufio.Writer stay until Flush.
	_, _ = f.out.Write(text)
	_ = f.out.WriteByte('\n')
	_, _ = f.out.Write(data)
	return f.out.Flush()
}

// answer does what a request asks for. An error may come with an answer: the
// tell of a step may have gone well and the ask not.
func (f *frames) answer(q protocol.FrameRequest, body []byte) (a protocol.FrameAnswer, data []byte, err error) {
	ctx := context.Background()
	if q.Op != "init" && q.Op != "restore" && q.Op != "step" && len(body) > 0 {
		return a, nil, invalid("%d bytes after %q, want none", len(body), q.Op)
	}
	switch q.Op {
	case "describe":
		if err := sameMajor(q.Protocol); err != nil {
			return a, nil, err
		}
		d := &protocol.DescribeRequest{Host: q.Host, Features: q.Features}
		if q.Minor != nil {
			d.Minor = *q.Minor
		}
		r, err := f.server.Describe(ctx, d)
		return describeFrame(r), nil, err
	case "init":
		r, err := f.server.Init(ctx, problemOf(&q, body))
		f.added(q, err)
		a.OptimizerSeconds = r.GetOptimizerSeconds()
		return a, nil, err
	case "restore":
		if q.State > uint64(len(body)) {
			return a, nil, invalid("a state of %d bytes in %d", q.State, len(body))
		}
		at := len(body) - int(q.State)
		r, err := f.server.Restore(ctx, problemOf(&q, body[:at]), body[at:])
		f.added(q, err)
		a.OptimizerSeconds = r.GetOptimizerSeconds()
		return a, nil, err
	case "step":
		return f.step(ctx, q, body)
	case "recommend":
		r, err := f.server.Recommend(ctx, &protocol.RecommendRequest{Run: q.Run, Shortlist: q.Shortlist})
		a.OptimizerSeconds = r.GetOptimizerSeconds()
		if err == nil {
			a.N = new(int64(r.Rows.N))
		}
		return a, r.GetRows().GetData(), err
	case "diagnose":
		r, err := f.server.Diagnose(ctx, &protocol.DiagnoseRequest{Run: q.Run})
		a.OptimizerSeconds = r.GetOptimizerSeconds()
		for _, figure := range r.GetFigures() {
			a.Names = append(a.Names, figure.Name)
			data = protocol.AppendFloats(data, []float64{figure.Value})
		}
		return a, data, err
	case "checkpoint":
		data, err = f.server.Checkpoint(ctx, &protocol.CheckpointRequest{Run: q.Run})
		return a, data, err
	case "finish":
		_, err = f.server.Finish(ctx, &protocol.FinishRequest{Run: q.Run})
		delete(f.dims, q.Run)
		return a, nil, err
	}
	return a, nil, invalid("op %.40q, want describe, init, step, recommend, diagnose, checkpoint, restore or finish", q.Op)
}

// added remembers the dimension of a run that was made.
func (f *frames) added(q protocol.FrameRequest, err error) {
	if err == nil {
		f.dims[q.Run] = q.Dim
	}
}

func (f *frames) step(ctx context.Context, q protocol.FrameRequest, body []byte) (a protocol.FrameAnswer, data []byte, err error) {
	r := &protocol.StepRequest{Run: q.Run}
	if q.Ask {
		r.Ask = &protocol.Ask{}
	}
	if q.Tell != nil {
		losses, grads, err := f.split(q, body)
		if err != nil {
			return a, nil, err
		}
		r.Tell = &protocol.Tell{Batch: q.Tell.Batch, Losses: protocol.Floats(losses)}
		if q.Tell.Grads {
			r.Tell.Grads = &protocol.Rows{N: q.Tell.N, Where: &protocol.Rows_Data{Data: grads}}
		}
	} else if len(body) > 0 {
		return a, nil, invalid("%d bytes after a step that tells nothing, want none", len(body))
	}
	answer, err := f.server.Step(ctx, r)
	a.Told, a.OptimizerSeconds = answer.Told, answer.OptimizerSeconds
	if asked := answer.GetAsked(); asked != nil && err == nil {
		a.Batch, a.N = asked.Batch, new(int64(asked.GetRows().GetN()))
		if asked.Need != protocol.Need_NEED_UNSPECIFIED {
			a.Need = enumName("NEED_", asked.Need)
		}
		data = asked.GetRows().GetData()
	}
	return a, data, err
}

// split tells the losses of a step from its gradients.
func (f *frames) split(q protocol.FrameRequest, body []byte) (losses, grads []byte, err error) {
	dim, known := f.dims[q.Run]
	if !known {
		return nil, nil, unknownRun(q.Run)
	}
	numbers, each := uint64(len(body)/8), uint64(1)
	if q.Tell.Grads {
		each += dim
	}
	if len(body)%8 != 0 || numbers%each != 0 || numbers/each != q.Tell.N {
		return nil, nil, invalid("%d bytes after a step that tells of %d candidates, want %d for each", len(body), q.Tell.N, 8*each)
	}
	return body[:8*q.Tell.N], body[8*q.Tell.N:], nil
}
