package network

import (
	"unsafe"

	"github.com/joust-bench/joust/network/kernel"
)

// A winograd computes convolutions of 3x3 weights with a stride of 1, and their
// gradients, by Winograd's filtering: 16 products for four outputs that take 36 (see
// package kernel). It goes along the outputs two rows and a few columns at a time, for
// a panel of examples, so that what is transformed stays in the second-level cache.
type winograd[T Float] struct {
	u     []T // transformed weights, or their gradient
	v, m  []T // transformed inputs, and outputs or their gradient
	zeros []T
	row, lanes []T // of the gradient of the weights
}

// winogradPanel and winogradPatches are how many examples and patches are taken at a
// time.
var (
	winogradPanel, winogradPatches = 32, 1
	weightPanel, weightPatches     = 64, 2
)

// forward sets y to the convolution of x, padded by pad zeros on each side, by the
// weights w.
func (g *winograd[T]) forward(y, x Tensor[T], w []T, rs, cs int, turned bool, pad int, bias []T, finish func(y []T)) {
	out, in := y.Shape[0], x.Shape[0]
	g.u = grow(g.u, kernel.WinogradFilterLen(out, in))
	kernel.WinogradFilter(g.u, w, rs, cs, out, in, turned)
	ys, xs := imageOf(y), imageOf(x)
	panel := winogradPanel
	if unsafe.Sizeof(T(0)) == 8 {
		panel /= 2
	}
	width := (ys.Width + 1) / 2
	most := min(winogradPatches, width)
	g.zero(most, x.Stride)
	for first := 0; first < x.N; first += panel {
		n := min(panel, x.N-first)
		g.v, g.m = grow(g.v, kernel.WinogradLen[T](in, most, n)), grow(g.m, kernel.WinogradLen[T](out, most, n))
		for row := 0; row < ys.Height; row += 2 {
			for p := 0; p < width; p += most {
				count := min(most, width-p)
				kernel.WinogradInput(g.v, x.Data[first:], xs, row-pad, 2*p-pad, count, n, g.zeros)
				nextRow, next := row, p+most
				if next >= width {
					nextRow, next = row+2, 0
				}
				kernel.WinogradProduct(y.Data[first:], ys, row, 2*p, g.u, bias, g.v, g.m, count, n, x.Data[first:], xs, nextRow-pad, 2*next-pad)
			}
		}
	}
}

// weights adds the gradient of the weights to dw.
func (g *winograd[T]) weights(dw []T, dy, x Tensor[T], pad int) {
	out, in := dy.Shape[0], x.Shape[0]
	ys, xs := imageOf(dy), imageOf(x)
	panel := weightPanel
	if unsafe.Sizeof(T(0)) == 8 {
		panel /= 2
	}
	width := (ys.Width + 1) / 2
	most := min(weightPatches, width)
	g.zero(most, x.Stride)
	g.lanes, g.row = grow(g.lanes, kernel.WinogradSumLen(out, in)), grow(g.row, kernel.WinogradSumLen(out, in))
	clear(g.lanes)
	for first := 0; first < x.N; first += panel {
		n := min(panel, x.N-first)
		g.v, g.m = grow(g.v, kernel.WinogradLen[T](in, most, n)), grow(g.m, kernel.WinogradGradLen[T](out, most, n))
		for row := 0; row < ys.Height; row += 2 {
			for p := 0; p < width; p += most {
				count := min(most, width-p)
				nextRow, next := row, p+most
				if next >= width {
					nextRow, next = row+2, 0
				}
				kernel.WinogradInput(g.v, x.Data[first:], xs, row-pad, 2*p-pad, count, n, g.zeros)
				kernel.WinogradWeights(g.row, dy.Data[first:], ys, row, 2*p, g.v, g.m, count, n, p > 0, x.Data[first:], xs, nextRow-pad, 2*next-pad, nextRow, 2*next)
			}
			kernel.Add(g.lanes, g.row)
		}
	}
	kernel.WinogradFilterGrad(dw, out, in, g.lanes)
}

func (g *winograd[T]) zero(patches, step int) { g.zeros = grow(g.zeros, (2*patches+2)*step) }

func imageOf[T Float](x Tensor[T]) kernel.Image {
	return kernel.Image{Channels: x.Shape[0], Height: x.Shape[1], Width: x.Shape[2], Step: x.Stride}
}
