package network

import "github.com/joust-bench/joust/network/kernel"

// reserve cuts the memory for n examples out of one piece, and forgets what was in
// it.
func (l *pyramid[T]) reserve(n int) {
	if l.n == n {
		return
	}
	l.n = n
	for _, ps := range [][]*projection[T]{l.own, l.clamped} {
		for _, p := range ps {
			p.reset(n)
		}
	}
	frame := 0
	for _, g := range l.grids {
		frame += n * g.cells()
	}
	at := l.grids[l.spec.Input]
	image := n * at.clamped * at.channel()
	frames := 4 + l.spec.Steps
	if !l.fromOutput {
		frames += l.spec.Steps
	}
	l.work = grow(l.work, frames*frame+2*image)
	clear(l.work) // what is beyond the borders stays 0
	rest := l.work
	cut := func(n int) []T {
		part := rest[:n:n]
		rest = rest[n:]
		return part
	}
	l.inputs, l.dInputs = cut(image), cut(image)
	l.drive, l.total = cut(frame), cut(frame)
	l.errors[0], l.errors[1] = cut(frame), cut(frame)
	l.states, l.sums = l.states[:0], l.sums[:0]
	for range l.spec.Steps {
		l.states = append(l.states, cut(frame))
	}
	if l.fromOutput {
		l.sums = append(l.sums, l.states...)
		return
	}
	for range l.spec.Steps {
		l.sums = append(l.sums, cut(frame))
	}
}

func (l *pyramid[T]) forward(_ Pass, w []T, x Tensor[T]) Tensor[T] {
	l.reserve(x.N)
	l.price = 0
	g := &l.grids[l.spec.Input]
	l.eachInput(func(f, at int) { copy(l.inputs[at:][:l.n], x.Row(f)) })
	l.wrapArrays(l.inputs, g, g.clamped)
	l.begin(w)
	for t, z := range l.sums {
		copy(z, l.drive)
		if t > 0 { // before the first step everything is 0
			for _, p := range l.own {
				p.forward(w, z, l.states[t-1])
			}
		}
		l.rows(func(g *grid, from, to int) { l.kernel.Forward(l.states[t][from:to], z[from:to]) })
		l.wrap(l.states[t])
	}
	return l.result(x.N)
}

// begin computes what is the same at every step.
func (l *pyramid[T]) begin(w []T) {
	l.rows(func(g *grid, from, to int) {
		o := (from/l.n - g.off) / g.channel()
		row := l.drive[from:to]
		for i := range row {
			row[i] = w[g.bias+o]
		}
	})
	for _, p := range l.clamped {
		p.forward(w, l.drive, l.inputs)
	}
}

// rows calls f with the range of every row of every array in a frame, without the
// border.
func (l *pyramid[T]) rows(f func(g *grid, from, to int)) {
	for i := range l.grids {
		g := &l.grids[i]
		for k := range g.k {
			for y := range g.h {
				at := l.n * (g.off + k*g.channel() + g.cell(y, 0))
				f(g, at, at+l.n*g.w)
			}
		}
	}
}

// wrap fills the borders of a frame, if there is something beyond them.
func (l *pyramid[T]) wrap(frame []T) {
	for _, g := range l.grids {
		l.wrapArrays(frame[l.n*g.off:], &g, g.k)
	}
}

func (l *pyramid[T]) wrapArrays(a []T, g *grid, arrays int) {
	if !l.spec.Wrap {
		return
	}
	pitch := l.n * g.pitch()
	for k := range arrays {
		a := a[l.n*k*g.channel():]
		for y := 1; y <= g.h; y++ {
			row := a[y*pitch:][:pitch]
			copy(row[:l.n], row[l.n*g.w:])
			copy(row[l.n*(g.w+1):], row[l.n:][:l.n])
		}
		copy(a[:pitch], a[g.h*pitch:])
		copy(a[(g.h+1)*pitch:][:pitch], a[pitch:])
	}
}

// look shows the gradient with respect to the states of a step.
func (l *pyramid[T]) look(t int, e []T) {
	if l.see == nil {
		return
	}
	var seen []T
	l.rows(func(_ *grid, from, to int) { seen = append(seen, e[from:to]...) })
	l.show(t, seen, len(seen)/l.n, l.n, l.n)
}

// steps are the steps whose outputs are the layer's.
func (l *pyramid[T]) steps() (first, n int) {
	if l.spec.Every {
		return 0, l.spec.Steps
	}
	return l.spec.Steps - 1, 1
}

func (l *pyramid[T]) result(n int) Tensor[T] {
	l.y.resize(l.outputs, n, strideOf[T](l.outputs, n))
	first, steps := l.steps()
	values := l.outputs.Len() / steps
	for t := range steps {
		l.eachOutput(func(i, at int) { copy(l.y.Row(t*values+i), l.states[first+t][at:][:n]) })
	}
	return l.y
}

// eachInput and eachOutput call f with every input, or every output of a step, and
// its place among the inputs, or in a frame.
func (l *pyramid[T]) eachInput(f func(i, at int)) {
	g := &l.grids[l.spec.Input]
	l.each(g, g.clamped, f)
}

func (l *pyramid[T]) eachOutput(f func(i, at int)) { l.each(&l.grids[0], l.spec.Outputs, f) }

func (l *pyramid[T]) each(g *grid, arrays int, f func(i, at int)) {
	for i := range arrays * g.h * g.w {
		k, y, x := i/(g.h*g.w), i/g.w%g.h, i%g.w
		f(i, l.n*(k*g.channel()+g.cell(y, x)))
	}
}

// backward goes back through the steps. At each, the errors are the gradient with
// respect to the states, and then, in place, with respect to what Func was
// applied to. Biases and inputs do the same at every step, and need only the sum of
// those.
func (l *pyramid[T]) backward(w, dw []T, dy Tensor[T], wanted bool) Tensor[T] {
	for _, p := range l.own {
		p.flip(w)
	}
	clear(l.total)
	first, steps := l.steps()
	values := l.outputs.Len() / steps
	now, before := l.errors[0], l.errors[1]
	clear(now)
	for t := l.spec.Steps - 1; t >= 0; t-- {
		if t >= first {
			l.eachOutput(func(i, at int) { kernel.Add(now[at:][:l.n], dy.Row((t-first)*values+i)) })
		}
		l.charge(now)
		l.look(t, now)
		l.rows(func(_ *grid, from, to int) {
			e := now[from:to]
			l.kernel.Grad(e, e, l.sums[t][from:to], l.states[t][from:to])
			kernel.Add(l.total[from:to], e)
		})
		if t == 0 {
			break
		}
		l.wrap(now)
		clear(before)
		for _, p := range l.own {
			p.weightGradient(dw, now, l.states[t-1])
			p.inputGradient(w, before, now)
		}
		now, before = before, now
	}
	l.wrap(l.total)
	for i := range l.grids {
		g := &l.grids[i]
		for y := range g.h {
			if g.k > 0 {
				kernel.RowSums(dw[g.bias:], l.total[l.n*(g.off+g.cell(y, 0)):], l.n*g.channel(), g.k, l.n*g.w, true)
			}
		}
	}
	for _, p := range l.clamped {
		p.weightGradient(dw, l.total, l.inputs)
	}
	if !wanted {
		return Tensor[T]{}
	}
	clear(l.dInputs)
	for _, p := range l.clamped {
		p.flip(w)
		p.inputGradient(w, l.dInputs, l.total)
	}
	l.room(l.in, l.n)
	l.eachInput(func(i, at int) { copy(l.dx.Row(i), l.dInputs[at:][:l.n]) })
	return l.dx
}
