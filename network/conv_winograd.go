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
	lanes []T // of the gradient of the weights
}

// winogradPanel and winogradPatches are how many examples and patches are taken at a
// time.
var winogradPanel, winogradPatches = 64, 2

// forward sets y to the convolution of x, padded by pad zeros on each side, by the
// weights w.
func (g *winograd[T]) forward(y, x Tensor[T], w []T, rs, cs int, turned bool, pad int, bias []T, finish func(y []T)) {
	out, in := y.Shape[0], x.Shape[0]
	tu := kernel.Transformed{Apart: out * in, Ld: in}
	g.u = grow(g.u, 16*tu.Apart)
	kernel.WinogradFilter(g.u, tu, w, rs, cs, out, in, turned)
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
		tv, tm := transformed[T](in, most, n), transformed[T](out, most, n)
		g.v, g.m = grow(g.v, 16*tv.Apart), grow(g.m, 16*tm.Apart)
		for row := 0; row < ys.Height; row += 2 {
			for p := 0; p < width; p += most {
				count := min(most, width-p)
				kernel.WinogradInput(g.v, tv, x.Data[first:], xs, row-pad, 2*p-pad, count, n, g.zeros)
				for i := range 16 {
					var b []T
					if i == 5 {
						b = bias
					}
					kernel.Gemm(out, count*n, in, g.m[i*tm.Apart:], tm.Ld, g.u[i*tu.Apart:], in, 1, g.v[i*tv.Apart:], tv.Ld, b, false)
				}
				kernel.WinogradOutput(y.Data[first:], ys, row, 2*p, g.m, tm, count, n)
			}
		}
	}
}

// weights adds the gradient of the weights to dw.
func (g *winograd[T]) weights(dw []T, dy, x Tensor[T], pad int) {
	out, in := dy.Shape[0], x.Shape[0]
	rows, cols := (out+3)&^3, (in+3)&^3
	ys, xs := imageOf(dy), imageOf(x)
	panel := winogradPanel
	if unsafe.Sizeof(T(0)) == 8 {
		panel /= 2
	}
	width := (ys.Width + 1) / 2
	most := min(winogradPatches, width)
	g.zero(most, x.Stride)
	g.lanes = grow(g.lanes, 16*rows*cols*16)
	clear(g.lanes)
	for first := 0; first < x.N; first += panel {
		n := min(panel, x.N-first)
		tv, tm := transformed[T](cols, most, n), transformed[T](rows, most, n)
		g.v, g.m = grow(g.v, 16*tv.Apart), grow(g.m, 16*tm.Apart)
		for row := 0; row < ys.Height; row += 2 {
			for p := 0; p < width; p += most {
				count := min(most, width-p)
				kernel.WinogradInput(g.v, tv, x.Data[first:], xs, row-pad, 2*p-pad, count, n, g.zeros)
				kernel.WinogradOutputGrad(g.m, tm, dy.Data[first:], ys, row, 2*p, count, n)
				for i := range 16 {
					kernel.WinogradDots(g.lanes[i*rows*cols*16:], rows, cols, g.m[i*tm.Apart:], tm.Ld, g.v[i*tv.Apart:], tv.Ld, count*n)
				}
			}
		}
	}
	g.u = grow(g.u, 16*rows*cols)
	kernel.RowSums(g.u, g.lanes, 16, 16*rows*cols, 16, false)
	kernel.WinogradFilterGrad(dw, out, in, g.u, kernel.Transformed{Apart: rows * cols, Ld: cols})
}

func (g *winograd[T]) zero(patches, step int) { g.zeros = grow(g.zeros, (2*patches+2)*step) }

func imageOf[T Float](x Tensor[T]) kernel.Image {
	return kernel.Image{Channels: x.Shape[0], Height: x.Shape[1], Width: x.Shape[2], Step: x.Stride}
}

func transformed[T Float](channels, patches, n int) kernel.Transformed {
	ld := patches * n
	return kernel.Transformed{Apart: channels*ld + cacheLine/int(unsafe.Sizeof(T(0))), Ld: ld}
}
