package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

func TestElementwiseSameOnEveryPath(t *testing.T) {
	once(t, testElementwisePaths[float64], testElementwisePaths[float32])
}

func testElementwisePaths[T Float](t *testing.T) {
	lengths := []int{chunk - 1, chunk + 1}
	for n := range 2*4*16 + 4 {
		lengths = append(lengths, n)
	}
	for _, n := range lengths {
		elementwiseSame[T](t, n, 1, false)
		elementwiseSame[T](t, n, 100, false)
		elementwiseSame[T](t, n, 1, true)
	}
}

// elementwiseSame compares the paths on n numbers of about the size of spread.
func elementwiseSame[T Float](t *testing.T, n int, spread T, specials bool) {
	t.Helper()
	unary := func(f func(dst, src []T)) func(d, x, y []T) { return func(d, x, _ []T) { f(d, x) } }
	for _, f := range []struct {
		name string
		run  func(d, x, y []T)
	}{
		{"Exp", unary(Exp[T])},
		{"Log", unary(Log[T])},
		{"Sigmoid", unary(Sigmoid[T])},
		{"Tanh", unary(Tanh[T])},
		{"ReLU", unary(ReLU[T])},
		{"Sin", unary(Sin[T])},
		{"Cos", unary(Cos[T])},
		{"Sin in place", func(d, _, _ []T) { Sin(d, d) }},
		{"SinGrad", SinGrad[T]},
		{"CosGrad into z", func(_, x, y []T) { CosGrad(y, x, y) }},
		{"Tanh in place", func(d, _, _ []T) { Tanh(d, d) }},
		{"SigmoidGrad", SigmoidGrad[T]},
		{"TanhGrad", TanhGrad[T]},
		{"ReLUGrad", ReLUGrad[T]},
		{"TanhGrad into dy", func(d, _, y []T) { TanhGrad(d, d, y) }},
		{"BinaryCrossEntropy", func(d, x, y []T) { BinaryCrossEntropy(d, nil, x, len(d), y, 0.3) }},
		{"BinaryCrossEntropy with gradient", func(d, x, y []T) { BinaryCrossEntropy(d, x, x, len(d), y, 0.3) }},
		{"BinaryCrossEntropy of 0 and 1", func(d, x, y []T) {
			for j := range y {
				y[j] = T(j % 2)
			}
			BinaryCrossEntropy(d, x, x, len(d), y, 0.3)
		}},
	} {
		name := fmt.Sprintf("%s, n = %d, spread %g, specials %t", f.name, n, spread, specials)
		samePaths(t, name, func(rng *rand.Rand) []matrix[T] {
			d, x, y := mixed[T](rng, 1, n, n, specials), mixed[T](rng, 1, n, n, specials), mixed[T](rng, 1, n, n, specials)
			for j := range x.data {
				d.data[j] *= spread
				x.data[j] *= spread
			}
			f.run(d.data, x.data, y.data)
			return []matrix[T]{d, x, y}
		})
	}
}

func TestRowsSameOnEveryPath(t *testing.T) {
	once(t, testRowPaths[float64], testRowPaths[float32])
}

func testRowPaths[T Float](t *testing.T) {
	for n := 1; n < 2*4*16+4; n++ {
		for _, m := range []int{1, 2, 7} {
			rowsSame[T](t, m, n, false)
			rowsSame[T](t, m, n, true)
		}
	}
	rowsSame[T](t, 2, chunk+1, false)
	rowsSame[T](t, 1000, 100, true) // softmax in more than one call
	rowsSame[T](t, 2, maxRow+1, false)
	rowsSame[T](t, 700, 70, false) // squares in more than one call
}

// rowsSame compares the paths on m rows of n: losses and batch normalisation.
func rowsSame[T Float](t *testing.T, m, n int, specials bool) {
	t.Helper()
	type mat = matrix[T]
	for _, f := range []struct {
		name string
		run  func(x, y, z mat, a, b, c, d []T, e mat, labels []int32)
	}{
		{"SoftmaxCrossEntropy", func(x, y, _ mat, _, _, _, _ []T, e mat, labels []int32) {
			SoftmaxCrossEntropy(e.data, y.data, x.data, x.ld, m, n, labels, 0.3)
		}},
		{"SoftmaxCrossEntropy without gradient", func(x, _, _ mat, _, _, _, _ []T, e mat, labels []int32) {
			SoftmaxCrossEntropy(e.data, nil, x.data, x.ld, m, n, labels, 0.3)
		}},
		{"SquaredError", func(x, y, z mat, _, _, _, _ []T, e mat, _ []int32) {
			SquaredError(e.data, y.data, x.data, x.ld, m, n, z.data, z.ld, 0.3)
		}},
		{"SquaredError without gradient", func(x, _, z mat, _, _, _, _ []T, e mat, _ []int32) {
			SquaredError(e.data, nil, x.data, x.ld, m, n, z.data, z.ld, 0.3)
		}},
		{"BatchNorm", func(x, y, z mat, a, b, c, d []T, _ mat, _ []int32) {
			// All of one leading dimension.
			BatchNorm(y.data, x.data, x.ld, m, n, a, b, 1e-5, c, d)
		}},
		{"BatchNormInfer", func(x, y, _ mat, a, b, c, d []T, _ mat, _ []int32) {
			BatchNormInfer(y.data, x.data, x.ld, m, n, a, b, c, d)
		}},
		{"BatchNormGrad", func(x, y, _ mat, a, b, c, d []T, _ mat, _ []int32) {
			BatchNormGrad(x.data, c, d, x.data, y.data, x.ld, m, n, a, b, a)
		}},
	} {
		name := fmt.Sprintf("%s %dx%d, specials %t", f.name, m, n, specials)
		samePaths(t, name, func(rng *rand.Rand) []mat {
			x, y, z := mixed[T](rng, m, n, n+3, specials), mixed[T](rng, m, n, n+3, specials), mixed[T](rng, m, n, n+2, specials)
			s, e := mixed[T](rng, 4, m, m, specials), mixed[T](rng, 1, n, n, false)
			labels := make([]int32, n)
			for j := range labels {
				labels[j] = rng.Int32N(int32(m))
			}
			f.run(x, y, z, s.data[:m], s.data[m:][:m], s.data[2*m:][:m], s.data[3*m:][:m], e, labels)
			return []mat{x, y, z, s, e}
		})
	}
}

func FuzzElementwiseSameOnEveryPath(f *testing.F) {
	f.Add(byte(3), uint16(33), float32(10), true)
	f.Fuzz(func(t *testing.T, m byte, n uint16, spread float32, specials bool) {
		rows, columns := int(m%20)+1, int(n%500)+1
		elementwiseSame[float64](t, columns, float64(spread), specials)
		elementwiseSame[float32](t, columns, spread, specials)
		rowsSame[float64](t, rows, columns, specials)
		rowsSame[float32](t, rows, columns, specials)
	})
}

// As [TestShortSlicesPanicOnEveryPath].
func TestShortSlicesOfLossesPanicOnEveryPath(t *testing.T) {
	make24 := func() []float64 { return make([]float64, 24) }
	x, s := make24(), make([]float64, 23)
	labels := make([]int32, 6)
	eachPath(func(path string) {
		for _, f := range []struct {
			name string
			run  func()
		}{
			{"Exp", func() { Exp(x, s) }},
			{"SigmoidGrad", func() { SigmoidGrad(x, x, s) }},
			{"Sin", func() { Sin(x, s) }},
			{"Cos", func() { Cos(x, s) }},
			{"SinGrad", func() { SinGrad(x, s, x) }},
			{"CosGrad", func() { CosGrad(x, x, s) }},
			{"Softmax", func() { SoftmaxCrossEntropy(x, nil, s, 6, 4, 6, labels, 1) }},
			{"Softmax, gradient", func() { SoftmaxCrossEntropy(make24(), s, x, 6, 4, 6, labels, 1) }},
			{"Softmax, labels", func() { SoftmaxCrossEntropy(make24(), nil, x, 6, 4, 6, labels[:5:5], 1) }},
			{"Softmax, label", func() { SoftmaxCrossEntropy(make24(), nil, x, 6, 4, 6, []int32{0, 0, 4, 0, 0, 0}, 1) }},
			{"Binary", func() { BinaryCrossEntropy(make24(), nil, x, 24, s, 1) }},
			{"Binary, gradient", func() { BinaryCrossEntropy(make24(), s, x, 24, x, 1) }},
			{"Squared", func() { SquaredError(make24(), nil, x, 6, 4, 6, s, 6, 1) }},
			{"Squared, gradient", func() { SquaredError(make24(), s, x, 6, 4, 6, x, 6, 1) }},
			{"BatchNorm", func() { BatchNorm(s, x, 6, 4, 6, x, x, 1, make24(), make24()) }},
			{"BatchNorm, x", func() { BatchNorm(make24(), s, 6, 4, 6, x, x, 1, make24(), make24()) }},
			{"BatchNormGrad, x", func() { BatchNormGrad(make24(), x, x, x, s, 6, 4, 6, x, x, x) }},
			{"BatchNormInfer", func() { BatchNormInfer(s, x, 6, 4, 6, x, x, x, x) }},
		} {
			if !panics(f.run) {
				t.Errorf("%s with a slice that is too short did not panic (path %s)", f.name, path)
			}
		}
	})
}
