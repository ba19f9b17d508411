package host

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/plugins/protocol"
)

// A Plugin is a program that serves optimizers, and its processes: one for each
// run under way, so that a fault costs one trial, and those that are idle, which
// the next runs have. Its methods may be called from several goroutines.
type Plugin struct {
	name      string // for errors
	options   Options
	launch    func(ctx context.Context, shared int64) (instance, error)
	shares    bool // there is shared memory
	restarts  bool // a failed process is started again
	watch     func(limit time.Duration, expire func()) (off func())
	described *protocol.DescribeResponse
	defs      []optimizers.Definition

	ctx    context.Context
	cancel context.CancelCauseFunc
	runs   atomic.Uint64 // made so far

	mu     sync.Mutex
	idle   []*worker // the least shared memory first
	busy   map[*worker]bool
	used   int // in use or being started
	most   int // that were, at a time
	closed bool
}

// Open starts a process of the plugin, asks what it serves and checks what it
// says. The end of ctx is that of all its processes, and of the calls under way,
// until Close.
func Open(ctx context.Context, c Command, o Options) (*Plugin, error) {
	p := &Plugin{name: c.name(), shares: c.Transport != Frames, restarts: true}
	p.launch = func(ctx context.Context, shared int64) (instance, error) {
		proc, err := Start(ctx, c, shared)
		if err != nil {
			return nil, err // and not a nil of another type
		}
		return proc, nil
	}
	return p.open(ctx, o)
}

// Attach is [Open] for a connection that there is already, to a process that
// somebody else has started or to a server in this one. All runs share it. What
// is at the other end is neither killed nor started again, so that a call ends
// at its deadline only if c sees to that.
func Attach(ctx context.Context, name string, c protocol.Conn, o Options) (*Plugin, error) {
	p := &Plugin{name: "plugin " + name}
	p.launch = func(context.Context, int64) (instance, error) { return attached{c, nil}, nil }
	return p.open(ctx, o)
}

func (p *Plugin) open(ctx context.Context, o Options) (*Plugin, error) {
	p.options = o.withDefaults()
	if p.watch == nil {
		p.watch = watchFor
	}
	p.ctx, p.cancel = context.WithCancelCause(ctx)
	p.busy = map[*worker]bool{}
	w, err := p.acquire(1)
	if err != nil {
		p.cancel(errClosed)
		return nil, fmt.Errorf("%s: %w", p.name, err)
	}
	if err := p.define(); err != nil {
		p.cancel(errClosed)
		return nil, errors.Join(fmt.Errorf("%s: %w", p.name, err), p.discard(w))
	}
	if err := p.release(w); err != nil {
		p.cancel(errClosed)
		return nil, fmt.Errorf("%s: %w", p.name, err)
	}
	return p, nil
}

// define makes definitions of the descriptions.
func (p *Plugin) define() (err error) {
	if p.defs, err = protocol.Definitions(p.described); err != nil {
		return err
	}
	for i := range p.defs {
		def, abilities := p.defs[i], p.described.GetOptimizers()[i].GetAbilities()
		p.defs[i].New = func(config json.RawMessage, problem optimizers.Problem) (optimizers.Optimizer, error) {
			return p.build(def, abilities, config, problem)
		}
	}
	return nil
}

// build checks what [optimizers.Define] does, so that a plugin sees only what it
// said that it takes.
func (p *Plugin) build(def optimizers.Definition, abilities []protocol.Ability, config json.RawMessage, problem optimizers.Problem) (optimizers.Optimizer, error) {
	config, err := optimizers.Resolve(def.Params, config)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", def.Name, err)
	}
	if err := problem.Validate(); err != nil {
		return nil, fmt.Errorf("%s: problem: %w", def.Name, err)
	}
	if why := def.Refuses(len(problem.Init)); why != "" {
		return nil, fmt.Errorf("%s %s", def.Name, why)
	}
	r, err := newRemote(p, def, abilities, config, problem)
	if err != nil {
		return nil, err
	}
	return expose(r, abilities), nil
}

// Definitions returns the optimizers that the plugin serves, in its order. New
// starts a process for that run alone, or takes an idle one. An optimizer is to
// be closed, which gives it back. The slice is the caller's.
func (p *Plugin) Definitions() []optimizers.Definition { return slices.Clone(p.defs) }

// Descriptions returns what the plugin says of each of them, checked, for what a
// definition has no place for: version, licence, documentation. It is not to be
// changed.
func (p *Plugin) Descriptions() []*protocol.Description { return p.described.GetOptimizers() }

// Runtime is what the plugin says that it runs on, such as "python 3.11.2".
func (p *Plugin) Runtime() []string { return slices.Clone(p.described.GetRuntime()) }

// Close ends all processes. Optimizers that are not closed yet fail from then
// on, and are to be closed all the same.
func (p *Plugin) Close() error {
	p.mu.Lock()
	idle := p.idle
	busy := make([]*worker, 0, len(p.busy))
	for w := range p.busy {
		busy = append(busy, w)
	}
	p.idle, p.closed = nil, true
	p.mu.Unlock()
	errs := make([]error, len(idle))
	var stops sync.WaitGroup
	for i, w := range idle {
		stops.Go(func() { errs[i] = w.stop() })
	}
	stops.Wait()
	p.cancel(errClosed)
	// The memory of those in use stays: somebody may be reading candidates.
	for _, w := range busy {
		w.Kill()
	}
	return errors.Join(errs...)
}

// attached is the process of a connection that somebody else has made.
type attached struct {
	conn protocol.Conn
	died chan struct{} // nil: it never does
}

func (a attached) Conn() protocol.Conn      { return a.conn }
func (a attached) Shared() []byte           { return nil }
func (a attached) Stop(time.Duration) error { return nil }
func (a attached) Kill()                    {}
func (a attached) Died() <-chan struct{}    { return a.died }
func (a attached) Cause() error             { return nil }
