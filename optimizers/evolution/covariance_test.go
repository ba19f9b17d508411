package evolution

import (
	"math"
	"testing"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/noise"
)

// sizes are below, at and above where blocks and panels end.
var sizes = []int{1, 2, 31, 32, 33, 64, 65, 130, 200}

// randomCovariance is G G' of a random matrix G, which is positive definite.
func randomCovariance(n, threads int) (m *covariance, full [][]float64) {
	m = newCovariance(n, optimizers.Problem{Threads: threads})
	g := make([][]float64, n)
	for i := range g {
		g[i] = make([]float64, n)
		noise.Normal(g[i], 77, uint64(n), uint32(i))
	}
	full = make([][]float64, n)
	for i := range full {
		full[i] = make([]float64, n)
		for j := range full[i] {
			for k := range n {
				full[i][j] += g[i][k] * g[j][k] / float64(n)
			}
		}
		full[i][i] += 0.1
		for j := range n {
			m.c[i*n+j] = math.NaN() // below the diagonal nobody looks
		}
		copy(m.c[i*n+i:(i+1)*n], full[i][i:])
	}
	for i := range full {
		copy(m.c[i*n+i:(i+1)*n], full[i][i:])
	}
	return m, full
}

func TestFactorMultipliesToTheCovariance(t *testing.T) {
	for _, n := range sizes {
		m, full := randomCovariance(n, 2)
		if !m.factor() {
			t.Fatalf("n = %d: not positive definite, want that it is", n)
		}
		for i := range n {
			for j := range n {
				got := 0.0
				for k := range n {
					got += m.u[k*n+i] * m.u[k*n+j]
				}
				if math.Abs(got-full[i][j]) > 1e-12 {
					t.Fatalf("n = %d: U'U[%d][%d] = %v, want %v", n, i, j, got, full[i][j])
				}
				if j < i && m.u[i*n+j] != 0 {
					t.Fatalf("n = %d: U[%d][%d] = %v, want 0 below the diagonal", n, i, j, m.u[i*n+j])
				}
			}
		}
	}
}

func TestSampleAndUpdateAreTheirFormulas(t *testing.T) {
	for _, n := range sizes {
		const rows, keep = 5, 0.75
		m, full := randomCovariance(n, 2)
		if !m.factor() {
			t.Fatal("not positive definite")
		}
		z, y := make([]float64, rows*n), make([]float64, rows*n)
		noise.Normal(z, 5, 0, 0)
		m.sample(y, z, rows)
		for k := range rows {
			for i := range n {
				want := 0.0
				for j := range i + 1 {
					want += m.u[j*n+i] * z[k*n+j]
				}
				if math.Abs(y[k*n+i]-want) > 1e-12 {
					t.Fatalf("n = %d: y[%d][%d] = %v, want %v", n, k, i, y[k*n+i], want)
				}
			}
		}
		a := make([]float64, rows*n)
		weight := []float64{0.1, -0.2, 0.3, 0.4, -0.05}
		for i := range a {
			a[i] = weight[i/n] * y[i]
		}
		m.update(keep, a, y, rows)
		for i := range n {
			for j := i; j < n; j++ {
				want := keep * full[i][j]
				for k, w := range weight {
					want += w * y[k*n+i] * y[k*n+j]
				}
				if math.Abs(m.c[i*n+j]-want) > 1e-12 {
					t.Fatalf("n = %d: C[%d][%d] = %v, want %v", n, i, j, m.c[i*n+j], want)
				}
			}
		}
	}
}

// With a zero, a negative or an infinite pivot there is no factor, and repair
// makes one by about as much variance as is missing.
func TestIndefiniteIsFoundAndRepaired(t *testing.T) {
	const n = 70
	for name, c := range map[string]struct{ spoil, most float64 }{
		"zero":     {0, 1e-12},
		"negative": {-1e-3, 0.02},
		"overflow": {math.Inf(1), 0},
	} {
		m := newCovariance(n, optimizers.Problem{Threads: 1})
		m.c[40*n+40] = c.spoil
		if m.factor() {
			t.Errorf("%s: has a factor, want none", name)
		}
		if c.most == 0 {
			continue
		}
		m.repair()
		if got := m.c[0] - 1; !(got > 0 && got < c.most) {
			t.Errorf("%s: variances grew by %v, want more than 0 and less than %v", name, got, c.most)
		}
		if u := m.u[40*n+40]; !(u > 0) {
			t.Errorf("%s: the factor has %v on its diagonal, want a positive number", name, u)
		}
	}
	// Nothing is left at all.
	m := newCovariance(n, optimizers.Problem{Threads: 1})
	clear(m.c)
	m.repair()
	if !(m.condition() == 1) {
		t.Errorf("condition of a repaired zero = %v, want 1", m.condition())
	}
}

// The bound is below the condition number, and is exact for a diagonal.
func TestConditionIsABound(t *testing.T) {
	m := newCovariance(3, optimizers.Problem{Threads: 1})
	for i, v := range []float64{4, 1e-4, 100} {
		m.c[i*3+i] = v
	}
	if !m.factor() {
		t.Fatal("not positive definite")
	}
	if got := m.condition(); math.Abs(got-1e6) > 1e-3 {
		t.Errorf("condition = %v, want 1e6", got)
	}
	// [1 r; r 1] has the condition number (1+r)/(1-r).
	m = newCovariance(2, optimizers.Problem{Threads: 1})
	m.c[1] = 0.99
	if !m.factor() {
		t.Fatal("not positive definite")
	}
	if got, want := m.condition(), 1.99/0.01; !(got > want/8 && got <= want) {
		t.Errorf("condition = %v, want at most %v and not much less", got, want)
	}
}
