package network

import (
	"unsafe"

	"github.com/joust-bench/joust/network/kernel"
)

// winograds reports whether a convolution of so many input channels, and its gradients,
// are computed by Winograd's filtering: 16 products for four outputs that take 36, and
// transforms that pay if there are enough channels. That is for shapes alone to say, so
// that results have the same bits whatever computes them.
func (s Conv) winograds(in int) bool {
	const least = 8 // channels: doc.go
	return s.Kernel == 3 && s.Stride == 1 && s.Pad <= 2 && min(in, s.Channels) >= least
}

// A winograd is the memory for that (see package kernel). It goes along the outputs two
// rows and a few columns at a time, for a panel of examples, so that what is
// transformed stays in the first-level cache.
type winograd[T Float] struct {
	filters  []T
	v, m     []T // transformed inputs, and outputs or their gradient
	zeros    []T
	row, all []T // sums of the gradient of the weights
}

// winogradPanel is the number of examples that are taken at a time, two cache lines.
func winogradPanel[T Float]() int { return 2 * cacheLine / int(unsafe.Sizeof(T(0))) }

// prepare makes room for n examples of images of stride step, and returns how many
// columns of patches are taken at a time.
func (g *winograd[T]) prepare(in, out, n, width, step int) (patches int) {
	patches = min(kernel.WinogradPatches[T](in, out, n), width)
	g.v = grow(g.v, kernel.WinogradLen[T](in, patches, n))
	g.zeros = grow(g.zeros, (2*patches+2)*step)
	return patches
}

// convolve sets y to the convolution of x, padded by pad zeros on each side, by the
// filters, and calls finish for each two rows of y or last one that is complete.
func (g *winograd[T]) convolve(y, x Tensor[T], bias []T, pad int, finish func(row, rows int)) {
	ys, xs := imageOf(y), imageOf(x)
	width := (ys.Width + 1) / 2
	for first := 0; first < x.N; first += winogradPanel[T]() {
		n := min(winogradPanel[T](), x.N-first)
		most := g.prepare(xs.Channels, ys.Channels, n, width, xs.Step)
		g.m = grow(g.m, kernel.WinogradLen[T](ys.Channels, most, n))
		to, from := y.Data[first:], x.Data[first:]
		for row := 0; row < ys.Height; row += 2 {
			for p := 0; p < width; p += most {
				patches := min(most, width-p)
				kernel.WinogradInput(g.v, from, xs, row-pad, 2*p-pad, patches, n, g.zeros)
				nextRow, nextCol := after(row, p+patches, width)
				kernel.WinogradProduct(to, ys, row, 2*p, g.filters, bias, g.v, g.m, patches, n, from, xs, nextRow-pad, nextCol-pad)
			}
			if first+n == x.N {
				finish(row, min(2, ys.Height-row))
			}
		}
	}
}

// after is the row and column of outputs of patch p of a row, or of the next row.
func after(row, p, width int) (nextRow, nextCol int) {
	if p < width {
		return row, 2 * p
	}
	return row + 2, 0
}

// weightGradient adds the gradient of the weights to dw.
func (g *winograd[T]) weightGradient(dw []T, dy, x Tensor[T], pad int) {
	ys, xs := imageOf(dy), imageOf(x)
	width := (ys.Width + 1) / 2
	sums := kernel.WinogradSumLen(ys.Channels, xs.Channels)
	g.row, g.all = grow(g.row, sums), grow(g.all, sums)
	clear(g.all)
	for first := 0; first < x.N; first += winogradPanel[T]() {
		n := min(winogradPanel[T](), x.N-first)
		most := g.prepare(xs.Channels, ys.Channels, n, width, xs.Step)
		g.m = grow(g.m, kernel.WinogradGradLen[T](ys.Channels, most, n))
		up, from := dy.Data[first:], x.Data[first:]
		for row := 0; row < ys.Height; row += 2 {
			for p := 0; p < width; p += most {
				patches := min(most, width-p)
				kernel.WinogradInput(g.v, from, xs, row-pad, 2*p-pad, patches, n, g.zeros)
				nextRow, nextCol := after(row, p+patches, width)
				kernel.WinogradWeights(g.row, up, ys, row, 2*p, g.v, g.m, patches, n, p > 0, from, xs, nextRow-pad, nextCol-pad, nextRow, nextCol)
			}
			// Sums of sums: their errors grow less.
			kernel.Add(g.all, g.row)
		}
	}
	kernel.WinogradFilterGrad(dw, ys.Channels, xs.Channels, g.all)
}

func imageOf[T Float](x Tensor[T]) kernel.Image {
	return kernel.Image{Channels: x.Shape[0], Height: x.Shape[1], Width: x.Shape[2], Step: x.Stride}
}

// forwardWinograd is forward.
func (l *conv[T]) forwardWinograd(w []T, x Tensor[T]) Tensor[T] {
	out, in := l.spec.Channels, l.in[0]
	var bias []T
	if !l.spec.NoBias {
		bias = w[out*in*9:]
	}
	g := &l.winograd
	g.filters = grow(g.filters, kernel.WinogradFilterLen(out, in))
	kernel.WinogradFilter(g.filters, w, in*9, 9, out, in, false)
	line := l.outputs[2] * l.y.Stride
	g.convolve(l.y, x, bias, l.spec.Pad, func(row, rows int) {
		for o := range out {
			l.finish(l.y.Data[(o*l.outputs[1]+row)*line:][:rows*line])
		}
	})
	return l.y
}

// backwardWinograd is backward. The gradient of the inputs is the convolution of dz by
// the weights turned around, with as many zeros around it as makes it their size.
func (l *conv[T]) backwardWinograd(w, dw []T, dz Tensor[T], wanted bool) Tensor[T] {
	out, in := l.spec.Channels, l.in[0]
	g := &l.winograd
	g.weightGradient(dw, dz, l.x, l.spec.Pad)
	if !l.spec.NoBias {
		sumPositions(dw[out*in*9:], dz)
	}
	if !wanted {
		return Tensor[T]{}
	}
	l.room(l.in, dz.N)
	g.filters = grow(g.filters, kernel.WinogradFilterLen(in, out))
	kernel.WinogradFilter(g.filters, w, 9, in*9, in, out, true)
	g.convolve(l.dx, dz, nil, 2-l.spec.Pad, func(int, int) {})
	return l.dx
}

// sumPositions adds the values of each channel of x to sums.
func sumPositions[T Float](sums []T, x Tensor[T]) {
	positions := x.Shape[1] * x.Shape[2]
	rows, n := positions, x.N
	if x.Stride == x.N {
		rows, n = 1, positions*x.N
	}
	for i := range rows {
		for j := 0; j < n; j += dotColumns {
			kernel.RowSums(sums, x.Data[i*x.Stride+j:], positions*x.Stride, x.Shape[0], min(dotColumns, n-j), true)
		}
	}
}
