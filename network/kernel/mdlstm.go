package kernel

import "unsafe"

// MDLSTM is a step of m cells of a two-dimensional LSTM (Graves, Fernández &
// Schmidhuber 2007, doi:10.1007/978-3-540-74690-4_56), for n examples: [LSTM] with two
// states before the step, up and left, and a forget gate for each. From the net inputs
// z and those states it computes the states c, the outputs h, and the gates and tanhC,
// which is tanh(c), for [MDLSTMGrad]:
//
//	i = sigmoid(zi + piu*up + pil*left)    g = tanh(zg)
//	u = sigmoid(zu + pu*up)                l = sigmoid(zl + pl*left)
//	c = u*up + l*left + i*g
//	o = sigmoid(zo + po*c)                 h = o*tanh(c)
//
// z and gates are [5m][n], m rows for each of i, u, l, o and g, in this order; the
// others are [m][n]; all have the leading dimension ld. gates may be z, and up may be
// left; no other two overlap. peepholes are piu, pil, pu, pl and po, m numbers each, or
// nil: none.
//
// Arithmetic: the functions are [Sigmoid] and [Tanh]. i*g is rounded, and u*up, then
// l*left, added to it with fused multiply-adds, as peepholes are to z, up first.
func MDLSTM[T Float](h, c, tanhC, gates, z, up, left []T, ld, m, n int, peepholes []T) {
	if m <= 0 || n <= 0 {
		return
	}
	for _, x := range [...][]T{h, c, tanhC, up, left} {
		matrixEnd(x, ld, m, n)
	}
	matrixEnd(gates, ld, 5*m, n)
	matrixEnd(z, ld, 5*m, n)
	gate, size := m*ld, int(unsafe.Sizeof(T(0)))
	rows, columns := lstmRows(m, n, ld == n && peepholes == nil)
	for u := range rows {
		p := mdlstmPeepholes(peepholes, u, m)
		for j, end := u*ld, u*ld+columns; j < end; j += lstmChunk {
			k := min(lstmChunk, end-j)
			switch {
			case current == portable:
				for q := j; q < j+k; q++ {
					mdlstmCell(h, c, tanhC, gates, z, gate, up, left, q, peepholes != nil, p)
				}
			case peepholes == nil:
				mdlstmVector(&h[j], &c[j], &tanhC[j], &gates[j], &z[j], gate*size, &up[j], &left[j], k)
			default:
				mdlstmPeepholeVector(&h[j], &c[j], &tanhC[j], &gates[j], &z[j], gate*size, &up[j], &left[j], &p[0], k)
			}
		}
	}
}

// mdlstmCell is element j of MDLSTM.
func mdlstmCell[T Float](h, c, tanhC, gates, z []T, gate int, up, left []T, j int, peepholes bool, p [5]T) {
	zi, zu, zl, zo := z[j], z[j+gate], z[j+2*gate], z[j+3*gate]
	if peepholes {
		zi = fma(p[1], left[j], fma(p[0], up[j], zi))
		zu = fma(p[2], up[j], zu)
		zl = fma(p[3], left[j], zl)
	}
	i, u, l, g := sigmoid(zi), sigmoid(zu), sigmoid(zl), tanh(z[j+4*gate])
	s := fma(l, left[j], fma(u, up[j], T(i*g)))
	if peepholes {
		zo = fma(p[4], s, zo)
	}
	o, t := sigmoid(zo), tanh(s)
	gates[j], gates[j+gate], gates[j+2*gate], gates[j+3*gate], gates[j+4*gate] = i, u, l, o, g
	c[j], tanhC[j], h[j] = s, t, o*t
}

// MDLSTMGrad is the gradient of [MDLSTM]. From dh, that with respect to h, and dc, that
// with respect to c through all that is not h, it computes dz, that with respect to z,
// and adds those with respect to up and left to dup and dleft:
//
//	dzo = dh*tanh(c) * (o*(1-o))    d = dc + dh*o * (1-tanh(c)^2) + dzo*po
//	dzi = d*g * (i*(1-i))           dzg = d*i * (1-g^2)
//	dzu = d*up * (u*(1-u))          dup = dup + d*u + dzi*piu + dzu*pu
//	dzl = d*left * (l*(1-l))        dleft = dleft + d*l + dzi*pil + dzl*pl
//
// dz is laid out as gates. What is computed overlaps nothing else. The gradient of a
// peephole is the sum over the examples of dz times what it sees, for [RowDots].
//
// Arithmetic: dzi, dzu, dzl and dzo are as [SigmoidGrad] has them, dzg as [TanhGrad], of
// the products d*g, d*up, d*left, dh*tanh(c) and d*i, which are rounded. The terms of d,
// dup and dleft are added from left to right, each with one fused multiply-add: in d,
// dh*o, rounded, times 1-tanh(c)^2, which is a fused one itself.
func MDLSTMGrad[T Float](dz, dup, dleft, dh, dc, gates, up, left, tanhC []T, ld, m, n int, peepholes []T) {
	if m <= 0 || n <= 0 {
		return
	}
	for _, x := range [...][]T{dup, dleft, dh, dc, up, left, tanhC} {
		matrixEnd(x, ld, m, n)
	}
	matrixEnd(gates, ld, 5*m, n)
	matrixEnd(dz, ld, 5*m, n)
	gate, size := m*ld, int(unsafe.Sizeof(T(0)))
	rows, columns := lstmRows(m, n, ld == n && peepholes == nil)
	for u := range rows {
		p := mdlstmPeepholes(peepholes, u, m)
		for j, end := u*ld, u*ld+columns; j < end; j += lstmChunk {
			k := min(lstmChunk, end-j)
			switch {
			case current == portable:
				for q := j; q < j+k; q++ {
					mdlstmCellGrad(dz, dup, dleft, dh, dc, gates, gate, up, left, tanhC, q, peepholes != nil, p)
				}
			case peepholes == nil:
				mdlstmGradVector(&dz[j], &dup[j], &dleft[j], &dh[j], &dc[j], &gates[j], gate*size, &up[j], &left[j], &tanhC[j], k)
			default:
				mdlstmGradPeepholeVector(&dz[j], &dup[j], &dleft[j], &dh[j], &dc[j], &gates[j], gate*size, &up[j], &left[j], &tanhC[j], &p[0], k)
			}
		}
	}
}

// mdlstmCellGrad is element j of MDLSTMGrad.
func mdlstmCellGrad[T Float](dz, dup, dleft, dh, dc, gates []T, gate int, up, left, tanhC []T, j int, peepholes bool, p [5]T) {
	i, u, l, o, g := gates[j], gates[j+gate], gates[j+2*gate], gates[j+3*gate], gates[j+4*gate]
	dzo := dh[j] * tanhC[j] * (o * (1 - o))
	d := fma(T(dh[j]*o), fma(-tanhC[j], tanhC[j], 1), dc[j])
	if peepholes {
		d = fma(dzo, p[4], d)
	}
	dzi := d * g * (i * (1 - i))
	dzu := d * up[j] * (u * (1 - u))
	dzl := d * left[j] * (l * (1 - l))
	dzg := d * i * fma(-g, g, 1)
	du, dl := fma(d, u, dup[j]), fma(d, l, dleft[j])
	if peepholes {
		du = fma(dzu, p[2], fma(dzi, p[0], du))
		dl = fma(dzl, p[3], fma(dzi, p[1], dl))
	}
	dz[j], dz[j+gate], dz[j+2*gate], dz[j+3*gate], dz[j+4*gate] = dzi, dzu, dzl, dzo, dzg
	dup[j], dleft[j] = du, dl
}

// mdlstmPeepholes are those of cell u of m, or zeros.
func mdlstmPeepholes[T Float](peepholes []T, u, m int) (p [5]T) {
	if peepholes != nil {
		for k := range p {
			p[k] = peepholes[k*m+u]
		}
	}
	return p
}
