package pretrain

import (
	"fmt"
	"math"

	"github.com/joust-bench/joust/network/kernel"
)

// maxEnumerated is how many units have all of their states enumerated at most.
const maxEnumerated = 22

// LogZ is the logarithm of the partition function, exactly: a sum over all states
// of the hidden units, or of the visible units if those are fewer and binary. One
// side has at most 22 units.
func (r *RBM) LogZ() (float64, error) {
	hidden := r.Hidden <= r.Visible || r.Units == Gaussian || r.Labels > 0
	if units := r.Visible; !hidden && units <= maxEnumerated {
		return logSum(enumerate(units, r.logWeights)), nil
	}
	if r.Hidden > maxEnumerated {
		return 0, fmt.Errorf("pretrain: the partition function of %d visible and %d hidden units, want at most %d of one kind", r.Visible, r.Hidden, maxEnumerated)
	}
	return logSum(enumerate(r.Hidden, r.logHiddenWeights)), nil
}

// LogLikelihood is the mean of ln p(v) over examples, [n][Visible], exactly.
func (r *RBM) LogLikelihood(v []float64) (float64, error) {
	if err := r.check(v); err != nil {
		return 0, err
	}
	z, err := r.LogZ()
	if err != nil {
		return 0, err
	}
	return -mean(r.FreeEnergy(v)) - z, nil
}

// logHiddenWeights is ln of the sum over v of e^-E(v, h), for each column of h.
func (r *RBM) logHiddenWeights(h batch) []float64 {
	w := make([]float64, h.N)
	kernel.Gemm(1, h.N, r.Hidden, w, h.N, r.C, r.Hidden, 1, h.Data, h.Stride, nil, false)
	u := newBatch(r.Visible, h.N)
	r.visibleInputs(u, h)
	if r.Units == Gaussian {
		// The integral of exp(-(v-b)^2/2 + v u) over v is sqrt(2 pi) exp(b u + u^2/2),
		// with u without the bias.
		for i, b := range r.B {
			for j, m := range u.Row(i) {
				w[j] += float64((m-b)*(m+b)/2) + math.Log(2*math.Pi)/2
			}
		}
		return w
	}
	if r.Labels > 0 {
		column := make([]float64, r.Labels)
		for j := range w {
			for k := range column {
				column[k] = u.Row(r.binary() + k)[j]
			}
			w[j] += logSum(column)
		}
	}
	new(softplus).add(w, u, r.binary())
	return w
}

// enumerate returns f for all 2^units states: state s has unit i on if bit i of s
// is set. f sees a few hundred states at a time, and may overwrite them.
func enumerate(units int, f func(states batch) []float64) []float64 {
	total := 1 << units
	all := make([]float64, 0, total)
	const most = 256
	for first := 0; first < total; first += most {
		all = append(all, f(states(units, first, min(most, total-first)))...)
	}
	return all
}

// states are n states of so many units, from the given one on.
func states(units, first, n int) batch {
	x := newBatch(units, n)
	for i := range units {
		for j := range x.Row(i) {
			x.Row(i)[j] = float64((first + j) >> i & 1)
		}
	}
	return x
}

// Gradient is the exact gradient of the mean log-likelihood of examples v,
// [n][Visible], weighted by weight (which sums to 1; nil: equally), as a machine whose
// parameters are the derivatives. Units are binary, without labels, and one kind has
// at most 22.
//
//	d ln p(v) / dW = <h v'> given v - <h v'> of the model
func (r *RBM) Gradient(v, weight []float64) (*RBM, error) {
	if err := r.check(v); err != nil {
		return nil, err
	}
	if r.Units != Binary || r.Labels > 0 || r.Visible > maxEnumerated {
		return nil, fmt.Errorf("pretrain: the exact gradient of %d visible units, want at most %d, all binary", r.Visible, maxEnumerated)
	}
	n := len(v) / r.Visible
	if weight == nil {
		weight = make([]float64, n)
		for i := range weight {
			weight[i] = 1 / float64(n)
		}
	}
	g := zeroRBM(r.Visible, r.Hidden)
	x := newBatch(r.Visible, n)
	columns(x, v)
	r.addMoments(g, x, weight, 1)

	total := 1 << r.Visible
	p := enumerate(r.Visible, r.logWeights)
	z := logSum(p)
	for i := range p {
		p[i] -= z
	}
	kernel.Exp(p, p)
	const most = 256
	for first := 0; first < total; first += most {
		k := min(most, total-first)
		r.addMoments(g, states(r.Visible, first, k), p[first:first+k], -1)
	}
	return g, nil
}

// addMoments adds sign times the weighted means of h v', v and h to g, given v.
func (r *RBM) addMoments(g *RBM, v batch, weight []float64, sign float64) {
	h := newBatch(r.Hidden, v.N)
	r.hidden(h, v)
	for i := range r.Hidden {
		for j, p := range weight {
			h.Row(i)[j] *= float64(sign * p)
		}
	}
	t := newBatch(v.N, r.Visible)
	kernel.Transpose(t.Data, t.Stride, v.Data, v.Stride, r.Visible, v.N)
	kernel.Gemm(r.Hidden, r.Visible, v.N, g.W, r.Visible, h.Data, h.Stride, 1, t.Data, t.Stride, nil, true)
	kernel.RowSums(g.C, h.Data, h.Stride, r.Hidden, v.N, true)
	for i := range r.Visible {
		for j, p := range weight {
			g.B[i] += float64(float64(sign*p) * v.Row(i)[j])
		}
	}
}

func mean(x []float64) float64 {
	sum := []float64{0}
	kernel.RowSums(sum, x, len(x), 1, len(x), false)
	return sum[0] / float64(len(x))
}
