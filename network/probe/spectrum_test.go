package probe

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func within(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s = %.12g, want %.12g to %g", what, got, want, tolerance)
	}
}

// identity is n x n.
func identity(n int) []float64 {
	a := make([]float64, n*n)
	for i := range n {
		a[i*n+i] = 1
	}
	return a
}

// product is a b for matrices m x k and k x n, by rows.
func product(a, b []float64, m, k, n int) []float64 {
	c := make([]float64, m*n)
	for i := range m {
		for p := range k {
			for j := range n {
				c[i*n+j] += a[i*k+p] * b[p*n+j]
			}
		}
	}
	return c
}

// orthogonal is a random rotation, a product of plane ones: nothing that is tested
// here is used.
func orthogonal(rng *rand.Rand, n int) []float64 {
	q := identity(n)
	for i := range n {
		for j := range i {
			s, c := math.Sincos(2 * math.Pi * rng.Float64())
			for k := range n {
				q[i*n+k], q[j*n+k] = c*q[i*n+k]-s*q[j*n+k], s*q[i*n+k]+c*q[j*n+k]
			}
		}
	}
	return q
}

func diagonal(s []float64, m, n int) []float64 {
	a := make([]float64, m*n)
	for i, v := range s {
		a[i*n+i] = v
	}
	return a
}

func TestRanks(t *testing.T) {
	for _, n := range []int{1, 2, 7, 40} {
		s := SingularValues(identity(n), n, n)
		within(t, "effective rank of the identity", EffectiveRank(s), float64(n), 1e-10*float64(n))
		within(t, "stable rank of the identity", StableRank(s), float64(n), 1e-10*float64(n))
	}
	rng := newRand(1)
	one := make([]float64, 30*12)
	u := make([]float64, 30)
	for i := range u {
		u[i] = rng.NormFloat64()
	}
	for j := range 12 {
		v := rng.NormFloat64()
		for i := range u {
			one[i*12+j] = 1e-170 * u[i] * v
		}
	}
	s := SingularValues(one, 30, 12)
	within(t, "effective rank of rank 1", EffectiveRank(s), 1, 1e-12)
	within(t, "stable rank of rank 1", StableRank(s), 1, 1e-12)
	// p = .5, .25, .25: exp(1.5 ln 2).
	within(t, "effective rank of 2, 1, 1", EffectiveRank([]float64{2, 1, 1}), math.Pow(2, 1.5), 1e-12)
	within(t, "stable rank of 2, 1, 1", StableRank([]float64{2, 1, 1}), 1.5, 1e-12)
	for _, none := range [][]float64{nil, {0, 0}} {
		if e, s := EffectiveRank(none), StableRank(none); e != 0 || s != 0 {
			t.Errorf("ranks of %v: %v and %v, want 0", none, e, s)
		}
	}
}

// Singular values that were put in come out, of wide, high and square matrices.
func TestSingularValues(t *testing.T) {
	rng := newRand(2)
	for _, tt := range []struct{ m, n int }{{1, 1}, {1, 9}, {9, 1}, {2, 2}, {3, 8}, {8, 3}, {40, 40}, {70, 30}} {
		k := min(tt.m, tt.n)
		want := make([]float64, k)
		for i := range want {
			want[i] = math.Pow(10, -3*rng.Float64())
		}
		if k > 2 {
			want[1] = want[0] // twice the same
		}
		a := product(product(orthogonal(rng, tt.m), diagonal(want, tt.m, tt.n), tt.m, tt.m, tt.n), orthogonal(rng, tt.n), tt.m, tt.n, tt.n)
		slices.Sort(want)
		slices.Reverse(want)
		for _, scale := range []float64{1, 1e-200, 1e150} {
			b := slices.Clone(a)
			for i := range b {
				b[i] *= scale
			}
			got := SingularValues(b, tt.m, tt.n)
			if len(got) != k {
				t.Fatalf("%d x %d: %d singular values, want %d", tt.m, tt.n, len(got), k)
			}
			for i := range got {
				within(t, "singular value", got[i]/scale, want[i], 1e-9*want[0])
			}
		}
	}
	if s := SingularValues([]float64{1, math.Inf(1), 0, 1}, 2, 2); s != nil {
		t.Errorf("singular values %v of a matrix that is not finite, want none", s)
	}
	if s := SingularValues(make([]float64, 6), 2, 3); !slices.Equal(s, []float64{0, 0}) {
		t.Errorf("singular values %v of 0, want 0, 0", s)
	}
}

// The eigenvalues of the path's Laplacian are known: 2 - 2 cos(pi k/n).
func TestEigenvalues(t *testing.T) {
	const n = 50
	a := make([]float64, n*n)
	for i := range n {
		if i > 0 {
			a[i*n+i-1], a[i*n+i] = -1, a[i*n+i]+1
		}
		if i < n-1 {
			a[i*n+i+1], a[i*n+i] = -1, a[i*n+i]+1
		}
	}
	rng := newRand(3)
	q := orthogonal(rng, n)
	turned := product(product(q, a, n, n, n), transposed(q, n), n, n, n)
	for _, m := range [][]float64{a, turned} {
		for k, got := range eigenvalues(m, n) {
			within(t, "eigenvalue", got, 2-2*math.Cos(math.Pi*float64(k)/n), 1e-12)
		}
	}
}

func transposed(a []float64, n int) []float64 {
	b := make([]float64, n*n)
	for i := range n {
		for j := range n {
			b[j*n+i] = a[i*n+j]
		}
	}
	return b
}

// A rotation has no real eigenvalue, a shear only 1, and a nilpotent matrix 0; the
// norm of the last two is another.
func TestSpectralRadius(t *testing.T) {
	s, c := math.Sincos(0.7)
	for _, tt := range []struct {
		name string
		a    []float64
		want float64
	}{
		{"one", []float64{-3}, 3},
		{"rotation", []float64{0.9 * c, -0.9 * s, 0.9 * s, 0.9 * c}, 0.9},
		{"shear", []float64{1, 5, 0, 1}, 1},
		{"nilpotent", []float64{0, 5, 0, 0}, 0},
		{"of signs", []float64{2, 0, 0, -2}, 2},
		{"tiny", []float64{3e-300, 0, 0, 1e-300}, 3e-300},
		{"triangular", []float64{0.5, 7, 7, 0, -1.25, 7, 0, 0, 1}, 1.25},
	} {
		n := int(math.Sqrt(float64(len(tt.a))))
		within(t, tt.name, SpectralRadius(tt.a, n), tt.want, 3e-5*tt.want)
	}
	if r := SpectralRadius([]float64{math.NaN()}, 1); r != math.MaxFloat64 {
		t.Errorf("radius %v of NaN, want the largest number", r)
	}
}
