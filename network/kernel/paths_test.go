package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// special returns numbers of all kinds: ordinary, NaN, infinite, zero of both
// signs, denormal, and so great that products overflow.
func special[T Float](rng *rand.Rand, n int) []T {
	x := random[T](rng, n)
	tiny, huge := math.SmallestNonzeroFloat64, math.MaxFloat64
	if !double[T]() {
		tiny, huge = math.SmallestNonzeroFloat32, math.MaxFloat32
	}
	kinds := []float64{
		math.NaN(), math.Inf(1), math.Inf(-1), 0, math.Copysign(0, -1),
		tiny, -tiny, 12345 * tiny, huge, -huge, math.Sqrt(huge), math.Sqrt(tiny),
	}
	for j := range x {
		if rng.IntN(4) == 0 {
			x[j] = T(kinds[rng.IntN(len(kinds))])
		}
	}
	return x
}

// mixed is a matrix of random numbers, one in four of them special if asked.
func mixed[T Float](rng *rand.Rand, m, n, ld int, specials bool) matrix[T] {
	a := newMatrix[T](rng, m, n, ld)
	if specials {
		for i := range m {
			copy(a.data[i*ld:], special[T](rng, n))
		}
	}
	return a
}

// samePaths runs f on every path, each from the same seed, and requires the
// matrices that it returns to be the same to the bit, with their guards
// untouched. f fills its arguments from rng.
func samePaths[T Float](t *testing.T, name string, f func(rng *rand.Rand) []matrix[T]) {
	t.Helper()
	var want []matrix[T]
	eachPath(func(path string) {
		t.Helper()
		got := f(rand.New(rand.NewPCG(21, 22)))
		for i, g := range got {
			g.check(t, fmt.Sprintf("%s, path %s, result %d", name, path, i))
			if want != nil && !equal(g.all, want[i].all) {
				for j := range g.all {
					if bits(g.all[j]) != bits(want[i].all[j]) {
						t.Fatalf("%s: result %d element %d (leading dimension %d) = %v on path %s, want %v",
							name, i, j-guard, g.ld, g.all[j], path, want[i].all[j])
					}
				}
			}
		}
		if want == nil {
			want = got
		}
	})
}

// once runs a test at either precision, which visits the paths itself.
func once(t *testing.T, f64, f32 func(*testing.T)) {
	t.Run("float64", f64)
	t.Run("float32", f32)
}

func TestGemmSameOnEveryPath(t *testing.T) {
	once(t, testGemmPaths[float64], testGemmPaths[float32])
}

func testGemmPaths[T Float](t *testing.T) {
	shapes := [][3]int{{26, 37, 1030}, {3, 4200, 300}, {5, 65, 513}} // several panels and parts
	for m := 1; m <= 25; m++ {
		shapes = append(shapes, [3]int{m, 10 + 7*m, 5})
	}
	for n := 1; n <= 2*32+3; n++ {
		shapes = append(shapes, [3]int{12, n, 3}, [3]int{6, n, 4}, [3]int{2, n, 1})
	}
	for i, s := range shapes {
		for start := range 3 {
			for _, specials := range []bool{false, true} {
				gemmSame[T](t, s[0], s[1], s[2], start, i%2 == 0, specials)
			}
		}
	}
}

// gemmSame compares the paths on one product. start is 0 for zero, 1 for C, 2 for
// a bias.
func gemmSame[T Float](t *testing.T, m, n, k, start int, transposed, specials bool) {
	t.Helper()
	name := fmt.Sprintf("Gemm %dx%dx%d start %d transposed %t specials %t", m, n, k, start, transposed, specials)
	samePaths(t, name, func(rng *rand.Rand) []matrix[T] {
		a, rs, cs := mixed[T](rng, m, k, k+2, specials), k+2, 1
		if transposed {
			a, rs, cs = mixed[T](rng, k, m, m+3, specials), 1, m+3
		}
		b, c := mixed[T](rng, k, n, n+1, specials), mixed[T](rng, m, n, n+5, specials)
		var bias []T
		if start == 2 {
			bias = special[T](rng, m)
		}
		sums, wide := c.clone(), newMatrix[float64](rng, m, n, n+3)
		Gemm(m, n, k, c.data, c.ld, a.data, rs, cs, b.data, b.ld, bias, start == 1)
		if start < 2 {
			GemmWide(m, n, k, wide.data, wide.ld, sums.data, sums.ld, a.data, rs, cs, b.data, b.ld, start == 1)
			sums.check(t, name+", scratch of GemmWide")
			wide.check(t, name+", GemmWide")
			for i := range m {
				for j := range n {
					if got, want := wide.at(i, j), float64(c.at(i, j)); bits(got) != bits(want) {
						t.Fatalf("%s: GemmWide [%d][%d] = %v, want %v", name, i, j, got, want)
					}
				}
			}
		}
		return []matrix[T]{c, a, b}
	})
}

func FuzzGemmSameOnEveryPath(f *testing.F) {
	f.Add(byte(13), byte(33), uint16(5), byte(0))
	f.Add(byte(7), byte(17), uint16(600), byte(7))
	f.Add(byte(1), byte(1), uint16(1), byte(15))
	f.Fuzz(func(t *testing.T, m, n byte, k uint16, how byte) {
		rows, columns, depth := int(m%40), int(n), int(k%1100)
		if rows*columns*depth > 1<<20 {
			return
		}
		start, transposed, specials := int(how%3), how&4 != 0, how&8 != 0
		gemmSame[float64](t, rows, columns, depth, start, transposed, specials)
		gemmSame[float32](t, rows, columns, depth, start, transposed, specials)
	})
}

func TestVectorsSameOnEveryPath(t *testing.T) {
	once(t, testVectorPaths[float64], testVectorPaths[float32])
}

func testVectorPaths[T Float](t *testing.T) {
	lengths := []int{chunk - 1, chunk, 2*chunk + 5}
	for n := range 2*4*16 + 4 {
		lengths = append(lengths, n)
	}
	for _, n := range lengths {
		for _, specials := range []bool{false, true} {
			for _, f := range []struct {
				name string
				run  func(d, x, y []T, a T)
			}{
				{"Axpy", func(d, x, _ []T, a T) { Axpy(d, a, x) }},
				{"Scale", func(d, _, _ []T, a T) { Scale(d, a) }},
				{"Add", func(d, x, _ []T, _ T) { Add(d, x) }},
				{"Mul", func(d, x, _ []T, _ T) { Mul(d, x) }},
				{"Mul by itself", func(d, _, _ []T, _ T) { Mul(d, d) }},
				{"Div", func(d, x, _ []T, _ T) { Div(d, x) }},
				{"Clamp", func(d, _, _ []T, a T) { Clamp(d, -a*a, a*a) }},
				{"Clamp to zeros", func(d, _, _ []T, _ T) { Clamp(d, 0, 0) }},
				{"Sum2", func(d, x, y []T, a T) { Sum2(d, x, y, a) }},
				{"Sum2 into x", func(d, _, y []T, a T) { Sum2(d, d, y, a) }},
				{"Sum2 into y", func(d, x, _ []T, a T) { Sum2(d, x, d, a) }},
			} {
				samePaths(t, fmt.Sprintf("%s, n = %d, specials %t", f.name, n, specials), func(rng *rand.Rand) []matrix[T] {
					d, x, y := mixed[T](rng, 1, n, n, specials), mixed[T](rng, 1, n, n, specials), mixed[T](rng, 1, n, n, specials)
					f.run(d.data, x.data, y.data, special[T](rng, 1)[0])
					return []matrix[T]{d, x, y}
				})
			}
		}
	}
}

func TestReductionsSameOnEveryPath(t *testing.T) {
	once(t, testReductionPaths[float64], testReductionPaths[float32])
}

func testReductionPaths[T Float](t *testing.T) {
	for m := range 10 {
		for n := range 2*16 + 4 {
			reductionsSame[T](t, m, n, false)
			reductionsSame[T](t, m, n, true)
		}
	}
	reductionsSame[T](t, 5, maxRow4, false)
	reductionsSame[T](t, 5, maxRow4+1, false)
	reductionsSame[T](t, 2, maxRow, false)
	reductionsSame[T](t, 2, maxRow+1, false)
}

func reductionsSame[T Float](t *testing.T, m, n int, specials bool) {
	t.Helper()
	for _, accumulate := range []bool{false, true} {
		name := fmt.Sprintf("sums of %dx%d, accumulate %t, specials %t", m, n, accumulate, specials)
		samePaths(t, name, func(rng *rand.Rand) []matrix[T] {
			x, y := mixed[T](rng, m, n, n+3, specials), mixed[T](rng, m, n, n+2, specials)
			sums, dots, squares := newMatrix[T](rng, 1, m, m), newMatrix[T](rng, 1, m, m), newMatrix[T](rng, 1, m, m)
			RowSums(sums.data, x.data, x.ld, m, n, accumulate)
			RowDots(dots.data, x.data, x.ld, y.data, y.ld, m, n, accumulate)
			RowDots(squares.data, x.data, x.ld, x.data, x.ld, m, n, accumulate)
			return []matrix[T]{sums, dots, squares, x, y}
		})
	}
}

func FuzzReductionsSameOnEveryPath(f *testing.F) {
	f.Add(byte(5), uint16(33), true)
	f.Fuzz(func(t *testing.T, m byte, n uint16, specials bool) {
		reductionsSame[float64](t, int(m%20), int(n%2000), specials)
		reductionsSame[float32](t, int(m%20), int(n%2000), specials)
	})
}

func TestTransposeSameOnEveryPath(t *testing.T) {
	once(t, testTransposePaths[float64], testTransposePaths[float32])
}

func testTransposePaths[T Float](t *testing.T) {
	sizes := [][2]int{{17, 600}, {600, 17}}
	for m := range 20 {
		for n := range 35 {
			sizes = append(sizes, [2]int{m, n})
		}
	}
	for _, s := range sizes {
		m, n := s[0], s[1]
		samePaths(t, fmt.Sprintf("Transpose %dx%d", m, n), func(rng *rand.Rand) []matrix[T] {
			src, dst := mixed[T](rng, m, n, n+2, true), newMatrix[T](rng, n, m, m+3)
			Transpose(dst.data, dst.ld, src.data, src.ld, m, n)
			return []matrix[T]{dst, src}
		})
	}
}

// A slice that is too short panics on every path, before anything is written
// past its end.
func TestShortSlicesPanicOnEveryPath(t *testing.T) {
	x, s := make([]float64, 24), make([]float64, 23)
	eachPath(func(path string) {
		for _, f := range []struct {
			name string
			run  func()
		}{
			{"Gemm, C", func() { Gemm(4, 6, 4, s, 6, x, 4, 1, x, 6, nil, false) }},
			{"Gemm, A", func() { Gemm(4, 6, 6, x, 6, s, 6, 1, x, 0, nil, false) }},
			{"Gemm, B", func() { Gemm(4, 6, 4, x, 6, x, 4, 1, s, 6, nil, false) }},
			{"Gemm, bias", func() { Gemm(4, 6, 4, x, 6, x, 4, 1, x, 6, s[:3:3], false) }},
			{"Axpy", func() { Axpy(x, 1, s[:23:23]) }},
			{"Add", func() { Add(x, s[:23:23]) }},
			{"Mul", func() { Mul(x, s[:23:23]) }},
			{"Sum2", func() { Sum2(x, x, s[:23:23], 1) }},
			{"RowSums", func() { RowSums(x, s, 6, 4, 6, false) }},
			{"RowSums, dst", func() { RowSums(s[:3:3], x, 6, 4, 6, false) }},
			{"RowDots", func() { RowDots(x, x, 6, s, 6, 4, 6, false) }},
			{"Transpose", func() { Transpose(s, 4, x, 6, 4, 6) }},
			{"Transpose, src", func() { Transpose(x, 4, s, 6, 4, 6) }},
		} {
			if !panics(f.run) {
				t.Errorf("%s with a slice that is too short did not panic (path %s)", f.name, path)
			}
		}
	})
}

func TestUnknownPathPanics(t *testing.T) {
	have := []path{portable, avx2}
	for name, want := range map[string]path{"": avx2, "avx2": avx2, "portable": portable} {
		if got := choose(name, have); got != want {
			t.Errorf("JOUST_KERNEL=%q chooses %v, want %v", name, got, want)
		}
	}
	for _, name := range []string{"avx512", "AVX2", "fast"} {
		if !panics(func() { choose(name, have) }) {
			t.Errorf("JOUST_KERNEL=%s on a processor without did not panic", name)
		}
	}
}
