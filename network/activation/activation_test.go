package activation

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/joust-bench/joust/network/kernel"
)

// values has f and f' at 1 and -1 for every function there is, to 10 digits.
var values = map[string]struct{ f1, fm1, d1, dm1 float64 }{
	"step":        {1, 0, 0, 0},
	"identity":    {1, -1, 1, 1},
	"sigmoid":     {.7310585786, .2689414214, .1966119332, .1966119332},
	"tanh":        {.7615941560, -.7615941560, .4199743416, .4199743416},
	"scaled-tanh": {.9999217117, -.9999217117, .7553955877, .7553955877},
	"softplus":    {1.3132616875, .3132616875, .7310585786, .2689414214},
	"softsign":    {.5, -.5, .25, .25},
	"relu":        {1, 0, 1, 0},
	"leaky-relu":  {1, -.01, 1, .01},
	"elu":         {1, -.6321205588, 1, .3678794412},
	"gelu":        {.8413447461, -.1586552539, 1.0833154706, -.0833154706},
	"gelu-tanh":   {.8411919906, -.1588080094, 1.0829640838, -.0829640838},
	"selu":        {1.0507009874, -1.1113307378, 1.0507009874, .6467686030},
	"swish":       {.7310585786, -.2689414214, .9276705119, .0723294881},
	"mish":        {.8650983883, -.3034014614, 1.0490362201, .0592167559},
	"gcu":         {.5403023059, -.5403023059, -.3011686789, -.3011686789},
	"squ":         {2, 0, 3, -1},
	"ncu":         {0, 0, -2, -2},
	"mcu":         {2, -2, 4, 4},
	"ssu":         {1.2343893035, -.6382952852, 1.3689807226, .2557263735},
	"dsu":         {.9363422944, -.9363422944, .8123535480, .8123535480},
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
	// At corners by convention, and where the sinc units divide 0 by 0 in the limit.
	for _, c := range []struct {
		name    string
		z, y, d float64
	}{
		{"step", 0, 0, 0},
		{"relu", 0, 0, 0},
		{"leaky-relu", 0, 0, leak},
		{"elu", 0, 0, 1},
		{"selu", 0, 0, 1.7580993408},
		{"gcu", 0, 0, 1},
		{"squ", 0, 0, 1},
		{"ncu", 0, 0, 1},
		{"ssu", 0, 0, 1},
		{"ssu", math.Pi, math.Pi, 0},
		{"dsu", 0, 0, 1},
		{"dsu", math.Pi, math.Pi / 2, -.25},
		{"dsu", -math.Pi, -math.Pi / 2, -.25},
	} {
		f, err := ByName(c.name)
		if err != nil {
			t.Fatal(err)
		}
		y := f.F(c.z)
		if d := f.D(c.z, y); math.Abs(y-c.y) > 1e-15 || math.Abs(d-c.d) > 1e-10 {
			t.Errorf("%s: f(%g) = %g, f' = %g, want %g, %g", f.Name, c.z, y, d, c.y, c.d)
		}
	}
}

func TestDerivativesByDifferences(t *testing.T) {
	for _, f := range All() {
		for k := range 20 {
			z := -4.75 + 0.5*float64(k) // never 0, where some have a corner
			switch k {
			case 3: // near the poles of SSU and DSU, and at them
				z = -math.Pi
			case 15:
				z = math.Pi
			case 16:
				z = math.Pi + 1e-6
			}
			const h = 1e-5
			want := (f.F(z+h) - f.F(z-h)) / (2 * h)
			// Rounding of values, divided by h; and those of the cubic units are
			// about 100.
			if got := f.D(z, f.F(z)); math.Abs(got-want) > 1e-9*max(1, math.Abs(f.F(z))) {
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

// SupDeriv is reached, but for the distance of the points, and not exceeded.
func TestSupDeriv(t *testing.T) {
	for _, f := range All() {
		sup := 0.
		for k := range 80*1024 + 1 {
			z := -40 + float64(k)/1024
			sup = max(sup, math.Abs(f.D(z, f.F(z))))
		}
		if math.IsInf(f.SupDeriv, 1) {
			if sup < 39 {
				t.Errorf("%s: SupDeriv = +Inf, but f' is at most %g", f.Name, sup)
			}
		} else if sup > f.SupDeriv*(1+1e-12) || sup < f.SupDeriv-1e-6 {
			t.Errorf("%s: SupDeriv = %.12g, want %.12g", f.Name, f.SupDeriv, sup)
		}
	}
}

// A smooth function's derivative does not jump; a corner's does, and the value of a
// step.
func TestSmooth(t *testing.T) {
	for _, f := range All() {
		const step = 1.0 / 1024
		jump, lastY := 0., f.F(-4)
		last := f.D(-4, lastY)
		for k := range 8*1024 + 1 {
			z := -4 + step*float64(k)
			y := f.F(z)
			d := f.D(z, y)
			jump = max(jump, math.Abs(d-last)/max(1, math.Abs(d)))
			if math.Abs(y-lastY) > 0.5 {
				jump = math.Inf(1)
			}
			last, lastY = d, y
		}
		if smooth := jump < 0.008; smooth != f.Smooth {
			t.Errorf("%s: Smooth = %t, but f' jumps by %g", f.Name, f.Smooth, jump)
		}
	}
}

func TestKernelsAgree(t *testing.T) {
	for _, f := range All() {
		t.Run(f.Name, func(t *testing.T) {
			// A few units in the last place: of values, and for derivatives of
			// the numbers that they are made of, which are near 1 or as large as z.
			testKernels[float64](t, f, 8*0x1p-53)
			testKernels[float32](t, f, 8*0x1p-24)
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
		size := 0.
		if strings.HasPrefix(f.Name, "gelu") || slices.Contains([]string{"gcu", "ssu", "dsu"}, f.Name) {
			// Package math loses digits where the value is small, which the kernels
			// keep: theirs are held to arbitrary precision elsewhere.
			size = max(1, math.Abs(float64(z[j])))
		}
		if want := f.F(float64(z[j])); math.Abs(float64(y[j])-want) > tolerance*max(size, math.Abs(want)) {
			t.Errorf("%T: f(%g) = %g, want %g", z[j], z[j], y[j], want)
		}
		d := f.D(float64(z[j]), f.F(float64(z[j])))
		want := float64(dy[j]) * d
		if f.Name == "mish" { // its scalar form takes 1 - t^2 from t
			size = math.Abs(float64(z[j]))
		}
		if size = max(1, size, math.Abs(d)); math.Abs(float64(dx[j])-want) > tolerance*size*math.Abs(float64(dy[j])) {
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
		for _, name := range append([]string{f.Name}, f.Also...) {
			if got, err := ByName(name); err != nil || got.Name != f.Name {
				t.Errorf("ByName(%q) = %q, %v, want %s", name, got.Name, err, f.Name)
			}
			if seen[name] && name != f.Name {
				t.Errorf("%s: the name %s is another's", f.Name, name)
			}
			seen[name] = true
		}
	}
	_, err := ByName("softmax")
	if err == nil {
		t.Fatal(`ByName("softmax"): no error`)
	}
	for _, f := range All() {
		if !strings.Contains(err.Error(), f.Name) {
			t.Errorf("ByName(%q): error %q does not name %s", "softmax", err, f.Name)
		}
	}
}
