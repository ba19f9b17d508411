package conformance

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/joust-bench/joust/plugins/protocol"
)

// A probe is a check at work: it makes runs of the subject's optimizer and
// finishes them. It is for one goroutine.
type probe struct {
	ctx     context.Context // of this one check
	subject Subject
	conn    protocol.Conn // to the process that checks share
	check   string
	desc    *protocol.Description
	runs    []*run
}

func newProbe(ctx context.Context, s Subject, check string) (*probe, error) {
	p := &probe{ctx: ctx, subject: s, check: check}
	var err error
	if p.conn, err = s.Conn(ctx); err != nil {
		return nil, err
	}
	r, err := p.describe()
	if err != nil {
		return nil, err
	}
	for _, d := range r.GetOptimizers() {
		if d.GetName() == s.Optimizer() {
			p.desc = d
			return p, nil
		}
	}
	return nil, fmt.Errorf("describe: optimizer %q is not among the %d described", s.Optimizer(), len(r.GetOptimizers()))
}

func (p *probe) describe() (*protocol.DescribeResponse, error) {
	r, err := p.conn.Describe(p.ctx, &protocol.DescribeRequest{Host: "joust plugin test", Minor: protocol.Minor})
	if err != nil {
		return nil, fmt.Errorf("describe: %w", err)
	}
	return r, nil
}

// close finishes what is left of the runs.
func (p *probe) close() error {
	var errs []error
	for _, r := range p.runs {
		errs = append(errs, r.finish())
	}
	return errors.Join(errs...)
}

// has reports whether the optimizer is described with an ability.
func (p *probe) has(a protocol.Ability) bool { return slices.Contains(p.desc.GetAbilities(), a) }

// dimension is n, or the dimension nearest to it that the optimizer takes.
func (p *probe) dimension(n int) int {
	n = max(n, int(min(p.desc.GetMinDim(), math.MaxInt32)))
	if most := p.desc.GetMaxDim(); most > 0 {
		n = int(min(uint64(n), most))
	}
	return n
}

// memory is what the optimizer says that it holds at a dimension, in bytes; 0:
// it says nothing.
func (p *probe) memory(dim int) float64 {
	m, d := p.desc.GetMemory(), float64(dim)
	return m.GetFixed() + m.GetPerDim()*d + m.GetPerDim2()*d*d
}

// request asks for a run of a name that no other check gives.
func (p *probe) request(dim int, seed uint64) *protocol.InitRequest {
	init := make([]float64, dim)
	for i := range init {
		init[i] = 0.25 * float64(i%5-2)
	}
	d := uint64(dim)
	return &protocol.InitRequest{
		Run:       fmt.Sprintf("%s/%s/%d", p.subject.Optimizer(), p.check, len(p.runs)),
		Optimizer: p.subject.Optimizer(),
		Dim:       d,
		Init:      inline(1, init),
		Blocks:    []*protocol.Block{{Name: "0.dense.w", Len: d, Rows: 1, FanIn: d, Scale: 0.5}},
		Budget:    4000,
		Seed:      seed,
		Threads:   1,
	}
}

// init makes a run on the process that the checks share.
func (p *probe) init(dim int, seed uint64) (*run, error) {
	return p.initOn(p.conn, p.request(dim, seed))
}

func (p *probe) initOn(conn protocol.Conn, request *protocol.InitRequest) (*run, error) {
	r := p.newRun(conn, request)
	answer, err := conn.Init(p.ctx, request)
	if err != nil {
		return nil, fmt.Errorf("init of dimension %d: %w", r.dim, err)
	}
	r.live, r.counts, r.shares = true, true, answer.GetShared()
	return r, nil
}

// restore makes a run that goes on from a state.
func (p *probe) restore(conn protocol.Conn, request *protocol.InitRequest, state []byte) (*run, error) {
	r := p.newRun(conn, request)
	if _, err := conn.Restore(p.ctx, request, state); err != nil {
		return nil, fmt.Errorf("restore of %d bytes: %w", len(state), err)
	}
	r.live = true
	return r, nil
}

func (p *probe) newRun(conn protocol.Conn, request *protocol.InitRequest) *run {
	r := &run{ctx: p.ctx, conn: conn, id: request.GetRun(), dim: int(request.GetDim()), need: p.desc.GetNeed()}
	p.runs = append(p.runs, r)
	return r
}

// refused wants an error of one of the kinds: what is taken, what is refused in
// another way, and a process that fails are wrong. What a transport cannot carry,
// as frames cannot what is no JSON, it may refuse in place of the process.
func (p *probe) refused(err error, kinds ...protocol.Failure_Kind) error {
	if err == nil {
		return fmt.Errorf("taken, want an error of kind %s", kindNames(kinds))
	}
	var refusal *protocol.Error
	if !errors.As(err, &refusal) {
		if _, dead := p.describe(); dead == nil {
			return nil
		}
		return fmt.Errorf("the process failed, want an error of kind %s: %w", kindNames(kinds), err)
	}
	if !slices.Contains(kinds, refusal.Kind) {
		return fmt.Errorf("refused with kind %s, want %s: %w", kindNames([]protocol.Failure_Kind{refusal.Kind}), kindNames(kinds), err)
	}
	return nil
}

const (
	unknownRun = protocol.Failure_KIND_UNKNOWN_RUN
	wrongOrder = protocol.Failure_KIND_WRONG_ORDER
	invalid    = protocol.Failure_KIND_INVALID
	badState   = protocol.Failure_KIND_BAD_STATE
	tooLarge   = protocol.Failure_KIND_TOO_LARGE
)
