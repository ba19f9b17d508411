package opttest

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/joust-bench/joust/optimizers"
)

func checkDefinition(def optimizers.Definition) error {
	switch {
	case def.Name == "" || def.Name != strings.ToLower(def.Name) || strings.ContainsAny(def.Name, " \t\n"):
		return fmt.Errorf("name %q, want a lower-case word", def.Name)
	case def.Summary == "":
		return errors.New("no summary")
	case def.Need > optimizers.NeedGrad:
		return fmt.Errorf("need %d is not known", def.Need)
	case def.New == nil:
		return errors.New("nothing builds it, New is nil")
	case def.Memory == nil:
		return errors.New("memory is nil, want the bytes held at a dimension")
	}
	return nil
}

func checkConfiguration(def optimizers.Definition) error {
	for _, config := range []string{`{"no_such_member": 1}`, `{`, `[]`, `null`, `1`, `{} {}`} {
		if opt, err := def.New(json.RawMessage(config), newProblem(dimension(def, 8))); err == nil {
			return errors.Join(fmt.Errorf("configuration %s is taken, want an error", config), closeOptimizer(opt))
		}
	}
	for _, config := range []string{``, `{}`} {
		opt, err := def.New(json.RawMessage(config), newProblem(dimension(def, 8)))
		if err != nil {
			return fmt.Errorf("configuration %q: %w", config, err)
		}
		if err := closeOptimizer(opt); err != nil {
			return err
		}
	}
	return nil
}

// checkParams holds Params to what New does: the defaults and choices are
// taken, what is out of range is not, and the error names the member.
func checkParams(def optimizers.Definition) error {
	taken := func(name string, value any) error {
		config, err := json.Marshal(map[string]any{name: value})
		if err != nil {
			return err
		}
		opt, err := def.New(config, newProblem(dimension(def, 8)))
		if err != nil {
			return fmt.Errorf("configuration %s: %w", config, err)
		}
		return closeOptimizer(opt)
	}
	refused := func(name string, value any) error {
		config, err := json.Marshal(map[string]any{name: value})
		if err != nil {
			return err
		}
		opt, err := def.New(config, newProblem(dimension(def, 8)))
		if err == nil {
			return errors.Join(fmt.Errorf("configuration %s is taken, want an error", config), closeOptimizer(opt))
		}
		if !strings.Contains(err.Error(), name) {
			return fmt.Errorf("configuration %s: the error %w does not name %s", config, err, name)
		}
		return nil
	}
	for _, p := range def.Params {
		if p.Doc == "" {
			return fmt.Errorf("%s has no documentation", p.Name)
		}
		errs := []error{taken(p.Name, p.Default), refused(p.Name, nil), refused(p.Name, []int{1})}
		for _, choice := range p.Choices {
			errs = append(errs, taken(p.Name, choice))
		}
		if p.Choices != nil {
			errs = append(errs, refused(p.Name, "no such choice"))
		}
		if p.Min != nil {
			errs = append(errs, refused(p.Name, *p.Min-1))
			if p.MinOpen {
				errs = append(errs, refused(p.Name, *p.Min))
			}
		}
		if p.Max != nil {
			errs = append(errs, refused(p.Name, *p.Max*2+1))
			if p.MaxOpen {
				errs = append(errs, refused(p.Name, *p.Max))
			}
		}
		if err := errors.Join(errs...); err != nil {
			return err
		}
	}
	return nil
}

func checkProblem(def optimizers.Definition) error {
	for name, spoil := range map[string]func(*optimizers.Problem){
		"no weights":         func(p *optimizers.Problem) { p.Init, p.Blocks = nil, nil },
		"a weight of NaN":    func(p *optimizers.Problem) { p.Init[3] = math.NaN() },
		"an infinite weight": func(p *optimizers.Problem) { p.Init[7] = math.Inf(1) },
		"no threads":         func(p *optimizers.Problem) { p.Threads = 0 },
		"a gap in blocks":    func(p *optimizers.Problem) { p.Blocks[1].Off++ },
	} {
		p := newProblem(dimension(def, 8))
		spoil(&p)
		if opt, err := def.New(nil, p); err == nil {
			return errors.Join(fmt.Errorf("a problem with %s is taken, want an error", name), closeOptimizer(opt))
		}
	}
	// A variant may need what is not always known, if it says so.
	for missing, spoil := range map[string]func(*optimizers.Problem){
		"block":  func(p *optimizers.Problem) { p.Blocks = nil },
		"budget": func(p *optimizers.Problem) { p.Budget = 0 },
	} {
		p := newProblem(dimension(def, 8))
		spoil(&p)
		opt, err := def.New(nil, p)
		if err != nil && !strings.Contains(err.Error(), missing) {
			return fmt.Errorf("a problem with no %s: the error %w does not name it", missing, err)
		}
		if err == nil {
			if err := closeOptimizer(opt); err != nil {
				return err
			}
		}
	}
	return nil
}

func closeOptimizer(opt optimizers.Optimizer) error {
	return (&run{opt: opt}).close()
}
