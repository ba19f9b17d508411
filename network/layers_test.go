package network_test

import (
	"slices"
	"testing"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/netcheck"
)

// Every layer, alone and in every kind of company, has the gradient of what it
// computes, with the activation functions that most use.
func TestGradients(t *testing.T) {
	for _, name := range []string{"sigmoid", "tanh", "relu"} { // activations_test.go has all
		act := network.Activation{Func: name}
		for _, tt := range []struct {
			name  string
			in    network.Shape
			specs network.Specs
		}{
			{"activation", network.Shape{5}, network.Specs{act}},
			{"activation of images", network.Shape{2, 3, 2}, network.Specs{act}},
			{"dense", network.Shape{5}, network.Specs{network.Dense{Out: 4}, act, network.Dense{Out: 3}}},
			{"no bias", network.Shape{3}, network.Specs{network.Dense{Out: 4, NoBias: true}, act, network.Dense{Out: 1, NoBias: true}}},
			{"one unit", network.Shape{1}, network.Specs{network.Dense{Out: 1}, act}},
			{"wide", network.Shape{40}, network.Specs{network.Dense{Out: 33}, act, network.Dense{Out: 2}}},
			{"flatten", network.Shape{2, 2, 3}, network.Specs{network.Flatten{}, network.Dense{Out: 3}, act}},
			{"batchnorm", network.Shape{3}, network.Specs{network.Dense{Out: 4, NoBias: true}, network.BatchNorm{}, act, network.Dense{Out: 2}}},
			{"batchnorm of inputs", network.Shape{3}, network.Specs{network.BatchNorm{Eps: 0.1}, act}},
			{"batchnorm of images", network.Shape{2, 3, 2}, network.Specs{act, network.BatchNorm{}, network.Flatten{}, network.Dense{Out: 2}}},
			{"conv", network.Shape{2, 5, 4}, network.Specs{network.Conv{Channels: 3, Kernel: 3, Same: true}, act}},
			{"conv 1x1, no bias", network.Shape{3, 2, 3}, network.Specs{network.Conv{Channels: 2, Kernel: 1, NoBias: true}, act}},
			{"conv with a stride", network.Shape{2, 7, 6}, network.Specs{
				network.Conv{Channels: 3, Kernel: 3, Stride: 2, Pad: 1},
				act,
				network.Conv{Channels: 2, Kernel: 2, Stride: 3},
			}},
			{"conv with gaps and much padding", network.Shape{1, 6, 7}, network.Specs{act, network.Conv{Channels: 2, Kernel: 2, Stride: 3, Pad: 4}}},
			{"conv of the whole image", network.Shape{2, 3, 4}, network.Specs{network.Conv{Channels: 5, Kernel: 3}, network.Conv{Channels: 2, Kernel: 5, Pad: 2}}},
			{"pools", network.Shape{2, 6, 7}, network.Specs{
				network.AveragePool{Kernel: 3, Stride: 1, Pad: 1},
				act,
				network.MaxPool{Kernel: 2},
				network.AveragePool{Kernel: 2, Stride: 1},
			}},
			{"maxpool with a stride and padding", network.Shape{2, 5, 8}, network.Specs{network.MaxPool{Kernel: 3, Stride: 2, Pad: 1}, network.Conv{Channels: 2, Kernel: 1}}},
			// Flatten hands on the gradient it gets, and keeps none of its own.
			{"flatten between layers", network.Shape{1, 4, 3}, network.Specs{
				network.Conv{Channels: 2, Kernel: 2},
				network.Flatten{},
				network.BatchNorm{},
				act,
				network.Flatten{},
				network.BatchNorm{},
			}},
			{"global average pool", network.Shape{3, 2, 3}, network.Specs{act, network.GlobalAveragePool{}, network.Dense{Out: 2}}},
			{"residual block of images", network.Shape{1, 4, 3}, network.Specs{
				network.Conv{Channels: 3, Kernel: 3, Same: true, NoBias: true},
				network.BatchNorm{},
				act,
				network.Residual{Body: network.Specs{
					network.Conv{Channels: 3, Kernel: 3, Same: true, NoBias: true},
					network.BatchNorm{},
				}},
				act,
				network.GlobalAveragePool{},
			}},
			{"bias below a batchnorm", network.Shape{3}, network.Specs{network.Dense{Out: 4}, network.BatchNorm{}, act}},
			{"residual", network.Shape{3}, network.Specs{network.Residual{Body: network.Specs{network.Dense{Out: 3}, act}}}},
			{"residual of weightless layers", network.Shape{3}, network.Specs{network.Residual{Body: network.Specs{act}, Scale: 0.5}, network.Dense{Out: 2}}},
			{"residual first, then flatten", network.Shape{1, 2, 2}, network.Specs{
				network.Residual{Body: network.Specs{network.BatchNorm{}, act}, Scale: -0.3},
				network.Flatten{},
				network.Dense{Out: 2},
			}},
			{"pre-activation blocks", network.Shape{3}, network.Specs{
				network.Dense{Out: 4},
				network.Residual{Body: network.Specs{network.BatchNorm{}, act, network.Dense{Out: 4}}},
				network.Residual{Body: network.Specs{network.BatchNorm{}, act, network.Dense{Out: 4}}, Scale: 0.7},
				network.BatchNorm{},
				act,
				network.Dense{Out: 2},
			}},
			{"lstm", network.Shape{4, 3}, network.Specs{network.LSTM{Hidden: 5}, act, network.Last{}, network.Dense{Out: 2}}},
			{"lstm of one step", network.Shape{1, 3}, network.Specs{network.LSTM{Hidden: 2, ForgetBias: 1}, act}},
			{"lstm with peepholes", network.Shape{3, 1}, network.Specs{network.LSTM{Hidden: 4, Peepholes: true}, act, network.Flatten{}, network.Dense{Out: 1}}},
			{"lstm of lstm", network.Shape{3, 2}, network.Specs{network.LSTM{Hidden: 3}, network.LSTM{Hidden: 2, Peepholes: true}, act}},
			{"residual in residual", network.Shape{4}, network.Specs{
				network.Residual{Scale: 0.5, Body: network.Specs{
					network.Dense{Out: 4},
					network.Residual{Body: network.Specs{network.Residual{Body: network.Specs{act}}, network.Dense{Out: 4}}},
					act,
				}},
			}},
		} {
			t.Run(name+"/"+tt.name, func(t *testing.T) { netcheck.Layer(t, tt.in, tt.specs...) })
		}
	}
}

// Sequences of different lengths in one batch have the gradients that they have
// alone, and what follows their ends changes nothing.
func TestGradientsOfSequences(t *testing.T) {
	tanh := network.Activation{Func: "tanh"}
	for _, tt := range []struct {
		name  string
		in    network.Shape
		specs network.Specs
	}{
		{"last", network.Shape{4, 3}, network.Specs{network.Last{}}},
		{"lstm", network.Shape{6, 3}, network.Specs{network.LSTM{Hidden: 5}}},
		{"lstm of one step", network.Shape{1, 2}, network.Specs{network.LSTM{Hidden: 3}}},
		{"lstm of one cell", network.Shape{7, 1}, network.Specs{network.LSTM{Hidden: 1, ForgetBias: 2, Init: "orthogonal"}}},
		{"lstm with peepholes", network.Shape{5, 2}, network.Specs{network.LSTM{Hidden: 4, Peepholes: true}}},
		{"lstm, then last", network.Shape{6, 2}, network.Specs{network.LSTM{Hidden: 4}, network.Last{}, network.Dense{Out: 3}, tanh}},
		{"lstm of lstm", network.Shape{4, 2}, network.Specs{network.LSTM{Hidden: 3}, tanh, network.LSTM{Hidden: 2}, network.Last{}}},
		{"lstm in residual", network.Shape{4, 3}, network.Specs{network.Residual{Body: network.Specs{network.LSTM{Hidden: 3}}, Scale: 0.5}, network.Last{}}},
	} {
		t.Run(tt.name, func(t *testing.T) { netcheck.Sequences(t, tt.in, tt.specs...) })
	}
}

// A residual block whose last weights are 0 is the identity, to the bit, and
// passes the gradient on unchanged, whatever else is in it.
func TestResidualThatStartsAsIdentity(t *testing.T) {
	for _, scale := range []float64{0, 0.3} {
		n := mustNew[float64](t, network.Shape{4}, network.Residual{Scale: scale, Body: network.Specs{
			network.BatchNorm{}, network.Dense{Out: 9}, network.Activation{Func: "relu"}, network.Dense{Out: 4, Init: "zero"},
		}})
		w, x, dy := n.Init(newRand(1)), normal(newRand(2), network.Shape{4}, 6), normal(newRand(3), network.Shape{4}, 6)
		if got := values(n.Forward(train, w, x)); !slices.Equal(got, values(x)) {
			t.Errorf("scale %v: outputs %v, want the inputs %v", scale, got, values(x))
		}
		if got := values(n.Backward(w, make([]float64, n.Dim()), dy)); !slices.Equal(got, values(dy)) {
			t.Errorf("scale %v: gradient of the inputs %v, want that of the outputs %v", scale, got, values(dy))
		}
	}
}

// Flatten orders an image as its shape does.
func TestFlattenIsRowMajor(t *testing.T) {
	n := mustNew[float64](t, network.Shape{2, 1, 3}, network.Flatten{})
	x := normal(newRand(1), network.Shape{2, 1, 3}, 4)
	y := n.Forward(train, nil, x)
	if !slices.Equal(y.Shape, network.Shape{6}) || !slices.Equal(values(y), values(x)) {
		t.Errorf("%v %v, want (6) %v", y.Shape, values(y), values(x))
	}
}
