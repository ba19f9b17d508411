package plugins

import (
	"slices"
	"testing"
	"unsafe"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/plugins/protocol"
)

func TestArenaLeavesRoomForABatchThatIsElsewhere(t *testing.T) {
	a := arena{data: slices.Repeat([]float64{7}, 100)}
	for _, test := range []struct {
		n    int
		ok   bool
		free int
	}{{0, false, 100}, {-1, false, 100}, {51, false, 100}, {40, true, 60}, {21, false, 60}, {20, true, 40}, {1, false, 40}} {
		v := a.take(test.n)
		if ok := v != nil; ok != test.ok || a.free() != test.free {
			t.Fatalf("take %d: %v, %d free, want %v, %d", test.n, ok, a.free(), test.ok, test.free)
		}
		if test.ok && (!slices.Equal(v, make([]float64, test.n)) || cap(v) != test.n) {
			t.Errorf("take %d: %v of capacity %d, want so many zeros", test.n, v, cap(v))
		}
	}
	if !slices.Equal(a.data[:40], slices.Repeat([]float64{7}, 40)) {
		t.Error("what is free has changed")
	}
}

func TestArenaKnowsItsRows(t *testing.T) {
	backing := make([]float64, 40)
	a := arena{data: backing[4:36]}
	if _, ok := a.place([][]float64{a.data[:3]}); ok {
		t.Error("rows in memory that was given to nobody")
	}
	v := a.take(12) // at 20
	r := func(i int) []float64 { return v[3*i:][:3] }
	for _, test := range []struct {
		name string
		rows [][]float64
		at   int // -1: not there
	}{
		{"all", [][]float64{r(0), r(1), r(2), r(3)}, 20},
		{"some", [][]float64{r(2), r(3)}, 26},
		{"another order", [][]float64{r(1), r(0)}, -1},
		{"one twice", [][]float64{r(0), r(0)}, -1},
		{"with a gap", [][]float64{r(0), r(2)}, -1},
		{"one elsewhere", [][]float64{r(0), make([]float64, 3)}, -1},
		{"all elsewhere", [][]float64{make([]float64, 3)}, -1},
		{"before it", [][]float64{backing[:3]}, -1},
		{"in what is free", [][]float64{a.data[:3]}, -1},
		{"partly in what is free", [][]float64{a.data[18:21]}, -1},
		{"after it", [][]float64{backing[36:39]}, -1},
		{"over its end", [][]float64{backing[34:37]}, -1},
	} {
		at, ok := a.place(test.rows)
		if !ok {
			at = -1
		}
		if at != test.at {
			t.Errorf("%s: at %d, want %d", test.name, at, test.at)
		}
	}
}

// swapper asks about its rows in turn in one order and in the other, of which the
// memory that it was given has only one.
type swapper struct {
	faulty
	rows  [][]float64
	calls float64
}

func (s *swapper) Ask() ([][]float64, error) {
	for k, row := range s.rows {
		for i := range row {
			row[i] = s.calls + float64(k)/8
		}
	}
	if s.calls++; int(s.calls)%2 == 0 {
		return [][]float64{s.rows[1], s.rows[0]}, nil
	}
	return s.rows, nil
}

func (s *swapper) Tell([]optimizers.Evaluation) error { return nil }

// TestCandidatesAreSentFromWhereTheyAre, and what is in another order is copied to
// where it does no harm to them.
func TestCandidatesAreSentFromWhereTheyAre(t *testing.T) {
	const dim, half = 6, 8 * 6 * 4
	var opt *swapper
	def := optimizers.Define(optimizers.Definition{Name: "swapper"}, struct{}{},
		func(_ struct{}, p optimizers.Problem) (*swapper, error) {
			opt = &swapper{faulty: faulty{closed: new(int)}}
			_, opt.rows = p.Candidates(2)
			return opt, nil
		})
	host := protocol.AppendFloats(nil, slices.Repeat([]float64{3}, 2*half/8))
	s := NewServer(def)
	s.shared.open = func(int) ([]byte, error) { return host, nil }
	for _, run := range []string{"1", "2"} { // the second in memory that the first has written to
		r := initRequest(def, run, dim, 1)
		r.SharedHalf = half
		if _, err := s.Init(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(slices.Concat(opt.rows...), make([]float64, 2*dim)) {
			t.Error("candidates are not 0 at first")
		}
		if &host[half/2] != (*byte)(unsafe.Pointer(&opt.rows[0][0])) {
			t.Error("candidates are not at the end of the memory for them")
		}
		var tell *protocol.Tell
		for i := range 4 {
			a, err := s.Step(t.Context(), &protocol.StepRequest{Run: run, Tell: tell, Ask: &protocol.Ask{}})
			if err != nil {
				t.Fatal(err)
			}
			first, second, want := float64(i), float64(i)+0.125, uint64(half/2)
			if i%2 == 1 {
				first, second, want = second, first, 0
			}
			where, ok := a.Asked.Rows.Where.(*protocol.Rows_Offset)
			if !ok || where.Offset != want {
				t.Fatalf("step %d: candidates in %v, want them at %d", i, a.Asked.Rows.Where, want)
			}
			got := protocol.Floats(host[where.Offset:][:8*2*dim])
			if !slices.Equal(got, slices.Concat(slices.Repeat([]float64{first}, dim), slices.Repeat([]float64{second}, dim))) {
				t.Errorf("step %d: candidates %v, want rows of %v and %v", i, got, first, second)
			}
			tell = &protocol.Tell{Batch: a.Asked.Batch, Losses: make([]float64, 2)}
		}
		if _, err := s.Finish(t.Context(), &protocol.FinishRequest{Run: run}); err != nil {
			t.Fatal(err)
		}
	}
}
