package kernel

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// functions are the ones that round, with the largest error that their doc
// comments admit, in units in the last place, at either precision.
var functions = []struct {
	name     string
	f64      func(dst, src []float64)
	f32      func(dst, src []float32)
	exact    func(*big.Float) *big.Float
	math     func(float64) float64 // the same in float64, to a few units
	min, max float64               // arguments to try, up to the limits of its results
	want     float64
}{
	{"Exp", Exp[float64], Exp[float32], bigExp, math.Exp, -800, 800, 1.1},
	{"Log", Log[float64], Log[float32], bigLog, math.Log, 0, math.MaxFloat64, 0.9},
	{"log1p", each(log1p[float64]), each(log1p[float32]), bigLog1p, math.Log1p, 0, 1, 1.5},
	{"Tanh", Tanh[float64], Tanh[float32], bigTanh, math.Tanh, -50, 50, 2.7},
	{"Sigmoid", Sigmoid[float64], Sigmoid[float32], bigSigmoid, refSigmoid, -800, 800, 2.5},
	{"Sin", Sin[float64], Sin[float32], bigSin, refSin, -math.MaxFloat64, math.MaxFloat64, 2.5},
	{"Cos", Cos[float64], Cos[float32], bigCos, refCos, -math.MaxFloat64, math.MaxFloat64, 2.5},
}

func each[T Float](f func(T) T) func(dst, src []T) {
	return func(dst, src []T) {
		for j, x := range src {
			dst[j] = f(x)
		}
	}
}

// refSigmoid in float64 stands for the exact one in tests of float32.
func refSigmoid(z float64) float64 {
	if z < 0 {
		return math.Exp(z) / (1 + math.Exp(z))
	}
	return 1 / (1 + math.Exp(-z))
}

// Against arbitrary precision, over all magnitudes of arguments, denormal
// arguments and denormal results.
func TestFunctions64(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 14))
	for _, f := range functions {
		x := []float64{f.min, f.max, 1, 0.5, 2, 0x1p-1022, 0x1p-1074, 0x1.fffffffffffffp-1023, math.Sqrt2, math.Ln2 / 2, 88, 709.78, 710}
		for range 600 {
			x = append(x,
				math.Ldexp(1+rng.Float64(), rng.IntN(2000)-1000),
				math.Ldexp(1+rng.Float64(), rng.IntN(40)-30),
				rng.Float64()*2, rng.Float64()*40, 700+rng.Float64()*50)
		}
		if f.min < 0 {
			for _, v := range x {
				x = append(x, -v)
			}
		}
		worst, at := 0., 0.
		in, out := []float64{0}, []float64{0}
		for _, v := range x {
			if v < f.min || v > f.max || v == 0 {
				continue
			}
			in[0] = v
			f.f64(out, in)
			want := f.exact(newBig(v))
			if w, _ := want.Float64(); math.IsInf(w, 0) {
				if out[0] != w {
					t.Errorf("%s(%g) = %g, want %g", f.name, v, out[0], w)
				}
				continue
			}
			if e := ulps(out[0], want); e > worst {
				worst, at = e, v
			}
		}
		t.Logf("%s, float64: largest error %.2f units in the last place, at %g", f.name, worst, at)
		if worst > f.want {
			t.Errorf("%s(%g): error %.2f units in the last place, want at most %g", f.name, at, worst, f.want)
		}
	}
}

// Against float64, whose errors are nothing at float32, over the whole range of
// bit patterns.
func TestFunctions32(t *testing.T) {
	const stride = 20011 // 200,000 points
	for _, f := range functions {
		worst, at := 0., float32(0)
		in, out := []float32{0}, []float32{0}
		for b := uint64(1); b < 1<<32; b += stride {
			x := math.Float32frombits(uint32(b))
			if !(float64(x) >= f.min && float64(x) <= f.max) || x == 0 {
				continue
			}
			in[0] = x
			f.f32(out, in)
			want := f.math(float64(x))
			if math.IsInf(float64(float32(want)), 1) {
				if out[0] < math.MaxFloat32 {
					t.Errorf("%s(%g) = %g, want +Inf", f.name, x, out[0])
				}
				continue
			}
			// No big numbers here, for speed.
			_, e := math.Frexp(want)
			unit := math.Ldexp(1, max(e-24, -149))
			if e := math.Abs(float64(out[0])-want) / unit; !(e <= worst) {
				worst, at = e, x
			}
		}
		t.Logf("%s, float32: largest error %.2f units in the last place, at %g", f.name, worst, at)
		if !(worst <= f.want) {
			t.Errorf("%s(%g): error %.2f units in the last place, want at most %g", f.name, at, worst, f.want)
		}
	}
}

func TestSpecialValues(t *testing.T) { both(t, testSpecialValues[float64], testSpecialValues[float32]) }

func testSpecialValues[T Float](t *testing.T) {
	inf, nan, zero, least := T(math.Inf(1)), T(math.NaN()), T(math.Copysign(0, -1)), T(0x1p-149)
	if double[T]() {
		least = T(math.Float64frombits(1))
	}
	for _, c := range []struct {
		name string
		f    func(dst, src []T)
		x, y T
	}{
		{"Exp", Exp[T], nan, nan},
		{"Exp", Exp[T], inf, inf},
		{"Exp", Exp[T], -inf, 0},
		{"Exp", Exp[T], 0, 1},
		{"Exp", Exp[T], zero, 1},
		{"Exp", Exp[T], -least, 1},
		{"Exp", Exp[T], 1e30, inf},
		{"Exp", Exp[T], -1e30, 0},
		{"Log", Log[T], nan, nan},
		{"Log", Log[T], inf, inf},
		{"Log", Log[T], -inf, nan},
		{"Log", Log[T], -least, nan},
		{"Log", Log[T], -1, nan},
		{"Log", Log[T], 0, -inf},
		{"Log", Log[T], zero, -inf},
		{"Log", Log[T], 1, 0},
		{"Sigmoid", Sigmoid[T], nan, nan},
		{"Sigmoid", Sigmoid[T], inf, 1},
		{"Sigmoid", Sigmoid[T], -inf, 0},
		{"Sigmoid", Sigmoid[T], 0, 0.5},
		{"Sigmoid", Sigmoid[T], zero, 0.5},
		{"Tanh", Tanh[T], nan, nan},
		{"Tanh", Tanh[T], inf, 1},
		{"Tanh", Tanh[T], -inf, -1},
		{"Tanh", Tanh[T], 20, 1},
		{"Tanh", Tanh[T], -1e30, -1},
		{"Tanh", Tanh[T], 0, 0},
		{"Tanh", Tanh[T], zero, zero},
		{"Tanh", Tanh[T], least, least},
		{"Tanh", Tanh[T], -3 * least, -3 * least},
		{"Sin", Sin[T], nan, nan},
		{"Sin", Sin[T], inf, nan},
		{"Sin", Sin[T], -inf, nan},
		{"Sin", Sin[T], 0, 0},
		{"Sin", Sin[T], zero, zero},
		{"Sin", Sin[T], least, least},
		{"Sin", Sin[T], -3 * least, -3 * least},
		{"Cos", Cos[T], nan, nan},
		{"Cos", Cos[T], inf, nan},
		{"Cos", Cos[T], -inf, nan},
		{"Cos", Cos[T], 0, 1},
		{"Cos", Cos[T], zero, 1},
		{"Cos", Cos[T], -least, 1},
		{"ReLU", ReLU[T], nan, nan},
		{"ReLU", ReLU[T], inf, inf},
		{"ReLU", ReLU[T], -inf, 0},
		{"ReLU", ReLU[T], 0, 0},
		{"ReLU", ReLU[T], zero, zero},
		{"ReLU", ReLU[T], least, least},
		{"ReLU", ReLU[T], -least, 0},
	} {
		y := []T{c.x}
		if c.f(y, y); bits(y[0]) != bits(c.y) {
			t.Errorf("%s(%g) = %g, want %g", c.name, c.x, y[0], c.y)
		}
	}
}

// The last finite and the least positive results, from published limits of the
// two formats (ln of the greatest number, and of half the least).
func TestExpLimits(t *testing.T) {
	x := []float64{0x1.62e42fefa39efp9, 0x1.62e42fefa39fp9, -0x1.74910d52d3051p9, -0x1.74910d52d3052p9}
	Exp(x, x)
	if x[0] > math.MaxFloat64 || x[1] != math.Inf(1) || x[2] != 0x1p-1074 || x[3] != 0 {
		t.Errorf("float64: %g, want finite, +Inf, 5e-324, 0", x)
	}
	y := []float32{0x1.62e42ep6, 0x1.62e43p6, -0x1.9fe368p6, -0x1.9fe36ap6}
	Exp(y, y)
	if y[0] > math.MaxFloat32 || y[1] < math.MaxFloat32 || y[2] != 0x1p-149 || y[3] != 0 {
		t.Errorf("float32: %g, want finite, +Inf, 1e-45, 0", y)
	}
}

func TestTanhIsOddAndBounded(t *testing.T) {
	rng := rand.New(rand.NewPCG(15, 16))
	for range 10000 {
		x := rng.Float64() * 25
		y := []float64{x, -x}
		if Tanh(y, y); y[0] != -y[1] || y[0] > 1 {
			t.Fatalf("tanh(+-%g) = %g, want two opposite numbers within 1", x, y)
		}
	}
}

func TestElementwiseEverywhereTheSame(t *testing.T) {
	both(t, testElementwise[float64], testElementwise[float32])
}

// An element's result depends neither on where it is nor on the length of the
// slice; results may replace any argument; nothing else is written.
func testElementwise[T Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(17, 18))
	unary := func(f func(dst, src []T)) func(dst, dy, y []T) { return func(dst, dy, _ []T) { f(dst, dy) } }
	for _, f := range []struct {
		name string
		f    func(dx, dy, y []T)
	}{
		{"Exp", unary(Exp[T])},
		{"Log", unary(Log[T])},
		{"Sigmoid", unary(Sigmoid[T])},
		{"Tanh", unary(Tanh[T])},
		{"ReLU", unary(ReLU[T])},
		{"Sin", unary(Sin[T])},
		{"Cos", unary(Cos[T])},
		{"SinGrad", SinGrad[T]},
		{"CosGrad", CosGrad[T]},
		{"SigmoidGrad", SigmoidGrad[T]},
		{"TanhGrad", TanhGrad[T]},
		{"ReLUGrad", ReLUGrad[T]},
	} {
		for n := range 70 {
			dy, y := newMatrix[T](rng, 1, n, n), newMatrix[T](rng, 1, n, n)
			got, over, overY := newMatrix[T](rng, 1, n, n), dy.clone(), y.clone()
			f.f(got.data, dy.data, y.data)
			f.f(over.data, over.data, y.data)
			f.f(overY.data, dy.data, overY.data)
			got.check(t, f.name)
			for j := range n {
				want := []T{0}
				f.f(want, dy.data[j:][:1], y.data[j:][:1])
				if !equal(want, got.data[j:][:1]) || !equal(want, over.data[j:][:1]) || !equal(want, overY.data[j:][:1]) {
					t.Fatalf("%s, n = %d, element %d: %v, in place %v and %v, alone %v",
						f.name, n, j, got.data[j], over.data[j], overY.data[j], want[0])
				}
			}
		}
	}
}

func TestDerivatives(t *testing.T) { both(t, testDerivatives[float64], testDerivatives[float32]) }

func testDerivatives[T Float](t *testing.T) {
	inf, nan := T(math.Inf(1)), T(math.NaN())
	rng := rand.New(rand.NewPCG(19, 20))
	for range 1000 {
		dy, y := []T{T(rng.NormFloat64())}, []T{T(rng.Float64())}
		dx := []T{0}
		SigmoidGrad(dx, dy, y)
		left := bigFMA(-1, y[0], 1)
		if want := bigFMA(dy[0], bigFMA(y[0], left, 0), 0); dx[0] != want {
			t.Fatalf("SigmoidGrad(%g, %g) = %g, want %g", dy, y, dx, want)
		}
		TanhGrad(dx, dy, y)
		if want := bigFMA(dy[0], bigFMA(-y[0], y[0], 1), 0); dx[0] != want {
			t.Fatalf("TanhGrad(%g, %g) = %g, want %g", dy, y, dx, want)
		}
	}
	for _, c := range []struct{ dy, y, want T }{
		{3, 2, 3},
		{3, 0, 0},
		{-3, 0, 0},
		{-3, 1, -3},
		{3, T(math.Copysign(0, -1)), 0},
		{nan, 1, nan},
		{nan, 0, 0},
		{inf, 0, 0},
		{3, inf, 3},
		{3, nan, 3},
	} {
		dx := []T{7}
		if ReLUGrad(dx, []T{c.dy}, []T{c.y}); bits(dx[0]) != bits(c.want) {
			t.Errorf("ReLUGrad(%g, %g) = %g, want %g", c.dy, c.y, dx[0], c.want)
		}
	}
}
