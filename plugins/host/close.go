package host

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/joust-bench/joust/plugins/protocol"
)

// The end of a run, in order or not.

// Close ends the run and gives the process back. An error that nobody has been
// told of yet is returned, but for divergence: there is nothing more to ask.
func (r *remote) Close() error {
	if r.closed {
		return nil
	}
	r.verify()
	r.closed = true
	err := r.free()
	switch {
	case r.failed != nil:
		if !r.reported {
			err = errors.Join(r.failed, err)
		}
		return errors.Join(err, r.discard())
	case r.worker == nil:
		return err
	}
	finish := r.worker.within(r.plugin.options.Setup, func(ctx context.Context) error {
		_, err := r.worker.Conn().Finish(ctx, &protocol.FinishRequest{Run: r.run})
		return err
	})
	if finish != nil {
		finish = r.wrap("finish", r.worker.explain(refuse(finish)))
		return errors.Join(finish, err, r.discard())
	}
	w := r.worker
	r.worker = nil
	return errors.Join(err, r.plugin.release(w))
}

// discard ends the process.
func (r *remote) discard() error {
	w := r.worker
	r.worker = nil
	if w == nil {
		return nil
	}
	return r.plugin.discard(w)
}

// free ends a process whose memory nobody reads any more.
func (r *remote) free() error {
	w := r.retired
	r.retired = nil
	if w == nil {
		return nil
	}
	return w.stop()
}

// over is why there is no Ask and no Tell any more.
func (r *remote) over() error {
	switch {
	case r.failed != nil:
		return r.failed
	case r.closed:
		return r.wrap("call", errors.New("the optimizer is closed"))
	}
	return r.diverged
}

// report is over, for the caller.
func (r *remote) report() error {
	r.reported = true
	return r.over()
}

// end notes what ends the run. Divergence ends only the search: the optimizer
// still recommends something. Otherwise the process is of no more use.
func (r *remote) end(what string, err error) {
	err = r.wrap(what, err)
	if isDiverged(err) {
		r.diverged = err
		return
	}
	r.failed = err
	if r.worker != nil {
		r.worker.Kill()
	}
}

// wrap names the optimizer, the plugin, and what it was to do.
func (r *remote) wrap(what string, err error) error {
	return fmt.Errorf("%s (%s): step %s: %s: %w", r.def.Name, r.plugin.name, strconv.Itoa(r.tells), what, err)
}
