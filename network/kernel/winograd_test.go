package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// The matrices of winograd.go; the filters' are doubled, which keeps them integers.
var (
	winogradB = [][]int{{1, 0, -1, 0}, {0, 1, 1, 0}, {0, -1, 1, 0}, {0, -1, 0, 1}} // B'
	winogradA = [][]int{{1, 1, 1, 0}, {0, 1, -1, 1}}                               // A'
	winogradG = [][]int{{2, 0, 0}, {1, 1, 1}, {1, -1, 1}, {0, 0, 2}}               // 2 G
)

func transposed(m [][]int) [][]int {
	t := make([][]int, len(m[0]))
	for i := range t {
		for j := range m {
			t[i] = append(t[i], m[j][i])
		}
	}
	return t
}

// sandwich is m x m', for x of any size that fits, row by row.
func sandwich(m [][]int, x []float64) []float64 {
	size := len(m[0])
	var y []float64
	for i := range m {
		for j := range m {
			s := 0.0
			for k := range size {
				for l := range size {
					s += float64(m[i][k]) * x[k*size+l] * float64(m[j][l])
				}
			}
			y = append(y, s)
		}
	}
	return y
}

// A winogradCase is a convolution of small integers, for which all is exact.
type winogradCase[T Float] struct {
	in, out Image
	pad, n  int
	w, bias []T
	x, dy   []T // which end with the last example
}

// newWinogradCase draws one; gap is what follows the examples.
func newWinogradCase[T Float](rng *rand.Rand, in, out, height, width, pad, n, gap int) winogradCase[T] {
	c := winogradCase[T]{
		in:  Image{in, height, width, n + gap},
		out: Image{out, height + 2*pad - 2, width + 2*pad - 2, n + gap},
		pad: pad, n: n,
	}
	draw := func(count int) []T {
		x := make([]T, count)
		for i := range x {
			x[i] = T(rng.IntN(9) - 4)
		}
		return x
	}
	images := func(s Image) []T {
		x := draw(s.Channels * s.Height * s.Width * s.Step)
		for i := range x {
			if i%s.Step >= n {
				x[i] = sentinel[T]()
			}
		}
		return x[: len(x)-gap : len(x)-gap]
	}
	c.w, c.bias, c.x, c.dy = draw(out*in*9), draw(out), images(c.in), images(c.out)
	return c
}

// at is a value of images, 0 outside.
func (s Image) at(c, y, x, e int) (i int, inside bool) {
	return ((c*s.Height+y)*s.Width+x)*s.Step + e, y >= 0 && y < s.Height && x >= 0 && x < s.Width
}

// patches calls f for all patches of the outputs, at most so many at a time.
func (c winogradCase[T]) patches(most int, f func(p Patches)) {
	for row := 0; row < c.out.Height; row += 2 {
		for col := 0; col < c.out.Width; col += 2 * most {
			f(Patches{row, col, min(most, (c.out.Width-col+1)/2), c.n})
		}
	}
}

func (c winogradCase[T]) zeros(most int) []T { return make([]T, (2*most+2)*c.in.Step) }

// forward returns the outputs, with what was in y between the examples.
func (c winogradCase[T]) forward(most int) []T {
	u := make([]T, WinogradFilterLen(c.out.Channels, c.in.Channels))
	WinogradFilter(u, c.w, c.in.Channels*9, 9, c.out.Channels, c.in.Channels, false)
	y := append([]T(nil), c.dy...)
	c.patches(most, func(p Patches) {
		v, m := make([]T, WinogradLen[T](c.in.Channels, p.Count, p.N)), make([]T, WinogradLen[T](c.out.Channels, p.Count, p.N))
		WinogradInput(v, c.x, c.in, p, c.pad, c.zeros(p.Count))
		WinogradProduct(y, c.out, p, u, c.bias, v, m, c.x, c.in, c.pad, p)
	})
	return y
}

// inputs returns the gradient of the inputs, that of the outputs convolved by the filters
// turned around.
func (c winogradCase[T]) inputs(most int) []T {
	turned := winogradCase[T]{in: c.out, out: c.in, pad: 2 - c.pad, n: c.n, x: c.dy, dy: c.x}
	u := make([]T, WinogradFilterLen(c.in.Channels, c.out.Channels))
	WinogradFilter(u, c.w, 9, c.in.Channels*9, c.in.Channels, c.out.Channels, true)
	dx := append([]T(nil), c.x...)
	turned.patches(most, func(p Patches) {
		v, m := make([]T, WinogradLen[T](c.out.Channels, p.Count, p.N)), make([]T, WinogradLen[T](c.in.Channels, p.Count, p.N))
		WinogradInput(v, c.dy, c.out, p, turned.pad, turned.zeros(p.Count))
		WinogradProduct(dx, c.in, p, u, nil, v, m, c.dy, c.out, turned.pad, p)
	})
	return dx
}

// weights returns the gradient of the weights.
func (c winogradCase[T]) weights(most int) []T {
	sum := make([]T, WinogradSumLen(c.out.Channels, c.in.Channels))
	for i := range sum {
		sum[i] = sentinel[T]() // the first product sets it
	}
	add := false
	c.patches(most, func(p Patches) {
		v, m := make([]T, WinogradLen[T](c.in.Channels, p.Count, p.N)), make([]T, WinogradGradLen[T](c.out.Channels, p.Count, p.N))
		WinogradInput(v, c.x, c.in, p, c.pad, c.zeros(p.Count))
		WinogradWeights(sum, add, c.dy, c.out, p, v, m, c.x, c.in, c.pad, p)
		add = true
	})
	dw := append([]T(nil), c.w...)
	WinogradFilterGrad(dw, c.out.Channels, c.in.Channels, sum)
	return dw
}

// direct is the three by their definitions: each weight takes part in each output.
func (c winogradCase[T]) direct() (y, dx, dw []T) {
	y, dx, dw = append([]T(nil), c.dy...), append([]T(nil), c.x...), append([]T(nil), c.w...)
	for i := range dx {
		if i%c.in.Step < c.n {
			dx[i] = 0
		}
	}
	for o := range c.out.Channels {
		for row := range c.out.Height {
			for col := range c.out.Width {
				for e := range c.n {
					to, _ := c.out.at(o, row, col, e)
					y[to] = c.bias[o]
					for k := range c.in.Channels * 9 {
						from, inside := c.in.at(k/9, row+k%9/3-c.pad, col+k%3-c.pad, e)
						if inside {
							w := o*c.in.Channels*9 + k
							y[to] += c.w[w] * c.x[from]
							dx[from] += c.w[w] * c.dy[to]
							dw[w] += c.dy[to] * c.x[from]
						}
					}
				}
			}
		}
	}
	return y, dx, dw
}

// bitsEqual compares guards too.
func bitsEqual[T Float](x, y []T) bool {
	for i := range x {
		if isSentinel(x[i]) != isSentinel(y[i]) || bits(x[i]) != bits(y[i]) {
			return false
		}
	}
	return len(x) == len(y)
}

func (c winogradCase[T]) check(t *testing.T, most int) {
	t.Helper()
	y, dx, dw := c.direct()
	name := fmt.Sprintf("%+v to %+v, pad %d, %d examples, %d patches", c.in, c.out, c.pad, c.n, most)
	if !bitsEqual(c.forward(most), y) {
		t.Fatalf("%s: outputs %v, want %v", name, c.forward(most), y)
	}
	if !bitsEqual(c.inputs(most), dx) {
		t.Fatalf("%s: gradient of the inputs %v, want %v", name, c.inputs(most), dx)
	}
	if !bitsEqual(c.weights(most), dw) {
		t.Fatalf("%s: gradient of the weights %v, want %v", name, c.weights(most), dw)
	}
}

func TestWinogradIsTheConvolution(t *testing.T) {
	both(t, testWinograd[float64], testWinograd[float32])
}

// Of small integers it is exact: outputs and gradients for odd and even sizes, all
// pads, rests of vectors and of groups of channels, and patches at a time.
func testWinograd[T Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(51, 52))
	vectors := 128 / (4 + 4*word(double[T]())) // what is fused
	for height := 1; height <= 6; height++ {
		for width := 1; width <= 6; width++ {
			for pad := range 3 {
				if min(height, width)+2*pad < 3 {
					continue
				}
				n := []int{1, 2, 17, vectors}[rng.IntN(4)]
				newWinogradCase[T](rng, 2, 3, height, width, pad, n, rng.IntN(3)).check(t, 1+rng.IntN(3))
			}
		}
	}
	for channels := 1; channels <= 9; channels++ {
		newWinogradCase[T](rng, channels, 10-channels, 4, 3, 1, vectors, 0).check(t, 1)
		newWinogradCase[T](rng, channels, 10-channels, 4, 3, 1, 3, 0).check(t, 2)
	}
	for _, s := range [][2]int{{12, 16}, {17, 20}, {24, 33}, {29, 1}} {
		newWinogradCase[T](rng, s[0], s[1], 3, 3, 1, vectors, 1).check(t, 1)
	}
	for n := 1; n < 2*vectors; n += 3 {
		newWinogradCase[T](rng, 2, 2, 3, 5, 1, n, n%2).check(t, 1+n%3)
	}
}

func TestWinogradOfManyChannels(t *testing.T) {
	// More pairs of channels than one call takes, with a last output alone.
	rng := rand.New(rand.NewPCG(53, 54))
	newWinogradCase[float64](rng, 200, 3*(1<<12/200/3)+1, 1, 1, 1, 16, 0).check(t, 1)
	newWinogradCase[float32](rng, 200, 3*(1<<12/200/3)+1, 1, 1, 1, 32, 0).check(t, 1)
}

func TestWinogradTransformsByTheirMatrices(t *testing.T) {
	both(t, testWinogradTransforms[float64], testWinogradTransforms[float32])
}

// All of a row of patches, whose borders are zeros, for each transform.
func testWinogradTransforms[T Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(55, 56))
	for _, n := range []int{1, 5, 16, 37, 64} {
		c := newWinogradCase[T](rng, 2, 2, 5, 6, 1, n, 1)
		p := Patches{Row: 4, Count: 3, N: n} // the last row of outputs
		across := p.row(8 - 4*word(!double[T]()))
		// matrix is that of patch k of a channel and an example.
		matrix := func(x []T, channel, k, e int) (m []float64) {
			for i := range 4 {
				for j := range 4 {
					m = append(m, float64(x[(4*(2*i+channel)+j)*across+k*n+e]))
				}
			}
			return m
		}
		// square is the values of images from a row and column on.
		square := func(x []T, s Image, size, channel, row, col, e int) (m []float64) {
			for i := range size * size {
				v := 0.0
				if k, inside := s.at(channel, row+i/size, col+i%size, e); inside {
					v = float64(x[k])
				}
				m = append(m, v)
			}
			return m
		}
		v, m := make([]T, WinogradLen[T](2, 3, n)), make([]T, WinogradLen[T](2, 3, n))
		WinogradInput(v, c.x, c.in, p, c.pad, c.zeros(3))
		WinogradOutputGrad(m, c.dy, c.out, p)
		y := append([]T(nil), c.dy...)
		WinogradOutput(y, c.out, p, v)
		for channel := range 2 {
			for k := range 3 {
				for e := range n {
					if got, want := matrix(v, channel, k, e), sandwich(winogradB, square(c.x, c.in, 4, channel, 3, 2*k-1, e)); !equal(got, want) {
						t.Fatalf("n = %d: B' d B = %v, want %v", n, got, want)
					}
					if got, want := matrix(m, channel, k, e), sandwich(transposed(winogradA), square(c.dy, c.out, 2, channel, 4, 2*k, e)); !equal(got, want) {
						t.Fatalf("n = %d: A dy A' = %v, want %v", n, got, want)
					}
					want := sandwich(winogradA, matrix(v, channel, k, e))
					got := square(y, c.out, 2, channel, 4, 2*k, e)
					want[2], want[3] = 0, 0 // below the image
					if !equal(got, want) {
						t.Fatalf("n = %d: A' m A = %v, want %v", n, got, want)
					}
				}
			}
		}
	}
	// Filters: four times theirs is that of the doubled matrix.
	w, u, sum, dw := make([]T, 9), make([]T, WinogradFilterLen(1, 1)), make([]T, WinogradSumLen(1, 1)), make([]T, 9)
	g, g4 := make([]float64, 9), make([]float64, 16)
	for i := range w {
		w[i] = T(rng.IntN(9) - 4)
		g[i] = float64(w[i])
	}
	for i := range g4 {
		g4[i] = float64(rng.IntN(9) - 4)
		sum[i*len(sum)/16] = T(g4[i])
	}
	WinogradFilter(u, w, 9, 9, 1, 1, false)
	WinogradFilterGrad(dw, 1, 1, sum)
	for i, want := range sandwich(winogradG, g) {
		if float64(4*u[i]) != want {
			t.Errorf("element %d of G g G' is %v, want %v", i, u[i], want/4)
		}
	}
	for i, want := range sandwich(transposed(winogradG), g4) {
		if float64(4*dw[i]) != want {
			t.Errorf("element %d of G' u G is %v, want %v", i, dw[i], want/4)
		}
	}
}

func TestWinogradSameOnEveryPath(t *testing.T) {
	once(t, testWinogradPaths[float64], testWinogradPaths[float32])
}

func testWinogradPaths[T Float](t *testing.T) {
	for n := 1; n < 40; n += 2 {
		winogradSame[T](t, 1+n%7, 1+n%5, 3+n%4, 2+n%3, 1+n%2, n, 1+n%3, n%3 == 0)
	}
	for _, n := range []int{16, 32} { // fused
		winogradSame[T](t, 13, 22, 4, 5, 1, n, 1, false)
		winogradSame[T](t, 5, 8, 5, 5, 1, n, 1, true)
	}
}

// winogradSame compares the paths on outputs and gradients.
func winogradSame[T Float](t *testing.T, in, out, height, width, pad, n, most int, specials bool) {
	t.Helper()
	if min(height, width)+2*pad < 3 {
		return
	}
	name := fmt.Sprintf("convolution of %dx%dx%d to %d, pad %d, %d examples, %d patches, specials %t", in, height, width, out, pad, n, most, specials)
	samePaths(t, name, func(rng *rand.Rand) []matrix[T] {
		c := newWinogradCase[T](rng, in, out, height, width, pad, n, 0)
		for _, x := range [][]T{c.w, c.bias, c.x, c.dy} {
			if specials {
				copy(x, special[T](rng, len(x)))
			} else {
				copy(x, random[T](rng, len(x)))
			}
		}
		// Their gaps were tested by what is exact.
		var results []matrix[T]
		for _, r := range [][]T{c.forward(most), c.inputs(most), c.weights(most)} {
			m := newMatrix[T](rng, 1, len(r), len(r))
			copy(m.data, r)
			results = append(results, m)
		}
		return results
	})
}

func FuzzWinogradSameOnEveryPath(f *testing.F) {
	f.Add(byte(2), byte(3), byte(5), byte(6), byte(1), byte(32), byte(1), false)
	f.Add(byte(9), byte(4), byte(1), byte(1), byte(1), byte(16), byte(0), true)
	f.Add(byte(1), byte(1), byte(7), byte(2), byte(2), byte(5), byte(2), true)
	f.Fuzz(func(t *testing.T, in, out, height, width, pad, n, most byte, specials bool) {
		i, o, h, w, e := 1+int(in%20), 1+int(out%20), 1+int(height%9), 1+int(width%9), 1+int(n%70)
		if i*o*h*w*e > 1<<17 {
			return
		}
		winogradSame[float64](t, i, o, h, w, int(pad%3), e, 1+int(most%4), specials)
		winogradSame[float32](t, i, o, h, w, int(pad%3), e, 1+int(most%4), specials)
	})
}

func TestWinogradArgumentsThatDoNotFitPanic(t *testing.T) {
	const n = 16
	c := newWinogradCase[float64](rand.New(rand.NewPCG(1, 2)), 2, 2, 4, 4, 1, n, 0)
	less := func(x []float64) []float64 { return x[: len(x)-1 : len(x)-1] }
	eachPath(func(path string) {
		for _, count := range []int{1, 2} {
			p := Patches{Row: 2, Count: count, N: n}
			v := make([]float64, WinogradLen[float64](2, count, n))
			m := make([]float64, WinogradGradLen[float64](2, count, n))
			u, sum, zeros := make([]float64, WinogradFilterLen(2, 2)), make([]float64, WinogradSumLen(2, 2)), c.zeros(count)
			for _, f := range []struct {
				name string
				run  func()
			}{
				{"WinogradInput, v", func() { WinogradInput(less(v), c.x, c.in, p, 1, zeros) }},
				{"WinogradInput, x", func() { WinogradInput(v, less(c.x), c.in, p, 1, zeros) }},
				{"WinogradInput, zeros", func() { WinogradInput(v, c.x, c.in, p, 1, less(zeros)) }},
				{"WinogradOutput, y", func() { WinogradOutput(less(c.dy), c.out, p, v) }},
				{"WinogradOutput, m", func() { WinogradOutput(c.dy, c.out, p, less(v)) }},
				{"WinogradOutput, outside", func() { WinogradOutput(c.dy, c.out, Patches{4, 0, count, n}, v) }},
				{"WinogradOutput, examples", func() { WinogradOutput(c.dy, c.out, Patches{0, 0, count, n + 1}, m) }},
				{"WinogradOutputGrad, m", func() { WinogradOutputGrad(less(v), c.dy, c.out, p) }},
				{"WinogradOutputGrad, dy", func() { WinogradOutputGrad(v, less(c.dy), c.out, p) }},
				{"WinogradOutputGrad, outside", func() { WinogradOutputGrad(v, c.dy, c.out, Patches{0, 4, count, n}) }},
				{"WinogradProduct, y", func() { WinogradProduct(less(c.dy), c.out, p, u, nil, v, m, c.x, c.in, 1, p) }},
				{"WinogradProduct, u", func() { WinogradProduct(c.dy, c.out, p, less(u), nil, v, m, c.x, c.in, 1, p) }},
				{"WinogradProduct, bias", func() { WinogradProduct(c.dy, c.out, p, u, u[:1:1], v, m, c.x, c.in, 1, p) }},
				{"WinogradProduct, v", func() { WinogradProduct(c.dy, c.out, p, u, nil, less(v), m, c.x, c.in, 1, p) }},
				{"WinogradProduct, m", func() { WinogradProduct(c.dy, c.out, p, u, nil, v, less(v), c.x, c.in, 1, p) }},
				{"WinogradWeights, sum", func() { WinogradWeights(less(sum), false, c.dy, c.out, p, v, m, c.x, c.in, 1, p) }},
				{"WinogradWeights, dy", func() { WinogradWeights(sum, false, less(c.dy), c.out, p, v, m, c.x, c.in, 1, p) }},
				{"WinogradWeights, v", func() { WinogradWeights(sum, false, c.dy, c.out, p, less(v), m, c.x, c.in, 1, p) }},
				{"WinogradWeights, m", func() { WinogradWeights(sum, false, c.dy, c.out, p, v, less(m), c.x, c.in, 1, p) }},
				{"WinogradFilter, u", func() { WinogradFilter(less(u), c.w, 18, 9, 2, 2, false) }},
				{"WinogradFilter, w", func() { WinogradFilter(u, less(c.w), 18, 9, 2, 2, false) }},
				{"WinogradFilterGrad, dw", func() { WinogradFilterGrad(less(c.w), 2, 2, sum) }},
			} {
				if !panics(f.run) {
					t.Errorf("%s, %d patches: no panic (path %s)", f.name, count, path)
				}
			}
		}
	})
}

// A block of 16 channels to 16 as a convolution takes it, in direct multiplications.
func BenchmarkWinograd(b *testing.B) {
	eachPath(func(path string) {
		b.Run(path+"/float64", benchmarkWinograd[float64])
		b.Run(path+"/float32", benchmarkWinograd[float32])
	})
}

func benchmarkWinograd[T Float](b *testing.B) {
	const channels = 16
	n := 32 / (1 + word(double[T]()))
	c := newWinogradCase[T](rand.New(rand.NewPCG(1, 2)), channels, channels, 28, 28, 1, n, 0)
	patches := WinogradPatches[T](channels, channels, n)
	p := Patches{Row: 4, Col: 4, Count: patches, N: n}
	v, m := make([]T, WinogradLen[T](channels, patches, n)), make([]T, WinogradGradLen[T](channels, patches, n))
	u, sum, zeros := make([]T, WinogradFilterLen(channels, channels)), make([]T, WinogradSumLen(channels, channels)), c.zeros(patches)
	m = append(m, v...)
	WinogradFilter(u, c.w, channels*9, 9, channels, channels, false)
	for _, f := range []struct {
		name string
		run  func()
	}{
		{"Input", func() { WinogradInput(v, c.x, c.in, p, 1, zeros) }},
		{"Product", func() { WinogradProduct(c.dy, c.out, p, u, nil, v, m, c.x, c.in, 1, p) }},
		{"Weights", func() { WinogradWeights(sum, false, c.dy, c.out, p, v, m, c.x, c.in, 1, p) }},
	} {
		b.Run(f.name, func(b *testing.B) {
			for b.Loop() {
				f.run()
			}
			b.ReportMetric(float64(2*9*channels*channels*4*patches*n)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}
