package host

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/plugins/protocol"
)

// A remote is an optimizer in a process. Tell only notes what it is told: it goes
// with the next Ask in one message, or alone before any call whose answer depends
// on it, so that the answers are those of an optimizer in this process.
type remote struct {
	plugin  *Plugin
	def     optimizers.Definition
	saves   bool // it has checkpoints
	needs   bool // it says batch by batch what it needs
	config  json.RawMessage
	problem optimizers.Problem
	dim     int

	worker  *worker
	retired *worker // has failed, and somebody may read candidates in its memory
	run     string  // name of the run in the worker
	shared  bool    // both sides use the worker's shared memory
	number  uint64  // of the last batch in this worker

	phase   phase
	need    optimizers.Need // of the last batch
	rows    [][]float64
	unseen  batch     // the last, while its candidates are being looked at
	own     []float64 // the candidates, unless they are in shared memory
	request protocol.StepRequest
	tells   int // so far
	journal journal
	pace    pace

	point []float64 // what was recommended last
	list  []float64
	lists [][]float64

	again    string // what it was started again for
	diverged error
	failed   error // the end of the run
	reported bool  // the caller knows of it
	closed   bool

	spent     time.Duration // in calls of this optimizer
	computing float64       // seconds of it in the plugin's own code, by its word
}

// A phase says whose turn it is.
type phase uint8

const (
	resting phase = iota // the process knows all that was told
	asked                // a batch is to be told
	noted                // and was, but the process does not know it yet
)

// newRemote makes a run. The configuration is complete.
func newRemote(p *Plugin, def optimizers.Definition, abilities []protocol.Ability, config json.RawMessage, problem optimizers.Problem) (*remote, error) {
	r := &remote{
		plugin: p, def: def, config: config, problem: problem, dim: len(problem.Init), need: def.Need,
		journal: journal{most: p.options.Replay},
	}
	for _, a := range abilities {
		r.saves = r.saves || a == protocol.Ability_ABILITY_CHECKPOINT
		r.needs = r.needs || a == protocol.Ability_ABILITY_NEEDS
	}
	defer r.timed()()
	if err := r.persist(r.begin); err != nil {
		return nil, errors.Join(r.wrap("init", err), r.drop(err))
	}
	return r, nil
}

// Ask sends what was told and returns the next candidates: in shared memory, if
// they are there, and copied from the message otherwise.
func (r *remote) Ask() ([][]float64, error) {
	defer r.timed()()
	switch {
	case r.over() != nil:
		return nil, r.report()
	case r.phase == asked:
		return nil, r.wrap("ask", errors.New("the last batch has not been told, want that first"))
	}
	if err := r.free(); err != nil {
		r.end("ask", err)
		return nil, r.report()
	}
	if r.saves && r.phase == noted && r.journal.due() {
		if r.save(); r.over() != nil {
			return nil, r.report()
		}
	}
	fused := r.phase == noted
	var b batch
	err := r.persist(func() (err error) {
		b, err = r.exchange(r.phase == noted, true)
		return err
	})
	if err != nil {
		what := "ask"
		switch {
		case fused && !answered(err):
			what = "tell and ask"
		case fused && r.phase == noted:
			what = "tell"
		}
		r.end(what, err)
		return nil, r.report()
	}
	if b.n == 0 {
		return nil, nil
	}
	r.journal.add(b)
	if r.unseen = b; !b.shared || len(b.data) <= atOnce {
		if r.verify(); r.over() != nil {
			return nil, r.report()
		}
	}
	r.accept(b)
	return r.rows, nil
}

// accept hands a batch to the caller.
func (r *remote) accept(b batch) {
	r.phase, r.need = asked, b.need
	if b.shared {
		r.rows = split(r.rows, protocol.Floats(b.data), r.dim)
		return
	}
	r.own = decode(r.own, b.data)
	r.rows = split(r.rows, r.own, r.dim)
}

// verify waits until the candidates that the caller has were looked at: before
// anything else is made of them, and before their memory is another's. What is
// wrong with them ends the run.
func (r *remote) verify() {
	if r.unseen.look == nil {
		return
	}
	hash, err := r.inspected(r.unseen)
	r.unseen = batch{}
	if err != nil {
		r.end("ask", err)
		return
	}
	r.journal.seen(hash)
}

// Tell notes the evaluations. What the process thinks of them the next call says.
func (r *remote) Tell(evals []optimizers.Evaluation) error {
	defer r.timed()()
	if r.verify(); r.over() != nil {
		return r.report()
	}
	if r.phase == resting && len(evals) == 0 {
		return nil // of a search that has converged
	}
	if err := r.check(evals); err != nil {
		return r.wrap("tell", err)
	}
	r.journal.tell(evals)
	r.phase = noted
	r.tells++
	return nil
}

func (r *remote) check(evals []optimizers.Evaluation) error {
	if r.phase != asked {
		return errors.New("no batch is to be told, want Ask first")
	}
	if len(evals) != len(r.rows) {
		return fmt.Errorf("%d evaluations, want %d", len(evals), len(r.rows))
	}
	for k, e := range evals {
		if math.IsNaN(e.Loss) {
			return fmt.Errorf("loss %d is NaN, want +Inf for a candidate that diverged", k)
		}
		if r.need == optimizers.NeedGrad && len(e.Grad) != r.dim {
			return fmt.Errorf("gradient %d has %d numbers, want %d", k, len(e.Grad), r.dim)
		}
	}
	return nil
}

// timed measures a call of the optimizer until what it returns is called.
func (r *remote) timed() func() {
	start := time.Now()
	return func() { r.spent += time.Since(start) }
}

// Seconds implements [optimizers.Metered].
func (r *remote) Seconds() (own, transport float64) {
	all := r.spent.Seconds()
	own = min(r.computing, all) // the plugin's clock is not ours
	return own, all - own
}
