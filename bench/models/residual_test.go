package models

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/netcheck"
)

// The weights of small members of each family, counted by hand.
func TestWeightsOfRemediesCountedByHand(t *testing.T) {
	const (
		plain4 = (4*3 + 3) + (3*3 + 3) + (3*5 + 5) // depth 2, width 3, from 4 inputs to 5 outputs
		gate   = 3*3 + 3
		// One block in each stage, channels 2, 4, 8, from one channel to 5 outputs.
		convs = 9*(1*2+2*2+2*2+2*4+4*4+4*8+8*8) + 8*5 + 5
		gains = 2 * (2 + 2 + 2 + 4 + 4 + 8 + 8) // gamma and beta after each
		// Before each but the first, and before the output layer.
		preGains  = 2 * (2 + 2 + 2 + 4 + 4 + 8 + 8)
		projected = 2*4 + 4*8
	)
	for _, c := range []struct {
		model  bench.Model
		config string
		in     network.Shape
		want   int
	}{
		{layernorm(), `{"depth":2,"width":3}`, network.Shape{4}, plain4 + 2*6},
		{noisyBatchnorm(), `{"depth":2,"width":3}`, network.Shape{4}, plain4 - 2*3 + 2*6},
		{dropout(), `{"depth":2,"width":3}`, network.Shape{4}, plain4},
		{highway(), `{"depth":2,"width":3}`, network.Shape{4}, plain4 + gate},
		{resnet(), `{"depth":2,"width":3,"order":"post"}`, network.Shape{4}, plain4 - 2*3 + 2*6},
		{resnet(), `{"depth":2,"width":3,"norm":"layer"}`, network.Shape{4}, plain4 + 2*6},
		{convnet(), `{"blocks":1,"channels":2}`, network.Shape{1, 8, 8}, convs + gains},
		{convResnet(), `{"blocks":1,"channels":2}`, network.Shape{1, 8, 8}, convs + gains},
		{convResnet(), `{"blocks":1,"channels":2,"order":"pre"}`, network.Shape{1, 8, 8}, convs + preGains},
		{convResnet(), `{"blocks":1,"channels":2,"shortcut":"project"}`, network.Shape{1, 8, 8}, convs + gains + projected + 2*(4+8)},
		{convResnet(), `{"blocks":1,"channels":2,"order":"pre","shortcut":"project"}`, network.Shape{1, 8, 8}, convs + preGains + projected},
		{convResnet(), `{"blocks":1,"channels":2,"norm":"none"}`, network.Shape{1, 8, 8}, convs + 2 + 2 + 2 + 4 + 4 + 8 + 8},
	} {
		if n, _ := build(t, c.model, c.config, "", c.in, 5); n.Dim() != c.want {
			t.Errorf("%s %s: %d weights, want %d", c.model.Name, c.config, n.Dim(), c.want)
		}
	}
}

func TestBlocksAreThoseOfThePapers(t *testing.T) {
	relu := network.Activation{Func: "relu"}
	dense := network.Dense{Out: 3, Init: "he-normal", NoBias: true}
	biased := network.Dense{Out: 3, Init: "he-normal"}
	out := network.Dense{Out: 2, Init: "he-normal"}
	conv := func(channels, stride int) network.Conv {
		return network.Conv{Channels: channels, Kernel: 3, Pad: 1, Stride: stride, Init: "he-normal", NoBias: true}
	}
	norm, layer := network.BatchNorm{}, network.LayerNorm{}
	for _, c := range []struct {
		model  bench.Model
		config string
		in     network.Shape
		want   network.Specs
	}{
		{resnet(), `{"depth":4,"width":3,"layers":2,"order":"post"}`, network.Shape{4}, network.Specs{
			dense, norm, relu,
			network.Residual{Body: network.Specs{dense, norm, relu, dense, norm}},
			relu,
			network.Residual{Body: network.Specs{dense, norm}},
			relu,
			out,
		}},
		{resnet(), `{"depth":5,"width":3,"order":"post","norm":"none"}`, network.Shape{4}, append(append(network.Specs{biased, relu},
			slices.Repeat(network.Specs{network.Residual{Body: network.Specs{biased}, Scale: 0.5}, relu}, 4)...), out)},
		{resnet(), `{"depth":2,"width":3,"norm":"layer"}`, network.Shape{4}, network.Specs{
			biased, network.Residual{Body: network.Specs{layer, relu, biased}}, layer, relu, out,
		}},
		{highway(), `{"depth":2,"width":3,"activation":"relu","init":"he-normal","bias":-3}`, network.Shape{4}, network.Specs{
			biased, relu,
			network.Highway{Body: network.Specs{biased, relu}, Gate: network.Specs{
				network.Dense{Out: 3, Init: "he-normal", Bias: -3}, network.Activation{Func: "sigmoid"},
			}},
			out,
		}},
		{convResnet(), `{"channels":4}`, network.Shape{1, 16, 16}, network.Specs{
			conv(4, 0), norm, relu,
			network.Residual{Body: network.Specs{conv(4, 0), norm, relu, conv(4, 0), norm}},
			relu,
			network.Residual{Body: network.Specs{conv(8, 2), norm, relu, conv(8, 0), norm}, Shortcut: network.Specs{network.ZeroPad{Channels: 8, Stride: 2}}},
			relu,
			network.Residual{Body: network.Specs{conv(16, 2), norm, relu, conv(16, 0), norm}, Shortcut: network.Specs{network.ZeroPad{Channels: 16, Stride: 2}}},
			relu,
			network.GlobalAveragePool{},
			out,
		}},
		{convnet(), `{"channels":4}`, network.Shape{1, 16, 16}, network.Specs{
			conv(4, 0), norm, relu,
			conv(4, 0), norm, relu, conv(4, 0), norm, relu,
			conv(8, 2), norm, relu, conv(8, 0), norm, relu,
			conv(16, 2), norm, relu, conv(16, 0), norm, relu,
			network.GlobalAveragePool{},
			out,
		}},
	} {
		_, specs := build(t, c.model, c.config, "", c.in, 2)
		if diff := cmp.Diff(c.want, specs); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", c.model.Name, c.config, diff)
		}
	}
}

// A network of 6n+2 weight layers has 6n+1 convolutions, whatever else it has, and
// computes the gradient of what it computes.
func TestConvolutionalModels(t *testing.T) {
	in := network.Shape{2, 6, 5}
	for _, c := range []struct {
		model  bench.Model
		config string
	}{
		{convnet(), `{"channels":1,"blocks":%d,"activation":"tanh"}`},
		{convnet(), `{"channels":2,"blocks":%d,"norm":"layer"}`},
		{convResnet(), `{"channels":1,"blocks":%d}`},
		{convResnet(), `{"channels":1,"blocks":%d,"order":"pre","shortcut":"project","activation":"tanh"}`},
		{convResnet(), `{"channels":2,"blocks":%d,"norm":"layer","shortcut":"project","activation":"tanh"}`},
		{convResnet(), `{"channels":1,"blocks":%d,"norm":"none","activation":"tanh"}`},
	} {
		for blocks := 1; blocks <= 3; blocks++ {
			config := fmt.Sprintf(c.config, blocks)
			_, specs := build(t, c.model, config, "", in, 3)
			if got, want := convolutions(specs), 6*blocks+1; got != want {
				t.Errorf("%s %s: %d convolutions, want %d", c.model.Name, config, got, want)
			}
			if blocks == 1 {
				netcheck.Layer(t, in, specs...)
			}
		}
		_, err := c.model.Layers(json.RawMessage(fmt.Sprintf(c.config, 1)), "", network.Shape{4}, network.Shape{3})
		if err == nil || !strings.HasSuffix(err.Error(), "inputs of shape (4), want images (C, H, W)") {
			t.Errorf("%s of a vector: error %v, want one that says so", c.model.Name, err)
		}
	}
}

func convolutions(s network.Specs) (n int) {
	for _, s := range s {
		switch s := s.(type) {
		case network.Conv:
			n++
		case network.Residual:
			n += convolutions(s.Body)
		}
	}
	return n
}

// A name that there is none of is found in every chain of a network file.
func TestUnknownNamesInNestedChains(t *testing.T) {
	for _, c := range []struct{ layer, want string }{
		{"type: residual, body: [{type: dense, out: 4}], shortcut: [{type: dense, out: 4, init: he}]", "net.yaml:1:69: layers[0].shortcut[0]: "},
		{"type: highway, body: [{type: activation, func: rleu}], gate: []", "net.yaml:1:33: layers[0].body[0]: "},
		{"type: highway, body: [], gate: [{type: activation, func: rleu}]", "net.yaml:1:43: layers[0].gate[0]: "},
	} {
		dir := netFile(t, "layers: [{"+c.layer+"}]\n")
		_, err := file().Prepare(json.RawMessage(`{"path":"net.yaml"}`), dir)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %s", c.layer, err, c.want)
		}
	}
}
