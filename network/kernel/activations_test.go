package kernel

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// An activationFunc is a function of activations*.go and its gradient, which
// takes the input, or the output if fromOutput.
type activationFunc[T Float] struct {
	name       string
	f          func(dst, src []T)
	grad       func(dx, dy, x []T)
	fromOutput bool
}

func activationFuncs[T Float]() []activationFunc[T] {
	return []activationFunc[T]{
		{"Softsign", Softsign[T], SoftsignGrad[T], false},
		{"LeakyReLU", func(d, z []T) { LeakyReLU(d, z, 0.01) }, func(d, g, y []T) { LeakyReLUGrad(d, g, y, 0.01) }, true},
		{"ELU", func(d, z []T) { ELU(d, z, 1, 1) }, func(d, g, y []T) { ELUGrad(d, g, y, 1, 1) }, true},
		{"ELU with parameters", func(d, z []T) { ELU(d, z, 1.25, 1.75) }, func(d, g, y []T) { ELUGrad(d, g, y, 1.25, 1.75) }, true},
		{"Step", Step[T], nil, false},
		{"Quadratic", Quadratic[T], QuadraticGrad[T], false},
		{"Cubic", func(d, z []T) { Cubic(d, z, 1) }, func(d, g, z []T) { CubicGrad(d, g, z, 1) }, false},
		{"Cubic that falls", func(d, z []T) { Cubic(d, z, -1) }, func(d, g, z []T) { CubicGrad(d, g, z, -1) }, false},
		{"ScaledTanh", func(d, z []T) { ScaledTanh(d, z, 1.75, 0.625) }, func(d, g, y []T) { ScaledTanhGrad(d, g, y, 1.75, 0.625) }, true},
		{"Softplus", Softplus[T], SoftplusGrad[T], false},
		{"Swish", Swish[T], SwishGrad[T], false},
		{"GELUTanh", GELUTanh[T], GELUTanhGrad[T], false},
		{"GELU", GELU[T], GELUGrad[T], false},
		{"Mish", Mish[T], MishGrad[T], false},
		{"GCU", GCU[T], GCUGrad[T], false},
		{"SSU", SSU[T], SSUGrad[T], false},
		{"DSU", DSU[T], DSUGrad[T], false},
	}
}

// Expressions in big numbers.
func add(x, y *big.Float) *big.Float { return newBig(0).Add(x, y) }
func sub(x, y *big.Float) *big.Float { return newBig(0).Sub(x, y) }
func mul(x, y *big.Float) *big.Float { return newBig(0).Mul(x, y) }
func quo(x, y *big.Float) *big.Float { return newBig(0).Quo(x, y) }

var one = newBig(1)

// bigTail is Phi(-a) for a > 0: from the power series of Phi(a) - 1/2, or for a
// large a, which takes its digits, from the continued fraction of the ratio to the
// density, 1/(a + 1/(a + 2/(a + 3/(a + ...)))) (Laplace 1805).
func bigTail(a *big.Float) *big.Float {
	if a.Cmp(newBig(6)) > 0 {
		d := newBig(0).Set(a)
		for k := 300.0; k > 0; k-- {
			d = add(a, quo(newBig(k), d))
		}
		return quo(bigDensity(a), d)
	}
	sum, term, square := newBig(0), newBig(0).Set(a), mul(a, a)
	for k := 3.0; term.MantExp(nil) > -prec; k += 2 {
		sum.Add(sum, term)
		term = quo(mul(term, square), newBig(k))
	}
	return sub(newBig(0.5), mul(sum, bigDensity(a)))
}

func bigDensity(a *big.Float) *big.Float {
	twoPi := newBig(0).Mul(bigPi, newBig(2))
	return quo(bigExp(mul(mul(a, a), newBig(-0.5))), newBig(0).Sqrt(twoPi))
}

func bigNormal(z *big.Float) *big.Float {
	if z.Sign() < 0 {
		return bigTail(newBig(0).Neg(z))
	}
	return sub(one, bigTail(z))
}

// bigSoftplus is ln(1 + e^z).
func bigSoftplus(z *big.Float) *big.Float {
	if z.Sign() > 0 {
		return add(z, bigSoftplus(newBig(0).Neg(z)))
	}
	return bigLog1p(bigExp(z))
}

func bigGate(z *big.Float) *big.Float {
	w := mul(mul(z, z), newBig(1))
	c, _ := newBig(0).SetString("0.044715")
	w = mul(add(one, mul(c, w)), z)
	return mul(w, mul(newBig(2), newBig(0).Sqrt(quo(newBig(2), newBig(0).Set(bigPi)))))
}

func bigGateSlope(z *big.Float) *big.Float {
	c, _ := newBig(0).SetString("0.134145") // 3 * 0.044715
	w := add(one, mul(c, mul(z, z)))
	return mul(w, mul(newBig(2), newBig(0).Sqrt(quo(newBig(2), newBig(0).Set(bigPi)))))
}

func bigSSU(z *big.Float) *big.Float {
	pi := newBig(0).Set(bigPi)
	return quo(mul(pi, bigSin(z)), sub(pi, z))
}

func bigSSUSlope(z *big.Float) *big.Float {
	pi := newBig(0).Set(bigPi)
	u := sub(z, pi)
	return mul(pi, quo(sub(quo(bigSin(z), u), bigCos(z)), u))
}

func bigDSU(z *big.Float) *big.Float {
	pi := newBig(0).Set(bigPi)
	return quo(mul(pi, bigSSU(z)), add(pi, z))
}

// bigDSUSlope is the closed form, pi^2*(cos(z)*(pi^2-z^2) + 2z*sin(z))/(pi^2-z^2)^2.
func bigDSUSlope(z *big.Float) *big.Float {
	pi := newBig(0).Set(bigPi)
	square := mul(pi, pi)
	d := sub(square, mul(z, z))
	n := add(mul(bigCos(z), d), mul(mul(newBig(2), z), bigSin(z)))
	return quo(mul(square, n), mul(d, d))
}

// bigSwishSlope is s + s*(1-s)*x, with s the sigmoid of w.
func bigSwishSlope(w, x *big.Float) *big.Float {
	s := bigSigmoid(w)
	return add(s, mul(mul(s, bigSigmoid(newBig(0).Neg(w))), x))
}

// accuracies has for each function its exact values and derivatives, and the
// largest errors admitted, in units in the last place.
var accuracies = []struct {
	name         string
	f            func(*big.Float) *big.Float
	want         float64
	slope        func(*big.Float) *big.Float
	wantSlope    float64
	size         func(z float64) float64 // what the terms of the derivative add up to, if they cancel
	min64, min32 float64                 // below these results are nearly 0 and have fewer digits
	growing      func(z float64) float64 // factor of the error admitted
	noSlope      bool
}{
	{
		name: "Softsign", f: func(z *big.Float) *big.Float { return quo(z, add(one, newBig(0).Abs(z))) }, want: 1.5,
		slope: func(z *big.Float) *big.Float { d := add(one, newBig(0).Abs(z)); return quo(one, mul(d, d)) }, wantSlope: 3.5,
	},
	{name: "ELU", f: func(z *big.Float) *big.Float {
		if z.Sign() > 0 {
			return z
		}
		return bigExpm1(z)
	}, want: 1.5, noSlope: true},
	{name: "Softplus", f: bigSoftplus, want: 2, slope: bigSigmoid, wantSlope: 2.5},
	{
		name: "Swish", f: func(z *big.Float) *big.Float { return mul(z, bigSigmoid(z)) }, want: 3,
		slope: func(z *big.Float) *big.Float { return bigSwishSlope(z, z) }, wantSlope: 4,
		size:  func(z float64) float64 { return refSigmoid(z) * (1 + math.Abs(z)) },
		min64: -708, min32: -87,
	},
	{
		name: "GELUTanh", f: func(z *big.Float) *big.Float { return mul(z, bigSigmoid(bigGate(z))) }, want: 3,
		slope: func(z *big.Float) *big.Float { return bigSwishSlope(bigGate(z), mul(z, bigGateSlope(z))) }, wantSlope: 5,
		size:    func(z float64) float64 { return refSigmoid(refGate(z)) * (1 + math.Abs(z)*(1.6+0.22*z*z)) },
		growing: func(z float64) float64 { return 1 + max(0, -refGate(z)) },
		min64:   -20, min32: -9,
	},
	{
		name: "GELU", f: func(z *big.Float) *big.Float { return mul(z, bigNormal(z)) }, want: 5,
		slope: func(z *big.Float) *big.Float { return add(bigNormal(z), mul(z, bigDensity(z))) }, wantSlope: 5,
		size:  func(z float64) float64 { return 0.5*math.Erfc(-z/math.Sqrt2) + math.Abs(z)*math.Exp(-z*z/2)*0.4 },
		min64: -37, min32: -12,
	},
	{
		name: "Mish", f: func(z *big.Float) *big.Float { return mul(z, bigTanh(bigSoftplus(z))) }, want: 4,
		slope: func(z *big.Float) *big.Float {
			t := bigTanh(bigSoftplus(z))
			return add(t, mul(mul(z, sub(one, mul(t, t))), bigSigmoid(z)))
		}, wantSlope: 6,
		size:  func(z float64) float64 { return refSigmoid(z) * (1 + math.Abs(z)) },
		min64: -708, min32: -87,
	},
	{
		name: "GCU", f: func(z *big.Float) *big.Float { return mul(z, bigCos(z)) }, want: 3,
		slope: func(z *big.Float) *big.Float { return sub(bigCos(z), mul(z, bigSin(z))) }, wantSlope: 4,
		size: func(z float64) float64 { return 1 + math.Abs(z) },
	},
	{
		name: "SSU", f: bigSSU, want: 4, slope: bigSSUSlope, wantSlope: 5,
		size: func(z float64) float64 { return math.Pi / math.Max(1, math.Abs(z-math.Pi)) },
	},
	{
		name: "DSU", f: bigDSU, want: 6, slope: bigDSUSlope, wantSlope: 6,
		size: func(z float64) float64 {
			a := math.Abs(z)
			return math.Pi * math.Pi / math.Max(1, math.Abs(a-math.Pi)) / (a + math.Pi)
		},
	},
}

func refGate(z float64) float64 { return 2 * math.Sqrt(2/math.Pi) * z * (1 + 0.044715*z*z) }

// Every function against arbitrary precision: over all sizes of arguments, where
// it is steep, and next to pi and its multiples, where SSU and DSU divide 0 by 0.
func TestActivationsAgainstBigNumbers(t *testing.T) {
	once(t, testActivationAccuracy[float64], testActivationAccuracy[float32])
}

func testActivationAccuracy[T Float](t *testing.T) {
	bits := 53
	if !double[T]() {
		bits = 24
	}
	rng := rand.New(rand.NewPCG(41, 42))
	var x []T
	for range 15 {
		x = append(x,
			T(math.Ldexp(1+rng.Float64(), rng.IntN(60)-50)),
			T(rng.Float64()*2), T(rng.Float64()*8), T(rng.Float64()*40),
			T(math.Ldexp(math.Pi*(1+math.Ldexp(rng.Float64()-0.5, -rng.IntN(bits))), rng.IntN(2))))
	}
	near := T(math.Pi)
	for range 4 {
		x = append(x, near)
		near += T(math.Ldexp(1, 2-bits))
	}
	x = append(x, T(math.Pi)-T(math.Ldexp(1, 2-bits)), 1, 2, 3, 4, 5, 38, 60, 80, T(math.Nextafter(math.Pi+2, 0)), T(math.Pi+2))
	for _, z := range x {
		x = append(x, -z)
	}
	funcs := map[string]activationFunc[T]{}
	for _, f := range activationFuncs[T]() {
		funcs[f.name] = f
	}
	for _, a := range accuracies {
		f := funcs[a.name]
		var worst, worstSlope float64
		var at, atSlope T
		y, dx, dy := []T{0}, []T{0}, []T{1}
		for _, z := range x {
			lowest := a.min64
			if !double[T]() {
				lowest = a.min32
			}
			if lowest != 0 && float64(z) < lowest {
				continue
			}
			exact := newBig(float64(z))
			admit := 1.0
			if a.growing != nil {
				admit = a.growing(float64(z))
			}
			f.f(y, []T{z})
			if e := ulps(y[0], a.f(exact)) / admit; e > worst {
				worst, at = e, z
			}
			if a.noSlope {
				continue
			}
			f.grad(dx, dy, []T{z})
			want := a.slope(exact)
			d := sub(newBig(float64(dx[0])), want)
			difference, _ := d.Abs(d).Float64()
			w, _ := want.Float64()
			size := math.Abs(w)
			if a.size != nil {
				size = max(size, a.size(float64(z)))
			}
			_, e := math.Frexp(size)
			least := -1074
			if !double[T]() {
				least = -149
			}
			if e := difference / math.Ldexp(1, max(e-bits, least)) / admit; e > worstSlope {
				worstSlope, atSlope = e, z
			}
		}
		t.Logf("%s: largest errors %.2f units in the last place, at %v, and %.2f of the derivative, at %v", a.name, worst, at, worstSlope, atSlope)
		if !(worst <= a.want) {
			t.Errorf("%s(%v): error %.2f units in the last place, want at most %g", a.name, at, worst, a.want)
		}
		if !(worstSlope <= a.wantSlope) && !a.noSlope {
			t.Errorf("%s'(%v): error %.2f units in the last place, want at most %g", a.name, atSlope, worstSlope, a.wantSlope)
		}
	}
}

// Phi itself, which GELU multiplies.
func TestNormalDistribution(t *testing.T) {
	once(t, testNormal[float64], testNormal[float32])
}

func testNormal[T Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(43, 44))
	lowest := T(-37.5)
	if !double[T]() {
		lowest = -13
	}
	var worst float64
	var at T
	for i := range 300 {
		z := T(rng.Float64()) * lowest
		if i%3 == 1 {
			z = -z
		}
		if i%3 == 2 {
			z = T(rng.NormFloat64())
		}
		got, _ := normal(z)
		if e := ulps(got, bigNormal(newBig(float64(z)))); e > worst {
			worst, at = e, z
		}
	}
	t.Logf("largest error %.2f units in the last place, at %v", worst, at)
	if worst > 4 {
		t.Errorf("Phi(%v): error %.2f units in the last place, want at most 4", at, worst)
	}
}

func TestActivationsSameOnEveryPath(t *testing.T) {
	once(t, testActivationPaths[float64], testActivationPaths[float32])
}

func testActivationPaths[T Float](t *testing.T) {
	lengths := []int{0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 100, trigBlock + 3}
	for _, f := range activationFuncs[T]() {
		for _, n := range lengths {
			for _, spread := range []T{1, 10, 1000} {
				for _, specials := range []bool{false, true} {
					activationSame(t, f, n, spread, specials)
				}
			}
		}
	}
	for _, f := range activationFuncs[T]() {
		activationSame(t, f, chunk+1, 5, false)
	}
}

func activationSame[T Float](t *testing.T, f activationFunc[T], n int, spread T, specials bool) {
	t.Helper()
	name := fmt.Sprintf("%s, n = %d, spread %g, specials %t", f.name, n, spread, specials)
	samePaths(t, name, func(rng *rand.Rand) []matrix[T] {
		d, x, y := mixed[T](rng, 1, n, n, specials), mixed[T](rng, 1, n, n, specials), newMatrix[T](rng, 1, n, n)
		for j := range x.data {
			x.data[j] *= spread
		}
		f.f(y.data, x.data)
		if f.grad != nil {
			f.grad(d.data, d.data, x.data)
		}
		return []matrix[T]{d, x, y}
	})
}

func FuzzActivationsSameOnEveryPath(f *testing.F) {
	f.Add(uint16(33), float32(10), true)
	f.Fuzz(func(t *testing.T, n uint16, spread float32, specials bool) {
		for _, a := range activationFuncs[float64]() {
			activationSame(t, a, int(n%500)+1, float64(spread), specials)
		}
		for _, a := range activationFuncs[float32]() {
			activationSame(t, a, int(n%500)+1, spread, specials)
		}
	})
}

func TestActivationsEverywhereTheSame(t *testing.T) {
	both(t, testActivationPlaces[float64], testActivationPlaces[float32])
}

// As [TestElementwiseEverywhereTheSame].
func testActivationPlaces[T Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(17, 18))
	for _, f := range activationFuncs[T]() {
		for n := range 40 {
			dy, x := newMatrix[T](rng, 1, n, n), newMatrix[T](rng, 1, n, n)
			got, over := newMatrix[T](rng, 1, n, n), x.clone()
			f.f(got.data, x.data)
			f.f(over.data, over.data)
			check := func(what string, alone func(want []T, j int)) {
				got.check(t, f.name+what)
				for j := range n {
					want := []T{0}
					if alone(want, j); !equal(want, got.data[j:][:1]) || !equal(want, over.data[j:][:1]) {
						t.Fatalf("%s%s, n = %d, element %d: %v, in place %v, alone %v", f.name, what, n, j, got.data[j], over.data[j], want[0])
					}
				}
			}
			check("", func(want []T, j int) { f.f(want, x.data[j:][:1]) })
			if f.grad == nil {
				continue
			}
			f.grad(got.data, dy.data, x.data)
			over = x.clone()
			f.grad(over.data, dy.data, over.data)
			check("Grad into x", func(want []T, j int) { f.grad(want, dy.data[j:][:1], x.data[j:][:1]) })
			over = dy.clone()
			f.grad(over.data, over.data, x.data)
			check("Grad into dy", func(want []T, j int) { f.grad(want, dy.data[j:][:1], x.data[j:][:1]) })
		}
	}
}

func TestActivationSpecialValues(t *testing.T) {
	both(t, testActivationSpecials[float64], testActivationSpecials[float32])
}

func testActivationSpecials[T Float](t *testing.T) {
	inf, nan, minus := T(math.Inf(1)), T(math.NaN()), T(math.Copysign(0, -1))
	huge := largest[T]()
	// Values at -Inf, -the greatest number, +Inf, and the derivatives there.
	type row struct{ low, least, high, slopeLow, slopeHigh T }
	want := map[string]row{
		"Softsign":            {-1, -1, 1, 0, 0},
		"LeakyReLU":           {-inf, -huge * 0.01, inf, 0.01, 1},
		"ELU":                 {-1, -1, inf, 0, 1},
		"ELU with parameters": {-1.75, -1.75, inf, 0, 1.25},
		"Step":                {0, 0, 1, 0, 0},
		"Quadratic":           {inf, inf, inf, -inf, inf},
		"Cubic":               {-inf, -inf, inf, inf, inf},
		"Cubic that falls":    {inf, inf, -inf, -inf, -inf},
		"ScaledTanh":          {-1.75, -1.75, 1.75, 0, 0},
		"Softplus":            {0, 0, inf, 0, 1},
		"Swish":               {minus, minus, inf, minus, 1},
		"GELUTanh":            {minus, minus, inf, minus, 1},
		"GELU":                {minus, minus, inf, 0, 1},
		"Mish":                {minus, minus, inf, 0, 1},
		"GCU":                 {nan, nan, nan, nan, nan},
		"SSU":                 {nan, nan, nan, nan, nan},
		"DSU":                 {nan, nan, nan, nan, nan},
	}
	for _, f := range activationFuncs[T]() {
		w, ok := want[f.name]
		if !ok {
			t.Errorf("%s: no values to test it against", f.name)
		}
		y := []T{-inf, -huge, inf, nan}
		f.f(y, y)
		wants := []T{w.low, w.least, w.high, nan}
		for j := range y {
			if math.IsNaN(float64(w.low)) && j == 1 {
				continue // some number
			}
			if y[j] != wants[j] && bits(y[j]) != bits(wants[j]) {
				t.Errorf("%s: values %v, want %v", f.name, y, wants)
				break
			}
		}
		if f.grad == nil {
			continue
		}
		x, d := []T{-inf, inf, nan}, []T{1, 1, 1}
		if f.fromOutput {
			f.f(x, x)
		}
		f.grad(d, d, x)
		if d[0] != w.slopeLow && bits(d[0]) != bits(w.slopeLow) || d[1] != w.slopeHigh && bits(d[1]) != bits(w.slopeHigh) {
			t.Errorf("%s: derivatives %v at -Inf and Inf, want %v and %v", f.name, d[:2], w.slopeLow, w.slopeHigh)
		}
		if f.name != "LeakyReLU" && d[2] == d[2] {
			t.Errorf("%s: derivative %v at NaN, want NaN", f.name, d[2])
		}
	}
}

// The limits of SSU and DSU where they divide 0 by 0, and their values at 0 and 1.
func TestSincUnitsAtTheirPoles(t *testing.T) {
	both(t, testPoles[float64], testPoles[float32])
}

func testPoles[T Float](t *testing.T) {
	unit := 0x1p-52
	if !double[T]() {
		unit = 0x1p-23
	}
	for _, c := range []struct {
		name       string
		f          func(dst, src []T)
		grad       func(dx, dy, z []T)
		z, y, dydz float64
	}{
		{"SSU", SSU[T], SSUGrad[T], math.Pi, math.Pi, 0},
		{"SSU", SSU[T], SSUGrad[T], 0, 0, 1},
		{"SSU", SSU[T], SSUGrad[T], -math.Pi, 0, -0.5}, // pi*cos(2pi)/(-2pi)
		{"DSU", DSU[T], DSUGrad[T], math.Pi, math.Pi / 2, -0.25},
		{"DSU", DSU[T], DSUGrad[T], -math.Pi, -math.Pi / 2, -0.25},
		{"DSU", DSU[T], DSUGrad[T], 0, 0, 1},
	} {
		z := T(c.z)
		y, d := []T{z}, []T{1}
		c.grad(d, d, y)
		c.f(y, y)
		// T(pi) is off pi by up to a unit in its last place.
		if math.Abs(float64(y[0])-c.y) > 4*unit || math.Abs(float64(d[0])-c.dydz) > 4*unit {
			t.Errorf("%s(%v) = %v, derivative %v, want %v and %v", c.name, z, y[0], d[0], c.y, c.dydz)
		}
	}
}

func BenchmarkActivations(b *testing.B) {
	b.Run("float64", benchmarkActivations[float64])
	b.Run("float32", benchmarkActivations[float32])
}

func benchmarkActivations[T Float](b *testing.B) {
	const n = 1280
	rng := rand.New(rand.NewPCG(1, 2))
	x, y, z := random[T](rng, n), random[T](rng, n), make([]T, n)
	for _, f := range activationFuncs[T]() {
		eachPath(func(path string) {
			run := func(name string, call func()) {
				b.Run(name+"/"+path, func(b *testing.B) {
					for b.Loop() {
						call()
					}
					b.ReportMetric(b.Elapsed().Seconds()*1e9/float64(b.N)/n, "ns/element")
				})
			}
			run(f.name, func() { f.f(z, x) })
			if f.grad != nil {
				run(f.name+"Grad", func() { f.grad(z, x, y) })
			}
		})
	}
}

func TestActivationsDoNotAllocate(t *testing.T) {
	both(t, testActivationAllocations[float64], testActivationAllocations[float32])
}

func testActivationAllocations[T Float](t *testing.T) {
	x, y, z := random[T](rand.New(rand.NewPCG(1, 2)), 1000), make([]T, 1000), make([]T, 1000)
	for _, f := range activationFuncs[T]() {
		if got := testing.AllocsPerRun(10, func() {
			f.f(y, x)
			if f.grad != nil {
				f.grad(z, y, x)
			}
		}); got != 0 {
			t.Errorf("%s allocates %g times, want never", f.name, got)
		}
	}
}

// A slice that is too short panics before anything is written past its end.
func TestShortSlicesOfActivationsPanic(t *testing.T) {
	eachPath(func(path string) {
		for _, f := range activationFuncs[float64]() {
			x, s := make([]float64, 24), make([]float64, 23)
			if !panics(func() { f.f(x, s[:23:23]) }) {
				t.Errorf("%s with a slice that is too short did not panic (path %s)", f.name, path)
			}
			if f.grad != nil && (!panics(func() { f.grad(x, s[:23:23], x) }) || !panics(func() { f.grad(x, x, s[:23:23]) })) {
				t.Errorf("the gradient of %s with a slice that is too short did not panic (path %s)", f.name, path)
			}
		}
	})
}
