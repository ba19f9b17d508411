package host

import (
	"context"
	"math"
	"time"

	"github.com/joust-bench/joust/plugins/protocol"
)

// One step of a run, in one message.

// exchange is one Step: it sends the last entry of the journal, asks for a batch,
// or both.
func (r *remote) exchange(tell, ask bool) (b batch, err error) {
	answer, err := r.step(len(r.journal.entries)-1, tell, ask)
	// What an optimizer diverges at it has been told. After a fault nothing is
	// certain, and the next process is told again.
	if tell && (err == nil || isDiverged(err) || answered(err) && answer.GetTold()) {
		r.phase = resting
	}
	if err != nil {
		return b, err
	}
	if err := r.count(answer.GetOptimizerSeconds()); err != nil || !ask {
		return b, err
	}
	if b, err = r.batch(answer.GetAsked()); err == nil && b.n > 0 {
		r.number = b.number
	}
	return b, err
}

// step makes the call, with the tell of entry i.
func (r *remote) step(i int, tell, ask bool) (answer *protocol.StepResponse, err error) {
	q := &r.request
	q.Run, q.Tell, q.Ask = r.run, nil, nil
	if tell {
		losses, grads := r.journal.told(i, r.dim)
		q.Tell = &protocol.Tell{Batch: r.number, Losses: losses}
		if grads != nil {
			q.Tell.Grads = r.send(grads, len(losses))
		}
	}
	if ask {
		q.Ask = &protocol.Ask{}
	}
	start := time.Now()
	err = r.worker.within(r.pace.limit(&r.plugin.options), func(ctx context.Context) (err error) {
		answer, err = r.worker.Conn().Step(ctx, q)
		return err
	})
	r.pace.add(time.Since(start))
	switch {
	case err != nil:
		return answer, refuse(err)
	case tell && !answer.GetTold():
		return answer, lief("does not say that it was told batch %d", r.number)
	case !ask && answer.GetAsked() != nil:
		return answer, lief("candidates that nobody asked for")
	}
	return answer, nil
}

// inline is how many bytes of vectors are sent in a message, and not by way of
// shared memory.
const inline = 64 << 10

// send returns n rows as they are sent. It may write them to shared memory.
func (r *remote) send(data []byte, n int) *protocol.Rows {
	rows := &protocol.Rows{N: uint64(n)}
	if r.shared && len(data) > inline && len(data) <= r.worker.half {
		copy(r.worker.Shared()[r.worker.half:], data)
		rows.Where = &protocol.Rows_Offset{Offset: uint64(r.worker.half)}
	} else {
		rows.Where = &protocol.Rows_Data{Data: data}
	}
	return rows
}

// settle sends what was told, if the process does not know it yet. It may end the
// run, or the search.
func (r *remote) settle() {
	if r.phase != noted {
		return
	}
	err := r.persist(func() error {
		_, err := r.exchange(true, false)
		return err
	})
	if err != nil {
		r.end("tell", err)
	}
}

// count adds the plugin's word for how long it computed.
func (r *remote) count(seconds float64) error {
	if !(seconds >= 0) || math.IsInf(seconds, 1) {
		return lief("%v seconds in the optimizer, want a finite number that is not negative", seconds)
	}
	r.computing += seconds
	return nil
}
