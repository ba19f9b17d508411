package network

import "github.com/joust-bench/joust/network/kernel"

func (l *sequentialRNN[T]) forward(_ Pass, w []T, x Tensor[T]) Tensor[T] {
	h, o := &l.hidden, &l.visible
	l.begin(x)
	l.reserve(x.N)
	l.y.resize(l.outputs, x.N, l.ld)
	l.y.Lens = x.Lens
	wh, bh, wo, bo := l.split(w)
	for t := range l.reached {
		before, now := l.of(l.h, t-1, h.units), l.of(l.h, t, h.units)
		if l.spec.Recurrence == "self" {
			l.sum(h, wh, bh, t, nil)
			z := l.of(h.z, t, h.units)
			for u := range h.units {
				kernel.Axpy(z[u*l.ld:][:x.N], wh[u*h.columns+l.in], before[u*l.ld:])
			}
		} else {
			l.sum(h, wh, bh, t, before)
		}
		l.activate(h, now, t)
		l.sum(o, wo, bo, t, now)
		now = l.of(l.o, t, o.units)
		l.activate(o, now, t)
		if l.spec.Logits {
			now = l.of(o.z, t, o.units)
		}
		y := l.of(l.y.Data, t, o.units)
		copy(y, now)
		l.silence(y, t, o.units)
	}
	clear(l.y.Data[l.reached*o.units*l.ld:])
	return l.y
}

// sum is the net inputs of a group at step t, of the inputs, its units from, unless
// they are nil, and the outputs before.
func (l *sequentialRNN[T]) sum(g *unitGroup[T], w, b []T, t int, from []T) {
	n, z := l.x.N, l.of(g.z, t, g.units)
	inputs, ld := l.inputs(t)
	kernel.Gemm(g.units, n, l.in, z, l.ld, w, g.columns, 1, inputs, ld, b, false)
	if from != nil && g.from > 0 {
		kernel.Gemm(g.units, n, g.from, z, l.ld, w[l.in:], g.columns, 1, from, l.ld, nil, true)
	}
	kernel.Gemm(g.units, n, l.spec.Out, z, l.ld, w[l.in+g.from:], g.columns, 1, l.of(l.o, t-1, l.spec.Out), l.ld, nil, true)
}

// activate computes the activations a of step t.
func (l *sequentialRNN[T]) activate(g *unitGroup[T], a []T, t int) {
	z := l.of(g.z, t, g.units)
	count, length := l.rows(g.units)
	for u := range count {
		g.kernel.Forward(a[u*l.ld:][:length], z[u*l.ld:])
	}
	l.silence(a, t, g.units)
}

func (l *sequentialRNN[T]) backward(w, dw []T, dy Tensor[T], wanted bool) Tensor[T] {
	n, h, o := dy.N, &l.hidden, &l.visible
	if wanted {
		l.dx.resize(l.x.Shape, n, l.ld)
		clear(l.dx.Data[l.reached*l.in*l.ld:])
	}
	wh, _, wo, _ := l.split(w)
	dwh, dbh, dwo, dbo := l.split(dw)
	clear(h.dwt)
	clear(o.dwt)
	clear(l.self)
	back := func(dst []T, rows int, g *unitGroup[T], w []T, add bool) {
		kernel.Gemm(rows, n, g.units, dst, l.ld, w, 1, g.columns, g.dz, l.ld, nil, add)
	}
	for t := l.reached - 1; t >= 0; t-- {
		after := t < l.reached-1 // dz of both groups is still that of the step after
		l.gather(l.dy, dy, t, o.units, o.units)
		clear(o.da)
		clear(h.da)
		if !l.spec.Logits {
			copy(o.da, l.dy)
		}
		if after {
			back(o.da, o.units, o, wo[l.in+o.from:], true)
			back(o.da, o.units, h, wh[l.in+h.from:], true)
			l.errorsOfHidden(wh)
		}
		l.netErrors(o, l.of(l.o, t, o.units), t)
		if l.spec.Logits {
			l.addLogitErrors()
		}
		kernel.Transpose(o.dzt, o.ldt, o.dz, l.ld, o.units, n)
		back(h.da, h.units, o, wo[l.in:], true)
		l.show(t, h.da, h.units, n, l.ld)
		l.netErrors(h, l.of(l.h, t, h.units), t)
		kernel.Transpose(h.dzt, h.ldt, h.dz, l.ld, h.units, n)

		before := l.of(l.h, t-1, h.units)
		l.outer(o, dbo, t, l.of(l.h, t, h.units))
		if l.spec.Recurrence == "self" {
			l.outer(h, dbh, t, nil)
			kernel.RowDots(l.self, h.dz, l.ld, before, l.ld, h.units, n, true)
		} else {
			l.outer(h, dbh, t, before)
		}
		if wanted {
			dx := l.dx.Data[t*l.in*l.ld:]
			back(dx, l.in, o, wo, false)
			back(dx, l.in, h, wh, true)
		}
	}
	l.addGradient(o, dwo)
	l.addGradient(h, dwh)
	if l.spec.Recurrence == "self" {
		for u, v := range l.self {
			dwh[u*h.columns+l.in] += v
		}
	}
	if !wanted {
		return Tensor[T]{}
	}
	return l.dx
}

// errorsOfHidden sets the gradient of the hidden activations to what the hidden units
// of the step after send back.
func (l *sequentialRNN[T]) errorsOfHidden(wh []T) {
	n, h := l.x.N, &l.hidden
	switch {
	case l.spec.Recurrence == "self":
		for u := range h.units {
			kernel.Axpy(h.da[u*l.ld:][:n], wh[u*h.columns+l.in], h.dz[u*l.ld:])
		}
	case h.from > 0:
		kernel.Gemm(h.units, n, h.units, h.da, l.ld, wh[l.in:], 1, h.columns, h.dz, l.ld, nil, true)
	}
}

// netErrors computes dz of a group at step t, at its activations a.
func (l *sequentialRNN[T]) netErrors(g *unitGroup[T], a []T, t int) {
	z := l.of(g.z, t, g.units)
	count, length := l.rows(g.units)
	for u := range count {
		at := u * l.ld
		g.kernel.Grad(g.dz[at:][:length], g.da[at:], z[at:], a[at:])
	}
}

// addLogitErrors adds the output gradients of a step to dz of the output units.
func (l *sequentialRNN[T]) addLogitErrors() {
	count, length := l.rows(l.spec.Out)
	for u := range count {
		kernel.Add(l.visible.dz[u*l.ld:][:length], l.dy[u*l.ld:])
	}
}

// outer adds the gradient of a group's weights at step t to its transpose, and that of
// its biases to db.
func (l *sequentialRNN[T]) outer(g *unitGroup[T], db []T, t int, from []T) {
	n := l.x.N
	add := func(column, rows int, x []T, ld int) {
		kernel.Gemm(rows, g.units, n, g.dwt[column*g.ldt:], g.ldt, x, ld, 1, g.dzt, g.ldt, nil, true)
	}
	inputs, ld := l.inputs(t)
	add(0, l.in, inputs, ld)
	if from != nil && g.from > 0 {
		add(l.in, g.from, from, l.ld)
	}
	add(l.in+g.from, l.spec.Out, l.of(l.o, t-1, l.spec.Out), l.ld)
	kernel.RowSums(db, g.dz, l.ld, g.units, n, true)
}

// addGradient adds the transpose to the gradient of the group's weights.
func (l *sequentialRNN[T]) addGradient(g *unitGroup[T], dw []T) {
	kernel.Transpose(l.dw, g.columns, g.dwt, g.ldt, g.columns, g.units)
	kernel.Add(dw, l.dw)
}
