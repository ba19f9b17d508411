package network_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/netcheck"
)

func TestGradientsOfImagesThatAreScanned(t *testing.T) {
	tanh := network.Activation{Func: "tanh"}
	for _, tt := range []struct {
		name  string
		in    network.Shape
		specs network.Specs
	}{
		{"mdlstm", network.Shape{2, 3, 4}, network.Specs{network.MDLSTM{Cells: 3}}},
		{"mdlstm with peepholes", network.Shape{1, 4, 3}, network.Specs{network.MDLSTM{Cells: 2, Peepholes: true, ForgetBias: 0.5}, tanh}},
		{"mdlstm, concatenated", network.Shape{2, 2, 3}, network.Specs{network.MDLSTM{Cells: 2, Concat: true, Peepholes: true}}},
		{"mdlstm of one position", network.Shape{3, 1, 1}, network.Specs{network.MDLSTM{Cells: 2, Peepholes: true}}},
		{"mdlstm of one row", network.Shape{1, 1, 4}, network.Specs{network.MDLSTM{Cells: 2, Directions: 1}}},
		{"mdlstm of one column", network.Shape{1, 4, 1}, network.Specs{network.MDLSTM{Cells: 2, Directions: 1}}},
		{"mdlstm in one direction, read at the corner", network.Shape{1, 4, 3}, network.Specs{
			network.MDLSTM{Cells: 3, Directions: 1, Peepholes: true}, network.Corner{}, network.Dense{Out: 1},
		}},
		{"mdrnn", network.Shape{2, 3, 4}, network.Specs{network.MDRNN{Units: 3}}},
		{"mdrnn, concatenated", network.Shape{1, 3, 2}, network.Specs{network.MDRNN{Units: 3, Concat: true, Gain: 0.5}, tanh}},
		{"mdrnn in one direction", network.Shape{1, 4, 4}, network.Specs{network.MDRNN{Units: 2, Directions: 1}, network.Corner{}}},
		{"windows", network.Shape{2, 4, 6}, network.Specs{network.Window{Height: 2, Width: 3}, tanh}},
		{"windows that reach beyond", network.Shape{1, 3, 5}, network.Specs{network.Window{Height: 2, Width: 2}, network.Conv{Channels: 2, Kernel: 1}}},
		{"collapse", network.Shape{2, 3, 4}, network.Specs{network.Collapse{}, tanh}},
		{"corner", network.Shape{2, 3, 4}, network.Specs{tanh, network.Corner{}}},
		{"hierarchy", network.Shape{1, 5, 4}, network.Specs{
			network.Window{Height: 2, Width: 1},
			network.MDLSTM{Cells: 2, Concat: true, Peepholes: true},
			network.Window{Height: 1, Width: 2},
			network.Conv{Channels: 3, Kernel: 1},
			tanh,
			network.MDLSTM{Cells: 3},
			network.Conv{Channels: 2, Kernel: 1},
			network.Collapse{},
			network.Last{},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) { netcheck.Layer(t, tt.in, tt.specs...) })
	}
}

// With forget gates of 1, what enters at the corner reaches a position once for every
// path: binomially often. In each direction, from its own corner.
func TestMDLSTMCountsPaths(t *testing.T) {
	const size = 4
	n := mustNew[float64](t, network.Shape{1, size, size}, network.MDLSTM{Cells: 1, Concat: true})
	w := make([]float64, n.Dim())
	const small = 0.01 // h = o*tanh(c) with o = 1, and c a multiple of tanh(small)
	for way := range 4 {
		part := w[way*n.Dim()/4:][:n.Dim()/4] // W [5][1], U [5][1], L [5][1], b [5]
		part[0] = 1600                        // i is 1 where x is 1, and 0 where it is 0
		copy(part[15:], []float64{-800, 40, 40, 40, small})
	}
	for way, corner := range [][2]int{{0, 0}, {0, size - 1}, {size - 1, 0}, {size - 1, size - 1}} {
		x := network.NewTensor[float64](n.In(), 3)
		for i := range 3 {
			x.Row(corner[0]*size + corner[1])[i] = 1
		}
		y := n.Forward(train, w, x)
		for row := range size {
			for column := range size {
				r, c := row, column
				if corner[0] > 0 {
					r = size - 1 - row
				}
				if corner[1] > 0 {
					c = size - 1 - column
				}
				want := math.Tanh(binomial(r+c, r) * math.Tanh(small))
				for i, got := range y.Row((way*size+row)*size + column) {
					if math.Abs(got-want) > 1e-14 {
						t.Errorf("scan %d, position (%d, %d), example %d: h = %.15f, want %.15f for %g paths", way, row, column, i, got, want, binomial(r+c, r))
					}
				}
			}
		}
	}
	if binomial(6, 3) != 20 {
		t.Errorf("binomial(6, 3) = %g, want 20", binomial(6, 3))
	}
}

func binomial(n, k int) float64 {
	if k == 0 {
		return 1
	}
	return binomial(n-1, k-1) * float64(n) / float64(k)
}

// Gates that start at a half keep the sum over all paths bounded; open ones do not. The
// gradient that the first corner of a 16x16 image gets of a loss at the other is that of
// the other, times the forget gates to the 30th, for each of binomial(30, 15) paths: where
// states of 0 keep it from being lost in a tanh, and without recurrent weights.
func TestMDLSTMForgetBiasBoundsTheGradient(t *testing.T) {
	const size, cells = 16, 8
	share := func(bias float64) float64 {
		n := mustNew[float64](t, network.Shape{1, size, size}, network.MDLSTM{Cells: cells, Directions: 1, ForgetBias: bias}, network.Corner{})
		w := n.Init(newRand(1))
		clear(w[5*cells:][:2*5*cells*cells])
		n.Forward(train, w, network.NewTensor[float64](n.In(), 1))
		dx := n.Backward(w, make([]float64, n.Dim()), normal(newRand(3), n.Out(), 1))
		return dx.Row(0)[0] / dx.Row(size*size - 1)[0]
	}
	for _, bias := range []float64{0, 5} { // 0.14, and 1.3e8
		want := binomial(30, 15) * math.Pow(1/(1+math.Exp(-bias)), 30)
		if got := share(bias); !(math.Abs(got-want) <= 1e-10*want) {
			t.Errorf("at bias %g the first corner has %.12g of the last one's gradient, want %.12g", bias, got, want)
		}
	}
}

func TestScanBlocks(t *testing.T) {
	n := mustNew[float64](t, network.Shape{2, 4, 4}, network.MDLSTM{Cells: 3, ForgetBias: -1.5, Init: "lecun-normal", Peepholes: true})
	blocks := n.Blocks()
	want := []network.Block{
		{Name: "0.mdlstm.se.w", Off: 0, Len: 30, Rows: 15, FanIn: 2, Scale: math.Sqrt(1.0 / 2)},
		{Name: "0.mdlstm.se.u", Off: 30, Len: 45, Rows: 15, FanIn: 3, Scale: math.Sqrt(1.0 / 3)},
		{Name: "0.mdlstm.se.l", Off: 75, Len: 45, Rows: 15, FanIn: 3, Scale: math.Sqrt(1.0 / 3)},
		{Name: "0.mdlstm.se.b", Off: 120, Len: 15, Rows: 15},
		{Name: "0.mdlstm.se.piu", Off: 135, Len: 3, Rows: 3},
		{Name: "0.mdlstm.se.pil", Off: 138, Len: 3, Rows: 3},
		{Name: "0.mdlstm.se.pu", Off: 141, Len: 3, Rows: 3},
		{Name: "0.mdlstm.se.pl", Off: 144, Len: 3, Rows: 3},
		{Name: "0.mdlstm.se.po", Off: 147, Len: 3, Rows: 3},
		{Name: "0.mdlstm.sw.w", Off: 150, Len: 30, Rows: 15, FanIn: 2, Scale: math.Sqrt(1.0 / 2)},
	}
	if d := cmp.Diff(want, blocks[:10]); d != "" || len(blocks) != 36 {
		t.Errorf("%d blocks, want 36; the first (-want +got):\n%s", len(blocks), d)
	}
	w := n.Init(newRand(1))
	for way := range 4 {
		part := w[150*way:][:150]
		if got, want := part[120:], slices.Concat(make([]float64, 3), slices.Repeat([]float64{-1.5}, 6), make([]float64, 21)); !slices.Equal(got, want) {
			t.Errorf("scan %d: initial biases and peepholes %v, want %v", way, got, want)
		}
		if slices.Contains(part[:120], 0) || way > 0 && slices.Equal(part[:120], w[:120]) {
			t.Errorf("scan %d: initial weights %v, want them drawn, and others in each scan", way, part[:120])
		}
	}
	// A gain is that of the recurrent matrices alone.
	one := mustNew[float64](t, network.Shape{2, 4, 4}, network.MDRNN{Units: 3, Directions: 1})
	half := mustNew[float64](t, network.Shape{2, 4, 4}, network.MDRNN{Units: 3, Directions: 1, Gain: 0.5})
	a, b := one.Init(newRand(1)), half.Init(newRand(1))
	for i := range a {
		want := a[i]
		if i >= 6 {
			want /= 2
		}
		if b[i] != want {
			t.Errorf("weight %d starts at %g, want %g", i, b[i], want)
		}
	}
	if got, want := half.Blocks()[1].Scale, one.Blocks()[1].Scale/2; got != want {
		t.Errorf("scale of U %g, want %g", got, want)
	}
}

func TestWindowsGatherByHand(t *testing.T) {
	n := mustNew[float64](t, network.Shape{1, 3, 4}, network.Window{Height: 2, Width: 3})
	x := network.NewTensor[float64](n.In(), 1)
	for f := range 12 {
		x.Row(f)[0] = float64(1 + f)
	}
	y := n.Forward(train, nil, x)
	want := []float64{
		1, 4, 9, 12, // row 0, column 0 of each window: two rows of two windows
		2, 0, 10, 0,
		3, 0, 11, 0,
		5, 8, 0, 0,
		6, 0, 0, 0,
		7, 0, 0, 0,
	}
	if !slices.Equal(y.Shape, network.Shape{6, 2, 2}) || !slices.Equal(values(y), want) {
		t.Errorf("%v %v, want (6, 2, 2) %v", y.Shape, values(y), want)
	}
	n = mustNew[float64](t, network.Shape{2, 2, 3}, network.Collapse{})
	x = network.NewTensor[float64](n.In(), 1)
	for f := range 12 {
		x.Row(f)[0] = float64(f)
	}
	if y := n.Forward(train, nil, x); !slices.Equal(y.Shape, network.Shape{3, 2}) || !slices.Equal(values(y), []float64{3, 15, 5, 17, 7, 19}) {
		t.Errorf("collapsed: %v %v, want (3, 2) and the sums of the columns", y.Shape, values(y))
	}
	n = mustNew[float64](t, network.Shape{2, 2, 3}, network.Corner{})
	if y := n.Forward(train, nil, x); !slices.Equal(y.Shape, network.Shape{2}) || !slices.Equal(values(y), []float64{5, 11}) {
		t.Errorf("corner: %v %v, want (2) [5 11]", y.Shape, values(y))
	}
}

func TestScanErrors(t *testing.T) {
	image := network.Shape{1, 4, 4}
	for _, tt := range []struct {
		in   network.Shape
		spec network.Spec
		want string
	}{
		{network.Shape{5}, network.MDLSTM{Cells: 2}, "layer 0 (mdlstm): want an image (C, H, W), got (5)"},
		{network.Shape{5, 2}, network.MDRNN{Units: 2}, "layer 0 (mdrnn): want an image (C, H, W), got (5, 2)"},
		{network.Shape{5, 2}, network.Window{Height: 1, Width: 1}, "want an image (C, H, W), got (5, 2)"},
		{network.Shape{5, 2}, network.Collapse{}, "want an image (C, H, W), got (5, 2)"},
		{network.Shape{5, 2}, network.Corner{}, "want an image (C, H, W), got (5, 2)"},
		{image, network.MDLSTM{}, "cells is 0, want at least 1"},
		{image, network.MDRNN{Units: -1}, "units is -1, want at least 1"},
		{image, network.MDLSTM{Cells: 2, Directions: 2}, "directions is 2, want 1 or 4"},
		{image, network.MDLSTM{Cells: 10000}, "cells is 10000 with inputs (1, 4, 4), want at most"},
		{network.Shape{1, 1e4, 1e4}, network.MDLSTM{Cells: 2}, "cells is 2 with inputs (1, 10000, 10000), want at most"},
		{image, network.MDLSTM{Cells: math.MaxInt}, "want at most"},
		{image, network.MDLSTM{Cells: 2, ForgetBias: math.Inf(1)}, "forget_bias is +Inf, want a finite number"},
		{image, network.MDLSTM{Cells: 2, Init: "xavier"}, `"xavier"`},
		{image, network.MDRNN{Units: 2, Gain: math.NaN()}, "gain is NaN, want a finite number"},
		{image, network.MDRNN{Units: 2, Init: "xavier"}, `"xavier"`},
		{image, network.Window{Height: 2}, "window 2x0, want at least 1x1 and at most the image, 4x4"},
		{image, network.Window{Height: 2, Width: 5}, "window 2x5, want at least 1x1 and at most the image, 4x4"},
	} {
		_, err := network.New[float64](tt.in, tt.spec)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v %+v: error %v, want %q in it", tt.in, tt.spec, err, tt.want)
		}
	}
}

// A cell update, forward and backward: of an LSTM, and of an MDLSTM of the same size on
// as many positions as there are steps. The second has two states before it, and a gate
// more: at equal sizes, 15 matrices of the size of h for 8.
func BenchmarkCellUpdate(b *testing.B) {
	const side, channels, cells, n = 8, 16, 32, 64
	for _, bb := range []struct {
		name string
		in   network.Shape
		spec network.Spec
	}{
		{"lstm", network.Shape{side * side, channels}, network.LSTM{Hidden: cells, Peepholes: true}},
		{"mdlstm", network.Shape{channels, side, side}, network.MDLSTM{Cells: cells, Directions: 1, Peepholes: true}},
	} {
		b.Run(bb.name+"/float64", func(b *testing.B) { cellUpdate[float64](b, n, bb.in, bb.spec, side*side*cells*n) })
		b.Run(bb.name+"/float32", func(b *testing.B) { cellUpdate[float32](b, n, bb.in, bb.spec, side*side*cells*n) })
	}
}

func cellUpdate[T network.Float](b *testing.B, n int, in network.Shape, spec network.Spec, updates int) {
	net := mustNew[T](b, in, spec)
	x, dy := network.NewTensor[T](net.In(), n), network.NewTensor[T](net.Out(), n)
	rng := newRand(1)
	for _, v := range []network.Tensor[T]{x, dy} {
		for i := range v.Data {
			v.Data[i] = T(rng.NormFloat64())
		}
	}
	var w []T
	for _, v := range net.Init(rng) {
		w = append(w, T(v))
	}
	dw := make([]T, len(w))
	b.ReportAllocs()
	for b.Loop() {
		net.Forward(train, w, x)
		clear(dw)
		net.BackwardWeights(w, dw, dy)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(updates), "ns/update")
}
