package store

import (
	"context"
	"fmt"
	"iter"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network/probe"
)

// TestMain runs this program as the child of a test, if a test asks for it.
func TestMain(m *testing.M) {
	if role := os.Getenv("STORE_TEST_CHILD"); role != "" {
		if err := child(context.Background(), role, os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// openFile opens a results file that is closed at the end of the test.
func openFile(tb testing.TB, path string) *DB {
	tb.Helper()
	db, err := Open(tb.Context(), path)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := db.Close(); err != nil {
			tb.Error(err)
		}
	})
	return db
}

func openTemp(tb testing.TB) *DB {
	tb.Helper()
	return openFile(tb, filepath.Join(tb.TempDir(), "results.db"))
}

func save(tb testing.TB, db *DB, results ...bench.Result) {
	tb.Helper()
	for _, r := range results {
		if err := db.Save(tb.Context(), r); err != nil {
			tb.Fatal(err)
		}
	}
}

func collect(tb testing.TB, results iter.Seq2[bench.Result, error]) []bench.Result {
	tb.Helper()
	var list []bench.Result
	for r, err := range results {
		if err != nil {
			tb.Fatal(err)
		}
		list = append(list, r)
	}
	return list
}

// execute changes the file behind the store's back.
func execute(tb testing.TB, db *DB, query string, args ...any) {
	tb.Helper()
	if _, err := db.write.ExecContext(tb.Context(), query, args...); err != nil {
		tb.Fatal(err)
	}
}

// result makes the result of the trial with this seed. All of it follows from
// the arguments, so that any process can say what it has to be.
func result(seed uint64, points, layers, dim int) bench.Result {
	r := bench.Result{
		Trial: bench.Trial{
			Task:      bench.Part{Name: "xor", Config: []byte(`{"copies":4}`)},
			Model:     bench.Part{Name: "plain", Config: []byte(`{"depth":2}`)},
			Optimizer: bench.Part{Name: "sgd"},
			Seed:      seed,
			Budget:    bench.Budget{Work: 1e6},
			GradCost:  3,
			Precision: "float64",
		},
		Status: bench.Exhausted,
		Dim:    dim,
		Work:   bench.Work{Forward: int64(seed), Backward: 2},
		Valid:  bench.Score{Loss: 1 / float64(seed+1), Value: math.Inf(-1)},
	}
	for i := range points {
		r.Curve = append(r.Curve, bench.Point{Work: bench.Work{Forward: int64(i)}, Step: i, Train: 1 / float64(i+1), Wall: 5})
		p := bench.Probe{Work: bench.Work{Forward: int64(i)}}
		for k := range layers {
			p.Layers = append(p.Layers, probe.Layer{Name: "dense", Depth: k, Delta: 1e-46 * float64(seed)})
		}
		r.Probes = append(r.Probes, p)
	}
	for i := range dim {
		r.Weights = append(r.Weights, float64(i)+1/float64(seed+3))
	}
	return r
}

func BenchmarkSave(b *testing.B) {
	for _, size := range []struct{ points, layers, dim int }{{1, 1, 10}, {40, 12, 1000}} {
		b.Run(fmt.Sprintf("points=%d/layers=%d/dim=%d", size.points, size.layers, size.dim), func(b *testing.B) {
			db := openTemp(b)
			r := result(1, size.points, size.layers, size.dim)
			for b.Loop() {
				r.Trial.Seed++
				if err := db.Save(b.Context(), r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkResults reads 100 results in each iteration.
func BenchmarkResults(b *testing.B) {
	db := openTemp(b)
	for i := range 100 {
		save(b, db, result(uint64(i), 40, 12, 1000))
	}
	for b.Loop() {
		if n := len(collect(b, db.Results(b.Context()))); n != 100 {
			b.Fatalf("%d results, want 100", n)
		}
	}
}
