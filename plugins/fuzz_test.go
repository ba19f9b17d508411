package plugins

import (
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/plugins/protocol"
)

// FuzzMessages sends messages of any content to a run whose memory is shared.
// Everything is answered, and a run that was made can be ended.
func FuzzMessages(f *testing.F) {
	still := optimizers.Define(optimizers.Definition{Name: "still", Need: optimizers.NeedGrad}, struct{}{},
		func(_ struct{}, p optimizers.Problem) (*faulty, error) {
			return &faulty{
				closed: new(int),
				ask:    func() ([][]float64, error) { return [][]float64{p.Init}, nil },
				tell:   func() error { return nil },
			}, nil
		})
	add := func(r *protocol.InitRequest, s *protocol.StepRequest) {
		init, err := proto.Marshal(r)
		if err != nil {
			f.Fatal(err)
		}
		step, err := proto.Marshal(s)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(init, step)
	}
	r := initRequest(still, "1", 4, 1)
	add(r, &protocol.StepRequest{Run: "1", Ask: &protocol.Ask{}})
	r.SharedHalf = 64
	add(r, &protocol.StepRequest{Run: "1", Ask: &protocol.Ask{}, Tell: &protocol.Tell{
		Batch: 1, Losses: []float64{1}, Grads: &protocol.Rows{N: 1, Where: &protocol.Rows_Offset{Offset: 96}},
	}})
	r.Init.Where = &protocol.Rows_Offset{Offset: 64}
	add(r, &protocol.StepRequest{Run: "1", Tell: &protocol.Tell{
		Batch: 1, Losses: []float64{1}, Grads: &protocol.Rows{N: 1, Where: &protocol.Rows_Data{Data: make([]byte, 32)}},
	}})
	f.Fuzz(func(t *testing.T, init, step []byte) {
		var r protocol.InitRequest
		var q protocol.StepRequest
		if proto.Unmarshal(init, &r) != nil || proto.Unmarshal(step, &q) != nil {
			return
		}
		s := NewServer(still)
		s.fault = func(stack []byte) { t.Errorf("panic: %s", stack) }
		memory := make([]byte, 128)
		s.shared.open = func(size int) ([]byte, error) { return memory[:min(size, len(memory))], nil }
		if _, err := s.Init(t.Context(), &r); err != nil {
			asExpected(t, err)
			return
		}
		q.Run = r.Run
		for _, q := range []*protocol.StepRequest{{Run: r.Run, Ask: &protocol.Ask{}}, &q, &q} {
			a, err := s.Step(t.Context(), q)
			if a == nil {
				t.Fatal("no answer")
			}
			asExpected(t, err)
		}
		if _, err := s.Finish(t.Context(), &protocol.FinishRequest{Run: r.Run}); err != nil {
			t.Error(err)
		}
	})
}

// asExpected has refusals, and nothing that is broken.
func asExpected(t *testing.T, err error) {
	t.Helper()
	if err != nil && asError(err).Kind == protocol.Failure_KIND_BROKEN {
		t.Error(err)
	}
}
