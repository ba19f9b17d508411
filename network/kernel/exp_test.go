package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestExpm1Bits(t *testing.T) { both(t, testExpm1Bits[float64], testExpm1Bits[float32]) }

// The steps that [expm1] documents, with every rounding done by arbitrary
// precision: what assembly, and processors that fuse where they like, must give.
func testExpm1Bits[T Float](t *testing.T) {
	degree, toInt, ln2Hi := 13, T(0x1.8p52), T(0x1.62e42fefa39efp-1)
	if !double[T]() {
		degree, toInt, ln2Hi = 7, 0x1.8p23, 0x1.62e43p-1
	}
	rest, _ := newBig(0).Sub(bigLn2, newBig(float64(ln2Hi))).Float64()
	ln2Lo, log2E := T(rest), T(math.Log2E)
	rng := rand.New(rand.NewPCG(21, 22))
	for range 300 {
		x := T((rng.Float64() - 0.5) * 200)
		n := bigFMA(x, log2E, toInt) - toInt
		r := bigFMA(-n, ln2Lo, bigFMA(-n, ln2Hi, x))
		factorial := 1.0
		for k := 2; k <= degree; k++ {
			factorial *= float64(k)
		}
		p := T(1 / factorial)
		for k := degree; k > 2; k-- {
			factorial /= float64(k)
			p = bigFMA(p, r, T(1/factorial))
		}
		q := bigFMA(bigFMA(r, r, 0), p, r)
		if gotQ, gotN := expm1(x); gotQ != q || gotN != n {
			t.Fatalf("expm1(%g) = %v, %v, want %v, %v", x, gotQ, gotN, q, n)
		}
		got := []T{x}
		if Exp(got, got); math.Abs(float64(x)) < 80 && float64(got[0]) != math.Ldexp(float64(1+q), int(n)) {
			t.Fatalf("Exp(%g) = %v, want 2^%v * %v", x, got[0], n, 1+q)
		}
	}
}
