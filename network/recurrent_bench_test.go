package network_test

import (
	"testing"

	"github.com/joust-bench/joust/network"
)

// Loss and gradient of 64 sequences of 100 steps of 2 values, with 64 units.
func BenchmarkRecurrent(b *testing.B) {
	for _, bb := range []struct {
		name string
		spec network.Spec
	}{
		{"rnn", network.RNN{Hidden: 64}},
		{"rnn-omega", network.RNN{Hidden: 64, Omega: 1}},
		{"gru", network.GRU{Hidden: 64}},
		{"lstm", network.LSTM{Hidden: 64}},
		{"lstm1997", network.LSTM1997{Blocks: 16, Size: 4}},
		{"bidirectional-lstm", network.Bidirectional{Body: network.Specs{network.LSTM{Hidden: 64}}}},
	} {
		b.Run(bb.name+"/float64", func(b *testing.B) { sequences[float64](b, bb.spec) })
		b.Run(bb.name+"/float32", func(b *testing.B) { sequences[float32](b, bb.spec) })
	}
}

func sequences[T network.Float](b *testing.B, spec network.Spec) {
	const n = 64
	in := network.Shape{100, 2}
	net := mustNew[T](b, in, spec, network.Last{}, network.Dense{Out: 1})
	rng := newRand(1)
	x, dy := network.NewTensor[T](in, n), network.NewTensor[T](net.Out(), n)
	for i := range x.Data {
		x.Data[i] = T(rng.NormFloat64())
	}
	for i := range dy.Data {
		dy.Data[i] = T(rng.NormFloat64() / n)
	}
	var w []T
	for _, v := range net.Init(rng) {
		w = append(w, T(v))
	}
	dw := make([]T, len(w))
	b.ReportAllocs()
	for b.Loop() {
		net.Forward(train, w, x)
		clear(dw)
		net.BackwardWeights(w, dw, dy)
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "sequences/s")
}
