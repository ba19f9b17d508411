package host

import (
	"context"
	"errors"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/plugins/protocol"
)

// A script answers each call with the next of its messages, which may be any bytes
// that are a message at all.
type script struct {
	local
	describe *protocol.DescribeResponse
	bytes    []byte
}

// next reads an answer: a byte says how it ends, another how long it is.
func (s *script) next(m proto.Message) (err error) {
	defer func() {
		if errors.Is(err, errBroken) {
			s.Kill()
		}
	}()
	if len(s.bytes) < 2 {
		return errBroken
	}
	how, n := s.bytes[0], int(s.bytes[1])
	s.bytes = s.bytes[2:]
	n = min(n, len(s.bytes))
	if err := proto.Unmarshal(s.bytes[:n], m); err != nil {
		s.bytes = s.bytes[n:]
		return errBroken
	}
	s.bytes = s.bytes[n:]
	switch {
	case how < 0xd0:
		return nil
	case how < 0xf0:
		return &protocol.Error{Kind: protocol.Failure_Kind(how & 7), Message: string(s.bytes[:min(20, len(s.bytes))])}
	}
	return errBroken
}

func (s *script) Conn() protocol.Conn { return s }

func (s *script) Describe(context.Context, *protocol.DescribeRequest) (*protocol.DescribeResponse, error) {
	return s.describe, nil
}

func (s *script) Init(context.Context, *protocol.InitRequest) (*protocol.InitResponse, error) {
	a := &protocol.InitResponse{}
	return a, s.next(a)
}

func (s *script) Restore(context.Context, *protocol.InitRequest, []byte) (*protocol.InitResponse, error) {
	a := &protocol.InitResponse{}
	return a, s.next(a)
}

func (s *script) Step(context.Context, *protocol.StepRequest) (*protocol.StepResponse, error) {
	a := &protocol.StepResponse{}
	return a, s.next(a)
}

func (s *script) Recommend(context.Context, *protocol.RecommendRequest) (*protocol.RecommendResponse, error) {
	a := &protocol.RecommendResponse{}
	return a, s.next(a)
}

func (s *script) Diagnose(context.Context, *protocol.DiagnoseRequest) (*protocol.DiagnoseResponse, error) {
	a := &protocol.DiagnoseResponse{}
	return a, s.next(a)
}

func (s *script) Checkpoint(context.Context, *protocol.CheckpointRequest) ([]byte, error) {
	a := &protocol.Chunk{}
	err := s.next(a)
	return a.Data, err
}

func (s *script) Finish(context.Context, *protocol.FinishRequest) (*protocol.FinishResponse, error) {
	a := &protocol.FinishResponse{}
	return a, s.next(a)
}

// Whatever a plugin answers: candidates are sound, or there is an error, and
// nothing panics, hangs or grows without bound.
func FuzzAnswers(f *testing.F) {
	full := func(how byte, m proto.Message) []byte {
		b, err := proto.Marshal(m)
		if err != nil {
			f.Fatal(err)
		}
		return append([]byte{how, byte(len(b))}, b...)
	}
	ok := func(batch uint64, told bool, v ...float64) []byte {
		return full(0, &protocol.StepResponse{Told: told, Asked: &protocol.Asked{Batch: batch, Rows: &protocol.Rows{
			N: uint64(len(v) / 2), Where: &protocol.Rows_Data{Data: protocol.AppendFloats(nil, v)},
		}}})
	}
	point := full(0, &protocol.RecommendResponse{Rows: &protocol.Rows{N: 1, Where: &protocol.Rows_Data{Data: make([]byte, 16)}}})
	figures := full(0, &protocol.DiagnoseResponse{Figures: []*protocol.Figure{{Name: "sigma", Value: 1}}})
	state := full(0, &protocol.Chunk{Data: []byte("state")})
	init := full(0, &protocol.InitResponse{Shared: true})
	join := func(parts ...[]byte) (all []byte) {
		for _, p := range parts {
			all = append(all, p...)
		}
		return all
	}
	round := join(init, point, point, figures, ok(1, false, 1, 2, 3, 4), point, point, figures, full(0, &protocol.StepResponse{Told: true}), point, point, figures, state)
	f.Add(join(round, ok(2, false, 1, 2), point, point, figures))
	f.Add(join(init, ok(1, false, 1, 2)))
	f.Add(join(init, full(0, &protocol.StepResponse{Asked: &protocol.Asked{Batch: 1, Rows: &protocol.Rows{N: 3, Where: &protocol.Rows_Offset{Offset: 64}}}})))
	f.Add(join(round, full(0xd5, &protocol.StepResponse{Told: true}), init, state))
	f.Add(join(round, []byte{0xff, 0}, round))
	f.Fuzz(func(t *testing.T, b []byte) {
		all := []protocol.Ability{1, 2, 3, 4, 5}
		describe := &protocol.DescribeResponse{Optimizers: []*protocol.Description{{
			Name: "x", Summary: "X.", Need: protocol.Need_NEED_GRAD, Abilities: all,
		}}}
		shared := make([]byte, 2048)
		for i := range shared {
			if len(b) > 0 {
				shared[i] = b[i%len(b)]
			}
		}
		p := &Plugin{name: "plugin p", shares: true, restarts: true}
		p.launch = func(context.Context, int64) (instance, error) {
			return &script{describe: describe, bytes: b, local: local{shared: shared, died: make(chan struct{})}}, nil
		}
		if _, err := p.open(context.Background(), Options{Replay: 300}); err != nil {
			t.Fatal(err)
		}
		drive(t, p.Definitions()[0])
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

// drive calls everything, and looks at what it gets.
func drive(t *testing.T, def optimizers.Definition) {
	opt, err := def.New(nil, problem(2))
	if err != nil {
		return
	}
	sound := func(what string, w []float64) {
		if len(w) != 2 || w[0]-w[0] != 0 || w[1]-w[1] != 0 {
			t.Fatalf("%s: %v, want two finite numbers", what, w)
		}
	}
	observe := func() {
		sound("recommended", opt.(optimizers.Recommender).Recommend())
		for _, w := range opt.(optimizers.Shortlister).Shortlist(3) {
			sound("shortlist", w)
		}
		for name := range opt.(optimizers.Diagnoser).Diagnostics() {
			if name == "" {
				t.Fatal("a figure has no name")
			}
		}
	}
	for range 20 {
		observe()
		rows, err := opt.Ask()
		if err != nil || len(rows) == 0 {
			break
		}
		evals := make([]optimizers.Evaluation, len(rows))
		for k, w := range rows {
			sound("candidate", w)
			evals[k].Grad = make([]float64, 2)
		}
		observe()
		if err := opt.Tell(evals); err != nil {
			break
		}
		observe()
		if data, err := opt.(state).MarshalBinary(); err == nil {
			_ = opt.(state).UnmarshalBinary(data) // any answer will do
		}
	}
	observe()
	own, transport := opt.(optimizers.Metered).Seconds()
	if !(own >= 0 && transport >= 0) {
		t.Fatalf("%v and %v seconds, want none negative", own, transport)
	}
	_ = closeOptimizer(opt) // may well fail
}
