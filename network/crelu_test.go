package network_test

import (
	"math"
	"slices"
	"testing"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/netcheck"
)

func TestCReLUGradients(t *testing.T) {
	tanh := network.Activation{Func: "tanh"}
	for _, tt := range []struct {
		name  string
		in    network.Shape
		specs network.Specs
	}{
		{"alone", network.Shape{5}, network.Specs{network.CReLU{}}},
		{"images", network.Shape{2, 3, 2}, network.Specs{network.CReLU{}, network.Conv{Channels: 3, Kernel: 2, Init: "looks-linear"}}},
		{"between layers", network.Shape{3}, network.Specs{
			network.Dense{Out: 4}, network.CReLU{}, network.Dense{Out: 4, Init: "looks-linear"}, network.CReLU{}, network.Dense{Out: 2},
		}},
		{"in a residual", network.Shape{3}, network.Specs{
			network.Residual{Body: network.Specs{network.Dense{Out: 5}, network.CReLU{}, network.Dense{Out: 3}}}, network.CReLU{},
		}},
		{"first, then a normalisation", network.Shape{3}, network.Specs{network.CReLU{}, network.BatchNorm{}, tanh}},
	} {
		t.Run(tt.name, func(t *testing.T) { netcheck.Layer(t, tt.in, tt.specs...) })
	}
	netcheck.Sequences(t, network.Shape{4, 3}, network.LSTM{Hidden: 3}, network.CReLU{}, network.LSTM{Hidden: 2})
}

// Both halves by hand: of a vector, and of the steps of a sequence.
func TestCReLUByHand(t *testing.T) {
	for _, tt := range []struct {
		in, out network.Shape
		want    []float64
	}{
		{network.Shape{4}, network.Shape{8}, []float64{1, 0, 3, 0, 0, 2, 0, 4}},
		{network.Shape{4, 1, 1}, network.Shape{8, 1, 1}, []float64{1, 0, 3, 0, 0, 2, 0, 4}},
		{network.Shape{2, 2}, network.Shape{2, 4}, []float64{1, 0, 0, 2, 3, 0, 0, 4}},
	} {
		n := mustNew[float64](t, tt.in, network.CReLU{})
		x := network.NewTensor[float64](tt.in, 1)
		for i, v := range []float64{1, -2, 3, -4} {
			x.Row(i)[0] = v
		}
		y := n.Forward(train, nil, x)
		if !slices.Equal(y.Shape, tt.out) || !slices.Equal(values(y), tt.want) {
			t.Errorf("%v: outputs %v %v, want %v %v", tt.in, y.Shape, values(y), tt.out, tt.want)
		}
	}
	if _, err := network.New[float64](network.Shape{2, 2, 2, 2}, network.CReLU{}); err == nil {
		t.Error("inputs of four dimensions: no error")
	}
	n := mustNew[float64](t, network.Shape{2}, network.CReLU{})
	x := network.NewTensor[float64](network.Shape{2}, 1)
	x.Row(0)[0], x.Row(1)[0] = math.Inf(1), math.NaN()
	if y := values(n.Forward(train, nil, x)); !math.IsInf(y[0], 1) || y[2] != 0 || !math.IsNaN(y[1]) || !math.IsNaN(y[3]) {
		t.Errorf("outputs %v, want +Inf and NaN, then 0 and NaN", y)
	}
}

// thirty is the network of the looks-linear paper: CReLU layers of width 32.
func thirty(init string) network.Specs {
	s := network.Specs{network.Dense{Out: 32, Init: "orthogonal"}}
	for range 29 {
		s = append(s, network.CReLU{}, network.Dense{Out: 32, Init: init})
	}
	return s
}

// Thirty layers are linear when they are drawn so, f(x) + f(y) = f(x+y), and keep
// every norm.
func TestLooksLinearIsLinear(t *testing.T) {
	in := network.Shape{32}
	n := mustNew[float64](t, in, thirty("looks-linear")...)
	w := n.Init(newRand(1))
	const count = 8
	x, y, sum := normal(newRand(2), in, count), normal(newRand(3), in, count), network.NewTensor[float64](in, count)
	for f := range 32 {
		for i := range count {
			sum.Row(f)[i] = x.Row(f)[i] + y.Row(f)[i]
		}
	}
	fx, fy, fsum := values(n.Forward(train, w, x)), values(n.Forward(train, w, y)), values(n.Forward(train, w, sum))
	for i := range fx {
		if d := fx[i] + fy[i] - fsum[i]; math.Abs(d) > 1e-13 {
			t.Fatalf("f(x)+f(y)-f(x+y) = %g, want 0 within 1e-13", d)
		}
	}
	in0, out := values(x), fx
	for i := range count {
		var a, b float64
		for f := range 32 {
			a += in0[f*count+i] * in0[f*count+i]
			b += out[f*count+i] * out[f*count+i]
		}
		if r := math.Sqrt(b / a); math.Abs(r-1) > 1e-12 {
			t.Errorf("example %d: the norm changes by a factor of %v, want 1", i, r)
		}
	}
}
