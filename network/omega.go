package network

import (
	"math"

	"github.com/joust-bench/joust/network/kernel"
)

// omega is the regulariser of Pascanu, Mikolov & Bengio 2013 (arXiv:1211.5063, eqs.
// 9 and 10). With e the gradient of the loss with respect to the state after a step,
// dz = f'(z)*e, and v = Wh' dz what reaches the state before it, an example adds
//
//	Omega = sum over the steps but the first of (|v|/|e| - 1)^2
//
// to the loss: a gradient that grows or shrinks on its way back costs something. Of
// its gradient there is only the immediate part, with the states and e as constants:
//
//	dWh = sum of 2 (|v|/|e| - 1)/(|v| |e|) dz v'
//
// A step with |e| below 1e-12, or with v = 0, where there is no direction to push
// in, adds nothing.
type omega[T Float] struct {
	v      []T // [H][N]
	e2, v2 []T // [N]: |e|^2, |v|^2; then e2 is the factor of v
}

// omegaLeast is the smallest |e| that has a direction.
const omegaLeast = 1e-12

// add adds one step's gradient to dwht, that of Wh transposed.
func (o *omega[T]) add(l *rnn[T], dwht, wh []T) {
	n, hidden := l.x.N, l.spec.Hidden
	o.v, o.e2, o.v2 = grow(o.v, hidden*l.ld), grow(o.e2, n), grow(o.v2, n)
	kernel.Gemm(hidden, n, hidden, o.v, l.ld, wh, 1, hidden, l.dz, l.ld, nil, false)
	clear(o.e2)
	clear(o.v2)
	for u := range hidden {
		e, v := l.dh[u*l.ld:][:n], o.v[u*l.ld:][:n]
		for i := range n {
			o.e2[i] += T(e[i] * e[i])
			o.v2[i] += T(v[i] * v[i])
		}
	}
	weight := 2 * l.spec.Omega * float64(l.share)
	for i, e2 := range o.e2 {
		e, v := math.Sqrt(float64(e2)), math.Sqrt(float64(o.v2[i]))
		o.e2[i] = 0
		if e >= omegaLeast && v > 0 {
			o.e2[i] = T(weight * (v/e - 1) / (v * e))
		}
	}
	for u := range hidden {
		v := o.v[u*l.ld:][:n]
		for i, factor := range o.e2 {
			v[i] *= factor
		}
	}
	kernel.Gemm(hidden, hidden, n, dwht, l.ldt, o.v, l.ld, 1, l.dzt, l.ldt, nil, true)
}
