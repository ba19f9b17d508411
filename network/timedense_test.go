package network_test

import (
	"slices"
	"testing"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/netcheck"
)

func TestTimeDense(t *testing.T) {
	netcheck.Sequences(t, network.Shape{5, 3}, network.TimeDense{Out: 2})
	netcheck.Sequences(t, network.Shape{1, 1}, network.TimeDense{Out: 1, NoBias: true})
	netcheck.Sequences(t, network.Shape{4, 2}, network.LSTM{Hidden: 3}, network.TimeDense{Out: 5, Gain: 2})
}

// At each step, the layer is a dense one.
func TestTimeDenseIsDenseAtEachStep(t *testing.T) {
	in := network.Shape{4, 3}
	all := mustNew[float64](t, in, network.TimeDense{Out: 2, Init: "he-normal", Gain: 0.5})
	one := mustNew[float64](t, network.Shape{3}, network.Dense{Out: 2, Init: "he-normal", Gain: 0.5})
	w := all.Init(newRand(1))
	if !slices.Equal(w, one.Init(newRand(1))) {
		t.Error("initial weights are not those of a dense layer")
	}
	x := normal(newRand(2), in, 5)
	y := values(all.Forward(train, w, x))
	for step := range 4 {
		part := values(one.Forward(train, w, x.With(network.Shape{3}, x.Data[step*3*x.Stride:])))
		if !slices.Equal(y[step*10:][:10], part) {
			t.Errorf("step %d: outputs %v, want %v", step, y[step*10:][:10], part)
		}
	}
}
