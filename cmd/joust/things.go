package main

import (
	"slices"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/report"
	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/activation"
	"github.com/joust-bench/joust/network/initializer"
	"github.com/joust-bench/joust/network/loss"
	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/gradient"
)

// A thing is what list lists and describe describes.
type thing struct {
	Kind    string             `json:"kind"` // of one of the groups
	Name    string             `json:"name"`
	Also    []string           `json:"also,omitempty"` // other names that are understood
	Summary string             `json:"summary"`
	Goal    string             `json:"goal,omitempty"`    // of a task
	Needs   string             `json:"needs,omitempty"`   // of an optimizer: loss or gradient
	Batch   string             `json:"batch,omitempty"`   // of an optimizer: full, if it needs that
	Params  []optimizers.Param `json:"params,omitempty"`  //
	Members []network.Member   `json:"members,omitempty"` // of a layer
	Takers  []string           `json:"takers,omitempty"`  // of a transform: the optimizers that have it
	Refs    []string           `json:"refs,omitempty"`    // papers
	Source  string             `json:"source,omitempty"`  // of an experiment: the file
	// Of an optimizer: the least and the greatest number of weights, 0: any.
	MinWeights int             `json:"min_weights,omitempty"`
	MaxWeights int             `json:"max_weights,omitempty"`
	memory     func(int) int64 // bytes by number of weights
}

// A group is the things of one kind.
type group struct {
	kind string
	// what it is, for groups that are listed only when asked for; empty: always.
	what string
}

var groups = []group{
	{kind: "task"},
	{kind: "model"},
	{kind: "optimizer"},
	{kind: "experiment"},
	{"layer", "what network files are made of, by their type"},
	{"activation", "functions of one value, for layers and models"},
	{"initializer", "how weights are drawn, for layers and models"},
	{"loss", "of tasks and network files"},
	{"transform", "settings of first-order optimizers: what they do to the gradient first"},
	{"probe", "figures of the gradient, the network and the search, in reports"},
}

// name is that of the group: a plural.
func (g group) name() string {
	if g.kind == "loss" {
		return "losses"
	}
	return g.kind + "s"
}

// things lists everything that has a name, in the order of groups.
func things(l bench.Lists) ([]thing, error) {
	var all []thing
	for _, t := range l.Tasks {
		all = append(all, thing{Kind: "task", Name: t.Name, Summary: t.Summary, Goal: t.Goal, Params: t.Params, Refs: t.Refs})
	}
	for _, m := range l.Models {
		all = append(all, thing{Kind: "model", Name: m.Name, Summary: m.Summary, Params: m.Params, Refs: m.Refs})
	}
	for _, d := range l.Optimizers {
		all = append(all, optimizerThing(d))
	}
	names, err := builtinNames()
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		src, err := builtinSource(name)
		if err != nil {
			return nil, err
		}
		x, err := parseExperiment(name+".yaml", src, l)
		if err != nil {
			return nil, err
		}
		all = append(all, thing{Kind: "experiment", Name: name, Summary: x.Title, Source: string(src)})
	}
	return append(all, ingredients(l)...), nil
}

func optimizerThing(d optimizers.Definition) thing {
	t := thing{
		Kind: "optimizer", Name: d.Name, Summary: d.Summary, Needs: d.Need.String(),
		Params: d.Params, Refs: d.Refs,
		MinWeights: d.MinDim, MaxWeights: d.MaxDim, memory: d.Memory,
	}
	if d.FullBatch {
		t.Batch = "full"
	}
	return t
}

// ingredients are what the rest is made of.
func ingredients(l bench.Lists) (all []thing) {
	for _, t := range network.LayerTypes() {
		all = append(all, thing{Kind: "layer", Name: t.Name, Summary: t.Summary, Members: t.Members, Refs: t.Refs})
	}
	for _, f := range activation.All() {
		all = append(all, thing{Kind: "activation", Name: f.Name, Also: f.Also, Summary: f.Summary, Refs: f.Refs})
	}
	for _, f := range initializer.All() {
		all = append(all, thing{Kind: "initializer", Name: f.Name, Also: f.Also, Summary: f.Summary, Refs: f.Refs})
	}
	for _, d := range loss.All() {
		all = append(all, thing{Kind: "loss", Name: string(d.Kind), Summary: d.Summary, Refs: d.Refs})
	}
	for _, t := range gradient.AllTransforms() {
		var takers []string
		for _, d := range l.Optimizers {
			if slices.ContainsFunc(d.Params, func(p optimizers.Param) bool { return p.Name == t.Name && p.Doc == t.Params[0].Doc }) {
				takers = append(takers, d.Name)
			}
		}
		all = append(all, thing{Kind: "transform", Name: t.Name, Summary: t.Summary, Params: t.Params, Takers: takers, Refs: t.Refs})
	}
	for _, p := range report.Probes() {
		all = append(all, thing{Kind: "probe", Name: p.Name, Summary: p.Summary, Refs: p.Refs})
	}
	return all
}

func ofKind(all []thing, kind string) (list []thing) {
	for _, t := range all {
		if t.Kind == kind {
			list = append(list, t)
		}
	}
	return list
}
