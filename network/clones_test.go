package network_test

import (
	"slices"
	"sync"
	"testing"

	"github.com/joust-bench/joust/network"
)

// Clones share a description and nothing that is written to: used at once, they compute
// what one of them computes alone. Under the race detector, every kind of layer shows
// what it writes.
func TestClonesAtOnce(t *testing.T) {
	const clones, n = 3, 4
	for _, l := range onKernels() {
		whole := mustNew[float64](t, l.in, l.specs...)
		w := whole.Init(newRand(1))
		pass := func(net *network.Network[float64]) []float64 {
			p := network.Pass{Mode: network.Train, Seed: 1, Step: 2, Batch: n}
			y := net.Forward(p, w, normal(newRand(2), l.in, n))
			out, losses := slices.Clone(values(y)), make([]float64, n)
			net.Auxiliary(losses, 0.25)
			dw := make([]float64, net.Dim())
			dx := net.Backward(w, dw, normal(newRand(3), net.Out(), n))
			return slices.Concat(out, losses, dw, values(dx))
		}
		want := pass(whole)
		var list []*network.Network[float64]
		for range clones {
			list = append(list, whole.Clone())
		}
		got := make([][]float64, clones)
		var wait sync.WaitGroup
		for i, net := range list {
			wait.Go(func() { got[i] = pass(net) })
		}
		wait.Wait()
		for i := range got {
			if !slices.Equal(got[i], want) {
				t.Errorf("%v: clone %d of %d computes %v, want %v", l.specs, i, clones, got[i], want)
			}
		}
	}
}
