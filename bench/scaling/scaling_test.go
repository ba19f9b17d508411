package scaling

import (
	"fmt"
	"testing"
)

func TestWorkloadsRunAtBothPrecisionsAndOnSeveralCores(t *testing.T) {
	for _, w := range Workloads() {
		for _, precision := range []string{"float64", "float32"} {
			for _, threads := range []int{1, 3} {
				run, err := w.New(precision, threads)
				if err != nil {
					t.Fatalf("%s: %v", w.Name, err)
				}
				if w.Name == "W7" { // the others take too long without vector code
					run()
				}
			}
		}
	}
}

// A run in steady state allocates nothing.
func TestWorkloadsDoNotAllocate(t *testing.T) {
	for _, w := range Workloads() {
		if w.Name != "W2" && w.Name != "W7" {
			continue // the same code with more arithmetic
		}
		run, err := w.New("float64", 1)
		if err != nil {
			t.Fatal(err)
		}
		if n := testing.AllocsPerRun(3, run); n > 0 {
			t.Errorf("%s: %v allocations a run, want none", w.Name, n)
		}
	}
}

func BenchmarkWorkloads(b *testing.B) {
	for _, w := range Workloads() {
		for _, precision := range []string{"float64", "float32"} {
			for _, threads := range []int{1, 2} {
				b.Run(fmt.Sprintf("%s/%s/%d", w.Name, precision, threads), func(b *testing.B) {
					run, err := w.New(precision, threads)
					if err != nil {
						b.Fatal(err)
					}
					run()
					b.ReportAllocs()
					for b.Loop() {
						run()
					}
					b.ReportMetric(float64(w.Count)*float64(b.N)/b.Elapsed().Seconds(), w.Unit+"/s")
				})
			}
		}
	}
}
