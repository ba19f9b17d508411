package host

import (
	"context"
	"encoding"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/plugins/protocol"
)

// A local is a plugin in this process: a server of definitions, with shared
// memory, that dies, hangs or lies where a test wants it to.
type local struct {
	defs   []optimizers.Definition
	shared []byte
	// without are abilities that it does not own to.
	without []protocol.Ability
	// before is called before each call but Describe, and its error is the
	// transport's. after may change an answer, or lose it.
	before func(call string) error
	after  func(call string, answer any) error

	mu    sync.Mutex
	runs  map[string]*localRun
	ended bool
	died  chan struct{}
	calls map[string]int
}

type localRun struct {
	def    optimizers.Definition
	opt    optimizers.Optimizer
	dim    int
	shared bool
	batch  uint64
	n      int
	need   optimizers.Need
	sent   []byte
}

var errBroken = errors.New("broken pipe")

func newLocal(shared int64, defs ...optimizers.Definition) *local {
	return &local{
		defs: defs, shared: make([]byte, shared), runs: map[string]*localRun{}, died: make(chan struct{}), calls: map[string]int{},
	}
}

func (l *local) Conn() protocol.Conn   { return l }
func (l *local) Shared() []byte        { return l.shared }
func (l *local) Died() <-chan struct{} { return l.died }
func (l *local) Cause() error          { return errors.New("exit status 3; the end of its log: oh dear") }

func (l *local) Stop(time.Duration) error {
	l.Kill()
	spoil(l.shared) // as if it were unmapped
	return nil
}

// spoil writes NaN over memory that nobody may look at any more.
func spoil(b []byte) {
	for i := range b {
		b[i] = 0xff
	}
}

func (l *local) Kill() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.ended {
		l.ended = true
		close(l.died)
	}
}

// call is what every call goes through.
func (l *local) call(ctx context.Context, name string) error {
	l.mu.Lock()
	l.calls[name]++
	l.mu.Unlock()
	if l.before != nil && name != "describe" {
		if err := l.before(name); err != nil {
			return err
		}
	}
	select {
	case <-l.died:
		return errBroken
	case <-ctx.Done():
		return ctx.Err()
	default:
		return nil
	}
}

func refuseTest(kind protocol.Failure_Kind, format string, args ...any) error {
	return &protocol.Error{Kind: kind, Message: fmt.Sprintf(format, args...)}
}

func invalidTest(format string, args ...any) error {
	return refuseTest(protocol.Failure_KIND_INVALID, format, args...)
}

func (l *local) Describe(ctx context.Context, _ *protocol.DescribeRequest) (*protocol.DescribeResponse, error) {
	if err := l.call(ctx, "describe"); err != nil {
		return nil, err
	}
	a := &protocol.DescribeResponse{Runtime: []string{"test 1"}}
	for _, d := range l.defs {
		m, err := protocol.Describe(d, "1.0")
		if err != nil {
			return nil, err
		}
		m.Abilities = slices.DeleteFunc(m.Abilities, func(a protocol.Ability) bool { return slices.Contains(l.without, a) })
		a.Optimizers = append(a.Optimizers, m)
	}
	return a, l.answer("describe", a)
}

func (l *local) answer(name string, a any) error {
	if l.after != nil {
		return l.after(name, a)
	}
	return nil
}

func (l *local) Init(ctx context.Context, q *protocol.InitRequest) (*protocol.InitResponse, error) {
	if err := l.call(ctx, "init"); err != nil {
		return nil, err
	}
	return l.make(q, "init", func(*localRun) error { return nil })
}

func (l *local) Restore(ctx context.Context, q *protocol.InitRequest, state []byte) (*protocol.InitResponse, error) {
	if err := l.call(ctx, "restore"); err != nil {
		return nil, err
	}
	return l.make(q, "restore", func(r *localRun) error {
		if err := r.opt.(encoding.BinaryUnmarshaler).UnmarshalBinary(state); err != nil {
			return refuseTest(protocol.Failure_KIND_BAD_STATE, "%v", err)
		}
		return nil
	})
}

func (l *local) make(q *protocol.InitRequest, name string, then func(*localRun) error) (*protocol.InitResponse, error) {
	i := slices.IndexFunc(l.defs, func(d optimizers.Definition) bool { return d.Name == q.Optimizer })
	if i < 0 {
		return nil, invalidTest("no optimizer %s", q.Optimizer)
	}
	r := &localRun{def: l.defs[i], dim: int(q.Dim), shared: q.SharedHalf > 0}
	p := optimizers.Problem{Budget: int(q.Budget), Seed: q.Seed, Threads: int(q.Threads)}
	init, err := l.vectors(r, q.Init)
	if err != nil {
		return nil, err
	}
	p.Init = slices.Clone(init)
	for _, b := range q.Blocks {
		p.Blocks = append(p.Blocks, optimizers.Block{
			Name: b.Name, Off: int(b.Off), Len: int(b.Len), Layer: int(b.Layer), Rows: int(b.Rows), FanIn: int(b.FanIn), Scale: b.Scale,
		})
	}
	if r.opt, err = r.def.New([]byte(q.Config), p); err != nil {
		return nil, invalidTest("%v", err)
	}
	if err := then(r); err != nil {
		return nil, err
	}
	l.mu.Lock()
	l.runs[q.Run] = r
	l.mu.Unlock()
	a := &protocol.InitResponse{Shared: r.shared}
	return a, l.answer(name, a)
}

func (l *local) vectors(r *localRun, rows *protocol.Rows) ([]float64, error) {
	data := rows.GetData()
	if at, ok := rows.Where.(*protocol.Rows_Offset); ok {
		if int(at.Offset) < len(l.shared)/2 || !r.shared {
			return nil, invalidTest("vectors where the host does not write")
		}
		data = l.shared[at.Offset:][:int(rows.N)*8*r.dim]
	}
	if len(data) != int(rows.N)*8*r.dim {
		return nil, invalidTest("%d bytes of %d vectors", len(data), rows.N)
	}
	return protocol.Floats(data), nil
}

func (l *local) get(name string) (*localRun, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if r := l.runs[name]; r != nil {
		spoil(r.sent) // what an answer refers to lasts until the next call
		return r, nil
	}
	return nil, refuseTest(protocol.Failure_KIND_UNKNOWN_RUN, "no run %q", name)
}

func (l *local) Step(ctx context.Context, q *protocol.StepRequest) (*protocol.StepResponse, error) {
	if err := l.call(ctx, "step"); err != nil {
		return nil, err
	}
	r, err := l.get(q.Run)
	if err != nil {
		return nil, err
	}
	a := &protocol.StepResponse{}
	start := time.Now()
	if q.Tell != nil {
		if err := l.tell(r, q.Tell); err != nil {
			return a, err
		}
		a.Told = true
	}
	if q.Ask != nil {
		if a.Asked, err = l.ask(r); err != nil {
			return a, err
		}
	}
	a.OptimizerSeconds = time.Since(start).Seconds()
	return a, l.answer("step", a)
}

func failed(err error) error {
	if errors.Is(err, optimizers.ErrDiverged) {
		return refuseTest(protocol.Failure_KIND_DIVERGED, "%v", err)
	}
	return refuseTest(protocol.Failure_KIND_BROKEN, "%v", err)
}

func (l *local) tell(r *localRun, t *protocol.Tell) error {
	if r.n == 0 || t.Batch != r.batch || len(t.Losses) != r.n {
		return refuseTest(protocol.Failure_KIND_WRONG_ORDER, "batch %d with %d losses, want %d with %d", t.Batch, len(t.Losses), r.batch, r.n)
	}
	evals := make([]optimizers.Evaluation, r.n)
	var grads []float64
	if r.need == optimizers.NeedGrad {
		var err error
		if grads, err = l.vectors(r, t.Grads); err != nil {
			return err
		}
	} else if t.Grads != nil {
		return invalidTest("gradients that nobody needs")
	}
	for i := range evals {
		evals[i].Loss = t.Losses[i]
		if grads != nil {
			evals[i].Grad = slices.Clone(grads[i*r.dim:][:r.dim])
		}
	}
	r.n = 0
	if err := r.opt.Tell(evals); err != nil {
		return failed(err)
	}
	return nil
}

func (l *local) ask(r *localRun) (*protocol.Asked, error) {
	if r.n > 0 {
		return nil, refuseTest(protocol.Failure_KIND_WRONG_ORDER, "asked twice")
	}
	rows, err := r.opt.Ask()
	if err != nil {
		return nil, failed(err)
	}
	if len(rows) == 0 {
		return &protocol.Asked{}, nil
	}
	r.batch, r.n, r.need = r.batch+1, len(rows), r.def.Need
	a := &protocol.Asked{Batch: r.batch}
	if n, ok := r.opt.(optimizers.Needer); ok {
		r.need = min(r.need, n.Needs())
		a.Need = protocol.Need(r.need + 1)
	}
	r.sent = r.sent[:0]
	for _, w := range rows {
		r.sent = protocol.AppendFloats(r.sent, w)
	}
	a.Rows = &protocol.Rows{N: uint64(len(rows)), Where: &protocol.Rows_Data{Data: r.sent}}
	if r.shared && len(r.sent) <= len(l.shared)/2 {
		copy(l.shared, r.sent)
		a.Rows.Where = &protocol.Rows_Offset{}
	}
	return a, nil
}

func (l *local) Recommend(ctx context.Context, q *protocol.RecommendRequest) (*protocol.RecommendResponse, error) {
	if err := l.call(ctx, "recommend"); err != nil {
		return nil, err
	}
	r, err := l.get(q.Run)
	if err != nil {
		return nil, err
	}
	var rows [][]float64
	if q.Shortlist == 0 {
		rows = [][]float64{r.opt.(optimizers.Recommender).Recommend()}
	} else {
		rows = r.opt.(optimizers.Shortlister).Shortlist(int(min(q.Shortlist, math.MaxInt)))
	}
	var data []byte
	for _, w := range rows {
		data = protocol.AppendFloats(data, w)
	}
	a := &protocol.RecommendResponse{Rows: &protocol.Rows{N: uint64(len(rows)), Where: &protocol.Rows_Data{Data: data}}}
	return a, l.answer("recommend", a)
}

func (l *local) Diagnose(ctx context.Context, q *protocol.DiagnoseRequest) (*protocol.DiagnoseResponse, error) {
	if err := l.call(ctx, "diagnose"); err != nil {
		return nil, err
	}
	r, err := l.get(q.Run)
	if err != nil {
		return nil, err
	}
	a := &protocol.DiagnoseResponse{}
	for name, x := range r.opt.(optimizers.Diagnoser).Diagnostics() {
		a.Figures = append(a.Figures, &protocol.Figure{Name: name, Value: x})
	}
	return a, l.answer("diagnose", a)
}

func (l *local) Checkpoint(ctx context.Context, q *protocol.CheckpointRequest) ([]byte, error) {
	if err := l.call(ctx, "checkpoint"); err != nil {
		return nil, err
	}
	r, err := l.get(q.Run)
	if err != nil {
		return nil, err
	}
	if r.n > 0 {
		return nil, refuseTest(protocol.Failure_KIND_WRONG_ORDER, "a batch is outstanding")
	}
	data, err := r.opt.(encoding.BinaryMarshaler).MarshalBinary()
	if err != nil {
		return nil, failed(err)
	}
	return data, nil
}

func (l *local) Finish(ctx context.Context, q *protocol.FinishRequest) (*protocol.FinishResponse, error) {
	if err := l.call(ctx, "finish"); err != nil {
		return nil, err
	}
	r, err := l.get(q.Run)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	delete(l.runs, q.Run)
	l.mu.Unlock()
	if c, ok := r.opt.(io.Closer); ok {
		if err := c.Close(); err != nil {
			return nil, failed(err)
		}
	}
	return &protocol.FinishResponse{}, nil
}

// problem is one of n dimensions, with two blocks where there is room.
func problem(n int) optimizers.Problem {
	p := optimizers.Problem{Init: make([]float64, n), Budget: 4000, Seed: 7, Threads: 1}
	for i := range p.Init {
		p.Init[i] = math.Sin(float64(3*i + 1))
	}
	return p
}

// A fleet launches locals.
type fleet struct {
	mu    sync.Mutex
	all   []*local
	make  func(shared int64, number int) *local
	alone bool // without shared memory
	// expire ends the call under way as its deadline does, if watched is set.
	expire  func()
	watched bool
	limit   time.Duration
}

func (f *fleet) launch(_ context.Context, shared int64) (instance, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.alone {
		shared = 0
	}
	l := f.make(shared, len(f.all))
	f.all = append(f.all, l)
	return l, nil
}

// plugin opens a plugin of locals.
func (f *fleet) plugin(t testing.TB, o Options) *Plugin {
	t.Helper()
	p, err := f.open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

func (f *fleet) open(o Options) (*Plugin, error) {
	p := &Plugin{name: "plugin p 1.0", launch: f.launch, shares: true, restarts: true}
	if f.watched {
		p.watch = func(limit time.Duration, expire func()) func() {
			f.limit, f.expire = limit, expire
			return func() {}
		}
	}
	return p.open(context.Background(), o)
}

// serving is a fleet of sound plugins.
func serving(defs ...optimizers.Definition) *fleet {
	return &fleet{make: func(shared int64, _ int) *local { return newLocal(shared, defs...) }}
}
