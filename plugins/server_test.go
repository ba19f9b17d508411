package plugins

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/joust-bench/joust/optimizers/builtin"
	"github.com/joust-bench/joust/plugins/protocol"
)

func TestDescribeListsEveryDefinition(t *testing.T) {
	for _, tt := range transports {
		conn := tt.connect(t, NewServer(builtin.All()...))
		a, err := conn.Describe(t.Context(), &protocol.DescribeRequest{Host: "test", Minor: 7, Features: []string{"unknown"}})
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		var got, want []string
		for _, d := range a.Optimizers {
			got = append(got, d.Name)
		}
		for _, d := range builtin.All() {
			want = append(want, d.Name)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: names %q, want %q", tt.name, got, want)
		}
		if len(a.Runtime) != 1 || !strings.HasPrefix(a.Runtime[0], "go 1.") {
			t.Errorf("%s: runtime %q", tt.name, a.Runtime)
		}
		if len(a.Features) != 0 {
			t.Errorf("%s: features %q that only the host has", tt.name, a.Features)
		}
	}
}

// TestFeaturesAreThoseOfBothSides is for the minor versions to come.
func TestFeaturesAreThoseOfBothSides(t *testing.T) {
	s := NewServer(definition(t, "sgd"))
	s.features = []string{"a", "b", "c"}
	a, err := s.Describe(t.Context(), &protocol.DescribeRequest{Features: []string{"d", "c", "a"}})
	if err != nil || !slices.Equal(a.Features, []string{"a", "c"}) {
		t.Errorf("features %q (%v), want a and c", a.GetFeatures(), err)
	}
}

func TestListsThatCannotBeServed(t *testing.T) {
	sgd := definition(t, "sgd")
	_, err := NewServer().Describe(t.Context(), nil)
	refused(t, err, protocol.Failure_KIND_BROKEN, "want at least one definition")
	_, err = NewServer(sgd, sgd).Describe(t.Context(), nil)
	refused(t, err, protocol.Failure_KIND_BROKEN, `two optimizers are called "sgd"`)
	sgd.New = nil
	_, err = NewServer(sgd).Describe(t.Context(), nil)
	refused(t, err, protocol.Failure_KIND_BROKEN, "sgd: the definition has no New")
}

func TestCloseEndsEveryRun(t *testing.T) {
	f := &faulty{}
	def := faultyDefinition(f)
	s := NewServer(def)
	for _, id := range []string{"1", "2", "3"} {
		if _, err := s.Init(t.Context(), initRequest(def, id, 12, 1)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil || *f.closed != 3 {
		t.Errorf("Close: %v, closed %d optimizers, want 3", err, *f.closed)
	}
}

// TestSecondsAreThoseOfTheOptimizer has one that sleeps.
func TestSecondsAreThoseOfTheOptimizer(t *testing.T) {
	const nap = 20 * time.Millisecond
	one := [][]float64{make([]float64, 12)}
	f := &faulty{
		ask:  func() ([][]float64, error) { time.Sleep(nap); return one, nil },
		tell: func() error { time.Sleep(2 * nap); return nil },
	}
	def := faultyDefinition(f)
	for _, tt := range transports {
		conn := tt.connect(t, NewServer(def))
		if _, err := conn.Init(t.Context(), initRequest(def, "1", 12, 1)); err != nil {
			t.Fatal(err)
		}
		for i, want := range []time.Duration{nap, 3 * nap} {
			r := &protocol.StepRequest{Run: "1", Ask: &protocol.Ask{}}
			if i > 0 {
				r.Tell = &protocol.Tell{Batch: 1, Losses: []float64{1}}
			}
			start := time.Now()
			a, err := conn.Step(t.Context(), r)
			all := time.Since(start).Seconds()
			if err != nil {
				t.Fatal(err)
			}
			if got := a.OptimizerSeconds; got < want.Seconds() || got > all {
				t.Errorf("%s: step %d took %v s in the optimizer, want %v at least, and at most %v in all", tt.name, i, got, want.Seconds(), all)
			}
		}
	}
}

// TestEachBatchSaysWhatItNeeds has a genetic algorithm that Rprop follows.
func TestEachBatchSaysWhatItNeeds(t *testing.T) {
	const dim = 12
	def := definition(t, "then")
	s := NewServer(def)
	r := initRequest(def, "1", dim, 1)
	r.Config = `{"first":"ga population=10","second":"rprop"}`
	r.Budget = 60 // of work: with gradients three to one
	if _, err := s.Init(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	var needs []protocol.Need
	tell := (*protocol.Tell)(nil)
	for range 20 {
		a, err := s.Step(t.Context(), &protocol.StepRequest{Run: "1", Tell: tell, Ask: &protocol.Ask{}})
		if err != nil {
			t.Fatal(err)
		}
		needs = append(needs, a.Asked.Need)
		tell = &protocol.Tell{Batch: a.Asked.Batch, Losses: make([]float64, a.Asked.Rows.N)}
		grads := make([]float64, dim*len(tell.Losses))
		for k, w := range slices.Collect(slices.Chunk(protocol.Floats(a.Asked.Rows.GetData()), dim)) {
			tell.Losses[k] = bowl(w, grads[k*dim:][:dim])
		}
		if a.Asked.Need == protocol.Need_NEED_GRAD {
			tell.Grads = &protocol.Rows{N: uint64(len(tell.Losses)), Where: &protocol.Rows_Data{Data: protocol.AppendFloats(nil, grads)}}
		}
	}
	if needs[0] != protocol.Need_NEED_LOSS || needs[19] != protocol.Need_NEED_GRAD {
		t.Errorf("batches need %v, want losses first, and gradients in the end", needs)
	}
}

func TestBatchesAreCutIntoMessages(t *testing.T) {
	def := definition(t, "ga") // a hundred candidates
	const dim = 12
	for _, tt := range []struct{ most, want int }{
		{1, 100}, {8*dim*7 - 1, 17}, {8 * dim * 7, 15}, {8*dim*100 - 1, 2}, {8 * dim * 100, 1},
	} {
		conn := overGRPC(t, NewServer(def), tt.most).(*grpcConn)
		if _, err := conn.Init(t.Context(), initRequest(def, "1", dim, 1)); err != nil {
			t.Fatal(err)
		}
		a, err := conn.Step(t.Context(), &protocol.StepRequest{Run: "1", Ask: &protocol.Ask{}})
		if err != nil || a.Asked.Rows.N != 100 || conn.parts != tt.want {
			t.Errorf("%d candidates in %d messages of at most %d bytes (%v), want 100 in %d", a.GetAsked().GetRows().GetN(), conn.parts, tt.most, err, tt.want)
		}
	}
}
