package models

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/joust-bench/joust/network"
)

func TestReadouts(t *testing.T) {
	layer := network.Dense{Init: "he-normal", Gain: 2, NoBias: true}
	hidden := network.Specs{network.LSTM{Hidden: 4}}
	of := func(out int) network.Dense {
		return network.Dense{Out: out, Init: "he-normal", Gain: 2, NoBias: true}
	}
	for _, c := range []struct {
		name      string
		got, want network.Specs
	}{
		{"vector to vector", readout(nil, network.Shape{3}, layer), network.Specs{of(3)}},
		{"vector to steps", readout(nil, network.Shape{5, 3}, layer), network.Specs{of(15)}},
		{"steps to vector", sequenceReadout(hidden, network.Shape{3}, layer), network.Specs{hidden[0], network.Last{}, of(3)}},
		{"steps to steps", sequenceReadout(hidden, network.Shape{5, 3}, layer), network.Specs{hidden[0], network.TimeDense(of(3))}},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// Models that know no steps see a sequence whole, and make one vector of all outputs.
func TestModelsOfSequences(t *testing.T) {
	for _, c := range contenders() {
		specs, err := c.model.Layers([]byte(`{"width":8}`), "", network.Shape{5, 2}, network.Shape{5, 3})
		if err != nil {
			t.Fatal(err)
		}
		n, err := network.New[float64](network.Shape{5, 2}, specs...)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(network.Shape{15}, n.Out()); diff != "" {
			t.Errorf("%s: %s", c.model.Name, diff)
		}
	}
}

func TestNetworkFileOfSequences(t *testing.T) {
	last, steps := network.Shape{3}, network.Shape{5, 3}
	lstm := network.LSTM{Hidden: 4}
	for _, c := range []struct {
		content string
		out     network.Shape
		want    network.Specs
	}{
		{"layers: [{type: lstm, hidden: 4}]", last, network.Specs{lstm, network.Last{}, network.Dense{Out: 3}}},
		{"layers: [{type: lstm, hidden: 4}]", steps, network.Specs{lstm, network.TimeDense{Out: 3}}},
		{"input: [5, 2]\nlayers: [{type: lstm, hidden: 4}]", steps, network.Specs{lstm, network.TimeDense{Out: 3}}},
		{"layers: [{type: lstm, hidden: 4}, {type: last}]", last, network.Specs{lstm, network.Last{}, network.Dense{Out: 3}}},
		{"layers: []", last, network.Specs{network.Flatten{}, network.Dense{Out: 3}}},
		{"layers: [{type: dense, out: 2}]", steps, network.Specs{network.Flatten{}, network.Dense{Out: 2}, network.Dense{Out: 15}}},
		{"input: [5, 2]\nlayers: []", last, network.Specs{network.Last{}, network.Dense{Out: 3}}},
	} {
		dir := netFile(t, c.content)
		got, err := file().Layers([]byte(`{"path":"net.yaml"}`), dir, network.Shape{5, 2}, c.out)
		if err != nil {
			t.Errorf("%s: %v", c.content, err)
			continue
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s to %v (-want +got):\n%s", c.content, c.out, diff)
		}
		if _, err := network.New[float64](network.Shape{5, 2}, got...); err != nil {
			t.Errorf("%s: %v", c.content, err)
		}
	}
}
