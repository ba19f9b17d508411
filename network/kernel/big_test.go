package kernel

import (
	"math"
	"math/big"
)

// Functions to 400 bits, by series that need no other source than their
// definition: what the kernels are measured against.

const prec = 400

func newBig(x float64) *big.Float { return new(big.Float).SetPrec(prec).SetFloat64(x) }

var bigLn2 = bigAtanhTwice(newBig(1), newBig(3)) // ln 2 = 2 atanh(1/3)

// bigAtanhTwice is 2 atanh(a/b) = ln((b+a)/(b-a)), by its power series.
func bigAtanhTwice(a, b *big.Float) *big.Float {
	s := newBig(0).Quo(a, b)
	z := newBig(0).Mul(s, s)
	sum, power := newBig(0), newBig(0).Mul(s, newBig(2))
	for k := 1.0; power.Sign() != 0 && (sum.Sign() == 0 || power.MantExp(nil) > sum.MantExp(nil)-prec); k += 2 {
		sum.Add(sum, newBig(0).Quo(power, newBig(k)))
		power.Mul(power, z)
	}
	return sum
}

// bigExpm1 is e^x - 1: 2^n * e^r - 1 with r in [-ln 2/2, ln 2/2], or the power
// series alone for an x that small, which loses nothing near 0.
func bigExpm1(x *big.Float) *big.Float {
	ratio, _ := newBig(0).Quo(x, bigLn2).Float64()
	n := math.RoundToEven(ratio)
	r := newBig(0).Sub(x, newBig(0).Mul(newBig(n), bigLn2))
	sum, term := newBig(0), newBig(0).Set(r)
	for k := 2.0; term.Sign() != 0 && (sum.Sign() == 0 || term.MantExp(nil) > sum.MantExp(nil)-prec); k++ {
		sum.Add(sum, term)
		term.Quo(term.Mul(term, r), newBig(k))
	}
	if n == 0 {
		return sum
	}
	sum.Add(sum, newBig(1))
	sum.SetMantExp(sum, int(n))
	return sum.Sub(sum, newBig(1))
}

func bigExp(x *big.Float) *big.Float {
	// e^-x by division where e^x - 1 has forgotten e^x.
	if x.Sign() < 0 {
		return newBig(0).Quo(newBig(1), bigExp(newBig(0).Neg(x)))
	}
	return newBig(0).Add(bigExpm1(x), newBig(1))
}

func bigLog(x *big.Float) *big.Float {
	m := newBig(0)
	k := x.MantExp(m) // m in [1/2, 1)
	if m.Cmp(newBig(math.Sqrt2/2)) < 0 {
		m.SetMantExp(m, 1)
		k--
	}
	ln := bigAtanhTwice(newBig(0).Sub(m, newBig(1)), newBig(0).Add(m, newBig(1)))
	return ln.Add(ln, newBig(0).Mul(newBig(float64(k)), bigLn2))
}

// bigLog1p is ln(1+x) = 2 atanh(x/(2+x)), for x near 0 and from 0 to 1.
func bigLog1p(x *big.Float) *big.Float {
	return bigAtanhTwice(x, newBig(0).Add(x, newBig(2)))
}

func bigTanh(x *big.Float) *big.Float {
	t := bigExpm1(newBig(0).Mul(newBig(2), x))
	return newBig(0).Quo(t, newBig(0).Add(t, newBig(2)))
}

func bigSigmoid(x *big.Float) *big.Float {
	d := bigExp(newBig(0).Neg(x))
	return d.Quo(newBig(1), d.Add(d, newBig(1)))
}

// ulps is how far got is from want, in units in the last place of the float
// next to want: the distance between floats there.
func ulps[T Float](got T, want *big.Float) float64 {
	bits, least := 53, -1074
	if !double[T]() {
		bits, least = 24, -149
	}
	exponent := least
	if want.Sign() != 0 {
		exponent = max(least, want.MantExp(nil)-bits)
	}
	if math.IsInf(float64(got), 0) || math.IsNaN(float64(got)) {
		return math.Inf(1)
	}
	d := newBig(0).Sub(newBig(float64(got)), want)
	d.SetMantExp(d, -exponent)
	e, _ := d.Abs(d).Float64()
	return e
}
