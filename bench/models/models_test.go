package models

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/netcheck"
)

// build wires model m and returns its layers too.
func build(t *testing.T, m bench.Model, config, dir string, in network.Shape, out int) (*network.Network[float64], network.Specs) {
	t.Helper()
	specs, err := m.Layers(json.RawMessage(config), dir, in, network.Shape{out})
	if err != nil {
		t.Fatalf("%s %s: %v", m.Name, config, err)
	}
	n, err := network.New[float64](in, specs...)
	if err != nil {
		t.Fatalf("%s %s: %v", m.Name, config, err)
	}
	return n, specs
}

func TestWeightsCountedByHand(t *testing.T) {
	// Depth 2 and width 3, from 4 inputs to 5 outputs:
	const (
		dense  = (4*3 + 3) + (3*3 + 3) + (3*5 + 5)    // 47
		normed = (4*3 + 6) + (3*3 + 6) + (3*5 + 5)    // 53: no biases, gamma and beta
		deeper = 4*3 + 2*(6+3*3) + (6 + 3*3) + 6 + 20 // blocks of two and one
	)
	for _, c := range []struct {
		model  bench.Model
		config string
		want   int
	}{
		{plain(), `{"depth":2,"width":3}`, dense},
		{rectified(), `{"depth":2,"width":3}`, dense},
		{batchnorm(), `{"depth":2,"width":3}`, normed},
		{resnet(), `{"depth":2,"width":3}`, normed},
		{resnet(), `{"depth":2,"width":3,"norm":false}`, dense},
		{resnet(), `{"depth":4,"width":3,"layers":2}`, deeper},
		{plain(), `{}`, (4*32 + 32) + 3*(32*32+32) + (32*5 + 5)},
	} {
		if n, _ := build(t, c.model, c.config, "", network.Shape{4}, 5); n.Dim() != c.want {
			t.Errorf("%s %s: %d weights, want %d", c.model.Name, c.config, n.Dim(), c.want)
		}
	}
}

func TestLayersAreThoseOfThePapers(t *testing.T) {
	dense := func(out int, init string, noBias bool) network.Dense {
		return network.Dense{Out: out, Init: init, NoBias: noBias}
	}
	relu := network.Activation{Func: "relu"}
	for _, c := range []struct {
		model  bench.Model
		config string
		in     network.Shape
		want   network.Specs
	}{
		{plain(), `{"depth":1,"width":3,"gain":4,"activation":"tanh","init":"lecun-normal"}`, network.Shape{4}, network.Specs{
			network.Dense{Out: 3, Init: "lecun-normal", Gain: 4},
			network.Activation{Func: "tanh"},
			network.Dense{Out: 2, Init: "lecun-normal", Gain: 4},
		}},
		{rectified(), `{"depth":1,"width":3}`, network.Shape{1, 2, 2}, network.Specs{
			network.Flatten{}, dense(3, "he-normal", false), relu, dense(2, "he-normal", false),
		}},
		{batchnorm(), `{"depth":1,"width":3}`, network.Shape{4}, network.Specs{
			dense(3, "xavier-uniform", true),
			network.BatchNorm{},
			network.Activation{Func: "sigmoid"},
			dense(2, "xavier-uniform", false),
		}},
		{resnet(), `{"depth":4,"width":3,"layers":2}`, network.Shape{4}, network.Specs{
			dense(3, "he-normal", true),
			network.Residual{Body: network.Specs{network.BatchNorm{}, relu, dense(3, "he-normal", true), network.BatchNorm{}, relu, dense(3, "he-normal", true)}},
			network.Residual{Body: network.Specs{network.BatchNorm{}, relu, dense(3, "he-normal", true)}},
			network.BatchNorm{},
			relu, dense(2, "he-normal", false),
		}},
		{resnet(), `{"depth":5,"width":3,"norm":false}`, network.Shape{4}, network.Specs{
			dense(3, "he-normal", false),
			network.Residual{Body: network.Specs{relu, dense(3, "he-normal", false)}, Scale: 0.5},
			network.Residual{Body: network.Specs{relu, dense(3, "he-normal", false)}, Scale: 0.5},
			network.Residual{Body: network.Specs{relu, dense(3, "he-normal", false)}, Scale: 0.5},
			network.Residual{Body: network.Specs{relu, dense(3, "he-normal", false)}, Scale: 0.5},
			relu, dense(2, "he-normal", false),
		}},
	} {
		_, specs := build(t, c.model, c.config, "", c.in, 2)
		if diff := cmp.Diff(c.want, specs); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", c.model.Name, c.config, diff)
		}
	}
}

// contenders are all models but that of a file, in their variants.
func contenders() []struct {
	model  bench.Model
	config string // with %d for the depth
} {
	return []struct {
		model  bench.Model
		config string
	}{
		{plain(), `{"depth":%d,"width":8}`},
		{rectified(), `{"depth":%d,"width":8}`},
		{batchnorm(), `{"depth":%d,"width":8}`},
		{resnet(), `{"depth":%d,"width":8}`},
		{resnet(), `{"depth":%d,"width":8,"layers":2,"activation":"tanh"}`},
		{resnet(), `{"depth":%d,"width":8,"layers":3,"norm":false}`},
	}
}

// weightLayers counts dense layers, those in blocks too.
func weightLayers(s network.Specs) (n int) {
	for _, s := range s {
		switch s := s.(type) {
		case network.Dense:
			n++
		case network.Residual:
			n += weightLayers(s.Body)
		}
	}
	return n
}

func TestDepthCountsTheSameInEveryModel(t *testing.T) {
	for _, c := range contenders() {
		for depth := 1; depth <= 10; depth++ {
			config := fmt.Sprintf(c.config, depth)
			for _, in := range []network.Shape{{6}, {2, 3, 4}} {
				_, specs := build(t, c.model, config, "", in, 3)
				if got := weightLayers(specs); got != depth+1 {
					t.Errorf("%s %s: %d weight layers, want %d and the output layer", c.model.Name, config, got, depth)
				}
			}
		}
	}
}

// Every weight matters to some output, whatever the depth.
func TestGradientReachesEveryBlock(t *testing.T) {
	in := network.Shape{2, 3}
	x := network.NewTensor[float64](in, 16)
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range x.Data {
		x.Data[i] = rng.NormFloat64()
	}
	for _, c := range contenders() {
		for depth := 1; depth <= 10; depth++ {
			config := fmt.Sprintf(c.config, depth)
			n, _ := build(t, c.model, config, "", in, 3)
			w := n.Init(rng)
			y := n.Forward(network.Pass{Mode: network.Train}, w, x)
			dy := network.NewTensor[float64](y.Shape, y.N)
			for i := range dy.Data {
				dy.Data[i] = rng.NormFloat64()
			}
			dw := make([]float64, n.Dim())
			n.Backward(w, dw, dy)
			for _, b := range n.Blocks() {
				square := 0.0
				for _, g := range dw[b.Off:][:b.Len] {
					square += g * g
				}
				if !(square > 0) || math.IsInf(square, 0) {
					t.Errorf("%s %s: gradient of block %s has the square %g, want it positive", c.model.Name, config, b.Name, square)
				}
			}
		}
	}
}

func TestGradientsAgreeWithFiniteDifferences(t *testing.T) {
	for _, c := range contenders() {
		_, specs := build(t, c.model, fmt.Sprintf(c.config, 3), "", network.Shape{2, 3}, 3)
		netcheck.Layer(t, network.Shape{2, 3}, specs...)
	}
}

func TestModelsAreDocumented(t *testing.T) {
	var names []string
	for _, m := range All() {
		names = append(names, m.Name)
		if m.Summary == "" || len(m.Params) == 0 || m.Layers == nil {
			t.Errorf("%s: want a summary, parameters and layers", m.Name)
		}
		for _, p := range m.Params {
			if (p.Name == "activation" || p.Name == "init") && !slices.Contains(p.Choices, strings.Trim(string(p.Default), `"`)) {
				t.Errorf("%s: %s has the choices %q, want its default %s among them", m.Name, p.Name, p.Choices, p.Default)
			}
		}
	}
	if want := []string{"plain", "rectified", "batchnorm", "resnet", "pyramid", "network"}; !slices.Equal(names, want) {
		t.Errorf("models %q, want %q", names, want)
	}
}

func TestUnknownNamesAreErrors(t *testing.T) {
	for _, config := range []string{`{"widht":3}`, `{"depth":0}`, `{"gain":0}`, `{"depth":"deep"}`} {
		if _, err := plain().Layers(json.RawMessage(config), "", network.Shape{4}, network.Shape{2}); err == nil || !strings.HasPrefix(err.Error(), "plain: ") {
			t.Errorf("plain %s: error %v, want one that begins with the model", config, err)
		}
	}
}
