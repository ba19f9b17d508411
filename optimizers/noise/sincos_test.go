package noise

import (
	"math"
	"math/big"
	"testing"
)

const precision = 200 // bits of the reference computations

func bigf(x float64) *big.Float { return new(big.Float).SetPrec(precision).SetFloat64(x) }

// ulps is the distance of got from want in units of the last place of want.
func ulps(got float64, want *big.Float) float64 {
	w, _ := want.Float64()
	diff, _ := new(big.Float).Sub(bigf(got), want).Float64()
	if diff == 0 {
		return 0
	}
	return math.Abs(diff) / (math.Nextafter(math.Abs(w), math.Inf(1)) - math.Abs(w))
}

// 40 decimals of 2 pi.
const twoPi = "6.2831853071795864769252867665590057683943"

// bigSinCos is the sine and cosine of a number of turns, by Taylor's series.
func bigSinCos(turns float64) (sin, cos *big.Float) {
	x, ok := new(big.Float).SetPrec(precision).SetString(twoPi)
	if !ok {
		panic("2 pi does not parse")
	}
	x.Mul(x, bigf(turns))
	sin, cos = bigf(0), bigf(0)
	term := bigf(1)
	for k := range 80 {
		sum := []*big.Float{cos, sin}[k%2]
		if k/2%2 == 0 {
			sum.Add(sum, term)
		} else {
			sum.Sub(sum, term)
		}
		term.Mul(term, x)
		term.Quo(term, bigf(float64(k+1)))
	}
	return sin, cos
}

func TestSinCosIsAccurate(t *testing.T) {
	turns := []float64{0x1p-52, 0x1p-30, 1 - 0x1p-52, 0.125, 0.375, 0.625, 0.875, 0.25 + 0x1p-52, 0.25 - 0x1p-52, 0.5 - 0x1p-52}
	u := make([]float64, 2000)
	Uniform(u, 2, 2, 2)
	turns = append(turns, u...)
	worst, at := 0.0, 0.0
	for _, x := range turns {
		sin, cos := SinCos(x)
		wantSin, wantCos := bigSinCos(x)
		for _, d := range []float64{ulps(sin, wantSin), ulps(cos, wantCos)} {
			if d > worst {
				worst, at = d, x
			}
		}
	}
	t.Logf("worst error %.3f ulp, at %v turns", worst, at)
	if !(worst < 2) {
		t.Errorf("SinCos(%v) is %.3f ulp off, want within 2", at, worst)
	}
}

func TestSinCosIsExactAtQuarterTurns(t *testing.T) {
	for turns, want := range map[float64][2]float64{
		0: {0, 1}, 0.25: {1, 0}, 0.5: {0, -1}, 0.75: {-1, 0}, 1: {0, 1},
	} {
		if sin, cos := SinCos(turns); sin != want[0] || cos != want[1] {
			t.Errorf("SinCos(%v) = %v, %v, want %v", turns, sin, cos, want)
		}
	}
}
