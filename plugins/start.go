package plugins

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/plugins/protocol"
)

// How runs are made.

// Init makes a run.
func (s *Server) Init(_ context.Context, r *protocol.InitRequest) (*protocol.InitResponse, error) {
	return s.add(r, func(*run) error { return nil })
}

// Restore makes a run that goes on from what Checkpoint returned.
func (s *Server) Restore(_ context.Context, r *protocol.InitRequest, state []byte) (*protocol.InitResponse, error) {
	return s.add(r, func(u *run) error { return u.restore(state) })
}

// add makes a run, prepares it, and lists it. The name is taken from the start,
// and calls that come before the run is ready wait for it.
func (s *Server) add(r *protocol.InitRequest, prepare func(*run) error) (*protocol.InitResponse, error) {
	id := r.GetRun()
	if id == "" {
		return nil, invalid("the run has no name, want one that is unique in the process")
	}
	u := &run{id: id, fault: s.fault}
	u.mu.Lock()
	defer u.mu.Unlock()
	s.mu.Lock()
	_, taken := s.runs[id]
	if !taken {
		s.runs[id] = u
	}
	s.mu.Unlock()
	if taken {
		return nil, invalid("run %q exists, want another name", id)
	}
	err := s.start(u, r)
	if err == nil {
		err = prepare(u)
	}
	if err != nil {
		s.remove(u)
		if closing := u.close(); closing != nil {
			err = protocol.Errorf(asError(err).Kind, "%v; %v", err, closing)
		}
		return nil, err
	}
	return &protocol.InitResponse{Shared: u.shared != nil, OptimizerSeconds: u.seconds()}, nil
}

// remove takes a run from the list; its name may be used again.
func (s *Server) remove(u *run) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.runs[u.id] == u {
		delete(s.runs, u.id)
	}
	s.shared.release(u)
	u.finished = true
}

// start checks what the host says of a problem and builds the optimizer.
func (s *Server) start(u *run, r *protocol.InitRequest) error {
	i := slices.IndexFunc(s.defs, func(d optimizers.Definition) bool { return d.Name == r.GetOptimizer() })
	if i < 0 {
		return s.unknown(r.GetOptimizer())
	}
	u.def = s.defs[i]
	if r.GetDim() == 0 || r.GetDim() > math.MaxInt/8 {
		return invalid("dimension %d, want at least 1", r.GetDim())
	}
	u.dim = int(r.GetDim())
	if why := u.def.Refuses(u.dim); why != "" {
		return protocol.Errorf(protocol.Failure_KIND_TOO_LARGE, "%s %s", u.def.Name, why)
	}
	s.share(u, r.GetSharedHalf())
	init, err := u.rows(r.GetInit(), 1, "starting weights")
	if err != nil {
		return err
	}
	for i, w := range init {
		if math.IsNaN(w) || math.IsInf(w, 0) {
			return invalid("starting weight %d is %v, want a finite number", i, w)
		}
	}
	blocks, err := blocksOf(r.GetBlocks(), u.dim)
	if err != nil {
		return err
	}
	if r.GetBudget() > math.MaxInt {
		return invalid("a budget of %d evaluations, want at most %d", r.GetBudget(), math.MaxInt)
	}
	if r.GetThreads() == 0 || r.GetThreads() > math.MaxInt32 {
		return invalid("%d threads, want at least 1", r.GetThreads())
	}
	p := optimizers.Problem{
		Init:    slices.Clone(init), // the optimizer may keep it
		Blocks:  blocks,
		Budget:  int(r.GetBudget()),
		Seed:    r.GetSeed(),
		Threads: int(r.GetThreads()),
	}
	if u.shared != nil {
		u.arena.data = protocol.Floats(u.shared[:len(u.shared)/2])
		p.Memory = u.arena.take
	}
	return u.call("New", func() (err error) {
		if u.opt, err = u.def.New([]byte(r.GetConfig()), p); err != nil {
			u.opt = nil // not the nil of another type
			return invalid("%v", err)
		}
		return nil
	})
}

// share gives the shared memory to a run, if there is some and no other run has
// it. Without, vectors are in the messages.
func (s *Server) share(u *run, half uint64) {
	if half == 0 {
		u.unshared = errors.New("Init said that there is none")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	u.shared, u.unshared = s.shared.take(u, half)
}

func (s *Server) unknown(name string) error {
	names := make([]string, len(s.defs))
	for i, d := range s.defs {
		names[i] = d.Name
	}
	if near := optimizers.Suggest(name, names); near != "" {
		return invalid("no optimizer %q, did you mean %s?", name, near)
	}
	return invalid("no optimizer %q, want one of %s", name, strings.Join(names, ", "))
}

// blocksOf checks that what is said of blocks fits into an int; whether they are
// in order is for the definition to say.
func blocksOf(blocks []*protocol.Block, dim int) ([]optimizers.Block, error) {
	if len(blocks) == 0 {
		return nil, nil
	}
	out := make([]optimizers.Block, len(blocks))
	for i, b := range blocks {
		if b.GetOff() > uint64(dim) || b.GetLen() > uint64(dim) || b.GetRows() > uint64(dim) || b.GetFanIn() > math.MaxInt32 ||
			b.GetLayer() != int64(int32(b.GetLayer())) {
			return nil, invalid("block %d (%s): weights [%d, +%d), %d rows, fan-in %d, layer %d, want at most the dimension, %d",
				i, b.GetName(), b.GetOff(), b.GetLen(), b.GetRows(), b.GetFanIn(), b.GetLayer(), dim)
		}
		out[i] = optimizers.Block{
			Name: b.GetName(), Off: int(b.GetOff()), Len: int(b.GetLen()), Layer: int(b.GetLayer()),
			Rows: int(b.GetRows()), FanIn: int(b.GetFanIn()), Scale: b.GetScale(),
		}
	}
	return out, nil
}
