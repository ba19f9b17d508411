package network_test

import (
	"math"
	"slices"
	"testing"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/netcheck"
)

func TestGradientsOfLayerNorm(t *testing.T) {
	for _, tt := range []struct {
		name  string
		in    network.Shape
		specs network.Specs
	}{
		{"alone", network.Shape{5}, network.Specs{network.LayerNorm{Eps: 0.1}}},
		{"of two", network.Shape{2}, network.Specs{network.LayerNorm{Eps: 0.5}, tanhLayer}},
		{"fused", network.Shape{3}, network.Specs{network.Dense{Out: 21}, network.LayerNorm{}, network.Activation{Func: "sigmoid"}, network.Dense{Out: 2}}},
		{"images", network.Shape{2, 3, 4}, network.Specs{network.Conv{Channels: 3, Kernel: 3, Same: true}, network.LayerNorm{}, reluLayer, network.Flatten{}, network.LayerNorm{}}},
		{"images of one channel", network.Shape{1, 1, 6}, network.Specs{network.LayerNorm{}}},
		{"in a residual", network.Shape{4}, network.Specs{
			network.Dense{Out: 4},
			network.Residual{Body: network.Specs{network.LayerNorm{}, tanhLayer, network.Dense{Out: 4}}},
			network.Residual{Body: network.Specs{network.LayerNorm{}, tanhLayer, network.Dense{Out: 4}}, Shortcut: network.Specs{network.LayerNorm{}}},
			network.LayerNorm{},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) { netcheck.Layer(t, tt.in, tt.specs...) })
	}
	for _, tt := range []struct {
		name  string
		in    network.Shape
		specs network.Specs
	}{
		{"sequence", network.Shape{5, 3}, network.Specs{network.LayerNorm{Eps: 0.1}}},
		{"after an lstm", network.Shape{4, 2}, network.Specs{network.LSTM{Hidden: 5}, network.LayerNorm{}, tanhLayer, network.LSTM{Hidden: 2}}},
		{"one step", network.Shape{1, 4}, network.Specs{network.LayerNorm{}, network.LSTM{Hidden: 2}, network.Last{}}},
	} {
		t.Run(tt.name, func(t *testing.T) { netcheck.Sequences(t, tt.in, tt.specs...) })
	}
}

// 1, 2, 3, 4 of one example become -3, -1, 1, 3 over the root of 5, whatever the
// other examples are, and then gamma times that plus beta.
func TestLayerNormHandCase(t *testing.T) {
	n := mustNew[float64](t, network.Shape{4}, network.LayerNorm{Eps: noEps})
	x := normal(newRand(1), network.Shape{4}, 3)
	for f := range 4 {
		x.Row(f)[1] = float64(f + 1)
	}
	for _, mode := range []network.Mode{network.Infer, network.Train, network.Calibrate} {
		y := n.Forward(network.Pass{Mode: mode}, []float64{1, 1, 1, 2, 0, 0, 0, 10}, x)
		var got []float64
		for f := range 4 {
			got = append(got, y.Row(f)[1])
		}
		near(t, "outputs", got, []float64{-1.3416407865, -.4472135955, .4472135955, 10 + 2*1.3416407865}, 1e-9)
	}
	if n.BatchStatistics() {
		t.Error("BatchStatistics = true, want false: examples do not see each other")
	}
}

// The gradient of the inputs is orthogonal, example by example, to a shift and to a
// stretch, and the size of the weights below does not matter: c W gives the same
// outputs, and a gradient smaller by c.
func TestLayerNormInvariants(t *testing.T) {
	for _, in := range []network.Shape{{12}, {4, 3, 2}, {2, 6}} {
		n := mustNew[float64](t, in, network.LayerNorm{Eps: noEps})
		w := make([]float64, n.Dim())
		for i := range w {
			w[i] = float64(i%3) - 1.5
		}
		x, dy := normal(newRand(1), in, 5), normal(newRand(2), in, 5)
		n.Forward(train, w, x)
		dx := n.Backward(w, make([]float64, n.Dim()), dy)
		steps := 1
		if len(in) == 2 {
			steps = in[0]
		}
		each := in.Len() / steps
		for e := range 5 {
			for s := range steps {
				var mean, sum, dot float64
				for f := s * each; f < (s+1)*each; f++ {
					mean += x.Row(f)[e] / float64(each)
				}
				for f := s * each; f < (s+1)*each; f++ {
					sum += dx.Row(f)[e]
					dot += dx.Row(f)[e] * (x.Row(f)[e] - mean)
				}
				if math.Abs(sum) > 1e-13 || math.Abs(dot) > 1e-13 {
					t.Errorf("%v: example %d: sum of dx %v, of dx*(x-mean) %v, want 0", in, e, sum, dot)
				}
			}
		}
	}
	const c = 7
	n := mustNew[float64](t, network.Shape{3}, network.Dense{Out: 4, NoBias: true}, network.LayerNorm{Eps: noEps})
	w, x, dy := n.Init(newRand(1)), normal(newRand(2), network.Shape{3}, 9), normal(newRand(3), network.Shape{4}, 9)
	y, dw := slices.Clone(values(n.Forward(train, w, x))), make([]float64, len(w))
	n.BackwardWeights(w, dw, dy)
	for i := range 12 {
		w[i] *= c
		dw[i] /= c
	}
	got := make([]float64, len(w))
	near(t, "outputs", values(n.Forward(train, w, x)), y, 1e-13)
	n.BackwardWeights(w, got, dy)
	near(t, "gradient", got, dw, 1e-13)
}
