package optimizers

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
)

// Define completes d with a configuration type C, whose JSON form is stored
// with every result, and with what builds the optimizer from one. It fills in
// Params and New:
//
//	var Rprop = optimizers.Define(optimizers.Definition{
//		Name: "rprop",
//		Need: optimizers.NeedGrad,
//	}, RpropConfig{Init: 0.1, Up: 1.2, Down: 0.5}, newRprop)
//
// New reads the configuration as [Configure] does and checks the Problem, so
// that build may trust both, and puts the name in front of every error. The
// optimizer may keep the Problem and its slices, which nobody changes.
//
// Define panics if [Params] does, and if C has a member "batch": that name is
// the referee's, who sets the size of the minibatch by it.
func Define[C any, O Optimizer](d Definition, defaults C, build func(C, Problem) (O, error)) Definition {
	d.Params = Params(defaults)
	if slices.ContainsFunc(d.Params, func(p Param) bool { return p.Name == "batch" }) {
		panic(fmt.Sprintf("optimizers: %s has a member batch, which is the referee's", d.Name))
	}
	d.New = func(config json.RawMessage, p Problem) (Optimizer, error) {
		c, err := Configure(defaults, config)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", d.Name, err)
		}
		if err := p.Validate(); err != nil {
			return nil, fmt.Errorf("%s: problem: %w", d.Name, err)
		}
		if why := d.Refuses(len(p.Init)); why != "" {
			return nil, fmt.Errorf("%s %s", d.Name, why)
		}
		o, err := build(c, p)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", d.Name, err)
		}
		return o, nil
	}
	return d
}

// Validate checks what [Define] promises to build functions: finite starting
// weights, at least one thread, blocks in order and without gaps.
func (p Problem) Validate() error {
	if len(p.Init) == 0 {
		return errors.New("no starting weights, want at least one")
	}
	for i, w := range p.Init {
		if math.IsNaN(w) || math.IsInf(w, 0) {
			return fmt.Errorf("starting weight %d is %v, want a finite number", i, w)
		}
	}
	if p.Threads < 1 {
		return fmt.Errorf("threads: %d, want at least 1", p.Threads)
	}
	if p.Budget < 0 {
		return fmt.Errorf("budget: %d evaluations, want at least 1, or 0 for unknown", p.Budget)
	}
	if p.Blocks == nil {
		return nil
	}
	off := 0
	for i, b := range p.Blocks {
		if b.Off != off || b.Len < 0 || b.Rows < 0 || b.Rows > 0 && b.Len%b.Rows != 0 {
			return fmt.Errorf("block %d (%s): %d rows, weights [%d, %d), want whole rows that start at weight %d",
				i, b.Name, b.Rows, b.Off, b.Off+b.Len, off)
		}
		if !(b.Scale >= 0) || math.IsInf(b.Scale, 1) {
			return fmt.Errorf("block %d (%s): scale %v, want a finite standard deviation", i, b.Name, b.Scale)
		}
		off += b.Len
	}
	if off != len(p.Init) {
		return fmt.Errorf("blocks end at weight %d, want all %d", off, len(p.Init))
	}
	return nil
}
