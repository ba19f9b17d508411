package models

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
)

func TestPyramidFitsInputsAndOutputs(t *testing.T) {
	for _, c := range []struct {
		what    string
		config  string
		in, out network.Shape
		want    network.Pyramid
		dim     int
	}{
		{
			"occlusion", `{}`,
			network.Shape{1, 16, 16},
			network.Shape{1, 16, 16},
			network.Pyramid{Features: []int{1, 4, 8}, Outputs: 1, Steps: 8, Every: true, Func: "sigmoid"},
			1535,
		},
		{
			"super-resolution", `{"steps":10}`,
			network.Shape{1, 16, 16},
			network.Shape{1, 64, 64},
			network.Pyramid{Features: []int{1, 4, 0}, Outputs: 1, Steps: 10, Every: true, Input: 2, Func: "sigmoid"},
			254,
		},
		{
			"two places", `{"layers":2,"hidden":3,"every":false,"prior":0.001,"wrap":true,"activation":"tanh"}`,
			network.Shape{3, 8, 6},
			network.Shape{2, 8, 6},
			network.Pyramid{Features: []int{5, 4}, Outputs: 2, Steps: 8, Prior: 0.001, Wrap: true, Func: "tanh"},
			5*(8*9+4*4+1) + 4*(4*9+8*16+1),
		},
		{
			"larger by more layers than it was to have", `{"layers":1,"features":3}`,
			network.Shape{1, 4, 4},
			network.Shape{1, 16, 16},
			network.Pyramid{Features: []int{1, 3, 0}, Outputs: 1, Steps: 8, Every: true, Input: 2, Func: "sigmoid"},
			(9 + 3*4 + 1) + 3*(3*9+16+4+1),
		},
		{
			"layers above the inputs", `{"layers":3}`,
			network.Shape{1, 4, 4},
			network.Shape{1, 8, 8},
			network.Pyramid{Features: []int{1, 4, 8}, Outputs: 1, Steps: 8, Every: true, Input: 1, Func: "sigmoid"},
			(9 + 5*4 + 1) + 4*(5*9+16+8*4+1) + 8*(8*9+5*16+1),
		},
	} {
		specs, err := pyramid().Layers(json.RawMessage(c.config), "", c.in, c.out)
		if err != nil {
			t.Errorf("%s: %v", c.what, err)
			continue
		}
		if diff := cmp.Diff(network.Specs{c.want}, specs); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.what, diff)
		}
		net, err := network.New[float64](c.in, specs...)
		if err != nil || net.Dim() != c.dim {
			t.Errorf("%s: %d weights, want %d (%v)", c.what, net.Dim(), c.dim, err)
		}
	}
}

func TestPyramidSuitsImagesAlone(t *testing.T) {
	for _, c := range []struct{ in, out network.Shape }{
		{network.Shape{2}, network.Shape{1}},
		{network.Shape{1, 16, 16}, network.Shape{10}},
		{network.Shape{16, 16}, network.Shape{1, 16, 16}},
		{network.Shape{1, 16, 16}, network.Shape{1, 8, 8}},
		{network.Shape{1, 16, 16}, network.Shape{1, 48, 48}},
		{network.Shape{1, 16, 16}, network.Shape{1, 32, 16}},
	} {
		_, err := pyramid().Layers(nil, "", c.in, c.out)
		if why := bench.Unsuited(""); !errors.As(err, &why) {
			t.Errorf("%v of %v: %v, want that it does not suit them", c.out, c.in, err)
		}
	}
}
