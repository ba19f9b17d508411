package kernel

import "unsafe"

// LSTM is a step of m long short-term memory cells (Hochreiter & Schmidhuber 1997,
// doi:10.1162/neco.1997.9.8.1735) with forget gates (Gers, Schmidhuber & Cummins
// 2000, doi:10.1162/089976600300015015), for n examples. From the net inputs z and
// the cell states prev before the step, it computes the states c after it, the
// outputs h, and the gates and tanhC, which is tanh(c), for [LSTMGrad]:
//
//	i = sigmoid(zi + pi*prev)    f = sigmoid(zf + pf*prev)    g = tanh(zg)
//	c = f*prev + i*g             o = sigmoid(zo + po*c)       h = o*tanh(c)
//
// z and gates are [4m][n], m rows for each of i, f, o and g, in this order; the
// others are [m][n]; all have the leading dimension ld. gates may be z; no other two
// overlap. peepholes are pi, pf and po, m numbers each (Gers, Schraudolph &
// Schmidhuber 2002, Journal of Machine Learning Research 3:115-143), or nil: none.
//
// Arithmetic: the functions are [Sigmoid] and [Tanh]. i*g is rounded, and f*prev
// added to it with a fused multiply-add, as peepholes are to z.
func LSTM[T Float](h, c, tanhC, gates, z, prev []T, ld, m, n int, peepholes []T) {
	if m <= 0 || n <= 0 {
		return
	}
	for _, x := range [...][]T{h, c, tanhC, prev} {
		matrixEnd(x, ld, m, n)
	}
	matrixEnd(gates, ld, 4*m, n)
	matrixEnd(z, ld, 4*m, n)
	gate, size := m*ld, int(unsafe.Sizeof(T(0)))
	rows, columns := lstmRows(m, n, ld == n && peepholes == nil)
	for u := range rows {
		p := lstmPeepholes(peepholes, u, m)
		for j, end := u*ld, u*ld+columns; j < end; j += lstmChunk {
			k := min(lstmChunk, end-j)
			switch {
			case current == portable:
				for q := j; q < j+k; q++ {
					lstmCell(h, c, tanhC, gates, z, gate, prev, q, peepholes != nil, p)
				}
			case peepholes == nil:
				lstmVector(&h[j], &c[j], &tanhC[j], &gates[j], &z[j], gate*size, &prev[j], k)
			default:
				lstmPeepholeVector(&h[j], &c[j], &tanhC[j], &gates[j], &z[j], gate*size, &prev[j], &p[0], k)
			}
		}
	}
}

// lstmCell is element j of LSTM.
func lstmCell[T Float](h, c, tanhC, gates, z []T, gate int, prev []T, j int, peepholes bool, p [3]T) {
	zi, zf, zo := z[j], z[j+gate], z[j+2*gate]
	if peepholes {
		zi = fma(p[0], prev[j], zi)
		zf = fma(p[1], prev[j], zf)
	}
	i, f, g := sigmoid(zi), sigmoid(zf), tanh(z[j+3*gate])
	s := fma(f, prev[j], T(i*g))
	if peepholes {
		zo = fma(p[2], s, zo)
	}
	o, t := sigmoid(zo), tanh(s)
	gates[j], gates[j+gate], gates[j+2*gate], gates[j+3*gate] = i, f, o, g
	c[j], tanhC[j], h[j] = s, t, o*t
}

// LSTMGrad is the gradient of [LSTM]. From dh, that with respect to h, and dc, that
// with respect to c through all that is not h, it computes dz, that with respect to
// z, and makes dc that with respect to prev:
//
//	dzo = dh*tanh(c) * (o*(1-o))    dc = dc + dh*o * (1-tanh(c)^2) + dzo*po
//	dzi = dc*g * (i*(1-i))          dzf = dc*prev * (f*(1-f))
//	dzg = dc*i * (1-g^2)            dc = dc*f + dzi*pi + dzf*pf
//
// dz is laid out as gates; no two of the slices overlap. The gradient of a peephole
// is the sum over the examples of dzi*prev, dzf*prev or dzo*c, for [RowDots].
//
// Arithmetic: dzi, dzf and dzo are as [SigmoidGrad] has them, dzg as [TanhGrad], of
// the products dc*g, dc*prev, dh*tanh(c) and dc*i, which are rounded. The terms of dc
// are added from left to right, each with one fused multiply-add: dh*o, rounded, times
// 1-tanh(c)^2, which is a fused one itself. dc*f is rounded.
func LSTMGrad[T Float](dz, dc, dh, gates, prev, tanhC []T, ld, m, n int, peepholes []T) {
	if m <= 0 || n <= 0 {
		return
	}
	for _, x := range [...][]T{dc, dh, prev, tanhC} {
		matrixEnd(x, ld, m, n)
	}
	matrixEnd(gates, ld, 4*m, n)
	matrixEnd(dz, ld, 4*m, n)
	gate, size := m*ld, int(unsafe.Sizeof(T(0)))
	rows, columns := lstmRows(m, n, ld == n && peepholes == nil)
	for u := range rows {
		p := lstmPeepholes(peepholes, u, m)
		for j, end := u*ld, u*ld+columns; j < end; j += lstmChunk {
			k := min(lstmChunk, end-j)
			switch {
			case current == portable:
				for q := j; q < j+k; q++ {
					lstmCellGrad(dz, dc, dh, gates, gate, prev, tanhC, q, peepholes != nil, p)
				}
			case peepholes == nil:
				lstmGradVector(&dz[j], &dc[j], &dh[j], &gates[j], gate*size, &prev[j], &tanhC[j], k)
			default:
				lstmGradPeepholeVector(&dz[j], &dc[j], &dh[j], &gates[j], gate*size, &prev[j], &tanhC[j], &p[0], k)
			}
		}
	}
}

// lstmCellGrad is element j of LSTMGrad.
func lstmCellGrad[T Float](dz, dc, dh, gates []T, gate int, prev, tanhC []T, j int, peepholes bool, p [3]T) {
	i, f, o, g := gates[j], gates[j+gate], gates[j+2*gate], gates[j+3*gate]
	dzo := dh[j] * tanhC[j] * (o * (1 - o))
	d := fma(T(dh[j]*o), fma(-tanhC[j], tanhC[j], 1), dc[j])
	if peepholes {
		d = fma(dzo, p[2], d)
	}
	dzi := d * g * (i * (1 - i))
	dzf := d * prev[j] * (f * (1 - f))
	dzg := d * i * fma(-g, g, 1)
	d *= f
	if peepholes {
		d = fma(dzf, p[1], fma(dzi, p[0], d))
	}
	dz[j], dz[j+gate], dz[j+2*gate], dz[j+3*gate] = dzi, dzf, dzo, dzg
	dc[j] = d
}

// lstmRows is the number of rows and columns to walk: one row if it makes no
// difference where a row ends.
func lstmRows(m, n int, contiguous bool) (rows, columns int) {
	if contiguous {
		return 1, m * n
	}
	return m, n
}

// lstmPeepholes are those of cell u of m, or zeros.
func lstmPeepholes[T Float](peepholes []T, u, m int) (p [3]T) {
	if peepholes != nil {
		p = [3]T{peepholes[u], peepholes[m+u], peepholes[2*m+u]}
	}
	return p
}

// lstmChunk is how many cells a call of assembly may have: see [chunk]. A cell is
// five functions.
const lstmChunk = chunk / 8
