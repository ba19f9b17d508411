package network_test

import (
	"math"
	"testing"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/activation"
	"github.com/joust-bench/joust/network/netcheck"
)

// Every activation function has the gradient of what it computes, above layers
// that can apply it themselves and above others, and for every shape.
func TestGradientsOfActivations(t *testing.T) {
	for _, f := range activation.All() {
		act := network.Activation{Func: f.Name}
		for _, tt := range []struct {
			name  string
			in    network.Shape
			specs network.Specs
		}{
			{"of images", network.Shape{2, 3, 2}, network.Specs{act}},
			{"dense", network.Shape{5}, network.Specs{network.Dense{Out: 4}, act, network.Dense{Out: 3}}},
			{"conv", network.Shape{2, 5, 4}, network.Specs{network.Conv{Channels: 3, Kernel: 3, Same: true}, act}},
			{"residual", network.Shape{3}, network.Specs{network.Residual{Body: network.Specs{network.Dense{Out: 3}, act}}}},
			{"norm", network.Shape{3}, network.Specs{network.Dense{Out: 4, NoBias: true}, network.BatchNorm{}, act, network.Dense{Out: 2}}},
		} {
			t.Run(f.Name+"/"+tt.name, func(t *testing.T) { netcheck.Layer(t, tt.in, tt.specs...) })
		}
	}
}

// The gradient below a hard threshold is 0 to the bit, and that of the layer above
// it is not.
func TestNoGradientPassesAStep(t *testing.T) {
	n := mustNew[float64](t, network.Shape{3}, network.Dense{Out: 6}, network.Activation{Func: "step"}, network.Dense{Out: 2})
	w, x := n.Init(newRand(1)), normal(newRand(2), network.Shape{3}, 9)
	dy := n.Forward(train, w, x)
	dw := make([]float64, n.Dim())
	dx := n.Backward(w, dw, dy)
	for _, v := range values(dx) {
		if math.Float64bits(v) != 0 {
			t.Fatalf("gradient of an input %v, want 0", v)
		}
	}
	for _, b := range n.Blocks() {
		square := 0.
		for _, g := range dw[b.Off:][:b.Len] {
			square += g * g
		}
		if below := b.Layer == 0; below != (square == 0) {
			t.Errorf("block %s: squared gradient %g, want 0 below the step alone", b.Name, square)
		}
	}
}
