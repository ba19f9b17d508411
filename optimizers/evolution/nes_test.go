package evolution

import (
	"math"
	"testing"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/opttest"
)

// Median evaluations to 1e-8 of 25 seeds, from zero with sigma 1, of programs in
// Python that were written down from Wierstra et al. 2014, without mirrored samples.
func TestNESTakesAsManyEvaluationsAsItShould(t *testing.T) {
	for _, c := range []struct {
		def      optimizers.Definition
		config   string
		function string
		n        int
		want     float64
	}{
		{SNES, `{"sigma": 1, "mirrored": false}`, "sphere", 10, 1880},
		{SNES, `{"sigma": 1}`, "sphere", 10, 1880}, // mirrored
		{SNES, `{"sigma": 1, "mirrored": false}`, "ellipsoid", 10, 2740},
		{SNES, `{"sigma": 1}`, "ellipsoid", 10, 2740}, // mirrored
		{SNES, `{"sigma": 1, "mirrored": false}`, "sphere", 20, 4104},
		{SNES, `{"sigma": 1}`, "sphere", 20, 4104}, // mirrored
		{SNES, `{"sigma": 1, "mirrored": false}`, "ellipsoid", 20, 5712},
		{SNES, `{"sigma": 1}`, "ellipsoid", 20, 5712}, // mirrored
		{XNES, `{"sigma": 1}`, "sphere", 10, 6150},
		{XNES, `{"sigma": 1}`, "ellipsoid", 10, 8910},
		{XNES, `{"sigma": 1}`, "rotated-ellipsoid", 10, 8950},
		{XNES, `{"sigma": 1}`, "rosenbrock", 10, 10470},
	} {
		s := opttest.Search{Definition: c.def, Config: c.config, Function: opttest.NewFunction(c.function, c.n), Limit: 200_000}
		tally, err := s.Tally(25)
		if err != nil {
			t.Fatal(err)
		}
		if tally.Solved != 25 || math.Abs(tally.Median/c.want-1) > 0.15 {
			t.Errorf("%s %s on %s, n = %d: median of %g evaluations, %d of 25 solved, want %g within 15 %%, all solved",
				c.def.Name, c.config, c.function, c.n, tally.Median, tally.Solved, c.want)
		}
	}
}

// One step size for each weight is of no use where weights depend on each other:
// the same programs did not solve it in 200,000 evaluations either.
func TestSNESFailsOnTheRotatedEllipsoid(t *testing.T) {
	s := opttest.Search{Definition: SNES, Config: `{"sigma": 1}`, Function: opttest.NewFunction("rotated-ellipsoid", 10), Limit: 50_000}
	tally, err := s.Tally(5)
	if err != nil {
		t.Fatal(err)
	}
	if tally.Solved != 0 {
		t.Errorf("%d of 5 solved, want none", tally.Solved)
	}
}

// exp of [[a b] [b a]] is e^a [[cosh b, sinh b] [sinh b, cosh b]].
func TestExpmOfTwoByTwo(t *testing.T) {
	for _, c := range [][2]float64{{0, 0}, {0.01, -0.02}, {0.3, 0.1}, {-2, 1.5}, {1, -7}, {-20, 1}} {
		a, b := c[0], c[1]
		got := make([]float64, 4)
		expm(got, []float64{a, b, b, a}, 2, make([]float64, 4), make([]float64, 4))
		cosh, sinh := math.Exp(a)*math.Cosh(b), math.Exp(a)*math.Sinh(b)
		for i, want := range []float64{cosh, sinh, sinh, cosh} {
			if math.Abs(got[i]-want) > 1e-13*cosh {
				t.Errorf("a = %v, b = %v: element %d is %v, want %v", a, b, i, got[i], want)
			}
		}
	}
}

// e^A e^-A = I for a matrix that is not special.
func TestExpmHasItsInverse(t *testing.T) {
	const n = 7
	a, minus := make([]float64, n*n), make([]float64, n*n)
	for i := range n {
		for j := range n {
			a[i*n+j] = math.Sin(float64(1 + i + j + i*j))
			minus[i*n+j] = -a[i*n+j]
		}
	}
	term, next := make([]float64, n*n), make([]float64, n*n)
	e, inverse := make([]float64, n*n), make([]float64, n*n)
	expm(e, a, n, term, next)
	expm(inverse, minus, n, term, next)
	for i := range n {
		for j := range n {
			sum, want := 0.0, 0.0
			if i == j {
				want = 1
			}
			for k := range n {
				sum += e[i*n+k] * inverse[k*n+j]
			}
			if math.Abs(sum-want) > 1e-11 {
				t.Errorf("element %d, %d of the product is %v, want %v", i, j, sum, want)
			}
		}
	}
}
