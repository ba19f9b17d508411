package conformance

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/joust-bench/joust/plugins/protocol"
)

// A run is a run of the optimizer under way. Every batch is looked at as it
// comes: what is out of shape fails the check that drives it.
type run struct {
	ctx    context.Context
	conn   protocol.Conn
	id     string
	dim    int
	need   protocol.Need
	live   bool
	shares bool   // the plugin has said that it uses the shared memory
	shared []byte // nil: gradients are sent in the message

	step  int
	batch uint64 // the number of the last batch
	// counts says that the number of the first batch is known: a restored run
	// may begin with 1 or go on.
	counts bool
	rows   []float64 // of the batch that is outstanding, one after another
	want   protocol.Need
	done   bool // converged
	most   int  // candidates in a batch so far
}

// n is the number of candidates outstanding.
func (r *run) n() int { return len(r.rows) / r.dim }

func (r *run) ask() error {
	answer, err := r.conn.Step(r.ctx, &protocol.StepRequest{Run: r.id, Ask: &protocol.Ask{}})
	if err != nil {
		return fmt.Errorf("step %d: ask: %w", r.step, err)
	}
	return r.take(answer)
}

func (r *run) tell() error {
	answer, err := r.conn.Step(r.ctx, &protocol.StepRequest{Run: r.id, Tell: r.losses()})
	if err != nil {
		return fmt.Errorf("step %d: tell: %w", r.step, err)
	}
	return r.told(answer)
}

func (r *run) told(answer *protocol.StepResponse) error {
	if !answer.GetTold() {
		return fmt.Errorf("step %d: the answer to a tell does not say told", r.step)
	}
	r.step, r.rows = r.step+1, nil
	return nil
}

// tellAndAsk is both in one message.
func (r *run) tellAndAsk() error {
	answer, err := r.conn.Step(r.ctx, &protocol.StepRequest{Run: r.id, Tell: r.losses(), Ask: &protocol.Ask{}})
	if err != nil {
		return fmt.Errorf("step %d: tell and ask: %w", r.step, err)
	}
	if err := r.told(answer); err != nil {
		return err
	}
	return r.take(answer)
}

// take looks at a batch and keeps it.
func (r *run) take(answer *protocol.StepResponse) error {
	fail := func(format string, args ...any) error {
		return fmt.Errorf("step %d: %w", r.step, fmt.Errorf(format, args...))
	}
	asked := answer.GetAsked()
	if asked == nil {
		return fail("the answer to an ask has no batch")
	}
	if r.counts && asked.GetBatch() != r.batch+1 {
		return fail("batch number %d, want %d", asked.GetBatch(), r.batch+1)
	}
	r.batch, r.counts = asked.GetBatch(), true
	if asked.GetRows().GetN() == 0 {
		r.done, r.rows = true, nil
		return nil
	}
	rows, err := floats(asked.GetRows(), r.dim, r.shared)
	if err != nil {
		return fail("batch %d: %w", r.batch, err)
	}
	for i, x := range rows {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return fail("candidate %d: weight %d is %v, want a finite number", i/r.dim, i%r.dim, x)
		}
	}
	r.want = r.need
	switch need := asked.GetNeed(); {
	case need == protocol.Need_NEED_GRAD && r.need != protocol.Need_NEED_GRAD:
		return fail("batch %d needs gradients and the optimizer is described with the loss alone", r.batch)
	case need != protocol.Need_NEED_UNSPECIFIED:
		r.want = need
	}
	r.rows = rows
	r.most = max(r.most, r.n())
	return nil
}

// losses is the evaluation of the batch that is outstanding.
func (r *run) losses() *protocol.Tell {
	n := r.n()
	tell := &protocol.Tell{Batch: r.batch, Losses: make([]float64, n)}
	var grads []float64
	if r.want == protocol.Need_NEED_GRAD {
		grads = make([]float64, n*r.dim)
	}
	for k := range n {
		var grad []float64
		if grads != nil {
			grad = grads[k*r.dim:][:r.dim]
		}
		tell.Losses[k] = loss(r.step, r.rows[k*r.dim:][:r.dim], grad)
	}
	switch half := len(r.shared) / 2; {
	case grads == nil:
	case 8*len(grads) <= half:
		protocol.AppendFloats(r.shared[half:half], grads)
		tell.Grads = &protocol.Rows{N: uint64(n), Where: &protocol.Rows_Offset{Offset: uint64(half)}}
	default:
		tell.Grads = inline(n, grads)
	}
	return tell
}

// loss is the squared distance from an optimum of mixed signs, moved a little
// in each step as the loss is with the minibatch.
func loss(step int, w, grad []float64) float64 {
	scale, sum := 1+0.1*float64(step%3), 0.0
	for i, x := range w {
		d := x - 0.5 - float64(i%7)/7
		if i%2 == 1 {
			d = x + 0.5 + float64(i%7)/7
		}
		sum += float64(d * d)
		if grad != nil {
			grad[i] = 2 * scale * d
		}
	}
	return scale * sum
}

// steps takes n steps and returns all candidates.
func (r *run) steps(n int) ([]float64, error) {
	var trace []float64
	for range n {
		if err := r.ask(); err != nil || r.done {
			return trace, err
		}
		trace = append(trace, r.rows...)
		if err := r.tell(); err != nil {
			return trace, err
		}
	}
	return trace, nil
}

// keep makes the batch last over calls that are refused.
func (r *run) keep() { r.rows = slices.Clone(r.rows) }

// finish ends the run, once.
func (r *run) finish() error {
	if !r.live {
		return nil
	}
	r.live = false
	if _, err := r.conn.Finish(r.ctx, &protocol.FinishRequest{Run: r.id}); err != nil {
		return fmt.Errorf("finish: %w", err)
	}
	return nil
}

func inline(n int, v []float64) *protocol.Rows {
	return &protocol.Rows{N: uint64(n), Where: &protocol.Rows_Data{Data: protocol.AppendFloats(nil, v)}}
}

// floats returns rows of vectors of dimension dim from where they are.
func floats(rows *protocol.Rows, dim int, shared []byte) ([]float64, error) {
	want := 8 * uint64(dim)
	if rows.GetN() > math.MaxInt64/want {
		return nil, fmt.Errorf("%d rows of %d weights are too many", rows.GetN(), dim)
	}
	want *= rows.GetN()
	switch where := rows.GetWhere().(type) {
	case *protocol.Rows_Data:
		if got := uint64(len(where.Data)); got != want {
			return nil, fmt.Errorf("%d rows in %d bytes, want %d of 8 bytes for each of %d weights", rows.GetN(), got, want, dim)
		}
		return protocol.Floats(where.Data), nil
	case *protocol.Rows_Offset:
		half := uint64(len(shared) / 2)
		if where.Offset > half || want > half-where.Offset {
			return nil, fmt.Errorf("%d bytes at offset %d, want them within the plugin's half of the shared memory, %d bytes",
				want, where.Offset, half)
		}
		return protocol.Floats(shared[where.Offset:][:want]), nil
	}
	return nil, errors.New("rows without data")
}

// differ says where two traces that should be equal part, or nil. It compares
// bits: 0 and -0 differ.
func differ(a, b []float64, dim int) error {
	for i := range min(len(a), len(b)) {
		if math.Float64bits(a[i]) != math.Float64bits(b[i]) {
			return fmt.Errorf("weight %d of candidate %d (counted from the start) is %v and %v", i%dim, i/dim, a[i], b[i])
		}
	}
	if len(a) != len(b) {
		return fmt.Errorf("%d and %d candidates", len(a)/dim, len(b)/dim)
	}
	return nil
}

func kindNames(kinds []protocol.Failure_Kind) string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = strings.ToLower(strings.TrimPrefix(k.String(), "KIND_"))
	}
	return strings.Join(names, " or ")
}
