package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

func TestSumsOfRowsBits(t *testing.T) {
	both(t, testSumsOfRowsBits[float64], testSumsOfRowsBits[float32])
}

// Each row after the other, one number at a time.
func testSumsOfRowsBits[T Float](t *testing.T) {
	for n := range 60 {
		for rows := range 10 {
			testSumsOfSoManyRows[T](t, n, rows)
		}
	}
	// More rows and columns than one call of the assembly takes.
	for _, size := range [][2]int{{3, 256}, {3, 257}, {5, 515}, {1029, 258}} {
		testSumsOfSoManyRows[T](t, size[0], size[1])
	}
}

func testSumsOfSoManyRows[T Float](t *testing.T, n, rows int) {
	const from = 3
	rng := rand.New(rand.NewPCG(31, uint64(60*rows+n)))
	all := newMatrix[T](rng, max(rows, 1), from+n+2, from+n+5)
	x := make([][]T, rows)
	for k := range x {
		x[k] = all.data[k*all.ld:][:from+n]
	}
	a, b := random[T](rng, rows), random[T](rng, rows)
	first, second, mean := newMatrix[T](rng, 1, n, n), newMatrix[T](rng, 1, n, n), newMatrix[T](rng, 1, n, n)
	axpys, moment1, moment2 := first.clone(), first.clone(), second.clone()
	Axpys(axpys.data, a, x, from)
	Moments(moment1.data, moment2.data, mean.data, a, b, x, from)
	for name, m := range map[string]matrix[T]{"Axpys": axpys, "first moment": moment1, "second moment": moment2} {
		m.check(t, name)
	}
	for j := range n {
		if j >= 60 && j%31 != 0 && j < n-8 {
			continue // big numbers take long
		}
		sum, one, two := first.data[j], first.data[j], second.data[j]
		for k := range x {
			v := x[k][from+j]
			d := bigFMA(-1, mean.data[j], v)
			sum, one, two = bigFMA(a[k], v, sum), bigFMA(a[k], d, one), bigFMA(b[k], bigFMA(d, d, 0), two)
		}
		for name, v := range map[string][2]T{"Axpys": {axpys.data[j], sum}, "first moment": {moment1.data[j], one}, "second moment": {moment2.data[j], two}} {
			if bits(v[0]) != bits(v[1]) {
				t.Fatalf("%s of %d rows of %d: element %d = %v, want %v", name, rows, n, j, v[0], v[1])
			}
		}
	}
}

func TestSumsOfRowsSameOnEveryPath(t *testing.T) {
	once(t, testSumsOfRowsPaths[float64], testSumsOfRowsPaths[float32])
}

func testSumsOfRowsPaths[T Float](t *testing.T) {
	for _, n := range []int{1, 7, 33, 100, 1029, chunk + 5} {
		for _, rows := range []int{1, 2, 3, 4, 5, 9, 258, 520} {
			if rows*n > 1<<20 {
				continue
			}
			for _, specials := range []bool{false, true} {
				samePaths(t, fmt.Sprintf("%d rows of %d, specials %t", rows, n, specials), func(rng *rand.Rand) []matrix[T] {
					all, factors := mixed[T](rng, rows, n, n+3, specials), mixed[T](rng, 2, rows, rows, specials)
					x := make([][]T, rows)
					for k := range x {
						x[k] = all.data[k*all.ld:][:n]
					}
					y, first, second, mean := mixed[T](rng, 1, n, n, specials), mixed[T](rng, 1, n, n, specials), mixed[T](rng, 1, n, n, specials), mixed[T](rng, 1, n, n, specials)
					Axpys(y.data, factors.data[:rows], x, 0)
					Moments(first.data, second.data, mean.data, factors.data[:rows], factors.data[rows:], x, 0)
					return []matrix[T]{y, first, second, mean, all, factors}
				})
			}
		}
	}
}

func TestAdamSameOnEveryPath(t *testing.T) {
	once(t, testAdamPaths[float64], testAdamPaths[float32])
}

func testAdamPaths[T Float](t *testing.T) {
	step := AdamStep{Beta1: 0.9, Beta2: 0.999, Size: 0.3, Root: 1.5, Epsilon: 1e-8}
	for n := range 70 {
		if n == 69 {
			n = chunk + 9
		}
		for _, specials := range []bool{false, true} {
			samePaths(t, fmt.Sprintf("Adam of %d, specials %t", n, specials), func(rng *rand.Rand) []matrix[T] {
				w, m := mixed[T](rng, 1, n, n, specials), mixed[T](rng, 1, n, n, specials)
				v, g := mixed[T](rng, 1, n, n, specials), mixed[T](rng, 1, n, n, specials)
				Adam(w.data, m.data, v.data, g.data, step)
				return []matrix[T]{w, m, v, g}
			})
		}
	}
}

func TestAdamByHand(t *testing.T) { both(t, testAdamByHand[float64], testAdamByHand[float32]) }

// All of it in powers of two, but for the last quotient.
func testAdamByHand[T Float](t *testing.T) {
	n := 37
	w, m, v, g := make([]T, n), make([]T, n), make([]T, n), make([]T, n)
	for j := range w {
		w[j], m[j], v[j], g[j] = 1, 2, 12, 4
	}
	Adam(w, m, v, g, AdamStep{Beta1: 0.5, Beta2: 0.75, Size: 0.5, Root: 2, Epsilon: 0.25})
	// m = 1 + 2, v = 9 + 4, w = 1 - 1.5 / (2 sqrt(13) + 0.25).
	want := 1 - 1.5/(2*math.Sqrt(13)+0.25)
	for j := range w {
		if m[j] != 3 || v[j] != 13 || math.Abs(float64(w[j])-want) > 1e-6 || double[T]() && math.Abs(float64(w[j])-want) > 1e-15 {
			t.Fatalf("element %d: w, m, v = %v, %v, %v, want %v, 3, 13", j, w[j], m[j], v[j], want)
		}
	}
}

func TestShortRowsPanicOnEveryPath(t *testing.T) {
	eachPath(func(path string) {
		five := func(n int) [][]float64 {
			x := make([][]float64, 5)
			for k := range x {
				x[k] = make([]float64, 9)
			}
			x[2] = make([]float64, n)
			return x
		}
		y, a := make([]float64, 6), make([]float64, 5)
		for name, f := range map[string]func(){
			"Axpys, row":       func() { Axpys(y, a, five(8), 3) },
			"Axpys, factors":   func() { Axpys(y, a[:4:4], five(9), 3) },
			"Moments, row":     func() { Moments(y, y, y, a, a, five(8), 3) },
			"Moments, second":  func() { Moments(y, y[:5:5], y, a, a, five(9), 3) },
			"Moments, mean":    func() { Moments(y, y, y[:5:5], a, a, five(9), 3) },
			"Moments, factors": func() { Moments(y, y, y, a, a[:4:4], five(9), 3) },
			"Adam, m":          func() { Adam(y, y[:5:5], y, y, AdamStep{}) },
			"Adam, v":          func() { Adam(y, y, y[:5:5], y, AdamStep{}) },
			"Adam, g":          func() { Adam(y, y, y, y[:5:5], AdamStep{}) },
		} {
			if !panics(f) {
				t.Errorf("%s too short, path %s: no panic", name, path)
			}
		}
	})
}

func BenchmarkSumsOfRows(b *testing.B) {
	const n, rows = 1 << 12, 32
	x := make([][]float64, rows)
	for k := range x {
		x[k] = make([]float64, n)
	}
	y, z, mean, a := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, rows)
	b.Run("Axpys", func(b *testing.B) {
		for b.Loop() {
			Axpys(y, a, x, 0)
		}
	})
	b.Run("Moments", func(b *testing.B) {
		for b.Loop() {
			Moments(y, z, mean, a, a, x, 0)
		}
	})
	b.Run("Adam", func(b *testing.B) {
		for b.Loop() {
			Adam(y, z, mean, x[0], AdamStep{Epsilon: 1})
		}
	})
}
