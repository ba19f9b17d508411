package kernel

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// both runs a test at either precision, on every path.
func both(t *testing.T, f64, f32 func(*testing.T)) {
	eachPath(func(path string) {
		t.Run(path+"/float64", f64)
		t.Run(path+"/float32", f32)
	})
}

// bits returns a number that is the same for two floats only if they are the
// same: -0 is not 0. All NaN are one: which it is, is not promised.
func bits[T Float](x T) uint64 {
	if math.IsNaN(float64(x)) {
		return math.Float64bits(math.NaN())
	}
	return math.Float64bits(float64(x))
}

func equal[T Float](x, y []T) bool {
	for j := range x {
		if bits(x[j]) != bits(y[j]) {
			return false
		}
	}
	return len(x) == len(y)
}

func random[T Float](rng *rand.Rand, n int) []T {
	x := make([]T, n)
	for j := range x {
		x[j] = T(rng.NormFloat64())
	}
	return x
}

// sentinel is a NaN that no arithmetic produces.
func sentinel[T Float]() T {
	if double[T]() {
		return T(math.Float64frombits(0x7ff8_dead_beef_0001))
	}
	return T(math.Float32frombits(0x7fc0_beef))
}

func isSentinel[T Float](x T) bool {
	if double[T]() {
		return math.Float64bits(float64(x)) == 0x7ff8_dead_beef_0001
	}
	return math.Float32bits(float32(x)) == 0x7fc0_beef
}

// A matrix is m rows of n values in rows of ld, with guards before and after,
// and in the padding of each row. To read a guard makes NaN; to write one is
// found by check.
type matrix[T Float] struct {
	m, n, ld int
	all      []T // with the guards
	data     []T // without, and ends with the last value
}

const guard = 19

func newMatrix[T Float](rng *rand.Rand, m, n, ld int) matrix[T] {
	a := matrix[T]{m: m, n: n, ld: ld, all: make([]T, m*ld+2*guard)}
	for j := range a.all {
		a.all[j] = sentinel[T]()
	}
	if m > 0 {
		a.data = a.all[guard:][: (m-1)*ld+n : (m-1)*ld+n]
	}
	for i := range m {
		copy(a.data[i*ld:], random[T](rng, n))
	}
	return a
}

func (a matrix[T]) at(i, j int) T { return a.data[i*a.ld+j] }

func (a matrix[T]) clone() matrix[T] {
	b := a
	b.all = append([]T(nil), a.all...)
	b.data = b.all[guard:][:len(a.data):len(a.data)]
	return b
}

// check fails the test if a guard was written, or a value was not.
func (a matrix[T]) check(t *testing.T, name string) {
	t.Helper()
	for k, v := range a.all {
		i := k - guard
		inside := i >= 0 && i < a.m*a.ld && i%a.ld < a.n
		if isSentinel(v) == inside {
			t.Fatalf("%s: element %d of %dx%d (leading dimension %d): written %t, want %t",
				name, i, a.m, a.n, a.ld, !isSentinel(v), inside)
		}
	}
}

// bigFMA is x*y + z rounded once, by arbitrary precision.
func bigFMA[T Float](x, y, z T) T {
	a, b, c := float64(x), float64(y), float64(z)
	switch {
	case math.IsInf(a, 0) || math.IsInf(b, 0) || math.IsNaN(a) || math.IsNaN(b):
		return T(a*b + c)
	case math.IsInf(c, 0) || math.IsNaN(c):
		return z
	}
	const prec = 4400 // from the greatest product to the last bit of the least
	p := new(big.Float).SetPrec(prec).SetFloat64(a)
	p.Mul(p, big.NewFloat(b))
	p.Add(p, big.NewFloat(c))
	if double[T]() {
		r, _ := p.Float64()
		return T(r)
	}
	r, _ := p.Float32()
	return T(r)
}

// panics reports whether f does.
func panics(f func()) (yes bool) {
	defer func() { yes = recover() != nil }()
	f()
	return
}
