package network_test

import (
	"math"
	"slices"
	"testing"

	"github.com/joust-bench/joust/network"
)

// A minibatch cut over several networks, with the gradient of the weights computed
// part by part, has the gradient that one network computes for all of it.
func TestPartsMakeUpTheGradient(t *testing.T) {
	partsMakeUpTheGradient[float64](t, 1e-12)
	partsMakeUpTheGradient[float32](t, 1e-4)
}

func partsMakeUpTheGradient[T network.Float](t *testing.T, tolerance float64) {
	t.Helper()
	sigmoid := network.Activation{Func: "sigmoid"}
	for _, specs := range []network.Specs{
		{network.Dense{Out: 3}},
		{network.Flatten{}, network.Dense{Out: 37, NoBias: true}, sigmoid, network.Dense{Out: 5}, network.Dense{Out: 2}, network.Activation{Func: "relu"}},
		{network.Dense{Out: 1100}, sigmoid, network.Dense{Out: 2}}, // a layer of several parts
	} {
		whole := mustNew[T](t, network.Shape{9}, specs...)
		w := make([]T, whole.Dim())
		for i, v := range whole.Init(newRand(1)) {
			w[i] = T(v)
		}
		sizes := []int{200, 150, 100, 7} // sums of 200, of 150 and 100, and of 7 examples
		all, dy := tensor[T](2, network.Shape{9}, 457), tensor[T](3, whole.Out(), 457)
		whole.Forward(train, w, all)
		want := make([]T, whole.Dim())
		whole.BackwardWeights(w, want, dy)

		var nets []*network.Network[T]
		first := 0
		for _, n := range sizes {
			net := whole.Clone()
			net.Forward(train, w, columns(all, first, n))
			net.Deltas(w, columns(dy, first, n))
			nets, first = append(nets, net), first+n
		}
		got, inTurn := make([]float64, whole.Dim()), make([]float64, whole.Dim())
		for i := range got {
			got[i] = math.NaN() // all of it is written
		}
		var scratch []T
		for part := range whole.Parts() {
			scratch = network.PartGradient(got, nets, part, false, scratch)
			network.PartGradient(inTurn, nets[:1], part, false, nil)
			network.PartGradient(inTurn, nets[1:], part, true, nil)
		}
		largest := 0.0
		for _, v := range want {
			largest = max(largest, math.Abs(float64(v)))
		}
		for i, v := range want {
			if d := math.Abs(got[i] - float64(v)); !(d <= tolerance*largest) {
				t.Fatalf("%v: gradient %d is %v, want %v", specs, i, got[i], v)
			}
		}
		if !slices.Equal(got, inTurn) {
			t.Errorf("%v: not the same bits in two calls as in one", specs)
		}
	}
}

// Where a layer other than a dense one has weights, or would need the memory that a
// gradient is in, there are no parts.
func TestNetworksWithoutParts(t *testing.T) {
	relu := network.Activation{Func: "relu"}
	for _, specs := range []network.Specs{
		{network.Dense{Out: 3}, network.BatchNorm{}, relu},
		{network.Dense{Out: 9}, network.Residual{Body: network.Specs{relu, network.Dense{Out: 9}}}},
		{network.Dense{Out: 3}, network.Flatten{}, relu},
	} {
		if n := mustNew[float64](t, network.Shape{9}, specs...).Parts(); n != 0 {
			t.Errorf("%v: %d parts, want none", specs, n)
		}
	}
}

// columns is n examples of x from first on.
func columns[T network.Float](x network.Tensor[T], first, n int) network.Tensor[T] {
	x.N, x.Data = n, x.Data[first:]
	return x
}

func tensor[T network.Float](seed uint64, s network.Shape, n int) network.Tensor[T] {
	x, r := network.NewTensor[T](s, n), newRand(seed)
	for f := range s.Len() {
		for i := range x.Row(f) {
			x.Row(f)[i] = T(r.NormFloat64())
		}
	}
	return x
}
