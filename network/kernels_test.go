package network_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/activation"
	"github.com/joust-bench/joust/network/initializer"
	"github.com/joust-bench/joust/network/netcheck"
)

// A layered is layers for inputs of a shape.
type layered struct {
	in    network.Shape
	specs network.Specs
}

// onKernels are the layers that are to give the same bits whatever computes them.
// [nestings] adds more.
func onKernels() []layered {
	vector, seq, image := network.Shape{13}, network.Shape{5, 3}, network.Shape{2, 7, 6}
	tanh, relu := network.Activation{Func: "tanh"}, network.Activation{Func: "relu"}
	list := []layered{
		{vector, network.Specs{network.Dense{Out: 13}}},
		{vector, network.Specs{network.Dense{Out: 18, NoBias: true}, tanh, network.Dense{Out: 3}, relu}},
		{vector, network.Specs{network.BatchNorm{}}},
		{vector, network.Specs{network.LayerNorm{}}},
		{vector, network.Specs{network.CReLU{}}},
		{vector, network.Specs{network.Maxout{Out: 13, Pieces: 3}}},
		{vector, network.Specs{network.Dropout{Rate: 0.3}}},
		{vector, network.Specs{network.Noise{Shift: 1, Scale: 1.5, ShiftSpread: 0.5, ScaleSpread: 0.2}}},
		{vector, network.Specs{network.Amplify{Factor: 1.7}}},

		{seq, network.Specs{network.RNN{Hidden: 3}}},
		{seq, network.Specs{network.RNN{Hidden: 18, Func: "relu", Initial: true, K1: 2, K2: 4}}},
		{seq, network.Specs{network.RNN{Hidden: 9, Omega: 0.5}, network.RNN{Hidden: 4, Norm: 0.9, Func: "gelu"}}},
		{seq, network.Specs{network.GRU{Hidden: 3}}},
		{seq, network.Specs{network.GRU{Hidden: 17, K1: 1, K2: 3}}},
		{seq, network.Specs{network.LSTM{Hidden: 3, ForgetBias: 1}}},
		{seq, network.Specs{network.LSTM{Hidden: 17, Peepholes: true}}},
		{seq, network.Specs{network.LSTM{Hidden: 5, Peepholes: true, Truncated: true, K1: 1, K2: 2}}},
		{seq, network.Specs{network.LSTM1997{Blocks: 1, Size: 3, Range: 0.5}}},
		{seq, network.Specs{network.LSTM1997{Blocks: 3, Size: 2, Range: 0.5, InputBias: -1, InputStep: -2, Truncated: true}}},
		{seq, network.Specs{network.SequentialRNN{Hidden: 17, Out: 3, Func: "tanh"}}},
		{seq, network.Specs{network.SequentialRNN{Hidden: 4, Out: 2, Recurrence: "self", Logits: true}}},
		{seq, network.Specs{network.TimeDense{Out: 3}, tanh, network.Last{}}},
		{network.Shape{9, 3}, network.Specs{network.Chunker{Levels: 3, Hidden: 17, Collapse: 0.5, Read: "all", Surprise: 0.6}}},
		{network.Shape{9, 3}, network.Specs{network.Chunker{Levels: 2, Hidden: 4, Collapse: 0.5, Truncation: 2, Read: "collapsed"}}},

		{image, network.Specs{network.Conv{Channels: 2, Kernel: 3, Same: true}}},
		{image, network.Specs{network.Conv{Channels: 17, Kernel: 3, Stride: 2, Pad: 2, NoBias: true}, network.BatchNorm{}, relu, network.Conv{Channels: 3, Kernel: 1}}},
		{network.Shape{9, 7, 6}, network.Specs{network.Conv{Channels: 13, Kernel: 3, Pad: 1}, relu, network.Conv{Channels: 12, Kernel: 3, NoBias: true}, relu}},
		{network.Shape{12, 5, 4}, network.Specs{network.Residual{Body: network.Specs{network.Conv{Channels: 12, Kernel: 3, Same: true}, network.BatchNorm{}}}, relu, network.Conv{Channels: 14, Kernel: 3, Pad: 2}}},
		{image, network.Specs{network.AveragePool{Kernel: 3, Stride: 2, Pad: 1}, network.LayerNorm{}, network.Flatten{}, network.Dense{Out: 2}}},
		{image, network.Specs{network.MaxPool{Kernel: 3, Stride: 2, Pad: 1}, network.GlobalAveragePool{}}},
		{image, network.Specs{network.ZeroPad{Channels: 5, Stride: 2}}},
		{image, network.Specs{network.MDLSTM{Cells: 2, ForgetBias: 0.5, Peepholes: true}}},
		{image, network.Specs{network.MDLSTM{Cells: 9, Directions: 1}, network.Corner{}}},
		{image, network.Specs{network.Window{Height: 3, Width: 2}, network.MDLSTM{Cells: 2, Concat: true}, network.Collapse{}}},
		{image, network.Specs{network.MDRNN{Units: 2, Gain: 0.5}}},
		{image, network.Specs{network.MDRNN{Units: 9, Concat: true}, network.Noise{Shift: 1, Scale: 1.5}}},
		{network.Shape{1, 4, 4}, network.Specs{network.Pyramid{Features: []int{1, 3, 5}, Steps: 3, Prior: 0.01}}},
		{network.Shape{1, 4, 8}, network.Specs{network.Pyramid{Features: []int{2, 3}, Steps: 2, Outputs: 1, Every: true, Wrap: true, Func: "tanh", Range: 0.3}}},
	}
	for _, f := range activation.All() {
		list = append(list, layered{vector, network.Specs{network.Activation{Func: f.Name}}})
	}
	for _, f := range initializer.All() {
		list = append(list, layered{network.Shape{12}, network.Specs{network.Dense{Out: 10, Init: f.Name}}})
	}
	return list
}

// nestings are the layers themselves, and inside of each other layer that they fit in.
func nestings(l layered) []layered {
	list := []layered{l}
	net, err := network.New[float64](l.in, l.specs...)
	if err != nil {
		return list // which the test reports
	}
	out := net.Out()
	sequence := len(l.in) == 2 && len(out) == 2
	if slices.Equal(l.in, out) {
		gate := network.Specs{network.Dense{Out: out[0], Bias: -1}, network.Activation{Func: "sigmoid"}}
		switch {
		case sequence:
			gate[0] = network.TimeDense{Out: out[1], Bias: -1}
		case len(out) == 3:
			gate[0] = network.Conv{Channels: out[0], Kernel: 1, Bias: -1}
		}
		list = append(list,
			layered{l.in, network.Specs{network.Residual{Body: l.specs, Scale: 0.5}}},
			layered{l.in, network.Specs{network.Highway{Body: l.specs, Gate: gate}}})
	}
	if sequence {
		list = append(list, layered{l.in, network.Specs{network.Bidirectional{Body: l.specs}}})
	}
	return list
}

// Every layer computes the same bits with all the instructions that kernels use.
func TestLayersGiveTheSameBitsOnAllKernels(t *testing.T) {
	var all []layered
	for _, l := range onKernels() {
		all = append(all, nestings(l)...)
	}
	var described strings.Builder
	for _, l := range all {
		b, err := json.Marshal(l.specs)
		if err != nil {
			t.Fatal(err)
		}
		described.Write(b)
	}
	for _, l := range network.LayerTypes() {
		name := l.Name
		if !strings.Contains(described.String(), `"type":"`+name+`"`) {
			t.Errorf("%s is not in this test", name)
		}
	}
	netcheck.Kernels(t, func() netcheck.Digests {
		d := netcheck.Digests{}
		for _, l := range all {
			for _, ragged := range []bool{false, len(l.in) == 2} {
				if err := d.Network(l.in, ragged, l.specs...); err != nil {
					t.Fatal(err)
				}
			}
		}
		return d
	})
}
