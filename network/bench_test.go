package network_test

import (
	"testing"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/loss"
)

// A step of back-propagation, forward, loss and backward, on 128 examples: a
// classifier of digits, and 30 layers of sigmoid units.
func BenchmarkStep(b *testing.B) {
	deep := network.Specs{}
	for range 30 {
		deep = append(deep, network.Dense{Out: 64}, network.Activation{Func: "sigmoid"})
	}
	relu := network.Activation{Func: "relu"}
	for _, bb := range []struct {
		name  string
		in    int
		specs network.Specs
	}{
		{"mlp-784-256-128-10", 784, network.Specs{network.Dense{Out: 256}, relu, network.Dense{Out: 128}, relu, network.Dense{Out: 10}}},
		{"sigmoid-64x30-10", 64, append(deep, network.Dense{Out: 10})},
	} {
		b.Run(bb.name+"/float64", func(b *testing.B) { step[float64](b, bb.in, bb.specs) })
		b.Run(bb.name+"/float32", func(b *testing.B) { step[float32](b, bb.in, bb.specs) })
	}
}

func step[T network.Float](b *testing.B, in int, specs network.Specs) {
	const n = 128
	net := mustNew[T](b, network.Shape{in}, specs...)
	rng := newRand(1)
	x, dy := network.NewTensor[T](net.In(), n), network.NewTensor[T](net.Out(), n)
	for i := range x.Data {
		x.Data[i] = T(rng.NormFloat64())
	}
	labels := make([]int32, n)
	for i := range labels {
		labels[i] = int32(rng.IntN(10))
	}
	var w []T
	for _, v := range net.Init(rng) {
		w = append(w, T(v))
	}
	dw, losses := make([]T, len(w)), make([]T, n)
	b.ReportAllocs()
	for b.Loop() {
		y := net.Forward(train, w, x)
		loss.Evaluate(loss.SoftmaxCrossEntropy, losses, dy.Data, y.Data, y.Stride, 10, n, loss.Target[T]{Labels: labels}, 1.0/n)
		clear(dw)
		net.BackwardWeights(w, dw, dy)
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "examples/s")
}
