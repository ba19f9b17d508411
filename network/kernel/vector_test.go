package kernel

import (
	"math/rand/v2"
	"testing"
)

func TestVectorBits(t *testing.T) { both(t, testVectorBits[float64], testVectorBits[float32]) }

func testVectorBits[T Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	for n := range 70 {
		x, y := newMatrix[T](rng, 1, n, n), newMatrix[T](rng, 1, n, n)
		a := T(rng.NormFloat64())
		for _, f := range []struct {
			name string
			run  func(y, x []T)
			want func(y, x T) T
		}{
			{"Axpy", func(y, x []T) { Axpy(y, a, x) }, func(y, x T) T { return bigFMA(a, x, y) }},
			{"Scale", func(y, x []T) { Scale(y, a) }, func(y, x T) T { return bigFMA(a, y, 0) }},
			{"Add", func(y, x []T) { Add(y, x) }, func(y, x T) T { return bigFMA(1, x, y) }},
			{"Mul", func(y, x []T) { Mul(y, x) }, func(y, x T) T { return bigFMA(x, y, 0) }},
			{"Div", func(y, x []T) { Div(y, x) }, func(y, x T) T { return y / x }},
			{"Div by itself", func(y, _ []T) { Div(y, y) }, func(T, T) T { return 1 }},
			{"Clamp", func(y, _ []T) { Clamp(y, -0.5, 0.25) }, func(y, _ T) T { return max(-0.5, min(y, 0.25)) }},
			{"Sum2", func(y, x []T) { Sum2(y, y, x, a) }, func(y, x T) T { return bigFMA(a, x, y) }},
			{"Sum2 in place", func(y, x []T) { Sum2(y, x, y, a) }, func(y, x T) T { return bigFMA(a, y, x) }},
		} {
			got := y.clone()
			f.run(got.data, x.data)
			got.check(t, f.name)
			for j, v := range got.data {
				if want := f.want(y.data[j], x.data[j]); bits(v) != bits(want) {
					t.Fatalf("%s, n = %d: element %d = %v, want %v", f.name, n, j, v, want)
				}
			}
		}
	}
}
