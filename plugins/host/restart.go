package host

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/joust-bench/joust/plugins/protocol"
)

// persist makes a call, and once in the life of a run it makes it again after a
// fault, in another process that was brought to the same state. What it returns
// is final.
func (r *remote) persist(call func() error) error {
	err := call()
	var f *fault
	if !errors.As(err, &f) {
		return err
	}
	if err = r.worker.explain(err); !r.plugin.restarts || r.plugin.ctx.Err() != nil {
		return err
	}
	if r.again != "" {
		return fmt.Errorf("%w; it had been started again at %s", err, r.again)
	}
	if r.journal.lost {
		return fmt.Errorf("%w; it is not started again: what it was told is more than the %d bytes kept for that", err, r.journal.most)
	}
	r.again = fmt.Sprintf("step %d: %v", r.tells, err)
	if err := r.retire(); err != nil {
		return err
	}
	if err = r.begin(); err == nil {
		if err = r.replay(); err == nil {
			err = call()
		}
	}
	if errors.As(err, &f) {
		err = r.worker.explain(err)
	}
	if err == nil || isDiverged(err) {
		return err
	}
	return fmt.Errorf("%w; it had been started again at %s", err, r.again)
}

// retire parts with a process that has failed. Its memory stays as long as the
// caller may read candidates in it.
func (r *remote) retire() error {
	w := r.worker
	r.worker = nil
	if r.phase == asked && r.shared {
		r.plugin.leave(w)
		r.retired = w
		return nil
	}
	return r.plugin.discard(w)
}

// begin makes a run in a process, from the last checkpoint if there is one.
func (r *remote) begin() error {
	if r.worker == nil {
		w, err := r.plugin.acquire(r.dim)
		if err != nil {
			return err
		}
		r.worker = w
	}
	return r.makeRun(r.journal.state)
}

// makeRun makes a run in the worker: with shared memory, if there is some and the
// plugin takes it.
func (r *remote) makeRun(state []byte) error {
	if r.worker.half > 0 {
		err := r.tryRun(state, true)
		var refused *protocol.Error
		// The starting weights are there only for a plugin that has mapped it.
		understood := err == nil && r.shared || 8*r.dim <= inline
		if understood || err != nil && !errors.As(err, &refused) {
			return err
		}
		if err == nil {
			if err := r.finish(); err != nil {
				return err
			}
		}
	}
	return r.tryRun(state, false)
}

func (r *remote) tryRun(state []byte, shared bool) error {
	r.run = strconv.FormatUint(r.plugin.runs.Add(1), 10)
	r.number, r.shared = 0, shared
	p := r.problem
	q := &protocol.InitRequest{
		Run: r.run, Optimizer: r.def.Name, Config: string(r.config), Dim: uint64(r.dim),
		Budget: uint64(p.Budget), Seed: p.Seed, Threads: uint32(min(p.Threads, math.MaxInt32)),
	}
	if shared {
		q.SharedHalf = uint64(r.worker.half)
	}
	q.Init = r.send(protocol.AppendFloats(nil, p.Init), 1)
	for _, b := range p.Blocks {
		q.Blocks = append(q.Blocks, &protocol.Block{
			Name: b.Name, Off: uint64(b.Off), Len: uint64(b.Len), Layer: int64(b.Layer),
			Rows: uint64(b.Rows), FanIn: uint64(b.FanIn), Scale: b.Scale,
		})
	}
	var answer *protocol.InitResponse
	err := r.worker.within(r.plugin.options.Setup, func(ctx context.Context) (err error) {
		if state == nil {
			answer, err = r.worker.Conn().Init(ctx, q)
		} else {
			answer, err = r.worker.Conn().Restore(ctx, q, state)
		}
		return err
	})
	switch {
	case err != nil:
		return refuse(err)
	case answer.GetShared() && !shared:
		return lief("uses shared memory, of which there is none")
	}
	r.shared = answer.GetShared()
	return r.count(answer.GetOptimizerSeconds())
}

// finish ends the run.
func (r *remote) finish() error {
	err := r.worker.within(r.plugin.options.Setup, func(ctx context.Context) error {
		_, err := r.worker.Conn().Finish(ctx, &protocol.FinishRequest{Run: r.run})
		return err
	})
	return refuse(err)
}

// replay asks and tells again what the journal has. A plugin is a pure function
// of its seed and what it is told, so that it asks about the same candidates.
func (r *remote) replay() error {
	n := len(r.journal.entries)
	for i, e := range r.journal.entries {
		answer, err := r.step(i-1, i > 0, true)
		if err != nil {
			return replayed(err)
		}
		b, err := r.batch(answer.GetAsked())
		if err != nil {
			return replayed(err)
		}
		r.number = b.number
		hash, err := r.inspected(b)
		if err != nil {
			return replayed(err)
		}
		if b.n != e.n || b.need != e.need || hash != e.hash {
			return fmt.Errorf("started again, it asks about other candidates than before (batch %d of %d since the last checkpoint): it is not a pure function of its seed and what it is told",
				i+1, n)
		}
	}
	if r.phase != resting || n == 0 {
		return nil
	}
	if _, err := r.step(n-1, true, false); err != nil && !(isDiverged(err) && r.diverged != nil) {
		return replayed(err)
	}
	return nil
}

// replayed is the error of a call that went well before. It hides divergence,
// which would be a result.
func replayed(err error) error {
	var f *fault
	if errors.As(err, &f) {
		return err
	}
	return errors.New("started again, it answers otherwise than before: " + err.Error())
}

// drop gives a worker back in which no run could be made, if it only refused.
func (r *remote) drop(err error) error {
	w := r.worker
	if r.worker = nil; w == nil {
		return nil
	}
	var refused *protocol.Error
	if errors.As(err, &refused) && (refused.Kind == protocol.Failure_KIND_INVALID || refused.Kind == protocol.Failure_KIND_TOO_LARGE) {
		return r.plugin.release(w)
	}
	return r.plugin.discard(w)
}
