package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

func TestHalveIsItsClosedForm(t *testing.T) {
	both(t, testHalve[float64], testHalve[float32])
}

// With whole numbers and few steps every result is exact, so that a step or an
// element too many or too few is seen.
func testHalve[T Float](t *testing.T) {
	for _, n := range []int{0, 1, 47, 48, 96, 191, 192, 193, 400} {
		for steps := range 12 {
			x := make([]T, n+guard)
			for i := range x {
				x[i] = T(i - 7)
			}
			Halve(x[:n], steps)
			for i, got := range x {
				want := float64(i - 7)
				if i < n {
					want = 2 + (want-2)/math.Pow(2, float64(steps))
				}
				if float64(got) != want {
					t.Fatalf("n = %d, %d steps: element %d = %v, want %v", n, steps, i, got, want)
				}
			}
		}
	}
}

// More steps than one call into assembly takes: 2^1023 comes down to 2 + 2^-7 in
// exactly 1030 steps. What is rounded on the way is halved with the rest.
func TestHalveCountsItsSteps(t *testing.T) {
	eachPath(func(path string) {
		x := make([]float64, 300)
		for i := range x {
			x[i] = 0x1p1023
		}
		Halve(x, 1030)
		for i, got := range x {
			if want := 2 + 0x1p-7; math.Abs(got-want) > 1e-12 {
				t.Fatalf("element %d = %v, want %v (path %s)", i, got, want, path)
			}
		}
	})
}

func TestHalveSameOnEveryPath(t *testing.T) {
	once(t, testHalvePaths[float64], testHalvePaths[float32])
}

func testHalvePaths[T Float](t *testing.T) {
	for _, n := range []int{5, 100, 192, 300} {
		samePaths(t, fmt.Sprintf("Halve, n = %d", n), func(rng *rand.Rand) []matrix[T] {
			x := mixed[T](rng, 1, n, n, true)
			Halve(x.data, 5000)
			return []matrix[T]{x}
		})
	}
}

func TestReadBitsReadsEveryElement(t *testing.T) {
	both(t, testReadBits[float64], testReadBits[float32])
}

// One element at a time has a bit that no other has, at every place of a vector
// and a part.
func testReadBits[T Float](t *testing.T) {
	for _, n := range []int{0, 1, 3, 15, 16, 31, 127, 128, 129, 200} {
		for times := range 4 {
			x := make([]T, n)
			for i := range x {
				x[i] = 2
				want := elementBits[T](2)
				if n > 1 {
					want |= elementBits[T](-3)
				} else {
					want = elementBits[T](-3)
				}
				if times == 0 {
					want = 0
				}
				x[i] = -3
				if got := ReadBits(x, times); got != want {
					t.Fatalf("n = %d, %d times, -3 at %d: %#x, want %#x", n, times, i, got, want)
				}
				x[i] = 2
			}
			if got := ReadBits(x[:0], times); got != 0 {
				t.Errorf("nothing, %d times: %#x, want 0", times, got)
			}
		}
	}
	x := make([]T, 2*chunk+5)
	for _, at := range []int{0, chunk - 1, chunk, 2*chunk - 1, 2*chunk + 4} {
		x[at] = 1
		if got, want := ReadBits(x, 2), elementBits[T](1); got != want {
			t.Errorf("1 at %d of %d: %#x, want %#x", at, len(x), got, want)
		}
		x[at] = 0
	}
}

func TestMeasuringAllocatesNothing(t *testing.T) {
	x := make([]float64, 192)
	eachPath(func(path string) {
		if got := testing.AllocsPerRun(10, func() { Halve(x, 3); ReadBits(x, 2) }); got != 0 {
			t.Errorf("%g allocations a call, want none (path %s)", got, path)
		}
	})
}

func TestPathNamesThePathInUse(t *testing.T) {
	var names []string
	eachPath(func(name string) {
		if Path() != name {
			t.Errorf("Path() = %q, want %q", Path(), name)
		}
		names = append(names, name)
	})
	if names[0] != "portable" {
		t.Errorf("paths %q, want portable among them", names)
	}
}

func BenchmarkPeak(b *testing.B) {
	eachPath(func(path string) {
		b.Run(path+"/float64", benchmarkPeak[float64])
		b.Run(path+"/float32", benchmarkPeak[float32])
	})
}

func benchmarkPeak[T Float](b *testing.B) {
	x := make([]T, 192)
	const steps = 10_000
	for b.Loop() {
		Halve(x, steps)
	}
	b.ReportMetric(2*steps*float64(len(x))*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}

func BenchmarkRead(b *testing.B) {
	eachPath(func(path string) {
		for _, kib := range []int{16, 512, 8 << 10, 128 << 10} {
			b.Run(fmt.Sprintf("%s/%dKiB", path, kib), func(b *testing.B) {
				x := make([]float64, kib<<10/8)
				for i := range x {
					x[i] = 1
				}
				times := max(1, 64<<10/kib)
				b.ResetTimer()
				for b.Loop() {
					ReadBits(x, times)
				}
				b.ReportMetric(float64(8*len(x)*times)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GB/s")
			})
		}
	})
}
