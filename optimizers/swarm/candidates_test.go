package swarm

import (
	"slices"
	"testing"
	"unsafe"

	"github.com/joust-bench/joust/optimizers"
)

// Between processes, rows that follow each other where they were given are not
// copied. Those of a population that shrinks are, where they are evaluated again.
func TestCandidatesAreWhereTheyWereGiven(t *testing.T) {
	const dim = 5
	for _, tt := range []struct {
		def    optimizers.Definition
		config string
	}{
		{DE, `{"population": 8, "reevaluate": false}`},
		{DE, `{"population": 8, "reevaluate": true}`},
		{SHADE, `{"population": 8, "reevaluate": false}`},
		{SHADE, `{"population": 8, "reevaluate": true}`},
		{LSHADE, `{"reevaluate": false}`},
		{PSO, `{"particles": 8, "reevaluate": false}`},
	} {
		trace := func(memory func(n int) []float64, look func([][]float64)) (all []float64) {
			opt, err := tt.def.New([]byte(tt.config), optimizers.Problem{Init: make([]float64, dim), Seed: 3, Threads: 1, Budget: 4000, Memory: memory})
			if err != nil {
				t.Fatalf("%s %s: %v", tt.def.Name, tt.config, err)
			}
			for range 6 {
				rows, err := opt.Ask()
				if err != nil {
					t.Fatal(err)
				}
				look(rows)
				evals := make([]optimizers.Evaluation, len(rows))
				for k, w := range rows {
					all = append(all, w...)
					for i, x := range w {
						evals[k].Loss += (x - float64(i)) * (x - float64(i))
					}
				}
				if err := opt.Tell(evals); err != nil {
					t.Fatal(err)
				}
			}
			return all
		}
		slab, used := make([]float64, 1<<16), 0
		given := func(n int) []float64 { used += n; return slab[used-n : used : used] }
		place := func(w []float64) int {
			return int(uintptr(unsafe.Pointer(&w[0]))-uintptr(unsafe.Pointer(&slab[0]))) / 8
		}
		got := trace(given, func(rows [][]float64) {
			at := place(rows[0])
			for k, w := range rows {
				if next := place(w); next != at+k*dim || next < 0 || next >= used {
					t.Fatalf("%s %s: candidate %d is at %d, want it at %d, after the others", tt.def.Name, tt.config, k, next, at+k*dim)
				}
			}
		})
		if want := trace(nil, func([][]float64) {}); !slices.Equal(got, want) {
			t.Errorf("%s %s: other candidates than in memory of its own", tt.def.Name, tt.config)
		}
	}
}
