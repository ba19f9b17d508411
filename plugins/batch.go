package plugins

import (
	"math"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/plugins/protocol"
)

// What a run is told and asked.

func (u *run) step(r *protocol.StepRequest, answer *protocol.StepResponse) error {
	if r.GetTell() == nil && r.GetAsk() == nil {
		return invalid("a step that neither tells nor asks, want at least one of them")
	}
	if r.GetTell() != nil {
		if err := u.tell(r.GetTell()); err != nil {
			return err
		}
		answer.Told = true
	}
	if r.GetAsk() == nil {
		return nil
	}
	var err error
	answer.Asked, err = u.ask()
	return err
}

// tell changes nothing if it refuses t, so that the batch can be told again.
func (u *run) tell(t *protocol.Tell) error {
	switch {
	case u.open == 0:
		return wrongOrder("batch %d cannot be told: none is outstanding, ask first", t.GetBatch())
	case t.GetBatch() != u.batch:
		return wrongOrder("batch %d cannot be told: batch %d is outstanding", t.GetBatch(), u.batch)
	case len(t.GetLosses()) != u.open:
		return invalid("%d losses for batch %d, want %d", len(t.GetLosses()), u.batch, u.open)
	}
	for k, loss := range t.GetLosses() {
		if math.IsNaN(loss) {
			return invalid("loss %d of batch %d is NaN, want +Inf for a candidate that diverged", k, u.batch)
		}
	}
	var grads []float64
	if u.need == optimizers.NeedGrad {
		var err error
		if grads, err = u.rows(t.GetGrads(), u.open, "gradients"); err != nil {
			return err
		}
	} else if t.GetGrads() != nil {
		return invalid("gradients for batch %d, want only losses", u.batch)
	}
	u.evals = u.evals[:0]
	for k, loss := range t.GetLosses() {
		e := optimizers.Evaluation{Loss: loss}
		if grads != nil {
			e.Grad = grads[k*u.dim:][:u.dim:u.dim]
		}
		u.evals = append(u.evals, e)
	}
	u.open = 0
	err := u.call("Tell", func() error { return u.opt.Tell(u.evals) })
	clear(u.evals) // the gradients are the caller's
	if err != nil {
		return u.failed("Tell", err)
	}
	return nil
}

func (u *run) ask() (*protocol.Asked, error) {
	if u.open > 0 {
		return nil, wrongOrder("batch %d is outstanding, tell it before the next is asked for", u.batch)
	}
	var rows [][]float64
	asked := &protocol.Asked{Batch: u.batch + 1}
	err := u.call("Ask", func() (err error) {
		if rows, err = u.opt.Ask(); err != nil {
			return err
		}
		u.need = u.def.Need
		if n, ok := u.opt.(optimizers.Needer); ok && len(rows) > 0 {
			u.need = min(u.def.Need, n.Needs())
			asked.Need = protocol.NeedOf(u.need)
		}
		return nil
	})
	if err != nil {
		return nil, u.failed("Ask", err)
	}
	if len(rows) == 0 {
		return asked, nil
	}
	if err := u.lengths(rows, "Ask", "candidate"); err != nil {
		return nil, err
	}
	u.batch, u.open = u.batch+1, len(rows)
	asked.Rows = &protocol.Rows{N: uint64(len(rows))}
	size := 8 * u.dim * len(rows)
	if at, ok := u.arena.place(rows); ok {
		asked.Rows.Where = &protocol.Rows_Offset{Offset: uint64(8 * at)}
	} else if free := 8 * u.arena.free(); size <= free {
		appendRows(u.shared[:0:free], rows)
		asked.Rows.Where = &protocol.Rows_Offset{}
	} else {
		if cap(u.sent) < size {
			u.sent = make([]byte, 0, size)
		}
		u.sent = appendRows(u.sent[:0], rows)
		asked.Rows.Where = &protocol.Rows_Data{Data: u.sent}
	}
	return asked, nil
}

// rows returns the n vectors that a message of the host has, where it has them.
// They are the caller's.
func (u *run) rows(r *protocol.Rows, n int, what string) ([]float64, error) {
	size := 8 * n * u.dim
	if r == nil {
		return nil, invalid("no %s, want %d times %d", what, n, u.dim)
	}
	if r.GetN() != uint64(n) {
		return nil, invalid("%d rows of %s, want %d", r.GetN(), what, n)
	}
	switch where := r.Where.(type) {
	case *protocol.Rows_Data:
		if len(where.Data) != size {
			return nil, invalid("%s have %d bytes, want %d: 8 times %d rows times %d", what, len(where.Data), size, n, u.dim)
		}
		return protocol.Floats(where.Data), nil
	case *protocol.Rows_Offset:
		if u.shared == nil {
			return nil, invalid("%s are in shared memory, want them in the message: %v", what, u.unshared)
		}
		half, all := uint64(len(u.shared)/2), uint64(len(u.shared))
		if at := where.Offset; at < half || at%8 != 0 || at > all || uint64(size) > all-at {
			return nil, invalid("%s are %d bytes at %d of the shared memory, want them at a multiple of 8 in [%d, %d)", what, size, at, half, all)
		}
		return protocol.Floats(u.shared[where.Offset:][:size]), nil
	}
	return nil, invalid("%s are neither in the message nor in shared memory", what)
}

// lengths checks what an optimizer returns, before its sizes are relied on.
func (u *run) lengths(rows [][]float64, what, each string) error {
	for k, w := range rows {
		if len(w) != u.dim {
			return u.failed(what, protocol.Errorf(protocol.Failure_KIND_BROKEN, "%s %d has %d weights, want %d", each, k, len(w), u.dim))
		}
	}
	return nil
}

func appendRows(b []byte, rows [][]float64) []byte {
	for _, w := range rows {
		b = protocol.AppendFloats(b, w)
	}
	return b
}
