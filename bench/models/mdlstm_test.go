package models

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/netcheck"
)

func TestScansAreThoseOfThePapers(t *testing.T) {
	tanh := network.Activation{Func: "tanh"}
	for _, c := range []struct {
		model  bench.Model
		config string
		in     network.Shape
		want   network.Specs
	}{
		{mdlstm(), `{"levels":1,"cells":4,"window":1,"one_way":true,"read":"corner"}`, network.Shape{1, 8, 8}, network.Specs{
			network.MDLSTM{Cells: 4, Concat: true, Directions: 1}, network.Corner{}, network.Dense{Out: 2},
		}},
		{mdlstm(), `{"levels":3,"cells":2,"peepholes":true,"forget_bias":-1}`, network.Shape{1, 5, 2}, network.Specs{
			network.Window{Height: 2, Width: 2},
			network.MDLSTM{Cells: 2, Concat: true, ForgetBias: -1, Peepholes: true},
			network.Window{Height: 2, Width: 1}, // of 3x1 positions
			network.Conv{Channels: 4, Kernel: 1},
			tanh,
			network.MDLSTM{Cells: 4, Concat: true, ForgetBias: -1, Peepholes: true},
			network.Window{Height: 2, Width: 1}, // of 2x1
			network.Conv{Channels: 8, Kernel: 1},
			tanh,
			network.MDLSTM{Cells: 8, Concat: true, ForgetBias: -1, Peepholes: true},
			network.GlobalAveragePool{},
			network.Dense{Out: 2},
		}},
		{mdrnn(), `{"levels":1,"window":3,"gain":0.5}`, network.Shape{1, 8, 8}, network.Specs{
			network.Window{Height: 3, Width: 3},
			network.MDRNN{Units: 4, Concat: true, Gain: 0.5},
			network.GlobalAveragePool{},
			network.Dense{Out: 2},
		}},
	} {
		_, specs := build(t, c.model, c.config, "", c.in, 2)
		if diff := cmp.Diff(c.want, specs); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", c.model.Name, c.config, diff)
		}
		netcheck.Layer(t, c.in, specs...)
	}
	for _, m := range []bench.Model{mdlstm(), mdrnn()} {
		_, err := m.Layers(nil, "", network.Shape{4}, network.Shape{2})
		if want := m.Name + ": inputs of shape (4), want images (C, H, W)"; err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

func TestChunkerIsThatOfThePaper(t *testing.T) {
	in := network.Shape{6, 4}
	_, specs := build(t, chunker(), `{}`, "", in, 2)
	want := network.Specs{
		network.Chunker{Levels: 2, Hidden: 32, Surprise: 0.95, Truncation: 3, Read: "top"}, network.Dense{Out: 2},
	}
	if diff := cmp.Diff(want, specs); diff != "" {
		t.Errorf("layers (-want +got):\n%s", diff)
	}
	_, specs = build(t, chunker(), `{"hidden":4,"truncation":0,"collapse":1,"read":"collapsed"}`, "", in, 2)
	netcheck.Layer(t, in, specs...)
	_, err := chunker().Layers(json.RawMessage(`{"read":"bottom"}`), "", in, network.Shape{2})
	if err == nil || !strings.HasPrefix(err.Error(), `chunker: read: "bottom"`) {
		t.Errorf("error %v, want one about what is read", err)
	}
}
