package network_test

import (
	"testing"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/netcheck"
)

func TestTimeDense(t *testing.T) {
	netcheck.Sequences(t, network.Shape{5, 3}, network.TimeDense{Out: 2})
	netcheck.Sequences(t, network.Shape{1, 1}, network.TimeDense{Out: 1, NoBias: true})
	netcheck.Sequences(t, network.Shape{4, 2}, network.LSTM{Hidden: 3}, network.TimeDense{Out: 5, Gain: 2})
}
