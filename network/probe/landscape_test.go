package probe

import (
	"math"
	"slices"
	"testing"
)

// quadratic is x'Ax/2 for a symmetric A.
func quadratic(a []float64) Function {
	return func(x, g []float64) float64 {
		n, f := len(x), 0.0
		for i := range x {
			g[i] = 0
			for j := range x {
				g[i] += a[i*n+j] * x[j]
			}
			f += x[i] * g[i] / 2
		}
		return f
	}
}

// turned has these eigenvalues, along the columns of q.
func turned(q, eigenvalues []float64) []float64 {
	n := len(eigenvalues)
	return product(product(q, diagonal(eigenvalues, n, n), n, n, n), transposed(q, n), n, n, n)
}

// The Hessian of x'Ax/2 is A everywhere. Its largest eigenvalue is found among
// others of either sign, negative ones of larger size too.
func TestSharpnessOfQuadratics(t *testing.T) {
	rng := newRand(1)
	for _, eigenvalues := range [][]float64{
		{5, 2, 1, 0.5, 0, -1},
		{5, 2, 1, -3},
		{3, 1, 0, -7},
		{-1, -4, -9},
		{1e-8, 1e-9, 0},
		{1e9, 1, -1},
	} {
		n := len(eigenvalues)
		w := make([]float64, n)
		for i := range w {
			w[i] = 3 * rng.NormFloat64()
		}
		want := slices.Max(eigenvalues)
		size := math.Abs(slices.MaxFunc(eigenvalues, func(a, b float64) int { return int(math.Copysign(1, math.Abs(a)-math.Abs(b))) }))
		got := Sharpness(quadratic(turned(orthogonal(rng, n), eigenvalues)), w)
		within(t, "sharpness", got, want, 1e-6*size)
	}
	// More dimensions than products: from below, within a percent.
	many := make([]float64, 60)
	for i := range many {
		many[i] = float64(i) - 40
	}
	many[59] = 25
	got := Sharpness(quadratic(turned(orthogonal(rng, 60), many)), make([]float64, 60))
	if !(got > 0.99*25 && got <= 25+1e-6) {
		t.Errorf("sharpness %v, want a little less than 25", got)
	}
	if got := Sharpness(func(_, g []float64) float64 { clear(g); return 1 }, []float64{1, 2}); got != 0 {
		t.Errorf("sharpness of a plain %v, want 0", got)
	}
	// Not only quadratics: the second derivative of e^(2x) is 4 e^(2x).
	got = Sharpness(func(w, g []float64) float64 { g[0] = 2 * math.Exp(2*w[0]); return g[0] / 2 }, []float64{0.3})
	within(t, "sharpness of e^2x", got, 4*math.Exp(0.6), 1e-6)
}

// Along a quadratic, from w with g = A w: at a length s the gradient has changed by
// s A g/|g|, and the loss by -s |g| + s^2 g'Ag/(2 |g|^2).
func TestWalkOnQuadratics(t *testing.T) {
	rng := newRand(2)
	q := orthogonal(rng, 3)
	a := turned(q, []float64{4, 2, 1})
	along := func(k int) []float64 { return []float64{2 * q[k], 2 * q[3+k], 2 * q[6+k]} } // of norm 2
	for k, lambda := range []float64{4, 2, 1} {
		l := Walk(quadratic(a), along(k))
		within(t, "beta along an eigenvector", l.Beta, lambda, 1e-9)
		// The longest way is 0.2, and the gradient is 2 lambda.
		within(t, "change along an eigenvector", l.Change, 0.2*lambda/(2*lambda), 1e-12)
		within(t, "range along an eigenvector", l.Range, 0.2*2*lambda-0.2*0.2*lambda/2, 1e-12)
	}
	w := []float64{1, -0.3, 0.7}
	g, ag := make([]float64, 3), make([]float64, 3)
	quadratic(a)(w, g)
	quadratic(a)(g, ag)
	if l := Walk(quadratic(a), w); true {
		want := math.Sqrt(dot(ag, ag) / dot(g, g))
		within(t, "beta", l.Beta, want, 1e-9)
		if !(l.Beta <= 4) {
			t.Errorf("beta %v, want at most the largest eigenvalue, 4", l.Beta)
		}
		within(t, "change", l.Change, 0.1*math.Sqrt(dot(w, w))*want/math.Sqrt(dot(g, g)), 1e-12)
	}
	if l := Walk(quadratic(a), []float64{0, 0, 0}); l != (Landscape{}) {
		t.Errorf("at a minimum: %+v, want nothing", l)
	}
	// A linear loss has one gradient.
	l := Walk(func(w, g []float64) float64 { g[0], g[1] = 3, 4; return 3*w[0] + 4*w[1] }, []float64{0, 0})
	if l.Change != 0 || l.Beta != 0 {
		t.Errorf("on a plane: %+v, want no change", l)
	}
	within(t, "range on a plane", l.Range, 0.5, 1e-14)
}
