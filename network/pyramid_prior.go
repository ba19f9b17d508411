package network

import "github.com/joust-bench/joust/network/kernel"

// activityPrice is what an example loses for a unit of activity of a hidden cell at
// one step.
func (l *pyramid[T]) activityPrice() T {
	hidden := -l.spec.Outputs * l.grids[0].h * l.grids[0].w
	for _, g := range l.grids {
		hidden += g.k * g.h * g.w
	}
	if hidden == 0 {
		return 0
	}
	return T(l.spec.Prior / float64(hidden*l.spec.Steps))
}

// lose implements [auxiliary].
func (l *pyramid[T]) lose(losses []T, scale T) {
	price := l.activityPrice()
	l.price = scale * price
	if price == 0 {
		return
	}
	for _, state := range l.states {
		l.hiddenRows(func(from, to int) {
			for at := from; at < to; at += l.n {
				kernel.Axpy(losses, price, state[at:at+l.n])
			}
		})
	}
}

// charge adds the gradient of that to the errors of a step.
func (l *pyramid[T]) charge(errors []T) {
	if l.price == 0 {
		return
	}
	l.hiddenRows(func(from, to int) {
		row := errors[from:to]
		for i := range row {
			row[i] += l.price
		}
	})
}

// hiddenRows is rows without the outputs.
func (l *pyramid[T]) hiddenRows(f func(from, to int)) {
	shown := l.n * l.spec.Outputs * l.grids[0].channel() // the outputs come first
	l.rows(func(_ *grid, from, to int) {
		if from >= shown {
			f(from, to)
		}
	})
}
