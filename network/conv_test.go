package network_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/joust-bench/joust/network"
)

// image is one example of shape s.
func image(s network.Shape, v ...float64) network.Tensor[float64] {
	return network.Tensor[float64]{Shape: s, N: 1, Stride: 1, Data: v}
}

// Outputs and gradients of convolutions and pools, by hand.
func TestImagesByHand(t *testing.T) {
	in := network.Shape{1, 2, 3}
	x := image(in, 1, 2, 3, 4, 5, 6)
	decimal := []float64{1, 10, 100, 1000, 0.5} // w, row by row, and b
	for _, tt := range []struct {
		name          string
		spec          network.Spec
		in            network.Tensor[float64]
		w             []float64
		y, dy, dw, dx []float64
		out           network.Shape
	}{
		{
			"conv",
			network.Conv{Channels: 1, Kernel: 2},
			x, decimal,
			[]float64{5421.5, 6532.5},
			[]float64{1, 10},
			[]float64{21, 32, 54, 65, 11},
			[]float64{1, 20, 100, 100, 2000, 10000},
			network.Shape{1, 1, 2},
		},
		{
			"conv with padding and a stride",
			network.Conv{Channels: 1, Kernel: 2, Stride: 2, Pad: 1},
			x, decimal,
			[]float64{1000.5, 3200.5, 40.5, 65.5},
			[]float64{1, 2, 3, 4},
			[]float64{20, 36, 4, 7, 10},
			[]float64{1000, 200, 2000, 30, 4, 40},
			network.Shape{1, 2, 2},
		},
		{
			"average",
			network.AveragePool{Kernel: 2, Stride: 1},
			x, nil,
			[]float64{3, 4},
			[]float64{4, 8},
			nil,
			[]float64{1, 3, 2, 1, 3, 2},
			network.Shape{1, 1, 2},
		},
		{
			"average with padding",
			network.AveragePool{Kernel: 2, Pad: 1},
			x, nil,
			[]float64{0.25, 1.25, 1, 2.75},
			[]float64{4, 8, 12, 16},
			nil,
			[]float64{1, 2, 2, 3, 4, 4},
			network.Shape{1, 2, 2},
		},
		{
			"global average",
			network.GlobalAveragePool{},
			x, nil,
			[]float64{3.5},
			[]float64{6},
			nil,
			[]float64{1, 1, 1, 1, 1, 1},
			network.Shape{1},
		},
		{
			// The first of equal values takes the gradient, and padding is less than
			// all of them.
			"maximum",
			network.MaxPool{Kernel: 3, Stride: 2, Pad: 1},
			image(in, -1, -1, -3, -1, -2, -3), nil,
			[]float64{-1, -1},
			[]float64{5, 7},
			nil,
			[]float64{5, 7, 0, 0, 0, 0},
			network.Shape{1, 1, 2},
		},
	} {
		n := mustNew[float64](t, in, tt.spec)
		y := n.Forward(train, tt.w, tt.in)
		if !slices.Equal(y.Shape, tt.out) {
			t.Errorf("%s: outputs of shape %v, want %v", tt.name, y.Shape, tt.out)
			continue
		}
		near(t, tt.name+": outputs", values(y), tt.y, 1e-12)
		dw := make([]float64, n.Dim())
		near(t, tt.name+": gradient of the inputs", values(n.Backward(tt.w, dw, image(tt.out, tt.dy...))), tt.dx, 1e-12)
		near(t, tt.name+": gradient of the weights", dw, tt.dw, 1e-12)
	}
}

// A network that has diverged says so through a pool.
func TestMaxPoolPassesNaNOn(t *testing.T) {
	in := network.Shape{1, 3, 3}
	n := mustNew[float64](t, in, network.MaxPool{Kernel: 3})
	for at := range 3 {
		x := image(in, 1, 2, 3, 3, 2, 1, 5, 5, 5)
		x.Data[4*at] = math.NaN()
		if y := n.Forward(train, nil, x); !math.IsNaN(y.Data[0]) {
			t.Errorf("the maximum of %v is %v, want NaN", x.Data, y.Data[0])
		}
	}
}

// Both precisions compute the same where a minibatch is several panels and a
// rest, the kernel has gaps, and examples are on their own.
func TestConvolutionOfManyExamples(t *testing.T) {
	in := network.Shape{2, 5, 6}
	specs := network.Specs{network.Conv{Channels: 3, Kernel: 3, Stride: 2, Pad: 1}, network.Conv{Channels: 2, Kernel: 2}}
	f64, f32 := mustNew[float64](t, in, specs...), mustNew[float32](t, in, specs...)
	const examples = 150
	w, x := f64.Init(newRand(1)), normal(newRand(2), in, examples)
	dy := normal(newRand(3), f64.Out(), examples)
	single := func(v []float64) []float32 {
		var s []float32
		for _, e := range v {
			s = append(s, float32(e))
		}
		return s
	}
	tensor := func(x network.Tensor[float64]) network.Tensor[float32] {
		return network.Tensor[float32]{Shape: x.Shape, N: x.N, Stride: x.Stride, Data: single(x.Data)}
	}
	w32, dw32 := single(w), make([]float32, f32.Dim())
	y32 := values(f32.Forward(train, w32, tensor(x)))
	dx32 := values(f32.Backward(w32, dw32, tensor(dy)))
	y := values(f64.Forward(train, w, x))
	dw := make([]float64, len(w))
	dx := values(f64.Backward(w, dw, dy))
	double := func(v []float32) []float64 {
		var d []float64
		for _, e := range v {
			d = append(d, float64(e))
		}
		return d
	}
	near(t, "outputs in float32", double(y32), y, 1e-5)
	near(t, "gradient of the inputs in float32", double(dx32), dx, 1e-5)
	near(t, "gradient of the weights in float32", double(dw32), dw, 1e-4)

	// The same examples, one at a time.
	sum := make([]float64, len(w))
	for e := range examples {
		one := image(in)
		for f := range in.Len() {
			one.Data = append(one.Data, x.Row(f)[e])
		}
		ys := f64.Forward(train, w, one)
		for f := range f64.Out().Len() {
			if got, want := ys.Row(f)[0], y[f*examples+e]; got != want {
				t.Fatalf("output %d of example %d alone is %v, want %v", f, e, got, want)
			}
		}
		d := image(f64.Out())
		for f := range f64.Out().Len() {
			d.Data = append(d.Data, dy.Row(f)[e])
		}
		dxs := f64.Backward(w, sum, d)
		for f := range in.Len() {
			if got, want := dxs.Row(f)[0], dx[f*examples+e]; got != want {
				t.Fatalf("gradient of input %d of example %d alone is %v, want %v", f, e, got, want)
			}
		}
	}
	near(t, "gradient of the weights, one example at a time", sum, dw, 1e-11)
}

// A row of outputs may have more columns than dot products take at once: the
// gradient of the weights is then the sum over its two halves, convolved alone.
func TestConvolutionOfALongRow(t *testing.T) {
	const long, halo, examples = 1000, 2, 32 // twice 16000 columns of outputs
	conv := network.Conv{Channels: 2, Kernel: 3}
	whole := mustNew[float64](t, network.Shape{1, 3, 2*long + halo}, conv)
	half := mustNew[float64](t, network.Shape{1, 3, long + halo}, conv)
	w, x, dy := whole.Init(newRand(1)), normal(newRand(2), whole.In(), examples), normal(newRand(3), whole.Out(), examples)
	want, got := make([]float64, len(w)), make([]float64, len(w))
	// part cuts columns from..from+n out of t.
	part := func(t network.Tensor[float64], s network.Shape, from int) network.Tensor[float64] {
		p := network.NewTensor[float64](s, t.N)
		for f := range s.Len() {
			copy(p.Row(f), t.Row(f/s[2]*t.Shape[2]+from+f%s[2]))
		}
		return p
	}
	for _, from := range []int{0, long} {
		half.Forward(train, w, part(x, half.In(), from))
		half.BackwardWeights(w, want, part(dy, half.Out(), from))
	}
	whole.Forward(train, w, x)
	whole.BackwardWeights(w, got, dy)
	near(t, "gradient of the weights", got, want, 1e-11)
}

// Initial weights have the variance that their initializer promises for the
// number of inputs under the kernel.
func TestConvolutionInit(t *testing.T) {
	n := mustNew[float64](t, network.Shape{8, 5, 5}, network.Conv{Channels: 200, Kernel: 3, Init: "he-normal", Gain: 2})
	b := n.Blocks()
	if len(b) != 2 || b[0].FanIn != 72 || b[0].Rows != 200 || b[0].Len != 200*72 || b[1].Len != 200 {
		t.Fatalf("blocks %+v, want weights of 200 rows of 72, and 200 biases", b)
	}
	want := 2 * math.Sqrt(2.0/72)
	if math.Abs(b[0].Scale-want) > 1e-12 {
		t.Errorf("scale of the weights %v, want %v", b[0].Scale, want)
	}
	w, s := n.Init(newRand(1)), 0.0
	for _, v := range w[:b[0].Len] {
		s += v * v
	}
	// The standard error of the root mean square of 14400 normal numbers is 0.6 %.
	if got := math.Sqrt(s / float64(b[0].Len)); math.Abs(got/want-1) > 0.024 {
		t.Errorf("root mean square of the weights %v, want %v", got, want)
	}
	if slices.ContainsFunc(w[b[0].Len:], func(v float64) bool { return v != 0 }) {
		t.Error("biases do not start at 0")
	}
}

func TestImageLayersThatDoNotFit(t *testing.T) {
	in := network.Shape{2, 4, 5}
	for _, tt := range []struct {
		in   network.Shape
		spec network.Spec
		want string
	}{
		{network.Shape{4}, network.Conv{Channels: 1, Kernel: 1}, "layer 0 (conv): want an image (C, H, W), got (4)"},
		{in, network.Conv{Kernel: 1}, "channels is 0, want at least 1"},
		{in, network.Conv{Channels: 1}, "kernel is 0, want at least 1"},
		{in, network.Conv{Channels: 1, Kernel: 5}, "kernel 5x5, want at most the image with its padding, 4x5"},
		{in, network.Conv{Channels: 1, Kernel: 1, Stride: -1}, "stride is -1, want at least 1"},
		{in, network.Conv{Channels: 1, Kernel: 1, Pad: -1}, "padding is -1, want 0 to 1000000000"},
		{in, network.Conv{Channels: 1, Kernel: 2, Same: true}, "kernel is 2, want an odd number for same"},
		{in, network.Conv{Channels: 1, Kernel: 3, Pad: 1, Same: true}, "padding is 1, want none given with same"},
		{in, network.Conv{Channels: 1, Kernel: 3, Init: "hee"}, `unknown initializer "hee"`},
		{in, network.Conv{Channels: 1, Kernel: 3, Gain: math.Inf(1)}, "gain is +Inf, want a finite number"},
		{in, network.Conv{Channels: 1 << 40, Kernel: 3}, "weights: want at most 1000000000 values, got (1099511627776, 2, 3, 3)"},
		{in, network.Conv{Channels: 1, Kernel: 1 << 40, Pad: 1 << 29}, "want at most the image with its padding"},
		{in, network.Conv{Channels: 1, Kernel: 1, Pad: 1 << 29}, "output: want at most 1000000000 values"},
		{in, network.Conv{Channels: 1, Kernel: 1, Pad: 1 << 29, Stride: 1 << 30}, "rows under the kernel: want at most 1000000000 values"},
		{network.Shape{4}, network.AveragePool{Kernel: 1}, "layer 0 (averagepool): want an image"},
		{in, network.AveragePool{}, "kernel is 0, want at least 1"},
		{in, network.MaxPool{Kernel: 2, Stride: -2}, "stride is -2, want at least 1"},
		{in, network.MaxPool{Kernel: 5}, "kernel 5x5, want at most the image with its padding, 4x5"},
		{in, network.MaxPool{Kernel: 3, Pad: 2}, "padding is 2, want at most 1, half of the kernel"},
		{network.Shape{4, 2}, network.GlobalAveragePool{}, "layer 0 (globalaveragepool): want an image (C, H, W), got (4, 2)"},
	} {
		_, err := network.New[float64](tt.in, tt.spec)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("New(%v, %+v): error %v, want %s", tt.in, tt.spec, err, tt.want)
		}
	}
	// A stride beyond the image costs nothing.
	n := mustNew[float64](t, in, network.Conv{Channels: 1, Kernel: 2, Stride: 1 << 60})
	if got := n.Forward(train, n.Init(newRand(1)), normal(newRand(1), in, 3)).Shape; !slices.Equal(got, network.Shape{1, 1, 1}) {
		t.Errorf("outputs of shape %v, want (1, 1, 1)", got)
	}
}
