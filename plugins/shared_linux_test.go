package plugins

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/plugins/protocol"
)

// sharedFile is a file of a size, with its memory as the host has mapped it.
func sharedFile(t *testing.T, size int) (*os.File, []byte) {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "memory"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := f.Truncate(int64(size)); err != nil {
		t.Fatal(err)
	}
	data, err := mapFile(int(f.Fd()), size)
	if err != nil {
		t.Fatal(err)
	}
	return f, data
}

// TestSameBitsThroughSharedMemory has both directions in it: weights to start
// from, candidates and gradients. The genetic algorithm's batch does not fit.
func TestSameBitsThroughSharedMemory(t *testing.T) {
	const dim, half, steps = 12, 8 * 12 * 70, 10
	for _, tt := range []struct {
		name string
		fits bool
	}{{"sgd", true}, {"rprop", true}, {"openai-es", true}, {"ga", false}} {
		t.Run(tt.name, func(t *testing.T) {
			f, host := sharedFile(t, 2*half)
			def := definition(t, tt.name)
			s := NewServer(def)
			s.shared.open = func(size int) ([]byte, error) { return mapFile(int(f.Fd()), size) }
			r := initRequest(def, "1", dim, 5)
			copy(host[half+16:], r.Init.GetData())
			r.SharedHalf, r.Init.Where = half, &protocol.Rows_Offset{Offset: half + 16}
			for _, id := range []string{"first", "1"} { // one run after another
				r.Run = id
				a, err := s.Init(t.Context(), r)
				if err != nil || !a.Shared {
					t.Fatalf("Init: %v (%v), want shared", a, err)
				}
				if id == "first" {
					second := initRequest(def, "second", dim, 5)
					second.SharedHalf = half
					if a, err := s.Init(t.Context(), second); err != nil || a.Shared {
						t.Errorf("while another run has it: %v (%v), want not shared", a, err)
					}
					if _, err := s.Finish(t.Context(), &protocol.FinishRequest{Run: id}); err != nil {
						t.Fatal(err)
					}
				}
			}
			clear(host[half:]) // the optimizer may keep its weights, but not here
			var got trace
			var tell *protocol.Tell
			for range steps {
				a, err := s.Step(t.Context(), &protocol.StepRequest{Run: "1", Tell: tell, Ask: &protocol.Ask{}})
				if err != nil {
					t.Fatal(err)
				}
				where, shared := a.Asked.Rows.Where.(*protocol.Rows_Offset)
				if shared != tt.fits {
					t.Fatalf("rows in %T, want them in shared memory: %v", a.Asked.Rows.Where, tt.fits)
				}
				data := a.Asked.Rows.GetData()
				if shared {
					data = host[where.Offset:][:8*dim*a.Asked.Rows.N]
				}
				got.add(protocol.Floats(data)...)
				tell = &protocol.Tell{Batch: a.Asked.Batch}
				grads := host[half:half]
				for w := range slices.Chunk(protocol.Floats(data), dim) {
					grad := make([]float64, dim)
					tell.Losses = append(tell.Losses, bowl(w, grad))
					if def.Need == optimizers.NeedGrad {
						grads = protocol.AppendFloats(grads, grad)
						tell.Grads = &protocol.Rows{N: uint64(len(tell.Losses)), Where: &protocol.Rows_Offset{Offset: half}}
					}
				}
			}
			if want := direct(t, def, dim, 5, steps); !slices.Equal(got, want[:len(got)]) {
				t.Error("other candidates than those of the optimizer itself")
			}
		})
	}
}

// TestStartingWeightsAreTheOptimizersOwn has one that keeps them, as it may, and
// a host that uses the memory again.
func TestStartingWeightsAreTheOptimizersOwn(t *testing.T) {
	const dim, half = 12, 8 * 12
	def := optimizers.Define(optimizers.Definition{Name: "keeper"}, struct{}{},
		func(_ struct{}, p optimizers.Problem) (*faulty, error) {
			return &faulty{closed: new(int), ask: func() ([][]float64, error) { return [][]float64{p.Init}, nil }}, nil
		})
	f, host := sharedFile(t, 2*half)
	s := NewServer(def)
	s.shared.open = func(size int) ([]byte, error) { return mapFile(int(f.Fd()), size) }
	r := initRequest(def, "1", dim, 5)
	want := slices.Clone(r.Init.GetData())
	copy(host[half:], want)
	r.SharedHalf, r.Init.Where = half, &protocol.Rows_Offset{Offset: half}
	if _, err := s.Init(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	clear(host)
	if _, err := s.Step(t.Context(), &protocol.StepRequest{Run: "1", Ask: &protocol.Ask{}}); err != nil {
		t.Fatal(err)
	}
	if got := host[:half]; !slices.Equal(got, want) {
		t.Errorf("first candidate %v, want the weights it started from, %v", protocol.Floats(got), protocol.Floats(want))
	}
}

func TestSharedMemoryThatCannotBeUsed(t *testing.T) {
	const dim, half = 12, 8 * 12
	def := definition(t, "sgd")
	f, _ := sharedFile(t, 2*half)
	for _, tt := range []struct {
		name string
		half uint64
		open func(int) ([]byte, error)
	}{
		{"none", half, nil},
		{"of another size", half + 8, func(size int) ([]byte, error) { return mapFile(int(f.Fd()), size) }},
		{"not whole numbers", half + 1, func(size int) ([]byte, error) { return mapFile(int(f.Fd()), size) }},
		{"endless", 1 << 63, func(size int) ([]byte, error) { return mapFile(int(f.Fd()), size) }},
		{"not open", half, func(size int) ([]byte, error) { return mapFile(1<<20, size) }},
		{"no file", half, func(size int) ([]byte, error) {
			r, w, err := os.Pipe()
			if err != nil {
				return nil, err
			}
			_, err = mapFile(int(r.Fd()), size)
			return nil, errors.Join(err, r.Close(), w.Close())
		}},
	} {
		s := NewServer(def)
		s.shared.open = tt.open
		r := initRequest(def, "1", dim, 1)
		r.SharedHalf = tt.half
		a, err := s.Init(t.Context(), r)
		if err != nil || a.Shared {
			t.Errorf("%s: %v (%v), want a run without", tt.name, a, err)
		}
		r.Run, r.Init.Where = "2", &protocol.Rows_Offset{Offset: tt.half}
		_, err = s.Init(t.Context(), r)
		refused(t, err, protocol.Failure_KIND_INVALID, "starting weights are in shared memory, want them in the message")
	}
}

func TestOffsetsOutsideOfSharedMemory(t *testing.T) {
	const dim, half = 12, 8 * 16
	def := definition(t, "sgd")
	f, _ := sharedFile(t, 2*half)
	for _, offset := range []uint64{0, half - 8, half + 1, half + 40, 2*half - 8, 2 * half, 1 << 40, 1<<64 - 8} {
		s := NewServer(def)
		s.shared.open = func(size int) ([]byte, error) { return mapFile(int(f.Fd()), size) }
		r := initRequest(def, "1", dim, 1)
		r.SharedHalf, r.Init.Where = half, &protocol.Rows_Offset{Offset: offset}
		_, err := s.Init(t.Context(), r)
		refused(t, err, protocol.Failure_KIND_INVALID, "multiple of 8 in [128, 256)")
		if err != nil && strings.Contains(err.Error(), "panic") {
			t.Error(err)
		}
	}
}
