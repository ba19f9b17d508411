package main

import (
	"errors"
	"math"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/optimizers"
)

// An experiment is an experiment file: what to run, and where in the file each
// part of it is.
type experiment struct {
	bench.Experiment
	source []byte
	start  place              // of the file
	parts  map[string][]place // by kind of part, of each Choice
	// plugins says which optimizers are those of a plugin, and which.
	plugins map[string]use
}

// Defaults of an experiment file.
const (
	defaultRepetitions = 5
	defaultSeed        = 1
	maxTrials          = 100_000 // more is a typing error, or months
)

// slug is what a name may look like: it becomes the name of files.
var slug = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)

// parseExperiment reads an experiment file. Every error is one line that
// starts with file:line:column.
func parseExperiment(file string, src []byte, l bench.Lists) (*experiment, error) {
	root, err := parseYAML(file, src)
	if err != nil {
		return nil, err
	}
	return newExperiment(file, src, root, l)
}

// newExperiment is parseExperiment for a file that has been read.
func newExperiment(file string, src []byte, root node, l bench.Lists) (*experiment, error) {
	start := place{file, 1, 1}
	f, err := root.fields("the experiment", "version", "name", "title", "seed", "repetitions", "budget",
		"precision", "grad_cost", "batch", "tasks", "models", "optimizers", "exclude")
	if err != nil {
		return nil, err
	}
	version, ok := f["version"]
	if !ok {
		return nil, start.errorf(`version is missing, want "version: 1"`)
	}
	if version.text != "1" {
		return nil, version.errorf("version %s is not known to this joust, want 1", version.describe())
	}
	x := &experiment{
		Experiment: bench.Experiment{
			Name:        nameOf(file),
			Seed:        defaultSeed,
			Repetitions: defaultRepetitions,
			GradCost:    bench.DefaultGradCost,
			Precision:   "float64",
			Batch:       bench.AutoBatch,
		},
		source: src,
		start:  start,
		parts:  make(map[string][]place),
	}
	if err := x.settings(f); err != nil {
		return nil, err
	}
	for _, part := range []struct {
		kind, key string
		offers    []offer
		to        *[]bench.Choice
	}{
		{"task", "tasks", offered(l.Tasks, func(t bench.Task) offer { return offer{t.Name, t.Params} }), &x.Tasks},
		{"model", "models", offered(l.Models, func(m bench.Model) offer { return offer{m.Name, m.Params} }), &x.Models},
		{"optimizer", "optimizers", offered(l.Optimizers, func(d optimizers.Definition) offer { return offer{d.Name, d.Params} }), &x.Optimizers},
	} {
		n, ok := f[part.key]
		if !ok {
			return nil, start.errorf("%s is missing, want a list; joust list %s shows what there is", part.key, part.key)
		}
		*part.to, x.parts[part.kind], err = choices(n, part.kind, part.offers)
		if err != nil {
			return nil, err
		}
	}
	if n, ok := f["exclude"]; ok {
		if err := x.exclude(n); err != nil {
			return nil, err
		}
	}
	return x, nil
}

// settings reads everything that is not a part of the grid.
func (x *experiment) settings(f map[string]node) error {
	if n, ok := f["name"]; ok {
		if x.Name, ok = n.str(); !ok || !slug.MatchString(x.Name) {
			return n.errorf("name: %s, want a word of letters, digits, dots, dashes and underscores", n.describe())
		}
	}
	if n, ok := f["title"]; ok {
		if x.Title, ok = n.str(); !ok {
			return n.errorf("title: %s, want a string", n.describe())
		}
		x.Title = strings.Join(strings.Fields(x.Title), " ")
	}
	if n, ok := f["seed"]; ok {
		if x.Seed, ok = n.integer(); !ok {
			return n.errorf("seed: %s, want a whole number of at least 0", n.describe())
		}
	}
	if n, ok := f["repetitions"]; ok {
		r, ok := n.integer()
		if !ok || r < 1 || r > maxTrials {
			return n.errorf("repetitions: %s, want a whole number from 1 to %d", n.describe(), maxTrials)
		}
		x.Repetitions = int(r)
	}
	if n, ok := f["precision"]; ok {
		if err := n.oneOf([]string{"float64", "float32"}, "precision: %s", n.describe()); err != nil {
			return err
		}
		x.Precision = n.text
	}
	if n, ok := f["grad_cost"]; ok {
		if x.GradCost, ok = n.float(); !ok || x.GradCost < 1 || x.GradCost > 100 {
			return n.errorf("grad_cost: %s, want a number from 1 to 100: the cost of a loss and its gradient, in forward passes", n.describe())
		}
	}
	if n, ok := f["batch"]; ok {
		var err error
		if x.Batch, err = batch(n); err != nil {
			return err
		}
	}
	n, ok := f["budget"]
	if !ok {
		return x.start.errorf(`budget is missing, want such as "budget: {work: 2e6}"`)
	}
	return x.budget(n)
}

// budget reads {work: 2e7, wall: 10m}.
func (x *experiment) budget(n node) error {
	f, err := n.fields("budget", "work", "wall")
	if err != nil {
		return err
	}
	if n, ok := f["work"]; ok {
		if x.Budget.Work, ok = n.float(); !ok || x.Budget.Work <= 0 {
			return n.errorf("work: %s, want a number above 0, such as 2e7", n.describe())
		}
	}
	if n, ok := f["wall"]; ok {
		if x.Budget.Wall, err = time.ParseDuration(n.text); err != nil || n.kind != scalar || x.Budget.Wall <= 0 {
			return n.errorf("wall: %s, want a time above 0, such as 90s or 10m", n.describe())
		}
	}
	if x.Budget == (bench.Budget{}) {
		return n.errorf("the budget is empty, want work, wall or both: {work: 2e6, wall: 10m}")
	}
	return nil
}

// batch reads the size of a minibatch: a number, full or auto.
func batch(n node) (int, error) {
	switch b, ok := n.integer(); {
	case ok && 1 <= b && b <= math.MaxInt32:
		return int(b), nil
	case n.kind == scalar && n.text == "full":
		return 0, nil
	case n.kind == scalar && n.text == "auto":
		return bench.AutoBatch, nil
	}
	return 0, n.errorf("batch: %s, want a number of examples, full or auto", n.describe())
}

// exclude reads [{model: resnet, optimizer: ga}].
func (x *experiment) exclude(n node) error {
	if n.kind != list {
		return n.errorf("exclude is %s, want a list such as [{model: resnet, optimizer: ga}]", n.describe())
	}
	for _, item := range n.items {
		f, err := item.fields("exclude", "task", "model", "optimizer")
		if err != nil {
			return err
		}
		if len(f) == 0 {
			return item.errorf("this excludes everything, want a task, a model or an optimizer")
		}
		var p bench.Pattern
		for _, part := range []struct {
			kind    string
			choices []bench.Choice
			to      *string
		}{{"task", x.Tasks, &p.Task}, {"model", x.Models, &p.Model}, {"optimizer", x.Optimizers, &p.Optimizer}} {
			v, ok := f[part.kind]
			if !ok {
				continue
			}
			var names []string
			for _, c := range part.choices {
				if !slices.Contains(names, c.Name) {
					names = append(names, c.Name)
				}
			}
			if part.kind == "optimizer" && !slices.Contains(names, bench.Yardstick) {
				names = append(names, bench.Yardstick) // it is always there
			}
			if err := v.oneOf(names, "exclude: no %s of this experiment is called %s", part.kind, v.describe()); err != nil {
				return err
			}
			*part.to = v.text
		}
		x.Exclude = append(x.Exclude, p)
	}
	return nil
}

// trials expands the experiment. Nothing is written, and every file that it
// names has been read and checked when trials returns.
func (x *experiment) trials(l bench.Lists, dir string) ([]bench.Trial, error) {
	// Counted in floating point, which does not overflow.
	total := float64(x.Repetitions)
	for i, part := range [][]bench.Choice{x.Tasks, x.Models, x.Optimizers} {
		sum := 0.0
		if i == 2 && !slices.ContainsFunc(part, func(c bench.Choice) bool { return c.Name == bench.Yardstick }) {
			sum = 1 // it is always there
		}
		for _, c := range part {
			product := 1.0
			for _, a := range c.Axes {
				product *= float64(len(a.Values))
			}
			sum += product
		}
		total *= sum
	}
	if total > maxTrials {
		return nil, x.start.errorf("the grid has %.0f trials, want at most %d: shorten some lists", total, maxTrials)
	}
	trials, err := x.Trials(l, dir)
	if err != nil {
		// An error in a data file says where in that file it is.
		for e := err; e != nil; e = errors.Unwrap(e) {
			if located.MatchString(e.Error()) {
				err = e
			}
		}
		if located.MatchString(err.Error()) {
			return nil, &exitError{exitUsage, err}
		}
		at := x.start
		if e, ok := errors.AsType[*bench.PartError](err); ok && e.Index < len(x.parts[e.Kind]) {
			at = x.parts[e.Kind][e.Index]
		}
		return nil, at.errorf("%v", err)
	}
	if len(trials) == 0 {
		return nil, x.start.errorf("exclude leaves no trial to run")
	}
	return trials, nil
}

// located matches an error that says first in which line of which file it is.
var located = regexp.MustCompile(`^\S.*:[0-9]+(:[0-9]+)?: `)

// nameOf is the name of an experiment that does not say one: its file's.
func nameOf(file string) string {
	base := filepath.Base(file)
	base = strings.TrimSuffix(base, filepath.Ext(base))
	base = strings.Trim(regexp.MustCompile(`[^A-Za-z0-9._-]+`).ReplaceAllString(base, "-"), "-._")
	if !slug.MatchString(base) {
		return "experiment"
	}
	return base
}
