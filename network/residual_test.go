package network_test

import (
	"slices"
	"testing"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/netcheck"
)

var (
	reluLayer = network.Activation{Func: "relu"}
	tanhLayer = network.Activation{Func: "tanh"}
)

// postBlock is a block of He et al. 2016 with the activation after it, of
// convolutions to channels, and preBlock one of He et al. 2016b.
func postBlock(channels, stride int, shortcut ...network.Spec) network.Specs {
	return network.Specs{
		network.Residual{Body: network.Specs{
			network.Conv{Channels: channels, Kernel: 3, Stride: stride, Pad: 1, NoBias: true},
			network.BatchNorm{},
			reluLayer,
			network.Conv{Channels: channels, Kernel: 3, Pad: 1, NoBias: true},
			network.BatchNorm{},
		}, Shortcut: shortcut},
		reluLayer,
	}
}

func TestGradientsOfShortcuts(t *testing.T) {
	projection := network.Specs{network.Conv{Channels: 3, Kernel: 1, Stride: 2, NoBias: true}, network.BatchNorm{}}
	for _, tt := range []struct {
		name  string
		in    network.Shape
		specs network.Specs
	}{
		{"zeropad of a vector", network.Shape{3}, network.Specs{network.Dense{Out: 3}, network.ZeroPad{Channels: 5}, tanhLayer}},
		{"zeropad of an image", network.Shape{2, 5, 4}, network.Specs{tanhLayer, network.ZeroPad{Channels: 3, Stride: 2}}},
		{"zeropad alone", network.Shape{1, 3, 7}, network.Specs{network.ZeroPad{Channels: 1, Stride: 3}}},
		{"zeropad with a stride beyond the image", network.Shape{1, 2, 2}, network.Specs{network.ZeroPad{Channels: 2, Stride: 1 << 40}}},
		{"option A, vectors", network.Shape{3}, network.Specs{network.Residual{
			Body:     network.Specs{network.Dense{Out: 5}, tanhLayer, network.Dense{Out: 5}},
			Shortcut: network.Specs{network.ZeroPad{Channels: 5}}, Scale: 0.5,
		}}},
		{"option B, vectors", network.Shape{3}, network.Specs{tanhLayer, network.Residual{
			Body:     network.Specs{tanhLayer, network.Dense{Out: 2}},
			Shortcut: network.Specs{network.Dense{Out: 2, NoBias: true}}, Scale: -2,
		}, tanhLayer}},
		{"option A, images", network.Shape{2, 5, 4}, append(postBlock(3, 2, network.ZeroPad{Channels: 3, Stride: 2}), postBlock(3, 1)...)},
		{"option B, images", network.Shape{2, 5, 4}, append(postBlock(3, 2, projection...), network.GlobalAveragePool{}, network.Dense{Out: 2})},
		{"option B first, without weights", network.Shape{4}, network.Specs{
			network.Residual{Body: network.Specs{tanhLayer}, Shortcut: network.Specs{tanhLayer, tanhLayer}},
			network.Dense{Out: 2},
		}},
		{"shortcut that is a residual", network.Shape{3}, network.Specs{network.Dense{Out: 3}, network.Residual{
			Body: network.Specs{network.Dense{Out: 3}, tanhLayer},
			Shortcut: network.Specs{tanhLayer, network.Residual{
				Body: network.Specs{network.Dense{Out: 4}, tanhLayer}, Shortcut: network.Specs{network.Dense{Out: 4}},
			}, network.Dense{Out: 3}},
		}, tanhLayer}},
		{"residuals in body and shortcut", network.Shape{3}, network.Specs{network.Residual{
			Body:     network.Specs{network.Residual{Body: network.Specs{network.BatchNorm{}, tanhLayer}}, network.BatchNorm{}},
			Shortcut: network.Specs{network.Residual{Body: network.Specs{network.BatchNorm{}, tanhLayer}, Scale: 0.3}, network.BatchNorm{}},
		}}},
	} {
		t.Run(tt.name, func(t *testing.T) { netcheck.Layer(t, tt.in, tt.specs...) })
	}
}

// Every other pixel of both channels, and a channel of zeros.
func TestZeroPadHandCase(t *testing.T) {
	n := mustNew[float64](t, network.Shape{2, 3, 2}, network.ZeroPad{Channels: 3, Stride: 2})
	x := network.NewTensor[float64](network.Shape{2, 3, 2}, 1)
	for i := range 12 {
		x.Row(i)[0] = float64(i + 1)
	}
	y := n.Forward(train, nil, x)
	if !slices.Equal(y.Shape, network.Shape{3, 2, 1}) || !slices.Equal(values(y), []float64{1, 5, 7, 11, 0, 0}) {
		t.Errorf("%v %v, want (3, 2, 1) [1 5 7 11 0 0]", y.Shape, values(y))
	}
}

// The weights of the body come before those of the shortcut, in blocks that say
// so: y = V x + W x.
func TestShortcutWeights(t *testing.T) {
	n := mustNew[float64](t, network.Shape{1}, network.Residual{
		Body:     network.Specs{network.Dense{Out: 2, NoBias: true}},
		Shortcut: network.Specs{network.Dense{Out: 2}},
		Scale:    10,
	})
	var names []string
	for _, b := range n.Blocks() {
		names = append(names, b.Name)
	}
	if want := []string{"0.residual.0.dense.w", "0.residual.shortcut.0.dense.w", "0.residual.shortcut.0.dense.b"}; !slices.Equal(names, want) {
		t.Errorf("blocks %q, want %q", names, want)
	}
	x := network.Tensor[float64]{Shape: network.Shape{1}, N: 1, Stride: 1, Data: []float64{3}}
	y := values(n.Forward(train, []float64{1, 2, 0.1, 0.2, 0.01, 0.02}, x))
	near(t, "outputs", y, []float64{30 + 0.3 + 0.01, 60 + 0.6 + 0.02}, 1e-14)
}

func TestGradientsOfHighways(t *testing.T) {
	sigmoid := network.Activation{Func: "sigmoid"}
	layer := network.Highway{
		Body: network.Specs{network.Dense{Out: 4}, tanhLayer},
		Gate: network.Specs{network.Dense{Out: 4, Bias: -1}, sigmoid},
	}
	for _, tt := range []struct {
		name  string
		in    network.Shape
		specs network.Specs
	}{
		{"highway", network.Shape{4}, network.Specs{layer}},
		{"highways", network.Shape{3}, network.Specs{network.Dense{Out: 4}, tanhLayer, layer, layer, network.Dense{Out: 2}}},
		{"highway of images", network.Shape{2, 4, 3}, network.Specs{network.Highway{
			Body: network.Specs{network.Conv{Channels: 2, Kernel: 3, Same: true}, tanhLayer},
			Gate: network.Specs{network.Conv{Channels: 2, Kernel: 3, Same: true, Bias: -2}, sigmoid},
		}, network.GlobalAveragePool{}}},
		{"highway of a residual, in a residual", network.Shape{4}, network.Specs{network.Residual{Body: network.Specs{network.Highway{
			Body: network.Specs{network.Residual{Body: network.Specs{network.Dense{Out: 4}}}, network.BatchNorm{}},
			Gate: network.Specs{network.Residual{Body: network.Specs{network.Dense{Out: 4}}}, sigmoid},
		}}}}},
		{"highway without weights in its body", network.Shape{4}, network.Specs{network.Highway{
			Body: network.Specs{tanhLayer}, Gate: network.Specs{network.Dense{Out: 4}, sigmoid},
		}}},
	} {
		t.Run(tt.name, func(t *testing.T) { netcheck.Layer(t, tt.in, tt.specs...) })
	}
}

// A gate of 0 lets the input pass, one of 1 the body, to the bit, and its bias
// starts where it is told to.
func TestHighwayGates(t *testing.T) {
	for _, tt := range []struct {
		bias float64
		want func(x, h []float64) []float64
	}{
		{-1e4, func(x, _ []float64) []float64 { return x }},
		{1e4, func(_, h []float64) []float64 { return h }},
	} {
		in := network.Shape{3}
		body := network.Dense{Out: 3}
		n := mustNew[float64](t, in, network.Highway{
			Body: network.Specs{body},
			Gate: network.Specs{network.Dense{Out: 3, Init: "zero", Bias: tt.bias}, network.Activation{Func: "sigmoid"}},
		})
		w := n.Init(newRand(1))
		if b := n.Blocks()[3]; b.Name != "0.highway.gate.0.dense.b" || w[b.Off] != tt.bias || w[b.Off+2] != tt.bias {
			t.Errorf("block %s starts at %v, want the gate's bias to start at %v", b.Name, w[b.Off:], tt.bias)
		}
		x := normal(newRand(2), in, 5)
		h := mustNew[float64](t, in, body).Forward(train, w[:12], x)
		near(t, "outputs", values(n.Forward(train, w, x)), tt.want(values(x), values(h)), 1e-15)
	}
}

func TestResidualErrors(t *testing.T) {
	dense := func(out int) network.Specs { return network.Specs{network.Dense{Out: out}} }
	for _, tt := range []struct {
		in   network.Shape
		spec network.Spec
		want string
	}{
		{network.Shape{3}, network.Residual{Body: dense(4)}, "layer 0 (residual): want a body that keeps the shape, got (4) from (3), or a shortcut"},
		{network.Shape{3}, network.Residual{Body: dense(4), Shortcut: dense(5)}, "layer 0 (residual): want a body and a shortcut with outputs of one shape, got (4) and (5)"},
		{network.Shape{3}, network.Residual{Body: dense(3), Shortcut: dense(0)}, "layer 0 (residual): shortcut: layer 0 (dense): out is 0, want at least 1"},
		{network.Shape{3}, network.Highway{Body: dense(3)}, "layer 0 (highway): want a body and a gate of at least one layer"},
		{network.Shape{3}, network.Highway{Body: dense(3), Gate: dense(2)}, "layer 0 (highway): want a body and a gate that keep the shape, got (3) and (2) from (3)"},
		{network.Shape{3}, network.Highway{Body: dense(3), Gate: dense(0)}, "layer 0 (highway): gate: layer 0 (dense): out is 0, want at least 1"},
		{network.Shape{3}, network.ZeroPad{Channels: 2}, "layer 0 (zeropad): channels is 2, want at least the 3 that there are"},
		{network.Shape{3}, network.ZeroPad{Channels: 3, Stride: 2}, "layer 0 (zeropad): want no stride for a vector"},
		{network.Shape{3, 1, 1}, network.ZeroPad{Channels: 3, Stride: -1}, "layer 0 (zeropad): stride is -1, want at least 1"},
		{network.Shape{3, 1}, network.ZeroPad{Channels: 3}, "layer 0 (zeropad): want a vector (F) or an image (C, H, W), got (3, 1)"},
		{network.Shape{1, 2, 2}, network.ZeroPad{Channels: 1 << 40}, "layer 0 (zeropad): output: want at most 1000000000 values"},
		{network.Shape{3}, network.Dense{Out: 3, NoBias: true, Bias: 1}, "layer 0 (dense): bias is 1, want a finite number, and none with no_bias"},
		{network.Shape{1, 2, 2}, network.Conv{Channels: 1, Kernel: 1, NoBias: true, Bias: 1}, "layer 0 (conv): bias is 1, want a finite number, and none with no_bias"},
		{network.Shape{1}, network.LayerNorm{}, "layer 0 (layernorm): want at least 2 values to normalise over, got (1)"},
		{network.Shape{7, 1}, network.LayerNorm{}, "layer 0 (layernorm): want at least 2 values to normalise over, got (7, 1)"},
		{network.Shape{3}, network.LayerNorm{Eps: -1}, "layer 0 (layernorm): eps is -1, want a positive number"},
		{network.Shape{1, 1, 1, 2}, network.LayerNorm{}, "layer 0 (layernorm): want a vector (F), a sequence (T, F) or an image (C, H, W), got (1, 1, 1, 2)"},
		{network.Shape{3}, network.Dropout{Rate: 1}, "layer 0 (dropout): rate is 1, want from 0 to less than 1"},
		{network.Shape{3}, network.Dropout{Rate: -0.1}, "layer 0 (dropout): rate is -0.1, want from 0 to less than 1"},
		{network.Shape{3}, network.Noise{Scale: 0.5}, "layer 0 (noise): scale is 0.5, want a number of at least 1"},
		{network.Shape{3}, network.Noise{ShiftSpread: -1}, "layer 0 (noise): shift_spread is -1, want a number of at least 0"},
		{network.Shape{3, 2}, network.Noise{}, "layer 0 (noise): want a vector (F) or an image (C, H, W), got (3, 2)"},
	} {
		_, err := network.New[float64](tt.in, tt.spec)
		if err == nil || err.Error()[:min(len(err.Error()), len(tt.want))] != tt.want {
			t.Errorf("%+v: error %v, want %s", tt.spec, err, tt.want)
		}
	}
}

// What was built is a copy of its description, shortcuts and gates included.
func TestNestedSpecsAreCopied(t *testing.T) {
	shortcut, gate := network.Specs{network.Dense{Out: 2}}, network.Specs{network.Dense{Out: 2}}
	n := mustNew[float64](t, network.Shape{2},
		network.Residual{Body: network.Specs{network.Dense{Out: 2}}, Shortcut: shortcut},
		network.Highway{Body: network.Specs{network.Dense{Out: 2}}, Gate: gate})
	shortcut[0], gate[0] = nil, nil
	if got, want := n.Clone().Dim(), n.Dim(); got != want {
		t.Errorf("the clone has %d weights, want %d", got, want)
	}
}
