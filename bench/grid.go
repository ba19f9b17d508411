package bench

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/optimizers"
)

// Lists are the tasks, models and optimizers that names are looked up in. A
// program passes the lists it wants to offer; there are no others.
type Lists struct {
	Tasks      []Task
	Models     []Model
	Optimizers []optimizers.Definition
}

// An Experiment is a grid of trials and what is to be learned from them.
type Experiment struct {
	Name        string
	Title       string // the question it answers, in words
	Seed        uint64 // of the first repetition; repetition r has Seed + r
	Repetitions int
	Budget      Budget
	GradCost    float64
	Precision   string
	Batch       int // default minibatch: a number of examples, 0 for all, or [AutoBatch]
	Tasks       []Choice
	Models      []Choice
	Optimizers  []Choice
	Exclude     []Pattern
}

// AutoBatch asks for all of the training data where that is at most
// [AutoBatchLimit] examples, and for [AutoBatchSize] of them where it is more.
const (
	AutoBatch      = -1
	AutoBatchLimit = 2000
	AutoBatchSize  = 128
)

// A Choice names a task, model or optimizer, and the values that its
// parameters take: every combination of them is a part of the grid.
type Choice struct {
	Name  string
	Axes  []Axis
	Batch *int // of an optimizer's trials, if not the experiment's default
}

// An Axis is a parameter and the values it takes.
type Axis struct {
	Param  string
	Values []json.RawMessage
}

// A Pattern names trials to leave out. An empty member matches everything.
type Pattern struct{ Task, Model, Optimizer string }

func (p Pattern) matches(t Trial) bool {
	match := func(pattern, name string) bool { return pattern == "" || pattern == name }
	return match(p.Task, t.Task.Name) && match(p.Model, t.Model.Name) && match(p.Optimizer, t.Optimizer.Name)
}

// Yardstick is the optimizer that every comparison contains: a contender that
// does not beat it at equal work has learned nothing from its losses.
const Yardstick = "random-search"

// A PartError says which part of an experiment is wrong.
type PartError struct {
	Kind  string // "task", "model" or "optimizer"
	Index int    // of the Choice
	Err   error
}

func (e *PartError) Error() string { return e.Err.Error() }
func (e *PartError) Unwrap() error { return e.Err }

// Trials expands the experiment, repetition by repetition, so that a run that
// is stopped early has compared all contenders on fewer seeds, and not fewer
// contenders. The yardstick is added where the experiment does not have it.
// Files are read and checked, relative to dir; an error in a part is a
// [*PartError].
func (e Experiment) Trials(l Lists, dir string) ([]Trial, error) {
	type optimizer struct {
		Part
		batch  int
		origin *optimizers.Origin
	}
	var tasks, models []Part
	var opts []optimizer
	for i, c := range e.Tasks {
		t, err := find(l.Tasks, c.Name, "task", func(t Task) string { return t.Name })
		if err == nil {
			tasks, err = c.expand(tasks, t.Params, t.Prepare, dir)
		}
		if err != nil {
			return nil, &PartError{"task", i, err}
		}
	}
	for i, c := range e.Models {
		before := len(models)
		m, err := find(l.Models, c.Name, "model", func(m Model) string { return m.Name })
		if err == nil {
			models, err = c.expand(models, m.Params, m.Prepare, dir)
		}
		if err != nil {
			return nil, &PartError{"model", i, err}
		}
		if m.Prepare != nil {
			if err := e.tryOut(l, m, models[before:], tasks, dir); err != nil {
				return nil, &PartError{"model", i, err}
			}
		}
	}
	choices := e.Optimizers
	if !slices.ContainsFunc(choices, func(c Choice) bool { return c.Name == Yardstick }) {
		if slices.ContainsFunc(l.Optimizers, func(d optimizers.Definition) bool { return d.Name == Yardstick }) {
			choices = append(slices.Clip(choices), Choice{Name: Yardstick})
		}
	}
	for i, c := range choices {
		d, err := find(l.Optimizers, c.Name, "optimizer", func(d optimizers.Definition) string { return d.Name })
		if err != nil {
			return nil, &PartError{"optimizer", i, err}
		}
		parts, err := c.expand(nil, d.Params, nil, dir)
		if err != nil {
			return nil, &PartError{"optimizer", i, err}
		}
		batch := e.Batch
		switch {
		case c.Batch != nil:
			batch = *c.Batch
		case d.FullBatch:
			batch = 0
		}
		for _, p := range parts {
			opts = append(opts, optimizer{p, batch, d.Origin})
		}
	}

	var trials []Trial
	seen := make(map[string]bool)
	for r := range e.Repetitions {
		for _, task := range tasks {
			for _, model := range models {
				for _, o := range opts {
					t := Trial{
						Task: task, Model: model, Optimizer: o.Part,
						Seed: e.Seed + uint64(r), Batch: o.batch, Budget: e.Budget,
						GradCost: e.GradCost, Precision: e.Precision, Origin: o.origin,
					}
					if slices.ContainsFunc(e.Exclude, func(p Pattern) bool { return p.matches(t) }) || seen[t.ID()] {
						continue
					}
					seen[t.ID()] = true
					trials = append(trials, t)
				}
			}
		}
	}
	return trials, nil
}

// tryOut wires a model that is read from a file for each task, since its layers
// may not fit the task's inputs: better to know before the first trial.
func (e Experiment) tryOut(l Lists, m Model, models, tasks []Part, dir string) error {
	for _, model := range models {
		for _, part := range tasks {
			task, err := find(l.Tasks, part.Name, "task", func(t Task) string { return t.Name })
			if err != nil {
				return err
			}
			_, err = task.New(part.Config, Setup{
				Layers: func(in, out network.Shape) (network.Specs, error) {
					return m.Layers(model.Config, dir, in, out)
				},
				Seed: e.Seed, Batch: e.Batch, Precision: e.Precision, Threads: 1, Dir: dir,
			})
			if why := Unsuited(""); err != nil && !errors.As(err, &why) { // whose trials are skipped
				return fmt.Errorf("%s: %w", m.Name, err)
			}
		}
	}
	return nil
}

// expand appends the resolved parts that c stands for to parts; the last axis
// varies fastest.
func (c Choice) expand(parts []Part, params []optimizers.Param, prepare func(json.RawMessage, string) (json.RawMessage, error), dir string) ([]Part, error) {
	index := make([]int, len(c.Axes))
	for {
		var b bytes.Buffer
		b.WriteByte('{')
		for i, a := range c.Axes {
			if len(a.Values) == 0 {
				return nil, fmt.Errorf("%s: %s has no values, want at least one", c.Name, a.Param)
			}
			if i > 0 {
				b.WriteByte(',')
			}
			name, err := json.Marshal(a.Param)
			if err != nil {
				return nil, err
			}
			b.Write(name)
			b.WriteByte(':')
			b.Write(a.Values[index[i]])
		}
		b.WriteByte('}')
		config, err := optimizers.Resolve(params, b.Bytes())
		if err == nil && prepare != nil {
			config, err = prepare(config, dir)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.Name, err)
		}
		parts = append(parts, Part{c.Name, config})
		i := len(index) - 1
		for ; i >= 0; i-- {
			if index[i]++; index[i] < len(c.Axes[i].Values) {
				break
			}
			index[i] = 0
		}
		if i < 0 {
			return parts, nil
		}
	}
}

// find returns the member of list called name, or an error that says what
// names there are.
func find[T any](list []T, name, kind string, nameOf func(T) string) (T, error) {
	names := make([]string, len(list))
	for i, v := range list {
		if names[i] = nameOf(v); names[i] == name {
			return v, nil
		}
	}
	var zero T
	if s := optimizers.Suggest(name, names); s != "" {
		return zero, fmt.Errorf("no %s called %q; did you mean %q?", kind, name, s)
	}
	return zero, fmt.Errorf("no %s called %q; there are %q", kind, name, names)
}
