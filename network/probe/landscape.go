package probe

import (
	"math"
	"math/rand/v2"
	"slices"
)

// A Landscape is the shape of the loss around a point, as one who walks along the
// gradient sees it (Santurkar et al. 2018, arXiv:1805.11604), and its sharpness. What
// it says of batch normalisation has not the sign that the paper gives it in every
// setting: it is to be reported, and not to be judged by.
type Landscape struct {
	// Change is the largest change of the gradient within the walk, over the norm of
	// the gradient at its start: at 1 a step has led where another gradient holds.
	Change float64
	// Range is the highest loss on the walk minus the lowest.
	Range float64
	// Beta is the largest change of the gradient over the length of the way to it:
	// the effective beta-smoothness. Of a quadratic loss it is at most the largest
	// eigenvalue of the Hessian.
	Beta float64
	// Sharpness is the largest eigenvalue of the Hessian.
	Sharpness float64
}

// A Function is a loss: it returns the value at w, and writes the gradient to g, of
// the same length.
type Function func(w, g []float64) float64

// strides are the steps of a walk, in parts of the norm of the weights: learning
// rates mean something else for each loss, and a method without a gradient has none.
var strides = [...]float64{0.001, 0.003, 0.01, 0.03, 0.1}

// Walk measures a loss along minus its gradient, from w to a tenth of the norm of w
// away; from 0, to a tenth of 1. Where the gradient is 0 there is nowhere to go, and
// nothing is measured. Sharpness is left at 0.
func Walk(f Function, w []float64) Landscape {
	g, there, at := make([]float64, len(w)), make([]float64, len(w)), make([]float64, len(w))
	start := f(w, g)
	norm, size := frobenius(g), frobenius(w)
	if norm == 0 {
		return Landscape{}
	}
	if size == 0 {
		size = 1
	}
	var l Landscape
	lowest, highest := start, start
	for _, s := range strides {
		length := s * size
		for i, v := range w {
			at[i] = v - float64(length*(g[i]/norm))
		}
		loss := f(at, there)
		lowest, highest = min(lowest, loss), max(highest, loss)
		for i := range there {
			there[i] -= g[i]
		}
		change := frobenius(there)
		l.Change = max(l.Change, change/norm)
		l.Beta = max(l.Beta, change/length)
	}
	l.Change, l.Beta, l.Range = bounded(l.Change), bounded(l.Beta), bounded(highest-lowest)
	return l
}

// sharpnessSteps is the number of products with the Hessian.
const sharpnessSteps = 20

// Sharpness is the largest eigenvalue of the Hessian of f at w, by Lanczos iteration
// on products with it, each a difference of two gradients:
//
//	H v = (g(w + eps v) - g(w - eps v)) / (2 eps)
//
// Of what such products can tell it makes the most: power iteration, which sees only
// the last two, needs more of them, and finds the eigenvalue that is largest in
// magnitude, be it negative. It is an estimate from below.
func Sharpness(f Function, w []float64) float64 {
	if len(w) == 0 {
		return 0
	}
	h := hessian{f: f, w: w, eps: 1e-4 * max(1, frobenius(w)), plus: make([]float64, len(w)), minus: make([]float64, len(w)), at: make([]float64, len(w))}
	rng := rand.New(rand.NewPCG(1, 1))
	v := make([]float64, len(w))
	for i := range v {
		v[i] = float64(rng.Uint32())/(1<<31) - 1
	}
	v = normalised(v)
	var basis [][]float64
	var d, e []float64 // the tridiagonal matrix that H is on the basis
	for range min(sharpnessSteps, len(w)) {
		basis = append(basis, v)
		u := h.times(v)
		along := dot(u, v)
		if !(math.Abs(along) < math.MaxFloat64) {
			return math.MaxFloat64 // the loss is not finite
		}
		d = append(d, along)
		size := math.Sqrt(dot(u, u))
		for range 2 { // twice, or what is left is not orthogonal in floating point
			for _, b := range basis {
				c := dot(u, b)
				for i := range u {
					u[i] -= float64(c * b[i])
				}
			}
		}
		rest := math.Sqrt(dot(u, u))
		if !(rest > 1e-10*size) {
			break // the basis is all that v reaches
		}
		e = append(e, rest)
		v = normalised(u)
	}
	e = append(e, make([]float64, len(d))...)[:len(d)]
	e[len(e)-1] = 0
	largest := 0.0
	for i := range d {
		largest = max(largest, math.Abs(d[i]), e[i])
	}
	if largest == 0 {
		return 0
	}
	for i := range d {
		d[i], e[i] = d[i]/largest, e[i]/largest
	}
	diagonalise(d, e)
	return bounded(largest * slices.Max(d))
}

type hessian struct {
	f               Function
	w               []float64
	eps             float64
	plus, minus, at []float64
}

// times returns H v, for a v of norm 1.
func (h *hessian) times(v []float64) []float64 {
	for _, way := range []struct {
		eps float64
		g   []float64
	}{{h.eps, h.plus}, {-h.eps, h.minus}} {
		for i, x := range h.w {
			h.at[i] = x + float64(way.eps*v[i])
		}
		h.f(h.at, way.g)
	}
	u := slices.Clone(h.plus)
	for i := range u {
		u[i] = (u[i] - h.minus[i]) / (2 * h.eps)
	}
	return u
}
