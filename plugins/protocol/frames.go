package protocol

import "encoding/json"

// A FrameRequest has the members of every request in frames; see FRAMES.md.
type FrameRequest struct {
	Op string `json:"op"`

	Protocol uint64   `json:"protocol,omitempty"`
	Minor    *uint32  `json:"minor,omitempty"` // nil: 0
	Host     string   `json:"host,omitempty"`
	Features []string `json:"features,omitzero"` // a list of none is there, too

	Run       string          `json:"run,omitempty"`
	Optimizer string          `json:"optimizer,omitempty"`
	Config    json.RawMessage `json:"config,omitempty"`
	Dim       uint64          `json:"dim,omitempty"`
	Seed      uint64          `json:"seed,omitempty"`
	Budget    uint64          `json:"budget,omitempty"`
	Threads   uint32          `json:"threads,omitempty"`
	Blocks    []FrameBlock    `json:"blocks,omitempty"`
	State     uint64          `json:"state,omitempty"`

	Tell *FrameTell `json:"tell,omitempty"`
	Ask  bool       `json:"ask,omitempty"`

	Shortlist uint64 `json:"shortlist,omitempty"`

	Bytes uint64 `json:"bytes,omitempty"`
}

// A FrameBlock is a [Block].
type FrameBlock struct {
	Name  string  `json:"name"`
	Off   uint64  `json:"off"`
	Len   uint64  `json:"len"`
	Layer int64   `json:"layer"`
	Rows  uint64  `json:"rows"`
	FanIn uint64  `json:"fan_in"`
	Scale float64 `json:"scale"`
}

// A FrameTell says of which batch the numbers after the line are, and what they are.
type FrameTell struct {
	Batch uint64 `json:"batch"`
	N     uint64 `json:"n"`
	Grads bool   `json:"grads"`
}

// A FrameAnswer has the members of every answer in frames. What is absent is zero.
type FrameAnswer struct {
	Error *FrameError `json:"error,omitempty"`

	Protocol   int                `json:"protocol,omitempty"`
	Minor      *uint32            `json:"minor,omitempty"` // nil: 0
	Features   []string           `json:"features,omitempty"`
	Optimizers []FrameDescription `json:"optimizers,omitempty"`
	Runtime    []string           `json:"runtime,omitempty"`

	Told  bool     `json:"told,omitempty"`
	Batch uint64   `json:"batch,omitempty"`
	N     *int64   `json:"n,omitempty"` // nil: 0
	Need  string   `json:"need,omitempty"`
	Names []string `json:"names,omitempty"`

	OptimizerSeconds float64 `json:"optimizer_seconds,omitempty"`
	Bytes            int64   `json:"bytes,omitempty"`
}

// Rows is how many there are, as the answer says.
func (a *FrameAnswer) Rows() int64 {
	if a.N == nil {
		return 0
	}
	return *a.N
}

// A FrameError is a [Failure].
type FrameError struct {
	Kind    string `json:"kind"`
	Message string `json:"message"`
}

// A FrameDescription is a [Description].
type FrameDescription struct {
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
	Params    []FrameParam `json:"params,omitempty"`
	Memory    *FrameMemory `json:"memory,omitempty"`
	Abilities []string     `json:"abilities,omitempty"`
}

// A FrameParam is a [Param].
type FrameParam struct {
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

// A FrameMemory is a [Memory].
type FrameMemory struct {
	Fixed   float64 `json:"fixed,omitempty"`
	PerDim  float64 `json:"per_dim,omitempty"`
	PerDim2 float64 `json:"per_dim2,omitempty"`
}
