package host

import (
	"errors"
	"fmt"
	"math"
	"sync"

	"github.com/joust-bench/joust/plugins/protocol"
)

// runs remembers of each run of a process what its answers are checked against.
type runs struct {
	mu sync.Mutex
	m  map[string]*run
}

type run struct {
	dim    uint64
	half   uint64 // of the shared memory; 0: the run does not use it
	stream *stream
	rows   []byte // of the last answer, in frames or put together of several messages
}

func (rs *runs) get(name string) *run {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	return rs.m[name]
}

// begin adds a run that the plugin has made.
func (rs *runs) begin(r *protocol.InitRequest, a *protocol.InitResponse) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if rs.m == nil {
		rs.m = map[string]*run{}
	}
	n := &run{dim: r.Dim}
	if a.Shared {
		n.half = r.SharedHalf
	}
	rs.m[r.Run] = n
}

// end removes a run, and reports whether it was the last that used the shared
// memory.
func (rs *runs) end(name string) (was *run, unshared bool) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	was = rs.m[name]
	delete(rs.m, name)
	if was == nil || was.half == 0 {
		return was, false
	}
	for _, r := range rs.m {
		if r.half > 0 {
			return was, false
		}
	}
	return was, true
}

// checkSeconds says what is wrong with the time that a plugin says it took.
func checkSeconds(s float64) error {
	if !(s >= 0) || math.IsInf(s, 1) {
		return fmt.Errorf("answered with optimizer_seconds %v, want a time", s)
	}
	return nil
}

// checkInit says what is wrong with an answer to Init or Restore.
func checkInit(r *protocol.InitRequest, a *protocol.InitResponse) error {
	if a.Shared && r.SharedHalf == 0 {
		return errors.New("answered that it uses shared memory, of which there is none")
	}
	return checkSeconds(a.OptimizerSeconds)
}

// checkStep says what is wrong with the parts of an answer that are there.
func checkStep(r *protocol.StepRequest, a *protocol.StepResponse) error {
	switch {
	case a.Failure == nil && a.Told != (r.Tell != nil):
		return fmt.Errorf("answered told = %t, want %t", a.Told, r.Tell != nil)
	case a.Failure == nil && r.Ask != nil && a.Asked == nil:
		return errors.New("answered without the batch that was asked for")
	case r.Ask == nil && a.Asked != nil:
		return errors.New("answered with a batch that nobody asked for")
	case a.Asked != nil && a.Asked.Batch == 0:
		return errors.New("answered with a batch without a number, want one that counts from 1")
	}
	return checkSeconds(a.OptimizerSeconds)
}

// checkRows says what is wrong with n rows for a run, which came in data, or
// are in the shared memory: neither is more than was said, or than limit bytes.
func checkRows(r *run, rows *protocol.Rows, limit int64) error {
	if rows.GetN() == 0 {
		if len(rows.GetData()) > 0 {
			return fmt.Errorf("answered with %d bytes of 0 rows", len(rows.GetData()))
		}
		return nil
	}
	if r == nil {
		return fmt.Errorf("answered with %d rows of a run that was never made", rows.N)
	}
	row := 8 * r.dim
	switch w := rows.Where.(type) {
	case *protocol.Rows_Data:
		if err := checkSize(rows.N, r.dim, limit); err != nil {
			return err
		}
		if uint64(len(w.Data)) != rows.N*row {
			return fmt.Errorf("answered with %d bytes, want %d for %d rows of %d weights", len(w.Data), rows.N*row, rows.N, r.dim)
		}
	case *protocol.Rows_Offset:
		if r.half == 0 {
			return errors.New("answered with rows in shared memory, which the run does not use")
		}
		if w.Offset%8 != 0 || w.Offset > r.half || rows.N > (r.half-w.Offset)/row {
			return fmt.Errorf("answered with %d rows of %d weights at byte %d of the shared memory, want them in its first %d bytes and at a multiple of 8",
				rows.N, r.dim, w.Offset, r.half)
		}
	default:
		return fmt.Errorf("answered with %d rows that are nowhere", rows.N)
	}
	return nil
}

// checkSize says that n rows are more than is taken.
func checkSize(n, dim uint64, limit int64) error {
	if dim == 0 || n > uint64(limit)/8/dim {
		return fmt.Errorf("answered with %d rows of %d weights, want at most %d bytes", n, dim, limit)
	}
	return nil
}

// join appends the next part of an answer to what has come of it, both of which
// have rows as they should be.
func join(r *run, whole, part *protocol.StepResponse, limit int64) error {
	for _, a := range []*protocol.StepResponse{whole, part} {
		if a.Failure != nil || a.Asked.GetRows().GetN() == 0 {
			return errors.New("answered in parts of which one has no rows")
		}
		if _, ok := a.Asked.Rows.Where.(*protocol.Rows_Data); !ok {
			return errors.New("answered in parts with rows in shared memory, want them at once")
		}
	}
	w, p := whole.Asked, part.Asked
	if p.Batch != w.Batch && p.Batch != 0 {
		return fmt.Errorf("answered with a part of batch %d in batch %d", p.Batch, w.Batch)
	}
	if err := checkSize(w.Rows.N+p.Rows.N, r.dim, limit); err != nil {
		return err
	}
	rows := w.Rows.Where.(*protocol.Rows_Data)
	rows.Data = append(rows.Data, p.Rows.GetData()...)
	w.Rows.N += p.Rows.N
	whole.Told = whole.Told || part.Told
	whole.OptimizerSeconds = max(whole.OptimizerSeconds, part.OptimizerSeconds)
	return nil
}

// checkRecommend says what is wrong with a recommended point or a shortlist.
func checkRecommend(run *run, r *protocol.RecommendRequest, a *protocol.RecommendResponse, limit int64) error {
	if err := checkSeconds(a.OptimizerSeconds); err != nil {
		return err
	}
	rows := a.Rows
	if n, most := rows.GetN(), max(r.Shortlist, 1); n > most {
		return fmt.Errorf("answered with %d rows, want at most %d", n, most)
	}
	if _, ok := rows.GetWhere().(*protocol.Rows_Offset); ok {
		return errors.New("answered with rows in shared memory, want them in the message")
	}
	return checkRows(run, rows, limit)
}

// A badAnswer is one that no plugin that keeps to the protocol gives.
type badAnswer struct{ error }

// refused is a failure as an error, made harmless.
func refused(kind protocol.Failure_Kind, message string) *protocol.Error {
	if kind == protocol.Failure_KIND_UNSPECIFIED {
		kind = protocol.Failure_KIND_BROKEN
	}
	if message = harmless(message, 1000); message == "" {
		message = "failed without saying why"
	}
	return &protocol.Error{Kind: kind, Message: message}
}
