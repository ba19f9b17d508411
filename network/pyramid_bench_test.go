package network_test

import (
	"testing"

	"github.com/joust-bench/joust/network"
)

// Forward and backward through eight steps of a pyramid of 1535 weights on 64
// images: 0.68 Mflop forward for each, and twice that back.
func BenchmarkPyramid(b *testing.B) {
	b.Run("float64", pyramidStep[float64])
	b.Run("float32", pyramidStep[float32])
}

func pyramidStep[T network.Float](b *testing.B) {
	const n = 64
	net := mustNew[T](b, network.Shape{1, 16, 16}, network.Pyramid{Features: []int{1, 4, 8}, Steps: 8, Every: true})
	rng := newRand(1)
	x, dy := network.NewTensor[T](net.In(), n), network.NewTensor[T](net.Out(), n)
	for i := range x.Data {
		x.Data[i] = T(rng.Float64())
	}
	for i := range dy.Data {
		dy.Data[i] = T(rng.NormFloat64())
	}
	w := make([]T, net.Dim())
	for i, v := range net.Init(rng) {
		w[i] = T(v)
	}
	dw := make([]T, net.Dim())
	b.ReportAllocs()
	for b.Loop() {
		net.Forward(train, w, x)
		clear(dw)
		net.BackwardWeights(w, dw, dy)
	}
	b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "examples/s")
}
