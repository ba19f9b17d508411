package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

func TestGemmBits(t *testing.T) { both(t, testGemmBits[float64], testGemmBits[float32]) }

// Every output is its start and one fused multiply-add for each p in order, to
// the bit, for every tail, stride and start; and nothing else is written.
func testGemmBits[T Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for _, m := range []int{0, 1, 2, 5} {
		for _, n := range []int{0, 1, 3, 8, 17} {
			for _, k := range []int{0, 1, 2, 3, 7} {
				for start := range 3 { // 0, bias, accumulate
					for _, transposed := range []bool{false, true} {
						name := fmt.Sprintf("Gemm %dx%dx%d start %d transposed %t", m, n, k, start, transposed)
						a, rs, cs := newMatrix[T](rng, m, k, k+2), k+2, 1
						if transposed {
							a, rs, cs = newMatrix[T](rng, k, m, m+3), 1, m+3
						}
						b, c := newMatrix[T](rng, k, n, n+5), newMatrix[T](rng, m, n, n+1)
						var bias []T
						if start == 1 {
							bias = random[T](rng, m)
						}
						before := c.clone()
						Gemm(m, n, k, c.data, c.ld, a.data, rs, cs, b.data, b.ld, bias, start == 2)
						c.check(t, name)
						for i := range m {
							for j := range n {
								var want T
								switch start {
								case 1:
									want = bias[i]
								case 2:
									want = before.at(i, j)
								}
								for p := range k {
									want = bigFMA(a.data[i*rs+p*cs], b.at(p, j), want)
								}
								if got := c.at(i, j); bits(got) != bits(want) {
									t.Fatalf("%s: C[%d][%d] = %v, want %v", name, i, j, got, want)
								}
							}
						}
					}
				}
			}
		}
	}
}

func TestGemmByHand(t *testing.T) {
	// [1 2 3; 4 5 6] * [7 8; 9 10; 11 12] + [100; 200]
	a, b := []float64{1, 2, 3, 4, 5, 6}, []float64{7, 8, 9, 10, 11, 12}
	c := make([]float64, 4)
	Gemm(2, 2, 3, c, 2, a, 3, 1, b, 2, []float64{100, 200}, false)
	if want := []float64{158, 164, 339, 354}; !equal(c, want) {
		t.Errorf("W X + b = %v, want %v", c, want)
	}
	// The transpose of [1 2 3; 4 5 6], by its strides.
	d := make([]float64, 6)
	Gemm(3, 2, 2, d, 2, a, 1, 3, []float64{1, 10, 100, 1000}, 2, nil, false)
	if want := []float64{401, 4010, 502, 5020, 603, 6030}; !equal(d, want) {
		t.Errorf("W' X = %v, want %v", d, want)
	}
}

func TestGemmRefusesBiasAndAccumulate(t *testing.T) {
	x := []float64{1}
	if !panics(func() { Gemm(1, 1, 1, x, 1, []float64{1}, 1, 1, []float64{1}, 1, []float64{1}, true) }) {
		t.Error("Gemm with both bias and accumulate did not panic")
	}
}

func TestGemmPassesNaNOn(t *testing.T) {
	nan := sentinel[float64]()
	c := []float64{0, 0}
	Gemm(1, 2, 2, c, 2, []float64{0, 1}, 2, 1, []float64{nan, 1, 1, 1}, 2, nil, false)
	if c[0] == c[0] || c[1] != 1 {
		t.Errorf("0*NaN + 1*1, 0*1 + 1*1 = %v, want [NaN 1]", c)
	}
}

func TestTranspose(t *testing.T) { both(t, testTranspose[float64], testTranspose[float32]) }

func testTranspose[T Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	sizes := []int{0, 1, 2, 15, 16, 17, 33}
	for _, m := range sizes {
		for _, n := range sizes {
			src, dst := newMatrix[T](rng, m, n, n+2), newMatrix[T](rng, n, m, m+7)
			Transpose(dst.data, dst.ld, src.data, src.ld, m, n)
			dst.check(t, "Transpose")
			for i := range m {
				for j := range n {
					if dst.at(j, i) != src.at(i, j) {
						t.Fatalf("Transpose %dx%d: dst[%d][%d] = %v, want %v", m, n, j, i, dst.at(j, i), src.at(i, j))
					}
				}
			}
		}
	}
}
