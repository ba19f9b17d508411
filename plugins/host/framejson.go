package host

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/joust-bench/joust/plugins/protocol"
)

// setInit sets the members that init and restore have.
func setInit(q *protocol.FrameRequest, r *protocol.InitRequest) {
	q.Run, q.Optimizer, q.Config = r.Run, r.Optimizer, json.RawMessage(r.Config)
	q.Dim, q.Seed, q.Budget, q.Threads = r.Dim, r.Seed, r.Budget, r.Threads
	for _, b := range r.Blocks {
		q.Blocks = append(q.Blocks, protocol.FrameBlock{
			Name: b.Name, Off: b.Off, Len: b.Len, Layer: b.Layer, Rows: b.Rows, FanIn: b.FanIn, Scale: b.Scale,
		})
	}
}

// readAnswer reads the line of an answer to op.
func readAnswer(op string, line []byte) (*protocol.FrameAnswer, error) {
	a := &protocol.FrameAnswer{}
	if err := json.Unmarshal(line, a); err != nil {
		return nil, fmt.Errorf("answered %s, which is no answer: %s", quoted(string(line), 100), harmless(err.Error(), 200))
	}
	if first := strings.TrimLeft(string(line[:min(len(line), 20)]), " \t\r"); !strings.HasPrefix(first, "{") {
		return nil, fmt.Errorf("answered %s, want a JSON object", quoted(string(line), 100))
	}
	if a.Bytes < 0 || a.Rows() < 0 {
		return nil, fmt.Errorf("answered with n %d and bytes %d, want at least 0", a.Rows(), a.Bytes)
	}
	if err := checkSeconds(a.OptimizerSeconds); err != nil {
		return nil, err
	}
	if a.Error != nil && a.Bytes > 0 {
		return nil, fmt.Errorf("answered with an error and %d bytes, want none", a.Bytes)
	}
	return a, checkOp(a, op)
}

// checkOp says that an answer is not one to op but to another.
func checkOp(a *protocol.FrameAnswer, op string) error {
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
		{"n", "step recommend", a.Rows() != 0},
		{"names", "diagnose", len(a.Names) > 0},
		{"bytes", "step recommend diagnose checkpoint", a.Bytes != 0},
	} {
		if m.there && !strings.Contains(m.ops, op) {
			return fmt.Errorf("answered with %q, which is no member of the answer to %q", m.name, op)
		}
	}
	return nil
}

// described is the answer to describe.
func described(a *protocol.FrameAnswer) (*protocol.DescribeResponse, error) {
	r := &protocol.DescribeResponse{Features: a.Features, Runtime: a.Runtime}
	if a.Minor != nil {
		r.Minor = *a.Minor
	}
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
