package host

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/joust-bench/joust/plugins/protocol"
)

// What an optimizer says of itself has no error: one that comes up here ends the
// run, and the next Ask or Tell returns it, or Close.

func (r *remote) recommend() []float64 {
	defer r.timed()()
	if r.point == nil {
		r.point = slices.Clone(r.problem.Init)
	}
	points := r.ask("recommend", r.point, 0)
	if points != nil {
		r.point = points
	}
	return r.point
}

func (r *remote) shortlist(n int) [][]float64 {
	defer r.timed()()
	if n <= 0 {
		return nil
	}
	r.list = r.ask("shortlist", r.list, n)
	r.lists = split(r.lists, r.list, r.dim)
	return r.lists
}

// ask returns the recommended point, or the shortlist if n is over 0, in dst if
// there is room. It returns nothing if the run has come to its end.
func (r *remote) ask(what string, dst []float64, n int) []float64 {
	if !r.observable() {
		return nil
	}
	err := r.persist(func() error {
		var answer *protocol.RecommendResponse
		err := r.worker.within(r.pace.limit(&r.plugin.options), func(ctx context.Context) (err error) {
			answer, err = r.worker.Conn().Recommend(ctx, &protocol.RecommendRequest{Run: r.run, Shortlist: uint64(n)})
			return err
		})
		if err != nil {
			return refuse(err)
		}
		if n == 0 && answer.GetRows().GetN() == 0 {
			return lief("no point, want one")
		}
		if dst, err = r.points(dst, answer.GetRows(), max(1, n)); err != nil {
			return err
		}
		return r.count(answer.GetOptimizerSeconds())
	})
	if err != nil {
		r.end(what, err)
		return nil
	}
	return dst
}

// observable brings the process up to date, and reports whether it can be asked.
// After divergence it can.
func (r *remote) observable() bool {
	if r.verify(); r.failed == nil && !r.closed {
		r.settle()
	}
	return r.failed == nil && !r.closed
}

const (
	maxFigures = 1000
	maxFigure  = 100 // bytes of a name
)

func (r *remote) diagnostics() iter.Seq2[string, float64] {
	return func(yield func(string, float64) bool) {
		for _, f := range r.figures() {
			if !yield(f.GetName(), f.GetValue()) {
				return
			}
		}
	}
}

func (r *remote) figures() []*protocol.Figure {
	defer r.timed()()
	if !r.observable() {
		return nil
	}
	var answer *protocol.DiagnoseResponse
	err := r.persist(func() error {
		err := r.worker.within(r.pace.limit(&r.plugin.options), func(ctx context.Context) (err error) {
			answer, err = r.worker.Conn().Diagnose(ctx, &protocol.DiagnoseRequest{Run: r.run})
			return err
		})
		if err != nil {
			return refuse(err)
		}
		if err := checkFigures(answer.GetFigures()); err != nil {
			return err
		}
		return r.count(answer.GetOptimizerSeconds())
	})
	if err != nil {
		r.end("diagnose", err)
		return nil
	}
	return answer.GetFigures()
}

func checkFigures(figures []*protocol.Figure) error {
	if len(figures) > maxFigures {
		return lief("%d figures, want at most %d", len(figures), maxFigures)
	}
	for i, f := range figures {
		name := f.GetName()
		odd := func(c rune) bool { return !unicode.IsPrint(c) }
		if name == "" || len(name) > maxFigure || !utf8.ValidString(name) || bytes.ContainsFunc([]byte(name), odd) {
			return lief("figure %d is called %q, want 1 to %d bytes of plain text", i+1, name[:min(len(name), maxFigure)], maxFigure)
		}
	}
	return nil
}

func (r *remote) marshal() ([]byte, error) {
	defer r.timed()()
	if r.phase == asked {
		return nil, r.wrap("checkpoint", errors.New("a batch is outstanding, want it told first"))
	}
	if !r.observable() {
		return nil, r.report()
	}
	state, err := r.checkpoint()
	if err == nil {
		return state, nil
	}
	if _, refused := errors.AsType[*protocol.Error](err); refused {
		return nil, r.wrap("checkpoint", err)
	}
	r.end("checkpoint", err)
	return nil, r.report()
}

// checkpoint is the state of the process, which is up to date and at rest. It is
// the caller's.
func (r *remote) checkpoint() (state []byte, err error) {
	err = r.persist(func() error {
		err := r.worker.within(r.plugin.options.Setup, func(ctx context.Context) (err error) {
			state, err = r.worker.Conn().Checkpoint(ctx, &protocol.CheckpointRequest{Run: r.run})
			return err
		})
		return refuse(err)
	})
	return append([]byte{}, state...), err // not nil, also if it is empty
}

// save makes a checkpoint the beginning of the journal. It may end the run.
func (r *remote) save() {
	if r.settle(); r.over() != nil {
		return
	}
	state, err := r.checkpoint()
	if err != nil {
		r.end("checkpoint", err)
		return
	}
	r.journal.rebase(state)
}

// unmarshal makes another run of the state. If that is refused, the run that was
// is made again.
func (r *remote) unmarshal(data []byte) error {
	defer r.timed()()
	if r.verify(); r.failed != nil || r.closed {
		return r.report()
	}
	state := append([]byte{}, data...)
	finished := false
	err := r.persist(func() error {
		finished = false
		if err := r.finish(); err != nil {
			return err
		}
		finished = true
		return r.makeRun(state)
	})
	if _, refused := errors.AsType[*protocol.Error](err); refused && finished && !isDiverged(err) {
		err = r.wrap("restore", err)
		again := r.persist(func() error {
			if r.journal.lost {
				return errors.New("the run before it is lost: what it was told is more than is kept")
			}
			if err := r.begin(); err != nil {
				return err
			}
			return r.replay()
		})
		if again != nil {
			r.end("restore", again)
			return errors.Join(err, r.report())
		}
		return err
	}
	if err != nil {
		r.end("restore", err)
		return r.report()
	}
	r.journal.rebase(state)
	r.phase, r.need, r.diverged = resting, r.def.Need, nil
	return nil
}
