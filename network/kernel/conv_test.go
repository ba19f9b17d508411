package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// A rowsCase is arguments of [GemmRows]. Row i of group g is row i*groups + g of
// c, whose padding is what lies between groups, and b is one row, in which the
// rows of the product overlap in any order and one ends where it does.
type rowsCase[T Float] struct {
	m, groups, n int
	a, b, c      matrix[T]
	rs, cs       int
	offsets      []int
	stepb        int
	bias         []T
	accumulate   bool
}

// newRowsCase draws one. start is 0 for zero, 1 for C, 2 for a bias; gap is the
// distance between groups; specials are as in mixed.
func newRowsCase[T Float](rng *rand.Rand, m, groups, n, k, start, gap int, transposed, specials bool) rowsCase[T] {
	x := rowsCase[T]{m: m, groups: groups, n: n, stepb: n + gap%2, accumulate: start == 1}
	x.a, x.rs, x.cs = mixed[T](rng, m, k, k+2, specials), k+2, 1
	if transposed {
		x.a, x.rs, x.cs = mixed[T](rng, k, m, m+3, specials), 1, m+3
	}
	x.c = mixed[T](rng, m*groups, n, n+gap, specials)
	const spread = 40
	length := spread + max(0, (groups-1)*x.stepb+n)
	x.b = mixed[T](rng, 1, length, length, specials)
	for range k {
		x.offsets = append(x.offsets, rng.IntN(spread+1))
	}
	if k > 0 {
		x.offsets[rng.IntN(k)] = spread
	}
	if start == 2 {
		x.bias = random[T](rng, m)
	}
	return x
}

func (x rowsCase[T]) run() {
	GemmRows(x.m, x.groups, x.n, x.c.data, x.groups*x.c.ld, x.c.ld, x.a.data, x.rs, x.cs, x.b.data, x.stepb, x.offsets, x.bias, x.accumulate)
}

func TestGemmRowsBits(t *testing.T) { both(t, testGemmRowsBits[float64], testGemmRowsBits[float32]) }

// Every output is its start and one fused multiply-add for each offset in order,
// to the bit, wherever groups and rows are; and nothing else is written.
func testGemmRowsBits[T Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(41, 42))
	for _, m := range []int{0, 1, 5} {
		for _, groups := range []int{0, 1, 3} {
			for _, n := range []int{0, 1, 8, 17} {
				for _, k := range []int{0, 1, 6} {
					for start := range 3 {
						for gap := range 3 {
							name := fmt.Sprintf("GemmRows %dx(%dx%d)x%d start %d gap %d", m, groups, n, k, start, gap)
							x := newRowsCase[T](rng, m, groups, n, k, start, gap, k == 6, false)
							before := x.c.clone()
							x.run()
							x.c.check(t, name)
							for r := range m * groups {
								i, g := r/groups, r%groups
								for j := range n {
									var want T
									switch start {
									case 1:
										want = before.at(r, j)
									case 2:
										want = x.bias[i]
									}
									for p, o := range x.offsets {
										want = bigFMA(x.a.data[i*x.rs+p*x.cs], x.b.data[o+g*x.stepb+j], want)
									}
									if got := x.c.at(r, j); bits(got) != bits(want) {
										t.Fatalf("%s: C[%d][%d][%d] = %v, want %v", name, i, g, j, got, want)
									}
								}
							}
						}
					}
				}
			}
		}
	}
}

func TestDotRowsBits(t *testing.T) { both(t, testDotRowsBits[float64], testDotRowsBits[float32]) }

// Every sum is added to what was there, and has the order that [lanes] describes.
func testDotRowsBits[T Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(43, 44))
	for _, m := range []int{0, 1, 2, 3, 5} {
		for _, k := range []int{0, 1, 4, 7} {
			for _, n := range []int{0, 1, 15, 16, 17, 50} {
				name := fmt.Sprintf("DotRows %dx%dx%d", m, k, n)
				a, c := newMatrix[T](rng, m, n, n+3), newMatrix[T](rng, m, k, k+2)
				const spread = 20
				b := newMatrix[T](rng, 1, spread+n, spread+n)
				var offsets []int
				for p := range k {
					offsets = append(offsets, spread-3*p)
				}
				before := c.clone()
				DotRows(m, n, c.data, c.ld, a.data, a.ld, b.data, offsets)
				c.check(t, name)
				for i := range m {
					for p, o := range offsets {
						want := before.at(i, p)
						if n > 0 {
							s := make([]T, 16)
							for j := range n {
								s[j%16] = bigFMA(a.at(i, j), b.data[o+j], s[j%16])
							}
							want += tree(s)
						}
						if got := c.at(i, p); bits(got) != bits(want) {
							t.Fatalf("%s: C[%d][%d] = %v, want %v", name, i, p, got, want)
						}
					}
				}
			}
		}
	}
}

// A convolution of [1 2 3; 4 5 6] with [1 10; 100 1000], and the gradient of its
// weights for an output gradient of 1 and 10.
func TestConvolutionByHand(t *testing.T) {
	image, w := []float64{1, 2, 3, 4, 5, 6}, []float64{1, 10, 100, 1000}
	offsets := []int{0, 1, 3, 4}
	y := make([]float64, 2)
	GemmRows(1, 2, 1, y, 2, 1, w, 4, 1, image, 1, offsets, []float64{0.5}, false)
	if want := []float64{5421.5, 6532.5}; !equal(y, want) {
		t.Errorf("outputs %v, want %v", y, want)
	}
	dw := []float64{1000, 0, 0, 0}
	DotRows(1, 2, dw, 4, []float64{1, 10}, 2, image, offsets)
	if want := []float64{1021, 32, 54, 65}; !equal(dw, want) {
		t.Errorf("gradient of the weights %v, want %v", dw, want)
	}
}

func TestConvolutionSameOnEveryPath(t *testing.T) {
	once(t, testConvolutionPaths[float64], testConvolutionPaths[float32])
}

func testConvolutionPaths[T Float](t *testing.T) {
	for m := 1; m <= 25; m++ {
		gemmRowsSame[T](t, m, 3, 10+7*m, 5, m%3, m%2, m%2 == 0, true)
		dotRowsSame[T](t, m, 1+m%13, 40+m, true)
	}
	for n := 1; n <= 2*32+3; n++ {
		for start := range 3 {
			gemmRowsSame[T](t, 12, 2, n, 3, start, 1, false, n%2 == 0)
			gemmRowsSame[T](t, 6, 2, n, 4, start, 0, true, n%2 == 0)
		}
		dotRowsSame[T](t, 5, 7, n, n%2 == 0)
	}
	gemmRowsSame[T](t, 26, 1, 1030, 300, 2, 0, false, false) // several panels, parts and calls
	gemmRowsSame[T](t, 3, 2, 300, 1025, 1, 1, true, false)
	dotRowsSame[T](t, 5, 7, maxRow4, false)
	dotRowsSame[T](t, 2, 2, maxRow4+1, false)
}

func gemmRowsSame[T Float](t *testing.T, m, groups, n, k, start, gap int, transposed, specials bool) {
	t.Helper()
	name := fmt.Sprintf("GemmRows %dx(%dx%d)x%d start %d gap %d transposed %t specials %t", m, groups, n, k, start, gap, transposed, specials)
	samePaths(t, name, func(rng *rand.Rand) []matrix[T] {
		x := newRowsCase[T](rng, m, groups, n, k, start, gap, transposed, specials)
		x.run()
		return []matrix[T]{x.c, x.a, x.b}
	})
}

func dotRowsSame[T Float](t *testing.T, m, k, n int, specials bool) {
	t.Helper()
	samePaths(t, fmt.Sprintf("DotRows %dx%dx%d specials %t", m, k, n, specials), func(rng *rand.Rand) []matrix[T] {
		a, c := mixed[T](rng, m, n, n+1, specials), mixed[T](rng, m, k, k+1, specials)
		const spread = 10
		b := mixed[T](rng, 1, spread+n, spread+n, specials)
		var offsets []int
		for range k {
			offsets = append(offsets, rng.IntN(spread+1))
		}
		DotRows(m, n, c.data, c.ld, a.data, a.ld, b.data, offsets)
		return []matrix[T]{c, a, b}
	})
}

func FuzzConvolutionSameOnEveryPath(f *testing.F) {
	f.Add(byte(13), byte(2), byte(33), uint16(5), byte(0))
	f.Add(byte(7), byte(1), byte(17), uint16(600), byte(23))
	f.Add(byte(1), byte(9), byte(1), uint16(1), byte(15))
	f.Fuzz(func(t *testing.T, m, groups, n byte, k uint16, how byte) {
		rows, count, columns, depth := int(m%40), int(groups%10), int(n), int(k%1100)
		if rows*count*columns*depth > 1<<20 {
			return
		}
		start, transposed, specials, gap := int(how%3), how&4 != 0, how&8 != 0, int(how>>4)%3
		gemmRowsSame[float64](t, rows, count, columns, depth, start, gap, transposed, specials)
		gemmRowsSame[float32](t, rows, count, columns, depth, start, gap, transposed, specials)
		dotRowsSame[float64](t, rows, depth%50, count*columns, specials)
		dotRowsSame[float32](t, rows, depth%50, count*columns, specials)
	})
}

func TestConvolutionArgumentsThatDoNotFitPanic(t *testing.T) {
	x, s := make([]float64, 24), make([]float64, 23)
	offsets := []int{0, 6, 12, 18}
	eachPath(func(path string) {
		for _, f := range []struct {
			name string
			run  func()
		}{
			{"GemmRows, C", func() { GemmRows(4, 1, 6, s, 6, 6, x, 4, 1, x, 6, offsets, nil, false) }},
			{"GemmRows, A", func() { GemmRows(4, 1, 6, x, 6, 6, s, 8, 1, x, 6, offsets, nil, false) }},
			{"GemmRows, B", func() { GemmRows(4, 1, 6, x, 6, 6, x, 4, 1, s, 6, offsets, nil, false) }},
			{"GemmRows, B of the last group", func() { GemmRows(2, 2, 3, x, 6, 3, x, 4, 1, x, 4, offsets, nil, false) }},
			{"GemmRows, bias", func() { GemmRows(4, 1, 6, x, 6, 6, x, 4, 1, x, 6, offsets, s[:3:3], false) }},
			{"GemmRows, offset", func() { GemmRows(2, 1, 6, x, 6, 6, x, 4, 1, x, 6, []int{0, -1}, nil, false) }},
			{"GemmRows, bias and accumulate", func() { GemmRows(1, 1, 1, x, 1, 1, x, 1, 1, x, 1, offsets, x, true) }},
			{"DotRows, C", func() { DotRows(4, 6, s[:15:15], 4, x, 6, x, offsets) }},
			{"DotRows, A", func() { DotRows(4, 6, x, 4, s, 6, x, offsets) }},
			{"DotRows, B", func() { DotRows(4, 6, x, 4, x, 6, s, offsets) }},
			{"DotRows, offset", func() { DotRows(2, 6, x, 4, x, 6, x, []int{0, -1}) }},
		} {
			if !panics(f.run) {
				t.Errorf("%s: no panic (path %s)", f.name, path)
			}
		}
	})
}

// A row of 28 positions of a 3x3 convolution, 16 channels to 16, 32 examples.
func BenchmarkConvolution(b *testing.B) {
	eachPath(func(path string) {
		b.Run(path+"/float64", benchmarkConvolution[float64])
		b.Run(path+"/float32", benchmarkConvolution[float32])
	})
}

func benchmarkConvolution[T Float](b *testing.B) {
	const channels, width, n = 16, 28, 32
	const k = channels * 9
	const pitch = (width + 2) * n
	rng := rand.New(rand.NewPCG(1, 2))
	x, w := random[T](rng, channels*3*pitch), random[T](rng, channels*k)
	y := random[T](rng, channels*width*n)
	var offsets []int
	for p := range k {
		offsets = append(offsets, p/3*pitch+p%3*n)
	}
	work := func(b *testing.B) {
		b.ReportMetric(2*channels*k*width*n*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
	}
	b.Run("GemmRows", func(b *testing.B) {
		for b.Loop() {
			GemmRows(channels, width, n, y, width*n, n, w, k, 1, x, n, offsets, nil, false)
		}
		work(b)
	})
	b.Run("DotRows", func(b *testing.B) {
		for b.Loop() {
			DotRows(channels, width*n, w, k, y, width*n, x, offsets)
		}
		work(b)
	})
}
