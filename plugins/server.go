package plugins

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/plugins/protocol"
)

// A Server runs optimizers of a list for whoever calls it: it is a
// [protocol.Conn] in this process, and what the transports serve. Runs are
// independent of each other and may be called from several goroutines. Each
// refusal is a [*protocol.Error].
type Server struct {
	defs     []optimizers.Definition
	describe func() ([]*protocol.Description, error)
	features []string // of this version of the protocol
	shared   sharedMemory
	listen   func() // starts to answer steps over the socket; called when that is agreed on
	// fault is called with the stack of an optimizer that panicked.
	fault func(stack []byte)

	mu   sync.Mutex
	runs map[string]*run
}

var _ protocol.Conn = (*Server)(nil)

// NewServer returns a server of the definitions, whose names are distinct.
func NewServer(defs ...optimizers.Definition) *Server {
	s := &Server{defs: slices.Clone(defs), fault: func([]byte) {}, listen: func() {}, runs: map[string]*run{}}
	s.describe = sync.OnceValues(s.descriptions)
	return s
}

// descriptions describes every optimizer.
func (s *Server) descriptions() ([]*protocol.Description, error) {
	if len(s.defs) == 0 {
		return nil, errors.New("there is no optimizer to serve, want at least one definition")
	}
	described := make([]*protocol.Description, len(s.defs))
	for i, def := range s.defs {
		if slices.ContainsFunc(s.defs[:i], func(d optimizers.Definition) bool { return d.Name == def.Name }) {
			return nil, fmt.Errorf("two optimizers are called %q, want distinct names", def.Name)
		}
		var err error
		if described[i], err = protocol.Describe(def, version()); err != nil {
			return nil, err
		}
	}
	return described, nil
}

// version is that of the main module, if the go command knew one.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}

// Describe lists the optimizers.
func (s *Server) Describe(_ context.Context, r *protocol.DescribeRequest) (*protocol.DescribeResponse, error) {
	described, err := s.describe()
	if err != nil {
		return nil, protocol.Errorf(protocol.Failure_KIND_BROKEN, "%v", err)
	}
	agreed := common(s.features, r.GetFeatures())
	if slices.Contains(agreed, protocol.FeatureSocket) {
		s.listen()
	}
	return &protocol.DescribeResponse{
		Optimizers: described,
		Minor:      protocol.Minor,
		Features:   agreed,
		Runtime:    []string{"go " + strings.TrimPrefix(runtime.Version(), "go")},
	}, nil
}

// common lists the features that both sides name.
func common(ours, theirs []string) []string {
	var both []string
	for _, f := range ours {
		if slices.Contains(theirs, f) {
			both = append(both, f)
		}
	}
	return both
}

// with calls do with a run that nobody else calls meanwhile.
func (s *Server) with(id string, do func(*run) error) error {
	s.mu.Lock()
	u := s.runs[id]
	s.mu.Unlock()
	if u == nil {
		return unknownRun(id)
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.finished {
		return unknownRun(id)
	}
	if u.broken != nil {
		return u.broken
	}
	u.spent = 0
	return do(u)
}

// Step tells, asks, or both. The answer is not nil, and holds the failure that
// is returned.
func (s *Server) Step(_ context.Context, r *protocol.StepRequest) (*protocol.StepResponse, error) {
	answer := &protocol.StepResponse{}
	err := s.with(r.GetRun(), func(u *run) error {
		defer func() { answer.OptimizerSeconds = u.seconds() }()
		return u.step(r, answer)
	})
	if err != nil {
		answer.Failure = asError(err).Failure()
		return answer, err
	}
	return answer, nil
}

// Recommend returns what the optimizer would settle on, or its shortlist.
func (s *Server) Recommend(_ context.Context, r *protocol.RecommendRequest) (*protocol.RecommendResponse, error) {
	answer := &protocol.RecommendResponse{}
	err := s.with(r.GetRun(), func(u *run) error {
		defer func() { answer.OptimizerSeconds = u.seconds() }()
		return u.recommend(r.GetShortlist(), answer)
	})
	if err != nil {
		return nil, err
	}
	return answer, nil
}

// Diagnose returns the optimizer's figures.
func (s *Server) Diagnose(_ context.Context, r *protocol.DiagnoseRequest) (*protocol.DiagnoseResponse, error) {
	answer := &protocol.DiagnoseResponse{}
	err := s.with(r.GetRun(), func(u *run) error {
		defer func() { answer.OptimizerSeconds = u.seconds() }()
		return u.diagnose(answer)
	})
	if err != nil {
		return nil, err
	}
	return answer, nil
}

// Checkpoint returns the state of a run that has no batch outstanding.
func (s *Server) Checkpoint(_ context.Context, r *protocol.CheckpointRequest) (state []byte, err error) {
	err = s.with(r.GetRun(), func(u *run) (err error) {
		state, err = u.checkpoint()
		return err
	})
	return state, err
}

// Finish ends a run and closes its optimizer, also if that has failed.
func (s *Server) Finish(_ context.Context, r *protocol.FinishRequest) (*protocol.FinishResponse, error) {
	s.mu.Lock()
	u := s.runs[r.GetRun()]
	s.mu.Unlock()
	if u == nil {
		return nil, unknownRun(r.GetRun())
	}
	if err := s.finish(u); err != nil {
		return nil, err
	}
	return &protocol.FinishResponse{}, nil
}

func (s *Server) finish(u *run) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.finished {
		return unknownRun(u.id)
	}
	s.remove(u)
	return u.close()
}

// Close ends every run.
func (s *Server) Close() error {
	s.mu.Lock()
	var all []*run
	for _, u := range s.runs {
		all = append(all, u)
	}
	s.mu.Unlock()
	slices.SortFunc(all, func(a, b *run) int { return cmp.Compare(a.id, b.id) })
	var errs []error
	for _, u := range all {
		errs = append(errs, s.finish(u))
	}
	return errors.Join(errs...)
}

func invalid(format string, args ...any) error {
	return protocol.Errorf(protocol.Failure_KIND_INVALID, format, args...)
}

func unknownRun(id string) error {
	return protocol.Errorf(protocol.Failure_KIND_UNKNOWN_RUN, "no run %q, want one that Init or Restore has made and Finish has not ended", id)
}

// asError is what every error of a run is.
func asError(err error) *protocol.Error {
	var e *protocol.Error
	if !errors.As(err, &e) {
		e = protocol.Errorf(protocol.Failure_KIND_BROKEN, "%v", err)
	}
	return e
}
