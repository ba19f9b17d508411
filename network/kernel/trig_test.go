package kernel

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// bigPi is pi to 1600 bits, enough to reduce the greatest float64 to 400:
// 16 atan(1/5) - 4 atan(1/239) (Machin 1706).
var bigPi = func() *big.Float {
	wide := func(x float64) *big.Float { return new(big.Float).SetPrec(1600).SetFloat64(x) }
	atan := func(inverse float64) *big.Float {
		sum, power, square := wide(0), wide(1), wide(inverse*inverse)
		power.Quo(power, wide(inverse))
		for k := 1.0; power.MantExp(nil) > -1610; k += 2 {
			term := wide(0).Quo(power, wide(k))
			if math.Mod(k, 4) == 3 {
				term.Neg(term)
			}
			sum.Add(sum, term)
			power.Quo(power, square)
		}
		return sum
	}
	a, b := atan(5), atan(239)
	return a.Sub(a.Mul(a, wide(16)), b.Mul(b, wide(4)))
}()

// bigTurn reduces x to r in [-pi/2, pi/2] and the parity of n: x + quarter*pi/2 is
// n*pi + r.
func bigTurn(x *big.Float, quarter float64) (r *big.Float, odd bool) {
	shift := new(big.Float).SetPrec(1600).SetFloat64(quarter / 2)
	shift.Mul(shift, bigPi)
	r = shift.Add(shift, x)
	turns := new(big.Float).SetPrec(1600).Quo(r, bigPi)
	half := newBig(math.Copysign(0.5, float64(turns.Sign())))
	n, _ := turns.Add(turns, half).Int(nil)
	r.Sub(r, new(big.Float).SetPrec(1600).Mul(new(big.Float).SetPrec(1600).SetInt(n), bigPi))
	return r.SetPrec(prec), n.Bit(0) == 1
}

func bigSine(x *big.Float, quarter float64) *big.Float {
	r, odd := bigTurn(x, quarter)
	z := newBig(0).Mul(r, r)
	sum, term := newBig(0), newBig(0).Set(r)
	for k := 2.0; term.Sign() != 0 && (sum.Sign() == 0 || term.MantExp(nil) > sum.MantExp(nil)-prec); k += 2 {
		sum.Add(sum, term)
		term.Quo(term.Mul(term, z), newBig(k*(k+1)))
		term.Neg(term)
	}
	if odd {
		sum.Neg(sum)
	}
	return sum
}

func bigSin(x *big.Float) *big.Float { return bigSine(x, 0) }

func bigCos(x *big.Float) *big.Float { return bigSine(x, 1) }

// refSin and refCos stand for the exact ones in tests of float32. What math.Sin
// does is within a unit of float64 after an exact reduction, not before it.
func refSin(x float64) float64 { return refSine(x, 0) }

func refCos(x float64) float64 { return refSine(x, 1) }

func refSine(x, quarter float64) float64 {
	r, odd := bigTurn(newBig(x), quarter)
	y, _ := r.Float64()
	if y = math.Sin(y); odd {
		return -y
	}
	return y
}

// Where sin and cos are hard: the floats next to multiples of pi/2, as far as
// there is a float for each and beyond; the two sides of the limit; and those of
// all float64 and float32 that come nearest to such a multiple (Muller 2016,
// Elementary Functions, 3rd ed., table 11.1: 6381956970095103 * 2^797, and
// 16367173 * 2^72).
func hardAngles[T Float](rng *rand.Rand) []T {
	x := []T{16367173 * 0x1p72}
	if double[T]() {
		x = append(x, T(math.Ldexp(6381956970095103, 797)))
	}
	limit := trigLimit[T]()
	for _, v := range []T{limit, limit / 2, 2 * limit} {
		x = append(x, v, next(v, 1), next(v, -1))
	}
	halfPi := newBig(0).Quo(bigPi, newBig(2))
	for range 300 {
		n := math.Floor(math.Ldexp(1+rng.Float64(), rng.IntN(40)))
		nearest, _ := newBig(0).Mul(halfPi, newBig(n)).Float64()
		v := T(nearest)
		x = append(x, v, next(v, 1), next(v, -1))
	}
	for _, v := range x {
		x = append(x, -v)
	}
	return x
}

// next is the float that is some units further from 0 than x.
func next[T Float](x T, units int) T {
	if double[T]() {
		return T(math.Float64frombits(math.Float64bits(float64(x)) + uint64(units)))
	}
	return T(math.Float32frombits(math.Float32bits(float32(x)) + uint32(units)))
}

func TestHardAngles(t *testing.T) { both(t, testHardAngles[float64], testHardAngles[float32]) }

func testHardAngles[T Float](t *testing.T) {
	for _, x := range hardAngles[T](rand.New(rand.NewPCG(31, 32))) {
		for _, f := range []struct {
			name  string
			run   func(dst, src []T)
			exact func(*big.Float) *big.Float
		}{{"Sin", Sin[T], bigSin}, {"Cos", Cos[T], bigCos}} {
			got := []T{0}
			f.run(got, []T{x})
			if e := ulps(got[0], f.exact(newBig(float64(x)))); e > 2.5 {
				t.Errorf("%s(%v): error %.2f units in the last place, want at most 2.5", f.name, x, e)
			}
		}
	}
}

func TestReduceHugeRoundsOnce(t *testing.T) {
	rng := rand.New(rand.NewPCG(35, 36))
	for range 2000 {
		x, quarter := math.Ldexp(1+rng.Float64(), 15+rng.IntN(1009)), uint64(rng.IntN(2))
		n, r := reduceHuge(x, quarter)
		want, odd := bigTurn(newBig(x), float64(quarter))
		if e := ulps(r, want); e > 0.51 || (n&1 == 1) != odd {
			t.Fatalf("reduceHuge(%v, %d) = %d, %v, off by %.3f units in the last place, want %v, odd %t", x, quarter, n, r, e, want, odd)
		}
	}
}

// The sine and the cosine of 10^22 by another program (mpmath 1.2.1 at 60 digits,
// sin(mpf(10)**22) and cos(mpf(10)**22)), a number with which libraries of the
// past went wrong.
func TestSineOf1e22(t *testing.T) {
	const sin, cos = -0.8522008497671888017727059, 0.5232147853951389454975945
	x, y := []float64{1e22}, []float64{1e22}
	Sin(x, x)
	Cos(y, y)
	if math.Abs(x[0]-sin) > 2e-16 || math.Abs(y[0]-cos) > 2e-16 {
		t.Errorf("sin, cos of 10^22 = %v, %v, want %v, %v", x[0], y[0], sin, cos)
	}
}

func TestTrigDerivatives(t *testing.T) {
	both(t, testTrigDerivatives[float64], testTrigDerivatives[float32])
}

func testTrigDerivatives[T Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(33, 34))
	for range 1000 {
		z, dy := []T{T(rng.NormFloat64() * 10)}, []T{T(rng.NormFloat64())}
		if rng.IntN(10) == 0 {
			z[0] *= 1e30
		}
		s, c, dx := []T{0}, []T{0}, []T{0}
		Sin(s, z)
		Cos(c, z)
		if SinGrad(dx, dy, z); bits(dx[0]) != bits(dy[0]*c[0]) {
			t.Fatalf("SinGrad(%g, %g) = %g, want %g", dy, z, dx, dy[0]*c[0])
		}
		if CosGrad(dx, dy, z); bits(dx[0]) != bits(-dy[0]*s[0]) {
			t.Fatalf("CosGrad(%g, %g) = %g, want %g", dy, z, dx, -dy[0]*s[0])
		}
	}
}
