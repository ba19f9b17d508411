package network

import (
	"unsafe"

	"github.com/joust-bench/joust/network/kernel"
)

// A convolution of 3x3 weights with a stride of 1, and its gradients, can be computed
// by Winograd's filtering: 16 products for four outputs that take 36, and transforms,
// which pay for images that are not too small and if there are enough channels, but
// not so many that transformed weights leave the cache (doc.go). That is for shapes alone
// to say, so that results have the same bits whatever computes them.

// winogradOutputs reports whether the outputs, and the gradient of the inputs, are.
func (l *conv[T]) winogradOutputs() bool { return l.winograds(8) }

// winogradWeights reports whether the gradient of the weights is.
func (l *conv[T]) winogradWeights() bool { return l.winograds(12) }

func (l *conv[T]) winograds(least int) bool {
	const most, side = 128, 4
	s := l.spec
	return s.Kernel == 3 && s.Stride == 1 && s.Pad <= 2 &&
		min(l.in[0], s.Channels) >= least && max(l.in[0], s.Channels) <= most &&
		min(l.in[1], l.in[2], l.outputs[1], l.outputs[2]) >= side
}

// A winograd is the memory for that (see package kernel).
type winograd[T Float] struct {
	filters  []T
	v, m     []T // transformed inputs, and outputs or their gradient
	zeros    []T
	row, all []T // sums of the gradient of the weights
}

// winogradPanel is the number of examples that are taken at a time, two cache lines,
// so that what is transformed stays in the first-level cache.
func winogradPanel[T Float]() int { return 2 * cacheLine / int(unsafe.Sizeof(T(0))) }

// walk makes room for the patches of x, and calls f for those of y: panel by panel of
// examples from first on, by two rows, and along these.
func (g *winograd[T]) walk(y, x Tensor[T], f func(first int, p, next kernel.Patches)) {
	in, out, width := x.Shape[0], y.Shape[0], (y.Shape[2]+1)/2
	for first := 0; first < x.N; first += winogradPanel[T]() {
		n := min(winogradPanel[T](), x.N-first)
		most := min(kernel.WinogradPatches[T](in, out, n), width)
		g.v = grow(g.v, kernel.WinogradLen[T](in, most, n))
		g.zeros = grow(g.zeros, (2*most+2)*x.Stride)
		next := kernel.Patches{Count: most, N: n}
		for next.Row < y.Shape[1] {
			p := next
			next.Col += 2 * p.Count
			next.Count = min(most, width-next.Col/2)
			if next.Count <= 0 {
				next = kernel.Patches{Row: p.Row + 2, Count: most, N: n}
			}
			f(first, p, next)
		}
	}
}

// convolve sets y to the convolution by the filters of x with pad zeros around it.
func (g *winograd[T]) convolve(y, x Tensor[T], bias []T, pad int, then applied[T]) {
	ys, xs := imageOf(y), imageOf(x)
	line := ys.Width * ys.Step
	g.walk(y, x, func(first int, p, next kernel.Patches) {
		g.m = grow(g.m, kernel.WinogradLen[T](ys.Channels, p.Count, p.N))
		to, from := y.Data[first:], x.Data[first:]
		kernel.WinogradInput(g.v, from, xs, p, pad, g.zeros)
		kernel.WinogradProduct(to, ys, p, g.filters, bias, g.v, g.m, from, xs, pad, next)
		if first+p.N == x.N && next.Row > p.Row {
			rows := min(2, ys.Height-p.Row)
			for c := range ys.Channels {
				then.finish(y.Data[(c*ys.Height+p.Row)*line:][:rows*line])
			}
		}
	})
}

// weightGradient adds the gradient of the weights to dw.
func (g *winograd[T]) weightGradient(dw []T, dy, x Tensor[T], pad int) {
	ys, xs := imageOf(dy), imageOf(x)
	sums := kernel.WinogradSumLen(ys.Channels, xs.Channels)
	g.row, g.all = grow(g.row, sums), grow(g.all, sums)
	clear(g.all)
	g.walk(dy, x, func(first int, p, next kernel.Patches) {
		g.m = grow(g.m, kernel.WinogradGradLen[T](ys.Channels, p.Count, p.N))
		up, from := dy.Data[first:], x.Data[first:]
		kernel.WinogradInput(g.v, from, xs, p, pad, g.zeros)
		kernel.WinogradWeights(g.row, p.Col > 0, up, ys, p, g.v, g.m, from, xs, pad, next)
		if next.Row > p.Row {
			kernel.Add(g.all, g.row) // the errors of sums of sums grow less
		}
	})
	kernel.WinogradFilterGrad(dw, ys.Channels, xs.Channels, g.all)
}

func imageOf[T Float](x Tensor[T]) kernel.Image {
	return kernel.Image{Channels: x.Shape[0], Height: x.Shape[1], Width: x.Shape[2], Step: x.Stride}
}

// forwardWinograd is forward.
func (l *conv[T]) forwardWinograd(w []T, x Tensor[T]) {
	out, in := l.spec.Channels, l.in[0]
	var bias []T
	if !l.spec.NoBias {
		bias = w[out*in*9:]
	}
	g := &l.winograd
	g.filters = grow(g.filters, kernel.WinogradFilterLen(out, in))
	kernel.WinogradFilter(g.filters, w, in*9, 9, out, in, false)
	g.convolve(l.y, x, bias, l.spec.Pad, l.applied)
}

// weightsWinograd adds the gradient of the weights and biases to dw.
func (l *conv[T]) weightsWinograd(dw []T, dz Tensor[T]) {
	l.winograd.weightGradient(dw, dz, l.x, l.spec.Pad)
	if l.spec.NoBias {
		return
	}
	// Position by position, so that the order is the same with padding and without.
	db, positions := dw[l.spec.Channels*l.fanIn():], l.outputs[1]*l.outputs[2]
	for i := range positions {
		for j := 0; j < dz.N; j += dotColumns {
			kernel.RowSums(db, dz.Data[i*dz.Stride+j:], positions*dz.Stride, l.spec.Channels, min(dotColumns, dz.N-j), true)
		}
	}
}

// inputsWinograd computes dx, the convolution of dz by the weights turned around, with as
// many zeros around it as give it the size of the inputs.
func (l *conv[T]) inputsWinograd(w []T, dz Tensor[T]) {
	out, in := l.spec.Channels, l.in[0]
	g := &l.winograd
	g.filters = grow(g.filters, kernel.WinogradFilterLen(in, out))
	kernel.WinogradFilter(g.filters, w, 9, in*9, in, out, true)
	g.convolve(l.dx, dz, nil, 2-l.spec.Pad, applied[T]{})
}
