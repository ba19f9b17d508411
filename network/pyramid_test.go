package network_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/activation"
	"github.com/joust-bench/joust/network/netcheck"
)

// pyramids are small ones in which each projection and border occurs, alone where
// it can be.
var pyramids = []struct {
	name  string
	in    network.Shape
	specs network.Specs
}{
	{"lateral", network.Shape{1, 3, 5}, network.Specs{network.Pyramid{Features: []int{2}, Steps: 3, Range: 0.5}}},
	{"lateral, wrapped", network.Shape{2, 3, 4}, network.Specs{network.Pyramid{Features: []int{2}, Steps: 3, Wrap: true, Range: 0.5}}},
	{"one cell, wrapped", network.Shape{1, 1, 1}, network.Specs{network.Pyramid{Features: []int{2}, Steps: 2, Wrap: true, Range: 0.5}}},
	{"one step", network.Shape{2, 4, 2}, network.Specs{network.Pyramid{Features: []int{2, 1}, Steps: 1, Outputs: 2, Range: 0.5}}},
	{"forward and backward", network.Shape{2, 4, 6}, network.Specs{network.Pyramid{Features: []int{1, 3}, Steps: 4, Range: 0.5}}},
	{"wrapped", network.Shape{1, 4, 2}, network.Specs{network.Pyramid{Features: []int{1, 2}, Steps: 4, Wrap: true, Range: 0.5}}},
	{"three layers, every step", network.Shape{1, 4, 8}, network.Specs{network.Pyramid{Features: []int{2, 3, 4}, Steps: 5, Outputs: 2, Every: true, Range: 0.5}}},
	{"inputs in the coarsest layer", network.Shape{2, 2, 1}, network.Specs{network.Pyramid{Features: []int{1, 2, 0}, Steps: 4, Input: 2, Range: 0.5}}},
	{"inputs in the middle, wrapped", network.Shape{1, 2, 4}, network.Specs{network.Pyramid{Features: []int{1, 2, 2}, Steps: 4, Input: 1, Wrap: true, Range: 0.5}}},
	{"full top", network.Shape{1, 6, 2}, network.Specs{network.Pyramid{Features: []int{1, 2, 4}, Steps: 5, Top: true, Range: 0.5}}},
	{"full top alone", network.Shape{2, 3, 3}, network.Specs{network.Pyramid{Features: []int{2, 3}, Steps: 3, Top: true, Wrap: true, Every: true, Range: 0.5}}},
	{"in company", network.Shape{1, 4, 4}, network.Specs{
		network.Conv{Channels: 2, Kernel: 3, Same: true},
		network.Pyramid{Features: []int{2, 2}, Steps: 3, Outputs: 2},
		network.Residual{Body: network.Specs{network.Pyramid{Features: []int{2, 1}, Steps: 2, Outputs: 2, Range: 0.3}}},
		network.Flatten{},
		network.Dense{Out: 3},
	}},
}

func TestGradientsOfPyramids(t *testing.T) {
	for _, tt := range pyramids {
		t.Run(tt.name, func(t *testing.T) { netcheck.Layer(t, tt.in, tt.specs...) })
	}
	// Some activation functions need what they were applied to. A kink inside the
	// layer cannot be seen, so that only smooth ones are checked.
	for _, f := range activation.All() {
		if f.Smooth {
			t.Run(f.Name, func(t *testing.T) {
				netcheck.Layer(t, network.Shape{1, 4, 4}, network.Pyramid{Features: []int{1, 2, 2}, Steps: 3, Func: f.Name, Range: 0.2})
			})
		}
	}
}

// Outputs and gradients agree with the same recurrence written with PyTorch's
// convolutions at float64: testdata/pyramid.py made the figures.
func TestPyramidAgreesWithPyTorch(t *testing.T) {
	content, err := os.ReadFile("testdata/pyramid.json")
	if err != nil {
		t.Fatal(err)
	}
	var figures struct {
		Cases []struct {
			In                network.Shape
			Examples          int
			Layer             network.Pyramid
			Outputs, Gradient []float64
			InputGradient     []float64 `json:"input_gradient"`
		}
	}
	if err := json.Unmarshal(content, &figures); err != nil {
		t.Fatal(err)
	}
	if len(figures.Cases) != 8 {
		t.Fatalf("%d cases, want 8", len(figures.Cases))
	}
	for seed, c := range figures.Cases {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			net := mustNew[float64](t, c.In, c.Layer)
			w := draw(net.Dim(), seed)
			x := drawn(c.In, c.Examples, 100+seed, 4)
			agree(t, "outputs", byExample(net.Forward(train, w, x)), c.Outputs)
			grad := make([]float64, net.Dim())
			dx := net.Backward(w, grad, drawn(net.Out(), c.Examples, 200+seed, 1))
			agree(t, "gradient", grad, c.Gradient)
			agree(t, "gradient of the inputs", byExample(dx), c.InputGradient)
		})
	}
}

// The weights of networks that were published, or that claims are checked with,
// counted block by block.
func TestWeightsOfPyramids(t *testing.T) {
	for _, c := range []struct {
		what string
		in   network.Shape
		spec network.Pyramid
		want int
	}{
		{
			"16x16, 8x8x4, 4x4x8: an output and the input, 4 and 8 features",
			network.Shape{1, 16, 16},
			network.Pyramid{Features: []int{1, 4, 8}, Steps: 8},
			(2*9 + 4*4 + 1) + 4*(4*9+2*16+4*8+1) + 8*(8*9+4*16+1), // 1535
		},
		{
			"super-resolution of 16x16 to 64x64 by 4 features (Behnke 2003, figure 9.3)",
			network.Shape{1, 16, 16},
			network.Pyramid{Features: []int{1, 4, 0}, Steps: 10, Input: 2},
			(9 + 4*4 + 1) + 4*(4*9+16+4+1), // 254
		},
		{
			"a top of 16 cells, fully connected to 7x7x8",
			network.Shape{1, 28, 28},
			network.Pyramid{Features: []int{1, 4, 8, 16}, Steps: 12, Top: true, Wrap: true},
			(2*9 + 4*4 + 1) + 4*(4*9+2*16+4*8+1) + 8*(8*9+4*16+7*7*16+1) + 16*(16+7*7*8+1),
		},
	} {
		net := mustNew[float64](t, c.in, c.spec)
		if net.Dim() != c.want {
			t.Errorf("%s: %d weights, want %d", c.what, net.Dim(), c.want)
		}
	}
}

func TestPyramidStartsInItsRange(t *testing.T) {
	net := mustNew[float64](t, network.Shape{1, 16, 16}, network.Pyramid{Features: []int{1, 4, 8}, Steps: 2})
	w := net.Init(newRand(1))
	for _, b := range net.Blocks() {
		part := w[b.Off:][:b.Len]
		low, high := slices.Min(part), slices.Max(part)
		if b.FanIn == 0 {
			if low != 0 || high != 0 || b.Scale != 0 {
				t.Errorf("%s: from %g to %g, scale %g, want 0", b.Name, low, high, b.Scale)
			}
			continue
		}
		if low < -0.05 || high > 0.05 || high-low < 0.05 {
			t.Errorf("%s: from %g to %g, want -0.05 to 0.05", b.Name, low, high)
		}
		if want := 0.05 / math.Sqrt(3); math.Abs(b.Scale-want) > 1e-15 {
			t.Errorf("%s: scale %g, want %g", b.Name, b.Scale, want)
		}
	}
}

// The number of steps, and whether their outputs are all kept, changes neither the
// weights nor the steps: a network that was trained on few can go on for more.
func TestPyramidOfMoreStepsGoesOn(t *testing.T) {
	in := network.Shape{1, 4, 4}
	spec := network.Pyramid{Features: []int{2, 3}, Outputs: 2, Range: 1}
	every := spec
	every.Steps, every.Every = 6, true
	all := mustNew[float64](t, in, every)
	w, x := all.Init(newRand(3)), normal(newRand(4), in, 5)
	y := values(all.Forward(train, w, x))
	for steps := 1; steps <= 6; steps++ {
		spec.Steps = steps
		got := values(mustNew[float64](t, in, spec).Forward(train, w, x))
		if want := y[(steps-1)*len(got):][:len(got)]; !slices.Equal(got, want) {
			t.Errorf("outputs of %d steps are not those of step %d of 6", steps, steps)
		}
	}
	if slices.Equal(y[:len(y)/6], y[len(y)-len(y)/6:]) {
		t.Error("the outputs of the last step are those of the first")
	}
}

func TestPyramidRefuses(t *testing.T) {
	image := network.Shape{1, 8, 8}
	for _, c := range []struct {
		in   network.Shape
		spec network.Pyramid
		want string
	}{
		{network.Shape{8}, network.Pyramid{Features: []int{1}, Steps: 1}, "want an image (C, H, W), got (8)"},
		{image, network.Pyramid{Steps: 1}, "features is empty, want the arrays of at least one layer"},
		{image, network.Pyramid{Features: []int{1}}, "steps is 0, want at least 1"},
		{image, network.Pyramid{Features: []int{2}, Steps: 1, Outputs: 3}, "outputs is 3, want 1 to 2"},
		{image, network.Pyramid{Features: []int{0}, Steps: 1}, "outputs is 1, want 1 to 0"},
		{image, network.Pyramid{Features: []int{1, 0, 2}, Steps: 1}, "features of layer 1 is 0, want at least 1"},
		{image, network.Pyramid{Features: []int{1, 0, 2}, Steps: 1, Input: 1}, "features of layer 1 is 0, want at least 1"},
		{image, network.Pyramid{Features: []int{1, 2, 3, 4, 5}, Steps: 1}, "layer 3 has 1x1 cells, which cannot be halved: want at most 4 layers"},
		{network.Shape{1, 6, 4}, network.Pyramid{Features: []int{1, 2, 3}, Steps: 1}, "layer 1 has 3x2 cells, which cannot be halved: want at most 2 layers"},
		{image, network.Pyramid{Features: []int{1, 2}, Steps: 1, Input: 2}, "input is 2, want a layer from 0 to 1"},
		{image, network.Pyramid{Features: []int{1, 2}, Steps: 1, Input: 1, Top: true}, "input is 1, want a layer from 0 to 0"},
		{image, network.Pyramid{Features: []int{1}, Steps: 1, Top: true}, "features is one layer, want at least 2 with top"},
		{image, network.Pyramid{Features: []int{1}, Steps: 1, Func: "sigmoyd"}, `activation "sigmoyd", want one of`},
		{image, network.Pyramid{Features: []int{1}, Steps: 1, Prior: -1}, "prior is -1, want a number that is not negative"},
		{image, network.Pyramid{Features: []int{1}, Steps: 1, Range: -1}, "range is -1, want a positive number"},
		{image, network.Pyramid{Features: []int{1}, Steps: 1, Range: math.Inf(1)}, "range is +Inf, want a positive number"},
		{image, network.Pyramid{Features: []int{1}, Steps: 1_000_000_000}, "1000000000 steps of 100 values, want at most 1000000000 in all"},
		{image, network.Pyramid{Features: []int{1_000_000_000}, Steps: 1}, "want at most 1000000000 weights in all"},
		{image, network.Pyramid{Features: []int{1, 100_000_000}, Steps: 1}, "want at most 1000000000 weights in all"},
		{network.Shape{1, 1 << 20, 1}, network.Pyramid{Features: make([]int, 20), Steps: 1, Outputs: 1, Input: 19}, "outputs is 1, want 1 to 0"},
		{network.Shape{1, 1 << 20, 1}, network.Pyramid{Features: slices.Repeat([]int{1}, 20), Steps: 1, Input: 19}, "input is 19, want a finest layer of at most"},
	} {
		_, err := network.New[float64](c.in, c.spec)
		if want := "layer 0 (pyramid): " + c.want; err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v %+v:\n got %v\nwant %s", c.in, c.spec, err, want)
		}
	}
}

// What activity costs is its mean over the arrays that are no outputs, which a network
// with all of them for outputs shows; and the gradient is that of both losses.
func TestPyramidPaysForActivity(t *testing.T) {
	const prior, scale, n = 0.7, 0.5, 3
	in := network.Shape{1, 3, 2}
	spec := network.Pyramid{Features: []int{3}, Steps: 4, Prior: prior, Range: 1}
	net := mustNew[float64](t, in, spec)
	w, x := net.Init(newRand(1)), normal(newRand(2), in, n)
	all := spec
	all.Every, all.Outputs = true, 3
	shown := mustNew[float64](t, in, all)
	y := shown.Forward(train, w, x)
	want := make([]float64, n)
	for f := range y.Shape.Len() {
		if f%18 < 6 {
			continue // the output of the network above
		}
		for i, v := range y.Row(f) {
			want[i] += prior * v / (2 * 6 * 4)
		}
	}
	none := make([]float64, n)
	if shown.Auxiliary(none, 1); slices.Max(none) != 0 {
		t.Errorf("losses %v without a hidden array, want none", none)
	}

	dy := normal(newRand(3), net.Out(), n)
	total := func(w []float64) (sum float64, losses []float64) {
		losses = make([]float64, n)
		for f, v := range values(net.Forward(train, w, x)) {
			sum += v * values(dy)[f]
		}
		net.Auxiliary(losses, scale)
		for _, l := range losses {
			sum += scale * l
		}
		return sum, losses
	}
	_, losses := total(w)
	for i, l := range losses {
		if math.Abs(l-want[i]) > 1e-14 {
			t.Errorf("loss of example %d = %g, want %g", i, l, want[i])
		}
	}
	grad, alone := make([]float64, len(w)), make([]float64, len(w))
	net.Backward(w, grad, dy)
	for i := range w {
		const h = 1e-5
		moved := slices.Clone(w)
		moved[i] += h
		above, _ := total(moved)
		moved[i] -= 2 * h
		below, _ := total(moved)
		if slope := (above - below) / (2 * h); math.Abs(grad[i]-slope) > 1e-7*(math.Abs(slope)+1e-2) {
			t.Errorf("gradient of weight %d = %.12g, finite difference %.12g", i, grad[i], slope)
		}
	}
	// It is asked for after each Forward anew.
	net.Forward(train, w, x)
	net.Backward(w, alone, dy)
	free := spec
	free.Prior = 0
	other := mustNew[float64](t, in, free)
	other.Forward(train, w, x)
	want = make([]float64, len(w))
	other.Backward(w, want, dy)
	if !slices.Equal(alone, want) {
		t.Error("the gradient without Auxiliary is not that of the outputs alone")
	}
	if a := testing.AllocsPerRun(3, func() {
		net.Forward(train, w, x)
		net.Auxiliary(losses, scale)
		net.Backward(w, grad, dy)
	}); a != 0 {
		t.Errorf("%v allocations in a training step, want none", a)
	}
}

// A network is built again from its description, which is its own.
func TestPyramidKeepsItsFeatures(t *testing.T) {
	features := []int{1, 2}
	net := mustNew[float64](t, network.Shape{1, 4, 4}, network.Pyramid{Features: features, Steps: 2})
	features[1] = 7
	if got := net.Clone().Dim(); got != net.Dim() {
		t.Errorf("a clone has %d weights, want %d", got, net.Dim())
	}
}
