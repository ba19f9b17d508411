package network_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/netcheck"
)

// A wide is a convolution with 3x3 weights, and the same one with 5x5 weights of
// which the outer ones are 0, which is computed directly.
type wide[T network.Float] struct{ three, five *network.Network[T] }

func newWide[T network.Float](t *testing.T, in network.Shape, channels, pad int) wide[T] {
	t.Helper()
	return wide[T]{
		mustNew[T](t, in, network.Conv{Channels: channels, Kernel: 3, Pad: pad}),
		mustNew[T](t, in, network.Conv{Channels: channels, Kernel: 5, Pad: pad + 1}),
	}
}

// embed is 3x3 weights, and biases, as those of 5x5; extract is the reverse.
func embed[T network.Float](w []T, count int) []T {
	v := make([]T, 25*count)
	for i := range 9 * count {
		v[i/9*25+(i%9/3+1)*5+i%3+1] = w[i]
	}
	return append(v, w[9*count:]...)
}

func extract[T network.Float](v []T, count int) (w []T) {
	for i := range 9 * count {
		w = append(w, v[i/9*25+(i%9/3+1)*5+i%3+1])
	}
	return append(w, v[25*count:]...)
}

// narrow is x in float32.
func narrow(x network.Tensor[float64]) network.Tensor[float32] {
	y := network.NewTensor[float32](x.Shape, x.N)
	for f := range x.Shape.Len() {
		for e, v := range x.Row(f) {
			y.Row(f)[e] = float32(v)
		}
	}
	return y
}

// run returns outputs, the gradient of the inputs and that of the weights.
func run[T network.Float](n *network.Network[T], w []T, x, dy network.Tensor[T]) [3][]T {
	y := slices.Clone(values(n.Forward(train, w, x)))
	dw := make([]T, len(w))
	dx := values(n.Backward(w, dw, dy))
	return [3][]T{y, dx, dw}
}

// Outputs and gradients are those of the direct convolution, for odd and even sizes,
// all pads, numbers of channels from those on that are filtered, and panels with a rest.
func TestWinogradIsTheDirectConvolution(t *testing.T) {
	for i, tt := range []struct{ in, out, height, width, pad, examples int }{
		{8, 8, 4, 5, 1, 3},
		{12, 12, 6, 7, 0, 16},
		{12, 13, 4, 4, 2, 33},
		{13, 8, 5, 6, 1, 70},
		{16, 16, 9, 8, 1, 32},
		{9, 21, 7, 4, 1, 1},
		{20, 12, 8, 9, 0, 17},
		{16, 17, 5, 5, 2, 48},
		{12, 128, 4, 4, 1, 16},
	} {
		in := network.Shape{tt.in, tt.height, tt.width}
		n := newWide[float64](t, in, tt.out, tt.pad)
		w, x, dy := n.three.Init(newRand(uint64(i))), normal(newRand(2), in, tt.examples), normal(newRand(3), n.three.Out(), tt.examples)
		for i := range tt.out {
			w[len(w)-1-i] = float64(i%5) - 2 // biases
		}
		got, want := run(n.three, w, x, dy), run(n.five, embed(w, tt.in*tt.out), x, dy)
		want[2] = extract(want[2], tt.in*tt.out)
		for k, what := range []string{"outputs", "gradient of the inputs", "gradient of the weights"} {
			near(t, fmt.Sprintf("%+v: %s", tt, what), got[k], want[k], 1e-11)
		}
	}
}

// rms is the root mean square of x less y.
func rms[T network.Float](x []T, y []float64) float64 {
	s := 0.0
	for i := range y {
		s += (float64(x[i]) - y[i]) * (float64(x[i]) - y[i])
	}
	return math.Sqrt(s / float64(len(y)))
}

// In float32, errors are no more than a few times those of the direct convolution
// (the package says what was measured).
func TestErrorsOfWinograd(t *testing.T) {
	const channels, examples = 16, 64
	in := network.Shape{channels, 14, 14}
	exact, n := newWide[float64](t, in, channels, 1), newWide[float32](t, in, channels, 1)
	x, dy := narrow(normal(newRand(1), in, examples)), narrow(normal(newRand(2), in, examples))
	w := make([]float32, n.three.Dim())
	for i, v := range exact.three.Init(newRand(3)) {
		w[i] = float32(v)
	}
	widen := func(x network.Tensor[float32]) network.Tensor[float64] {
		y := network.NewTensor[float64](x.Shape, x.N)
		for f := range x.Shape.Len() {
			for e, v := range x.Row(f) {
				y.Row(f)[e] = float64(v)
			}
		}
		return y
	}
	w64 := make([]float64, len(w))
	for i, v := range w {
		w64[i] = float64(v)
	}
	want := run(exact.five, embed(w64, channels*channels), widen(x), widen(dy))
	filtered, direct := run(n.three, w, x, dy), run(n.five, embed(w, channels*channels), x, dy)
	want[2], direct[2] = extract(want[2], channels*channels), extract(direct[2], channels*channels)
	for k, what := range []string{"outputs", "gradient of the inputs", "gradient of the weights"} {
		size := rms(make([]float32, len(want[k])), want[k])
		f, d := rms(filtered[k], want[k])/size, rms(direct[k], want[k])/size
		t.Logf("%s: relative error %.3g, direct %.3g", what, f, d)
		if f > 4*d || f == d {
			t.Errorf("%s: relative error %v, want at most four times that of the direct convolution, %v, and not the same", what, f, d)
		}
	}
}

// Layers at the edges of what is filtered: gradients by finite differences, precisions
// against each other, padding that is poisoned, and no allocation.
func TestWinogradLayers(t *testing.T) {
	for _, tt := range []struct {
		in   network.Shape
		conv network.Conv
	}{
		{network.Shape{8, 4, 5}, network.Conv{Channels: 9, Kernel: 3, Same: true, Bias: 0.5}},
		{network.Shape{12, 6, 6}, network.Conv{Channels: 12, Kernel: 3}},
		{network.Shape{13, 4, 4}, network.Conv{Channels: 12, Kernel: 3, Pad: 2, NoBias: true}},
	} {
		netcheck.Layer(t, tt.in, tt.conv)
		netcheck.Layer(t, tt.in, tt.conv, network.BatchNorm{}, network.Activation{Func: "tanh"})
	}
}

// Examples do not depend on each other, to the bit.
func TestWinogradOfOneExample(t *testing.T) {
	in := network.Shape{12, 5, 6}
	n := mustNew[float64](t, in, network.Conv{Channels: 12, Kernel: 3, Same: true})
	const examples = 41
	w, x, dy := n.Init(newRand(1)), normal(newRand(2), in, examples), normal(newRand(3), in, examples)
	all := run(n, w, x, dy)
	for e := range examples {
		one := run(n, w, single(x, e), single(dy, e))
		for f := range in.Len() {
			for k, what := range []string{"output", "gradient of input"} {
				if got, want := one[k][f], all[k][f*examples+e]; got != want {
					t.Fatalf("%s %d of example %d alone is %v, want %v", what, f, e, got, want)
				}
			}
		}
	}
}

// single is example e of x.
func single(x network.Tensor[float64], e int) network.Tensor[float64] {
	y := network.NewTensor[float64](x.Shape, 1)
	for f := range x.Shape.Len() {
		y.Row(f)[0] = x.Row(f)[e]
	}
	return y
}
