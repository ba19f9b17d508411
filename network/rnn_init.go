package network

import (
	"math"
	"math/rand/v2"

	"github.com/joust-bench/joust/network/initializer"
	"github.com/joust-bench/joust/network/kernel"
)

// recurrence is how the matrix from the units of a layer to themselves is drawn.
type recurrence struct {
	units      int
	init       initializer.Func
	gain, norm float64
}

func newRecurrence(units int, name string, gain, norm float64) (recurrence, error) {
	init, err := namedOr(name, "orthogonal")
	if gain == 0 {
		gain = 1
	}
	return recurrence{units: units, init: init, gain: gain, norm: norm}, err
}

// namedOr is the initializer of that name, or if that is empty the usual one.
func namedOr(name, usual string) (initializer.Func, error) {
	if name == "" {
		name = usual
	}
	return initializer.ByName(name)
}

func (r recurrence) shape() initializer.Shape {
	return initializer.Shape{Out: r.units, In: r.units}
}

// std is the standard deviation of the weights: with a given norm, that of matrices of
// independent weights, whose norm is twice as large as that of orthogonal ones in the
// limit of many units (Geman 1980, doi:10.1214/aop/1176994775).
func (r recurrence) std() float64 {
	if r.norm == 0 {
		return math.Abs(r.gain) * r.init.Std(r.shape())
	}
	std := r.norm / math.Sqrt(float64(r.units))
	if r.init.Name == "orthogonal" || r.init.Name == "identity" {
		return std
	}
	return std / 2
}

func (r recurrence) fill(w []float64, rng *rand.Rand) {
	r.init.Fill(w, r.shape(), rng)
	factor := r.gain
	if r.norm != 0 {
		// A matrix of zeros has no direction to scale along.
		if s := spectralNorm(w, r.units); s > 0 {
			factor = r.norm / s
		}
	}
	for i := range w {
		w[i] *= factor
	}
}

// spectralNorm is the largest singular value of w [n][n], to some ten roundings.
//
// With B = w'w / trace, whose eigenvalues are the squares of the singular values as
// shares of their sum, B is squared again and again, and divided by its trace each
// time. The traces t1, t2, ... give the largest eigenvalue as trace * sqrt(t1 *
// sqrt(t2 * ...)), to a relative ln(n)/2^k after k of them, however close the
// singular values are to each other, where a power iteration would stall.
func spectralNorm(w []float64, n int) float64 {
	const squarings = 50
	b, c := make([]float64, n*n), make([]float64, n*n)
	kernel.Gemm(n, n, n, b, n, w, 1, n, w, n, nil, false)
	total := normalise(b, n)
	if total == 0 {
		return 0
	}
	var traces [squarings]float64
	for k := range traces {
		kernel.Gemm(n, n, n, c, n, b, n, 1, b, n, nil, false)
		traces[k] = normalise(c, n)
		b, c = c, b
	}
	r := 1.0
	for k := squarings - 1; k >= 0; k-- {
		r = math.Sqrt(traces[k] * r)
	}
	return math.Sqrt(total * r)
}

// normalise divides b [n][n] by its trace, and returns that.
func normalise(b []float64, n int) float64 {
	trace := 0.0
	for i := range n {
		trace += b[i*n+i]
	}
	if trace == 0 {
		return 0
	}
	for i := range b {
		b[i] /= trace
	}
	return trace
}
