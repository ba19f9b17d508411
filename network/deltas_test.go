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
		sizes := []int{200, 128, 64, 58, 7} // sums of 200, of 128, 64 and 58, and of 7 examples
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
		// By layers, in blocks of whole sums, with gradients left for later between.
		clear(inTurn)
		block := whole.Clone()
		first = 0
		for i, n := range []int{200, 250, 7} {
			y, dy := block.Forward(train, w, columns(all, first, n)), columns(dy, first, n)
			block.Deltas(w, y)
			block.Gradient(w, inTurn, dy, i > 0)
			first += n
		}
		if !slices.Equal(got, inTurn) {
			t.Errorf("%v: not the same bits by layers as by parts", specs)
		}
		block.Deltas(w, columns(dy, first-7, 7))
		last := nets[len(nets)-1:]
		for part := range whole.Parts() {
			network.PartGradient(inTurn, []*network.Network[T]{block}, part, false, nil)
			network.PartGradient(got, last, part, false, nil)
		}
		if !slices.Equal(got, inTurn) {
			t.Errorf("%v: not the same bits by parts after a gradient by layers", specs)
		}
	}
}

// Inputs that come example by example too are the ones that the first layer's gradient
// is of, and give the same bits.
func TestExamplesOfInputs(t *testing.T) {
	specs := network.Specs{network.Flatten{}, network.Dense{Out: 4}, network.Activation{Func: "tanh"}, network.Dense{Out: 2}}
	in := network.Shape{3, 5}
	n := mustNew[float32](t, in, specs...)
	w := make([]float32, n.Dim())
	for i, v := range n.Init(newRand(1)) {
		w[i] = float32(v)
	}
	x, dy := tensor[float32](2, in, 40), tensor[float32](3, n.Out(), 30)
	gradient := func(x network.Tensor[float32]) []float64 {
		dw, other := make([]float64, n.Dim()), make([]float32, n.Dim())
		n.Forward(train, w, x.Slice(10, 40))
		n.Gradient(w, dw, dy, false)
		n.BackwardWeights(w, other, dy)
		for i, v := range other {
			if dw[i] != float64(v) {
				t.Fatalf("gradient %d is %v, by BackwardWeights %v", i, dw[i], v)
			}
		}
		return dw
	}
	want := gradient(x)
	x.KeepExamples()
	for f := range in.Len() {
		for i, v := range x.Row(f) {
			x.Examples[i*x.ExampleStride+f] = v
		}
	}
	if !slices.Equal(gradient(x), want) {
		t.Error("not the same bits with examples as without")
	}
	x.Examples[39*x.ExampleStride+14]++
	if slices.Equal(gradient(x), want) {
		t.Error("the gradient does not depend on the examples")
	}
	x.Examples = x.Examples[:len(x.Examples)-1]
	message := "network: input: 599 values example by example, want 40 of stride 15"
	if got := panics(t, func() { n.Forward(train, w, x) }); got != message {
		t.Errorf("a value is missing: panic %q, want %q", got, message)
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
