package probe

import (
	"math"
	"slices"

	"github.com/joust-bench/joust/network/kernel"
)

// EffectiveRank is the exponential of the entropy of the singular values s, each
// divided by their sum (Roy & Vetterli 2007): n for n equal ones, 1 for a single
// one. Without any it is 0.
func EffectiveRank(s []float64) float64 {
	sum := 0.0
	for _, v := range s {
		sum += v
	}
	if !(sum > 0) {
		return 0
	}
	p, ln := make([]float64, 0, len(s)), make([]float64, 0, len(s))
	for _, v := range s {
		if q := v / sum; q > 0 { // 0 ln 0 is 0
			p, ln = append(p, q), append(ln, q)
		}
	}
	kernel.Log(ln, ln)
	h := []float64{0}
	for i, q := range p {
		h[0] -= float64(q * ln[i])
	}
	kernel.Exp(h, h)
	return h[0]
}

// StableRank is the sum of the squares of the singular values s over the largest of
// the squares. Without any it is 0.
func StableRank(s []float64) float64 {
	if len(s) == 0 {
		return 0
	}
	largest, sum := slices.Max(s), 0.0
	if largest == 0 {
		return 0
	}
	for _, v := range s {
		v /= largest
		sum += float64(v * v)
	}
	return sum
}

// SingularValues returns the singular values of a, m x n by rows, in descending
// order: min(m, n) of them. They come from the eigenvalues of a a', or a' a: what
// is below about 1e-7 of the largest is lost in rounding, and 0. If a value of a is
// not finite there are none, and the result is nil.
func SingularValues(a []float64, m, n int) []float64 {
	largest := 0.0
	for _, v := range a[:m*n] {
		if v-v != 0 {
			return nil
		}
		largest = max(largest, math.Abs(v))
	}
	k := min(m, n)
	if largest == 0 {
		return make([]float64, k)
	}
	scaled, other := make([]float64, m*n), make([]float64, m*n)
	for i, v := range a[:m*n] {
		scaled[i] = v / largest
	}
	kernel.Transpose(other, m, scaled, n, m, n)
	gram := make([]float64, k*k)
	if m <= n {
		kernel.Gemm(m, m, n, gram, m, scaled, n, 1, other, m, nil, false)
	} else {
		kernel.Gemm(n, n, m, gram, n, other, m, 1, scaled, n, nil, false)
	}
	s := eigenvalues(gram, k)
	slices.Reverse(s)
	floor := s[0] * float64(k) * 0x1p-52
	for i, v := range s {
		if v <= floor {
			s[i] = 0
			continue
		}
		s[i] = largest * math.Sqrt(v)
	}
	return s
}

// eigenvalues returns those of the symmetric matrix a, n x n by rows, in ascending
// order. Its values are of order 1, and are lost.
func eigenvalues(a []float64, n int) []float64 {
	d, e := tridiagonal(a, n)
	diagonalise(d, e)
	slices.Sort(d)
	return d
}

// tridiagonal brings a to tridiagonal form by Householder reflections (Golub & Van
// Loan 2013, Matrix Computations, algorithm 8.3.1), and returns its diagonal d and
// what is beside it, e, of which the last is 0.
func tridiagonal(a []float64, n int) (d, e []float64) {
	d, e = make([]float64, n), make([]float64, n)
	v, p := make([]float64, n), make([]float64, n)
	for k := range n {
		d[k] = a[k*n+k]
		rest := n - k - 1
		if rest == 0 {
			break
		}
		// The reflection takes column k below the diagonal to alpha times the first
		// axis.
		norm := 0.0
		for i := range rest {
			v[i] = a[(k+1+i)*n+k]
			norm += float64(v[i] * v[i])
		}
		alpha := -math.Copysign(math.Sqrt(norm), v[0])
		e[k] = alpha
		v[0] -= alpha
		// v'v, without cancellation.
		square := 2 * (norm + math.Abs(float64(alpha*(v[0]+alpha))))
		if rest == 1 || square == 0 {
			if rest == 1 {
				e[k] = v[0] + alpha
			}
			continue
		}
		along := 0.0
		for i := range rest {
			row := a[(k+1+i)*n+k+1:][:rest]
			sum := 0.0
			for j, x := range row {
				sum += float64(x * v[j])
			}
			p[i] = 2 * sum / square
			along += float64(p[i] * v[i])
		}
		for i := range rest {
			p[i] -= float64(along / square * v[i])
		}
		for i := range rest {
			row := a[(k+1+i)*n+k+1:][:rest]
			for j := range row {
				row[j] -= float64(v[i]*p[j]) + float64(p[i]*v[j])
			}
		}
	}
	return d, e
}

// diagonalise makes d the eigenvalues of the tridiagonal matrix with the diagonal d
// and e beside it, by QL steps with Wilkinson's shift (the same book, section 8.3).
func diagonalise(d, e []float64) {
	const most = 60 // steps for one eigenvalue, of which two or three are usual
	n := len(d)
	for l := range n {
		for range most {
			// The part from l to m has nothing beside its diagonal that is 0.
			m := l
			for m < n-1 && math.Abs(e[m]) > 0x1p-53*(math.Abs(d[m])+math.Abs(d[m+1])) {
				m++
			}
			if m == l {
				break
			}
			half := (d[l+1] - d[l]) / (2 * e[l])
			root := math.Sqrt(float64(half*half) + 1)
			g := d[m] - d[l] + e[l]/(half+math.Copysign(root, half))
			sin, cos, shift := 1.0, 1.0, 0.0
			i := m - 1
			for ; i >= l; i-- {
				// A rotation moves what is too much one row up.
				f, b := float64(sin*e[i]), float64(cos*e[i])
				r := math.Sqrt(float64(f*f) + float64(g*g))
				e[i+1] = r
				if r == 0 {
					d[i+1] -= shift
					e[m] = 0
					break
				}
				sin, cos = f/r, g/r
				g = d[i+1] - shift
				r = float64((d[i]-g)*sin) + float64(2*cos*b)
				shift = float64(sin * r)
				d[i+1] = g + shift
				g = float64(cos*r) - b
			}
			if i >= l {
				continue
			}
			d[l] -= shift
			e[l], e[m] = g, 0
		}
	}
}

// SpectralRadius is the largest magnitude of an eigenvalue of a, n x n by rows, as
// the limit of |a^k|^(1/k) (Gelfand 1941), at k = 2^20: to about six digits, more
// for most matrices. It is 0 where a^(2^20) is, and [math.MaxFloat64] if a value of
// a is not finite.
func SpectralRadius(a []float64, n int) float64 {
	const squarings = 20
	x, y := slices.Clone(a[:n*n]), make([]float64, n*n)
	ln := []float64{0}
	total, k := 0.0, 1.0 // ln |a^k| is total + ln |x|
	for i := 0; ; i++ {
		norm := frobenius(x)
		if norm == 0 || !(norm < math.MaxFloat64) {
			return bounded(norm)
		}
		ln[0] = norm
		kernel.Log(ln, ln)
		total += ln[0]
		if i == squarings {
			break
		}
		for j := range x {
			x[j] /= norm
		}
		kernel.Gemm(n, n, n, y, n, x, n, 1, x, n, nil, false)
		x, y = y, x
		total, k = 2*total, 2*k
	}
	ln[0] = total / k
	kernel.Exp(ln, ln)
	return ln[0]
}

// frobenius is the root of the sum of squares of x, which may be tiny.
func frobenius(x []float64) float64 {
	if len(x) == 0 {
		return 0
	}
	r := rms(vector(x))
	if !(r < math.MaxFloat64) {
		return r
	}
	return bounded(r * math.Sqrt(float64(len(x))))
}
