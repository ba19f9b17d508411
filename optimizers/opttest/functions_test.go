package opttest_test

import (
	"math"
	"testing"

	"github.com/joust-bench/joust/optimizers/noise"
	"github.com/joust-bench/joust/optimizers/opttest"
)

func TestFunctionsHaveTheirMinimumAndGradient(t *testing.T) {
	const n = 6
	for _, name := range opttest.Functions() {
		f := opttest.NewFunction(name, n)
		grad := make([]float64, n)
		if loss := f.Loss(f.Optimum, grad); loss > 1e-25 || loss < 0 {
			t.Errorf("%s: %g at the optimum, want 0", name, loss)
		}
		for i, g := range grad {
			if math.Abs(g) > 1e-9 {
				t.Errorf("%s: gradient %d is %g at the optimum, want 0", name, i, g)
			}
		}
		x := make([]float64, n)
		noise.Normal(x, 3, 0, 0)
		if f.Loss(x, grad) <= 0 {
			t.Errorf("%s: not positive elsewhere", name)
		}
		for i := range x {
			const h = 1e-5
			v := x[i]
			x[i] = v + h
			up := f.Loss(x, nil)
			x[i] = v - h
			down := f.Loss(x, nil)
			x[i] = v
			want := (up - down) / (2 * h)
			// The difference loses the digits that the losses share.
			if tol := 1e-5*max(1, math.Abs(want)) + 1e-15*up/h; math.Abs(grad[i]-want) > tol {
				t.Errorf("%s: gradient %d = %g, want %g", name, i, grad[i], want)
			}
		}
	}
}

// Values by hand: z = (1, 1) from the optimum (1, -1.5).
func TestFunctionsByHand(t *testing.T) {
	for name, want := range map[string]float64{
		"sphere":     2,
		"ellipsoid":  1 + 1e6,
		"rosenbrock": 100*(4-2)*(4-2) + 1, // y = (2, 2)
		"rastrigin":  2,                   // the cosines are 1
	} {
		f := opttest.NewFunction(name, 2)
		if got := f.Loss([]float64{2, -0.5}, nil); math.Abs(got-want) > 1e-9*want {
			t.Errorf("%s = %g, want %g", name, got, want)
		}
	}
	// A rotation keeps lengths: as far from the optimum along each of its axes.
	r, e := opttest.NewFunction("rotated-ellipsoid", 3), opttest.NewFunction("ellipsoid", 3)
	trace := func(f *opttest.Function) float64 {
		sum := 0.0
		for i := range 3 {
			x := append([]float64(nil), f.Optimum...)
			x[i]++
			sum += f.Loss(x, nil)
		}
		return sum
	}
	if got, want := trace(r), trace(e); math.Abs(got-want) > 1e-9*want {
		t.Errorf("trace of the rotated ellipsoid %g, want %g", got, want)
	}
	if x := []float64{2, -0.5, 2}; r.Loss(x, nil) == e.Loss(x, nil) {
		t.Error("the rotated ellipsoid is not rotated")
	}
}
