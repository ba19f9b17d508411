package activation

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/joust-bench/joust/network/kernel"
)

// values has f and f' at 1 and -1 for every function there is, to 10 digits.
var values = map[string]struct{ f1, fm1, d1, dm1 float64 }{
	"sigmoid": {.7310585786, .2689414214, .1966119332, .1966119332},
	"tanh":    {.7615941560, -.7615941560, .4199743416, .4199743416},
	"relu":    {1, 0, 1, 0},
}

func TestValues(t *testing.T) {
	for _, f := range All() {
		want, ok := values[f.Name]
		if !ok {
			t.Errorf("%s: no values to test it against", f.Name)
			continue
		}
		for _, c := range []struct {
			what      string
			got, want float64
		}{
			{"f(1)", f.F(1), want.f1},
			{"f(-1)", f.F(-1), want.fm1},
			{"f'(1)", f.D(1, f.F(1)), want.d1},
			{"f'(-1)", f.D(-1, f.F(-1)), want.dm1},
		} {
			if math.Abs(c.got-c.want) > 1e-10 {
				t.Errorf("%s: %s = %.12g, want %.10g", f.Name, c.what, c.got, c.want)
			}
		}
	}
	relu, _ := ByName("relu")
	if got := relu.D(0, 0); got != 0 {
		t.Errorf("relu: f'(0) = %g, want 0", got)
	}
}

func TestDerivativesByDifferences(t *testing.T) {
	for _, f := range All() {
		for k := range 20 {
			z := -4.75 + 0.5*float64(k) // never 0, where some have a corner
			const h = 1e-5
			want := (f.F(z+h) - f.F(z-h)) / (2 * h)
			if got := f.D(z, f.F(z)); math.Abs(got-want) > 1e-9 {
				t.Errorf("%s: f'(%g) = %.12g, want %.12g", f.Name, z, got, want)
			}
		}
	}
}

// Far from 0 values stay finite and keep their digits, and NaN stays NaN.
func TestFarFromZero(t *testing.T) {
	for _, f := range All() {
		for _, z := range []float64{-1000, -40, 40, 1000} {
			if y := f.F(z); math.IsNaN(y) || math.IsInf(y, 0) || math.IsNaN(f.D(z, y)) {
				t.Errorf("%s(%g) = %g, f' = %g, want numbers", f.Name, z, y, f.D(z, y))
			}
		}
		if y := f.F(math.NaN()); !math.IsNaN(y) {
			t.Errorf("%s(NaN) = %g, want NaN", f.Name, y)
		}
	}
	if got, want := sigmoid.F(-40), 4.248354255291589e-18; math.Abs(got/want-1) > 1e-14 { // e^-40 / (1 + e^-40)
		t.Errorf("sigmoid(-40) = %g, want %g", got, want)
	}
}

// SupDeriv is reached, and not exceeded; a smooth function's derivative does not
// jump, a corner's does.
func TestShape(t *testing.T) {
	for _, f := range All() {
		const step = 1.0 / 1024
		sup, jump, last := 0., 0., f.D(-8, f.F(-8))
		for k := range 16*1024 + 1 {
			z := -8 + step*float64(k)
			d := f.D(z, f.F(z))
			sup, jump, last = max(sup, math.Abs(d)), max(jump, math.Abs(d-last)), d
		}
		if math.Abs(sup-f.SupDeriv) > 1e-12 {
			t.Errorf("%s: SupDeriv = %g, want %g", f.Name, f.SupDeriv, sup)
		}
		if smooth := jump < 0.01; smooth != f.Smooth {
			t.Errorf("%s: Smooth = %t, but f' jumps by %g", f.Name, f.Smooth, jump)
		}
	}
}

func TestKernelsAgree(t *testing.T) {
	for _, f := range All() {
		t.Run(f.Name, func(t *testing.T) {
			// A few units in the last place: of values, and for derivatives of
			// the numbers near 1 that they are made of.
			testKernels[float64](t, f, 6*0x1p-53)
			testKernels[float32](t, f, 6*0x1p-24)
		})
	}
}

func testKernels[T kernel.Float](t *testing.T, f Func, tolerance float64) {
	rng := rand.New(rand.NewPCG(1, 2))
	const n = 300
	z, y, dy, dx := make([]T, n), make([]T, n), make([]T, n), make([]T, n)
	for j := range z {
		z[j], dy[j] = T(rng.NormFloat64()*6), T(rng.NormFloat64())
	}
	z[0], z[1], z[2] = 0, 40, -40
	k := Of[T](f)
	k.Forward(y, z)
	k.Grad(dx, dy, z, y)
	for j := range z {
		if want := f.F(float64(z[j])); math.Abs(float64(y[j])-want) > tolerance*math.Abs(want) {
			t.Errorf("%T: f(%g) = %g, want %g", z[j], z[j], y[j], want)
		}
		want := float64(dy[j]) * f.D(float64(z[j]), f.F(float64(z[j])))
		if math.Abs(float64(dx[j])-want) > tolerance*math.Abs(float64(dy[j])) {
			t.Errorf("%T: dy f'(%g) = %g, want %g", z[j], z[j], dx[j], want)
		}
	}
	// In place, and without the input where it is not needed.
	if f.FromOutput {
		k.Grad(dy, dy, nil, y)
	} else {
		k.Grad(dy, dy, z, y)
	}
	k.Forward(z, z)
	for j := range z {
		if z[j] != y[j] || dx[j] != dy[j] {
			t.Fatalf("%T: element %d in place: f = %g, gradient %g, want %g, %g", z[j], j, z[j], dy[j], y[j], dx[j])
		}
	}
}

func TestList(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range All() {
		if f.Name == "" || f.Summary == "" || len(f.Refs) == 0 {
			t.Errorf("%q: name, summary %q and references %q must not be empty", f.Name, f.Summary, f.Refs)
		}
		if seen[f.Name] {
			t.Errorf("%s: twice", f.Name)
		}
		seen[f.Name] = true
		if got, err := ByName(f.Name); err != nil || got.Name != f.Name {
			t.Errorf("ByName(%q) = %q, %v", f.Name, got.Name, err)
		}
	}
	_, err := ByName("softmax")
	if err == nil {
		t.Fatal(`ByName("softmax"): no error`)
	}
	for name := range seen {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("ByName(%q): error %q does not name %s", "softmax", err, name)
		}
	}
}
