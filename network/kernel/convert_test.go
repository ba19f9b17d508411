package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

func TestConversionsSameOnEveryPath(t *testing.T) {
	once(t, testConversions[float64], testConversions[float32])
}

// The language defines the conversions, so they are their own reference.
func testConversions[T Float](t *testing.T) {
	lengths := []int{chunk - 1, chunk, 2*chunk + 5}
	for n := range 2*4*16 + 4 {
		lengths = append(lengths, n)
	}
	for _, n := range lengths {
		eachPath(func(path string) {
			rng := rand.New(rand.NewPCG(31, uint64(n)))
			wide, sums := mixed[float64](rng, 1, n, n, true), mixed[float64](rng, 1, n, n, true)
			narrow, out, widened := mixed[T](rng, 1, n, n, true), newMatrix[T](rng, 1, n, n), newMatrix[float64](rng, 1, n, n)
			before := sums.clone()
			Narrow(out.data, wide.data)
			Widen(widened.data, narrow.data)
			AddWide(sums.data, narrow.data)
			name := fmt.Sprintf("n = %d, path %s", n, path)
			out.check(t, "Narrow, "+name)
			widened.check(t, "Widen, "+name)
			sums.check(t, "AddWide, "+name)
			for i := range n {
				if got, want := out.data[i], T(wide.data[i]); bits(got) != bits(want) {
					t.Fatalf("Narrow(%v) = %v, want %v (element %d, %s)", wide.data[i], got, want, i, name)
				}
				if got, want := widened.data[i], float64(narrow.data[i]); bits(got) != bits(want) {
					t.Fatalf("Widen(%v) = %v, want %v (element %d, %s)", narrow.data[i], got, want, i, name)
				}
				if got, want := sums.data[i], before.data[i]+float64(narrow.data[i]); bits(got) != bits(want) {
					t.Fatalf("AddWide(%v, %v) = %v, want %v (element %d, %s)", before.data[i], narrow.data[i], got, want, i, name)
				}
			}
		})
	}
}

func TestConversionsOfShortSlicesPanic(t *testing.T) {
	wide, narrow := make([]float64, 24), make([]float32, 24)
	eachPath(func(path string) {
		for name, f := range map[string]func(){
			"Narrow":  func() { Narrow(narrow, wide[:23:23]) },
			"Widen":   func() { Widen(wide, narrow[:23:23]) },
			"AddWide": func() { AddWide(wide, narrow[:23:23]) },
		} {
			if !panics(f) {
				t.Errorf("%s with a slice that is too short did not panic (path %s)", name, path)
			}
		}
	})
}
