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

// atanh2 is 2 atanh(s) by its series, for |s| <= 1/3.
func atanh2(s *big.Float) *big.Float {
	square := new(big.Float).Mul(s, s)
	power := new(big.Float).Add(s, s)
	sum := new(big.Float).SetPrec(precision)
	for k := 1.0; k < 140; k += 2 {
		sum.Add(sum, new(big.Float).Quo(power, bigf(k)))
		power.Mul(power, square)
	}
	return sum
}

// bigLog is the logarithm of a positive x: 2 atanh((m-1)/(m+1)) + e log 2.
func bigLog(x float64) *big.Float {
	m, e := math.Frexp(x)
	s := new(big.Float).Quo(new(big.Float).Sub(bigf(m), bigf(1)), new(big.Float).Add(bigf(m), bigf(1)))
	ln2 := atanh2(new(big.Float).Quo(bigf(1), bigf(3)))
	return new(big.Float).Add(atanh2(s), new(big.Float).Mul(bigf(float64(e)), ln2))
}

func TestLogIsAccurate(t *testing.T) {
	xs := []float64{1, 0.5, 0x1p-52, 0x1p-51, 1 - 0x1p-52, 1 - 0x1p-51, math.Sqrt2 / 2, 0.7071067, 0.7071068, 0.75, 0.1, 3}
	u := make([]float64, 500)
	Uniform(u, 1, 1, 1)
	for i, x := range u {
		xs = append(xs, 1-x, 1-x*math.Pow(2, -float64(i%50))) // near 1, where logarithms lose digits
		xs = append(xs, math.Pow(2, -52*x))
	}
	worst, at := 0.0, 0.0
	for _, x := range xs {
		if d := ulps(log(x), bigLog(x)); d > worst {
			worst, at = d, x
		}
	}
	t.Logf("worst error %.3f ulp, at %v", worst, at)
	if !(worst < 1) {
		t.Errorf("log(%v) = %v is %.3f ulp off, want within 1", at, log(at), worst)
	}
	if got := log(1); got != 0 || math.Signbit(got) {
		t.Errorf("log(1) = %v, want 0", got)
	}
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
