package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestReductionBits(t *testing.T) { both(t, testReductionBits[float64], testReductionBits[float32]) }

// tree adds 2^k numbers: those of the upper half to those of the lower, and so
// on.
func tree[T Float](s []T) T {
	if len(s) == 1 {
		return s[0]
	}
	half := make([]T, len(s)/2)
	for l := range half {
		half[l] = s[l] + s[l+len(half)]
	}
	return tree(half)
}

// Reductions over a row have the order that [lanes] describes, to the bit.
func testReductionBits[T Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	const m = 3
	for n := range 70 {
		x, y := newMatrix[T](rng, m, n, n+3), newMatrix[T](rng, m, n, n+1)
		for _, accumulate := range []bool{false, true} {
			sums, dots := newMatrix[T](rng, 1, m, m), newMatrix[T](rng, 1, m, m)
			sums0, dots0 := sums.clone(), dots.clone()
			RowSums(sums.data, x.data, x.ld, m, n, accumulate)
			RowDots(dots.data, x.data, x.ld, y.data, y.ld, m, n, accumulate)
			sums.check(t, "RowSums")
			dots.check(t, "RowDots")
			for i := range m {
				sum, dot := make([]T, 16), make([]T, 16)
				for j := range n {
					sum[j%16] += x.at(i, j)
					dot[j%16] = bigFMA(x.at(i, j), y.at(i, j), dot[j%16])
				}
				wantSum, wantDot := tree(sum), tree(dot)
				if accumulate {
					wantSum += sums0.data[i]
					wantDot += dots0.data[i]
				}
				if got := sums.data[i]; bits(got) != bits(wantSum) {
					t.Fatalf("RowSums, n = %d: row %d = %v, want %v", n, i, got, wantSum)
				}
				if got := dots.data[i]; bits(got) != bits(wantDot) {
					t.Fatalf("RowDots, n = %d: row %d = %v, want %v", n, i, got, wantDot)
				}
			}
		}
	}
}

// Sums of -0, and of whole numbers, which have a closed form.
func TestSumsByHand(t *testing.T) {
	negZero := math.Copysign(0, -1)
	dst := make([]float64, 1)
	if RowSums(dst, []float64{negZero, negZero}, 2, 1, 2, false); bits(dst[0]) != 0 {
		t.Errorf("-0 + -0 = %g, want 0: a sum starts at 0", dst[0])
	}
	x := make([]float64, 1000)
	for j := range x {
		x[j] = float64(j + 1)
	}
	RowSums(dst, x, len(x), 1, len(x), false)
	if dst[0] != 500500 {
		t.Errorf("1 + ... + 1000 = %g, want 500500", dst[0])
	}
	RowDots(dst, x, len(x), x, len(x), 1, len(x), true)
	if dst[0] != 500500+333833500 {
		t.Errorf("500500 + 1^2 + ... + 1000^2 = %g, want 334334000", dst[0])
	}
}
