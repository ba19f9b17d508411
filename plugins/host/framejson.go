package host

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/joust-bench/joust/plugins/protocol"
)

// A request has the members of every request in frames; see FRAMES.md.
type request struct {
	Op string `json:"op"`

	Protocol int       `json:"protocol,omitempty"`
	Minor    *uint32   `json:"minor,omitempty"`
	Host     string    `json:"host,omitempty"`
	Features *[]string `json:"features,omitempty"`

	Run       string          `json:"run,omitempty"`
	Optimizer string          `json:"optimizer,omitempty"`
	Config    json.RawMessage `json:"config,omitempty"`
	Dim       uint64          `json:"dim,omitempty"`
	Seed      uint64          `json:"seed,omitempty"`
	Budget    uint64          `json:"budget,omitempty"`
	Threads   uint32          `json:"threads,omitempty"`
	Blocks    []block         `json:"blocks,omitempty"`
	State     int             `json:"state,omitempty"`

	Tell *frameTell `json:"tell,omitempty"`
	Ask  bool       `json:"ask,omitempty"`

	Shortlist uint64 `json:"shortlist,omitempty"`

	Bytes int `json:"bytes,omitempty"`
}

type block struct {
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
	N     int    `json:"n"`
	Grads bool   `json:"grads"`
}

// begin sets the members that init and restore have.
func (q *request) begin(r *protocol.InitRequest) {
	q.Run, q.Optimizer, q.Config = r.Run, r.Optimizer, json.RawMessage(r.Config)
	q.Dim, q.Seed, q.Budget, q.Threads = r.Dim, r.Seed, r.Budget, r.Threads
	for _, b := range r.Blocks {
		q.Blocks = append(q.Blocks, block{b.Name, b.Off, b.Len, b.Layer, b.Rows, b.FanIn, b.Scale})
	}
}

// An answer has the members of every answer in frames. What is absent is zero.
type answer struct {
	Error *failure `json:"error"`

	Protocol   int           `json:"protocol"`
	Minor      uint32        `json:"minor"`
	Features   []string      `json:"features"`
	Optimizers []description `json:"optimizers"`
	Runtime    []string      `json:"runtime"`

	Told  bool     `json:"told"`
	Batch uint64   `json:"batch"`
	N     int64    `json:"n"`
	Need  string   `json:"need"`
	Names []string `json:"names"`

	Seconds float64 `json:"optimizer_seconds"`
	Bytes   int64   `json:"bytes"`
}

type failure struct {
	Kind    string `json:"kind"`
	Message string `json:"message"`
}

// read reads the line of an answer to op.
func (a *answer) read(op string, line []byte) error {
	if err := json.Unmarshal(line, a); err != nil {
		return fmt.Errorf("answered %s, which is no answer: %s", quoted(string(line), 100), harmless(err.Error(), 200))
	}
	if first := strings.TrimLeft(string(line[:min(len(line), 20)]), " \t\r"); !strings.HasPrefix(first, "{") {
		return fmt.Errorf("answered %s, want a JSON object", quoted(string(line), 100))
	}
	if a.Bytes < 0 || a.N < 0 {
		return fmt.Errorf("answered with n %d and bytes %d, want at least 0", a.N, a.Bytes)
	}
	if err := checkSeconds(a.Seconds); err != nil {
		return err
	}
	if a.Error != nil && a.Bytes > 0 {
		return fmt.Errorf("answered with an error and %d bytes, want none", a.Bytes)
	}
	return a.of(op)
}

// of says that the answer is not one to op but to another.
func (a *answer) of(op string) error {
	for _, m := range []struct {
		name, ops string
		there     bool
	}{
		{"protocol", "describe", a.Protocol != 0},
		{"optimizers", "describe", len(a.Optimizers) > 0},
		{"runtime", "describe", len(a.Runtime) > 0},
		{"told", "step", a.Told},
		{"batch", "step", a.Batch != 0},
		{"need", "step", a.Need != ""},
		{"n", "step recommend", a.N != 0},
		{"names", "diagnose", len(a.Names) > 0},
		{"bytes", "step recommend diagnose checkpoint", a.Bytes != 0},
	} {
		if m.there && !strings.Contains(m.ops, op) {
			return fmt.Errorf("answered with %q, which is no member of the answer to %q", m.name, op)
		}
	}
	return nil
}

type description struct {
	Name      string   `json:"name"`
	Version   string   `json:"version"`
	Summary   string   `json:"summary"`
	Doc       string   `json:"doc"`
	License   string   `json:"license"`
	Homepage  string   `json:"homepage"`
	Refs      []string `json:"refs"`
	Need      string   `json:"need"`
	FullBatch bool     `json:"full_batch"`
	MinDim    uint64   `json:"min_dim"`
	MaxDim    uint64   `json:"max_dim"`
	Params    []param  `json:"params"`
	Memory    *memory  `json:"memory"`
	Abilities []string `json:"abilities"`
}

type param struct {
	Name    string          `json:"name"`
	Doc     string          `json:"doc"`
	Type    string          `json:"type"`
	Default json.RawMessage `json:"default"`
	Min     *float64        `json:"min"`
	Max     *float64        `json:"max"`
	MinOpen bool            `json:"min_open"`
	MaxOpen bool            `json:"max_open"`
	Log     bool            `json:"log"`
	Choices []string        `json:"choices"`
}

type memory struct {
	Fixed   float64 `json:"fixed"`
	PerDim  float64 `json:"per_dim"`
	PerDim2 float64 `json:"per_dim2"`
}

// message is the answer to describe.
func (a *answer) message() (*protocol.DescribeResponse, error) {
	r := &protocol.DescribeResponse{Minor: a.Minor, Features: a.Features, Runtime: a.Runtime}
	for _, d := range a.Optimizers {
		need, err := enum("need", "NEED_", d.Need, protocol.Need_value)
		if err != nil {
			return nil, err
		}
		m := &protocol.Description{
			Name: d.Name, Version: d.Version, Summary: d.Summary, Doc: d.Doc, License: d.License, Homepage: d.Homepage, Refs: d.Refs,
			Need: protocol.Need(need), FullBatch: d.FullBatch, MinDim: d.MinDim, MaxDim: d.MaxDim,
		}
		for _, p := range d.Params {
			m.Params = append(m.Params, &protocol.Param{
				Name: p.Name, Doc: p.Doc, Type: p.Type, Default: string(p.Default),
				Min: p.Min, Max: p.Max, MinOpen: p.MinOpen, MaxOpen: p.MaxOpen, Log: p.Log, Choices: p.Choices,
			})
		}
		if d.Memory != nil {
			m.Memory = &protocol.Memory{Fixed: d.Memory.Fixed, PerDim: d.Memory.PerDim, PerDim2: d.Memory.PerDim2}
		}
		for _, name := range d.Abilities {
			able, err := enum("ability", "ABILITY_", name, protocol.Ability_value)
			if err != nil {
				return nil, err
			}
			m.Abilities = append(m.Abilities, protocol.Ability(able))
		}
		r.Optimizers = append(r.Optimizers, m)
	}
	return r, nil
}

// enum is the value that frames write in lower case and without its prefix; an
// empty one is unspecified.
func enum(what, prefix, name string, values map[string]int32) (int32, error) {
	if name == "" {
		return 0, nil
	}
	v, ok := values[prefix+strings.ToUpper(name)]
	if !ok || v == 0 || name != strings.ToLower(name) {
		return 0, fmt.Errorf("answered with %s %s, which there is not", what, quoted(name, 50))
	}
	return v, nil
}
