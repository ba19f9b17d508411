package network

import "github.com/joust-bench/joust/network/kernel"

func (l *rnn[T]) forward(p Pass, w []T, x Tensor[T]) Tensor[T] {
	n, hidden := x.N, l.spec.Hidden
	l.begin(x)
	l.share = T(p.share())
	l.reserve(n)
	l.y.resize(l.outputs, n, l.ld)
	l.y.Lens = x.Lens
	cells := hidden * l.ld
	wx, wh, b, h0 := l.split(w)
	for u, v := range h0 {
		row := l.h0[u*l.ld:][:n]
		for i := range row {
			row[i] = v
		}
	}
	count, length := l.rows(hidden)
	for t := range l.reached {
		h := l.y.Data[t*cells:][:cells]
		z := l.net(t)
		inputs, ld := l.inputs(t)
		kernel.Gemm(hidden, n, l.in, z, l.ld, wx, l.in, 1, inputs, ld, b, false)
		if prev := l.before(t); prev != nil {
			kernel.Gemm(hidden, n, hidden, z, l.ld, wh, hidden, 1, prev, l.ld, nil, true)
		}
		for u := range count {
			l.kernel.Forward(h[u*l.ld:][:length], z[u*l.ld:])
		}
		l.silence(h, t, hidden)
	}
	clear(l.y.Data[l.reached*cells:])
	return l.y
}

// net is where the net inputs of step t are: where the outputs will be, if the
// derivative does not need them.
func (l *rnn[T]) net(t int) []T {
	cells := l.spec.Hidden * l.ld
	if l.fromOutput {
		return l.y.Data[t*cells:][:cells]
	}
	return l.z[t*cells:][:cells]
}

// before is the state before step t; nil: it is 0.
func (l *rnn[T]) before(t int) []T {
	cells := l.spec.Hidden * l.ld
	switch {
	case t > 0:
		return l.y.Data[(t-1)*cells:][:cells]
	case l.spec.Initial:
		return l.h0
	}
	return nil
}

func (l *rnn[T]) backward(w, dw []T, dy Tensor[T], wanted bool) Tensor[T] {
	hidden := l.spec.Hidden
	if wanted {
		l.dx.resize(l.x.Shape, dy.N, l.ld)
		clear(l.dx.Data)
	}
	clear(l.dwt)
	for last := l.reached - 1; last >= 0; {
		first, block := l.horizon.before(last)
		l.sweep(w, dw, dy, first, last, block, wanted)
		last = block - 1
	}
	dwx, dwh, _, _ := l.split(dw)
	kernel.Transpose(l.dw, l.in, l.dwt, l.ldt, l.in, hidden)
	kernel.Add(dwx, l.dw)
	kernel.Transpose(l.dw, hidden, l.dwt[l.in*l.ldt:], l.ldt, hidden, hidden)
	kernel.Add(dwh, l.dw)
	if !wanted {
		return Tensor[T]{}
	}
	return l.dx
}

// sweep goes back from step last to step first, with the errors of the steps from
// block on.
func (l *rnn[T]) sweep(w, dw []T, dy Tensor[T], first, last, block int, wanted bool) {
	n, hidden := dy.N, l.spec.Hidden
	cells := hidden * l.ld
	wx, wh, _, _ := l.split(w)
	_, _, db, dh0 := l.split(dw)
	dwht := l.dwt[l.in*l.ldt:]
	count, length := l.rows(hidden)
	for t := last; t >= first; t-- {
		if l.spec.Omega > 0 && t < last { // dh, dz and dzt are still those of the step after
			l.omega.add(l, dwht, wh)
		}
		if t >= block {
			l.gather(l.dh, dy, t, hidden, hidden)
		} else {
			clear(l.dh)
		}
		if t < last {
			kernel.Gemm(hidden, n, hidden, l.dh, l.ld, wh, 1, hidden, l.dz, l.ld, nil, true)
		}
		l.show(t, l.dh, hidden, n, l.ld)
		z, h := l.net(t), l.y.Data[t*cells:]
		for u := range count {
			at := u * l.ld
			l.kernel.Grad(l.dz[at:][:length], l.dh[at:], z[at:], h[at:])
		}
		kernel.Transpose(l.dzt, l.ldt, l.dz, l.ld, hidden, n)
		inputs, ld := l.inputs(t)
		kernel.Gemm(l.in, hidden, n, l.dwt, l.ldt, inputs, ld, 1, l.dzt, l.ldt, nil, true)
		if prev := l.before(t); prev != nil {
			kernel.Gemm(hidden, hidden, n, dwht, l.ldt, prev, l.ld, 1, l.dzt, l.ldt, nil, true)
		}
		kernel.RowSums(db, l.dz, l.ld, hidden, n, true)
		if wanted {
			kernel.Gemm(l.in, n, hidden, l.dx.Data[t*l.in*l.ld:], l.ld, wx, 1, l.in, l.dz, l.ld, nil, true)
		}
	}
	if first == 0 && l.spec.Initial {
		kernel.Gemm(hidden, n, hidden, l.dh, l.ld, wh, 1, hidden, l.dz, l.ld, nil, false)
		kernel.RowSums(dh0, l.dh, l.ld, hidden, n, true)
	}
}
