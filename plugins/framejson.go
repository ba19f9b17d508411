package plugins

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/joust-bench/joust/plugins/protocol"
)

// A frameRequest has the members of every request; see FRAMES.md.
type frameRequest struct {
	Op    string `json:"op"`
	Run   string `json:"run"`
	Bytes uint64 `json:"bytes"`

	Protocol uint64   `json:"protocol"`
	Minor    uint32   `json:"minor"`
	Host     string   `json:"host"`
	Features []string `json:"features"`

	Optimizer string          `json:"optimizer"`
	Config    json.RawMessage `json:"config"`
	Dim       uint64          `json:"dim"`
	Seed      uint64          `json:"seed"`
	Budget    uint64          `json:"budget"`
	Threads   uint32          `json:"threads"`
	Blocks    []frameBlock    `json:"blocks"`
	State     uint64          `json:"state"`

	Tell *frameTell `json:"tell"`
	Ask  bool       `json:"ask"`

	Shortlist uint64 `json:"shortlist"`
}

type frameBlock struct {
	Name  string  `json:"name"`
	Off   uint64  `json:"off"`
	Len   uint64  `json:"len"`
	Layer int64   `json:"layer"`
	Rows  uint64  `json:"rows"`
	FanIn uint64  `json:"fan_in"`
	Scale float64 `json:"scale"`
}

type frameTell struct {
	Batch uint64 `json:"batch"`
	N     uint64 `json:"n"`
	Grads bool   `json:"grads"`
}

// init is the request as a message, with the starting weights.
func (q *frameRequest) init(weights []byte) *protocol.InitRequest {
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

// A frameAnswer has the members of every answer.
type frameAnswer struct {
	Error *frameError `json:"error,omitempty"`

	Protocol   int                `json:"protocol,omitempty"`
	Minor      *uint32            `json:"minor,omitempty"`
	Features   []string           `json:"features,omitempty"`
	Optimizers []frameDescription `json:"optimizers,omitempty"`
	Runtime    []string           `json:"runtime,omitempty"`

	Told  bool     `json:"told,omitempty"`
	Batch uint64   `json:"batch,omitempty"`
	N     *uint64  `json:"n,omitempty"`
	Need  string   `json:"need,omitempty"`
	Names []string `json:"names,omitempty"`

	OptimizerSeconds float64 `json:"optimizer_seconds,omitempty"`
	Bytes            int     `json:"bytes,omitempty"`
}

type frameError struct {
	Kind    string `json:"kind"`
	Message string `json:"message"`
}

type frameDescription struct {
	Name      string       `json:"name"`
	Version   string       `json:"version,omitempty"`
	Summary   string       `json:"summary,omitempty"`
	Doc       string       `json:"doc,omitempty"`
	License   string       `json:"license,omitempty"`
	Homepage  string       `json:"homepage,omitempty"`
	Refs      []string     `json:"refs,omitempty"`
	Need      string       `json:"need"`
	FullBatch bool         `json:"full_batch,omitempty"`
	MinDim    uint64       `json:"min_dim,omitempty"`
	MaxDim    uint64       `json:"max_dim,omitempty"`
	Params    []frameParam `json:"params,omitempty"`
	Memory    *frameMemory `json:"memory,omitempty"`
	Abilities []string     `json:"abilities,omitempty"`
}

type frameParam struct {
	Name    string          `json:"name"`
	Doc     string          `json:"doc,omitempty"`
	Type    string          `json:"type"`
	Default json.RawMessage `json:"default"`
	Min     *float64        `json:"min,omitempty"`
	Max     *float64        `json:"max,omitempty"`
	MinOpen bool            `json:"min_open,omitempty"`
	MaxOpen bool            `json:"max_open,omitempty"`
	Log     bool            `json:"log,omitempty"`
	Choices []string        `json:"choices,omitempty"`
}

type frameMemory struct {
	Fixed   float64 `json:"fixed,omitempty"`
	PerDim  float64 `json:"per_dim,omitempty"`
	PerDim2 float64 `json:"per_dim2,omitempty"`
}

// describeFrame is the answer to describe as a frame.
func describeFrame(r *protocol.DescribeResponse) frameAnswer {
	if r == nil {
		return frameAnswer{}
	}
	a := frameAnswer{Protocol: protocol.Major, Minor: &r.Minor, Features: r.Features, Runtime: r.Runtime}
	for _, d := range r.Optimizers {
		f := frameDescription{
			Name: d.Name, Version: d.Version, Summary: d.Summary, Doc: d.Doc, License: d.License, Homepage: d.Homepage,
			Refs: d.Refs, Need: enumName("NEED_", d.Need), FullBatch: d.FullBatch, MinDim: d.MinDim, MaxDim: d.MaxDim,
		}
		for _, p := range d.Params {
			f.Params = append(f.Params, frameParam{
				Name: p.Name, Doc: p.Doc, Type: p.Type, Default: json.RawMessage(p.Default),
				Min: p.Min, Max: p.Max, MinOpen: p.MinOpen, MaxOpen: p.MaxOpen, Log: p.Log, Choices: p.Choices,
			})
		}
		if m := d.Memory; m != nil {
			f.Memory = &frameMemory{Fixed: m.Fixed, PerDim: m.PerDim, PerDim2: m.PerDim2}
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
