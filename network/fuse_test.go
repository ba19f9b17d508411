package network_test

import (
	"slices"
	"testing"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/activation"
)

// nothing is an observer that does nothing.
type nothing struct{}

func (nothing) Forward(network.Layer, []float64, network.Tensor[float64], network.Tensor[float64]) {
}
func (nothing) Backward(network.Layer, []float64, []float64, network.Tensor[float64]) {}

// What a network computes has the same bits whether or not it is watched, which
// keeps activations apart from the layers below; also when only one of the
// passes is.
func TestWatchingChangesNoBit(t *testing.T) {
	for _, f := range activation.All() {
		act := network.Activation{Func: f.Name}
		for _, tt := range []struct {
			in    network.Shape
			specs network.Specs
		}{
			{network.Shape{2, 5, 4}, network.Specs{
				network.Conv{Channels: 3, Kernel: 3, Same: true},
				act,
				network.BatchNorm{},
				act,
				act,
				network.Residual{Body: network.Specs{act, network.Conv{Channels: 3, Kernel: 3, Same: true}, network.BatchNorm{}, act}, Scale: 0.5},
				act,
				network.Conv{Channels: 3, Kernel: 4, Stride: 2, Pad: 1},
			}},
			{network.Shape{2, 5, 4}, network.Specs{
				network.Residual{Body: network.Specs{network.Conv{Channels: 2, Kernel: 3, Same: true}, network.BatchNorm{}}},
				network.Residual{Body: network.Specs{network.BatchNorm{}, act, network.Residual{Body: network.Specs{network.BatchNorm{}}}, network.BatchNorm{}}, Scale: -0.5},
				act,
				network.BatchNorm{},
				act,
			}},
			{network.Shape{3}, network.Specs{
				network.Residual{Body: network.Specs{network.BatchNorm{}}, Scale: 2},
				act,
				network.Dense{Out: 4},
				network.BatchNorm{},
				act,
				network.Residual{Body: network.Specs{network.Dense{Out: 4}}},
				act,
			}},
		} {
			const examples = 256 // rows are padded, where they may be
			x := normal(newRand(1), tt.in, examples)
			n := mustNew[float64](t, tt.in, tt.specs...)
			w, dy := n.Init(newRand(2)), normal(newRand(3), n.Out(), examples)
			var want [][]float64
			n.Forward(network.Pass{Mode: network.Calibrate}, w, x)
			for pass := range 10 {
				mode := network.Train
				if pass >= 5 {
					mode = network.Infer
				}
				if pass%5 == 0 {
					want = nil
				}
				var watch [2]network.Observer[float64]
				for i := range watch {
					if pass%5>>i&1 == 1 {
						watch[i] = nothing{}
					}
				}
				n.Watch(watch[0])
				y := slices.Clone(values(n.Forward(network.Pass{Mode: mode}, w, x)))
				n.Watch(watch[1])
				dw := make([]float64, n.Dim())
				got := [][]float64{y, values(n.Backward(w, dw, dy)), dw}
				if want == nil {
					want = got
				}
				for i := range got {
					if !slices.Equal(got[i], want[i]) {
						t.Errorf("%s, %v: pass %d: %s have other bits", f.Name, tt.in, pass, []string{"outputs", "gradients of the inputs", "gradients of the weights"}[i])
					}
				}
			}
		}
	}
}

// Inference applies activations too.
func TestInferenceAppliesActivations(t *testing.T) {
	in := network.Shape{2, 2, 2}
	n := mustNew[float64](t, in, network.BatchNorm{}, network.Activation{Func: "relu"})
	w, x := n.Init(newRand(1)), normal(newRand(2), in, 9)
	n.Forward(network.Pass{Mode: network.Calibrate}, w, x)
	y := slices.Clone(values(n.Forward(network.Pass{Mode: network.Infer}, w, x)))
	n.Watch(nothing{})
	if want := values(n.Forward(network.Pass{Mode: network.Infer}, w, x)); !slices.Equal(y, want) {
		t.Errorf("outputs %v, want %v", y, want)
	}
	if slices.Min(y) != 0 {
		t.Errorf("least output %v, want 0", slices.Min(y))
	}
}

// seen keeps what goes into every layer.
type seen struct{ inputs [][]float64 }

func (s *seen) Forward(_ network.Layer, _ []float64, x, _ network.Tensor[float64]) {
	s.inputs = append(s.inputs, values(x))
}
func (*seen) Backward(network.Layer, []float64, []float64, network.Tensor[float64]) {}

// An observer sees the inputs of an activation, also where they were overwritten
// while nothing watched.
func TestObserverSeesInputsOfActivations(t *testing.T) {
	in := network.Shape{3}
	fresh := mustNew[float64](t, in, network.BatchNorm{}, network.Activation{Func: "relu"}, network.Dense{Out: 2})
	w, x := fresh.Init(newRand(1)), normal(newRand(2), in, 9)
	used := fresh.Clone()
	used.Forward(train, w, x)
	var want, got seen
	fresh.Watch(&want)
	fresh.Forward(train, w, x)
	used.Watch(&got)
	used.Forward(train, w, x)
	if len(want.inputs) != 3 || slices.Equal(want.inputs[1], want.inputs[2]) {
		t.Fatalf("inputs of %d layers, the activation's are its outputs", len(want.inputs))
	}
	for i := range want.inputs {
		if !slices.Equal(got.inputs[i], want.inputs[i]) {
			t.Errorf("layer %d: inputs %v, want %v", i, got.inputs[i], want.inputs[i])
		}
	}
}
