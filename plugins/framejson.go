package plugins

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/joust-bench/joust/plugins/protocol"
)

// problemOf is a request as a message, with the starting weights.
func problemOf(q *protocol.FrameRequest, weights []byte) *protocol.InitRequest {
	r := &protocol.InitRequest{
		Run:       q.Run,
		Optimizer: q.Optimizer,
		Config:    string(q.Config),
		Dim:       q.Dim,
		Init:      &protocol.Rows{N: 1, Where: &protocol.Rows_Data{Data: weights}},
		Budget:    q.Budget,
		Seed:      q.Seed,
		Threads:   q.Threads,
	}
	for _, b := range q.Blocks {
		r.Blocks = append(r.Blocks, &protocol.Block{
			Name: b.Name, Off: b.Off, Len: b.Len, Layer: b.Layer, Rows: b.Rows, FanIn: b.FanIn, Scale: b.Scale,
		})
	}
	return r
}

// describeFrame is the answer to describe as a frame.
func describeFrame(r *protocol.DescribeResponse) protocol.FrameAnswer {
	if r == nil {
		return protocol.FrameAnswer{}
	}
	a := protocol.FrameAnswer{Protocol: protocol.Major, Minor: &r.Minor, Features: r.Features, Runtime: r.Runtime}
	for _, d := range r.Optimizers {
		f := protocol.FrameDescription{
			Name: d.Name, Version: d.Version, Summary: d.Summary, Doc: d.Doc, License: d.License, Homepage: d.Homepage,
			Refs: d.Refs, Need: enumName("NEED_", d.Need), FullBatch: d.FullBatch, MinDim: d.MinDim, MaxDim: d.MaxDim,
		}
		for _, p := range d.Params {
			f.Params = append(f.Params, protocol.FrameParam{
				Name: p.Name, Doc: p.Doc, Type: p.Type, Default: json.RawMessage(p.Default),
				Min: p.Min, Max: p.Max, MinOpen: p.MinOpen, MaxOpen: p.MaxOpen, Log: p.Log, Choices: p.Choices,
			})
		}
		if m := d.Memory; m != nil {
			f.Memory = &protocol.FrameMemory{Fixed: m.Fixed, PerDim: m.PerDim, PerDim2: m.PerDim2}
		}
		for _, able := range d.Abilities {
			f.Abilities = append(f.Abilities, enumName("ABILITY_", able))
		}
		a.Optimizers = append(a.Optimizers, f)
	}
	return a
}

// enumName is a value as frames write it: in lower case, without the prefix of
// its type.
func enumName(prefix string, value fmt.Stringer) string {
	return strings.ToLower(strings.TrimPrefix(value.String(), prefix))
}

// sameMajor refuses a host of another version, and says who is to be renewed.
func sameMajor(theirs uint64) error {
	if theirs == protocol.Major {
		return nil
	}
	remedy := "update joust"
	if theirs > protocol.Major {
		remedy = "build the plugin with a newer version of the joust module"
	}
	return invalid("the host speaks version %d of the protocol and this plugin version %d: %s", theirs, protocol.Major, remedy)
}
