package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/optimizers"
)

// A thing is what list lists and describe describes.
type thing struct {
	Kind    string             `json:"kind"` // task, model, optimizer or experiment
	Name    string             `json:"name"`
	Summary string             `json:"summary"`
	Goal    string             `json:"goal,omitempty"`   // of a task
	Needs   string             `json:"needs,omitempty"`  // of an optimizer: loss or gradient
	Batch   string             `json:"batch,omitempty"`  // of an optimizer: full, if it needs that
	Params  []optimizers.Param `json:"params,omitempty"` //
	Refs    []string           `json:"refs,omitempty"`   // papers
	Source  string             `json:"source,omitempty"` // of an experiment: the file
	// Of an optimizer: the least and the greatest number of weights, 0: any.
	MinWeights int             `json:"min_weights,omitempty"`
	MaxWeights int             `json:"max_weights,omitempty"`
	memory     func(int) int64 // bytes by number of weights
}

var kinds = []string{"task", "model", "optimizer", "experiment"}

// things lists everything that has a name, in the order of kinds.
func things(l bench.Lists) ([]thing, error) {
	var all []thing
	for _, t := range l.Tasks {
		all = append(all, thing{Kind: "task", Name: t.Name, Summary: t.Summary, Goal: t.Goal, Params: t.Params, Refs: t.Refs})
	}
	for _, m := range l.Models {
		all = append(all, thing{Kind: "model", Name: m.Name, Summary: m.Summary, Params: m.Params, Refs: m.Refs})
	}
	for _, d := range l.Optimizers {
		t := thing{
			Kind: "optimizer", Name: d.Name, Summary: d.Summary, Needs: d.Need.String(),
			Params: d.Params, Refs: d.Refs,
			MinWeights: d.MinDim, MaxWeights: d.MaxDim, memory: d.Memory,
		}
		if d.FullBatch {
			t.Batch = "full"
		}
		all = append(all, t)
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
	return all, nil
}

func newListCommand(l bench.Lists) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list [tasks|models|optimizers|experiments]",
		Short: "List tasks, models, optimizers and experiments",
		Example: `  joust list
  joust list optimizers
  joust list tasks --json`,
		Args:      atMostOne("kind"),
		ValidArgs: []string{"tasks", "models", "optimizers", "experiments"},
		RunE: func(cmd *cobra.Command, args []string) error {
			all, err := things(l)
			if err != nil {
				return err
			}
			shown := kinds
			if len(args) == 1 {
				kind := strings.TrimSuffix(args[0], "s")
				shown = nil
				for _, k := range kinds {
					if k == kind {
						shown = []string{k}
					}
				}
				if shown == nil {
					return usagef("there is nothing called %s to list; %s", args[0], hint(args[0], cmd.ValidArgs))
				}
			}
			if asJSON {
				return listJSON(cmd.OutOrStdout(), all, shown)
			}
			return listText(cmd.OutOrStdout(), all, shown)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON, with parameters and papers")
	return cmd
}

func listJSON(w io.Writer, all []thing, shown []string) error {
	list := []thing{}
	for _, k := range shown {
		list = append(list, ofKind(all, k)...)
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(list)
}

func listText(w io.Writer, all []thing, shown []string) error {
	width := 0
	for _, t := range all {
		width = max(width, len(t.Name))
	}
	var b strings.Builder
	for i, k := range shown {
		if len(shown) > 1 {
			if i > 0 {
				b.WriteByte('\n')
			}
			fmt.Fprintf(&b, "%ss\n", k)
		}
		for _, t := range ofKind(all, k) {
			fmt.Fprintf(&b, "  %-*s  %s\n", width, t.Name, wrap(t.Summary, width+4, terminalWidth(w)))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func ofKind(all []thing, kind string) (list []thing) {
	for _, t := range all {
		if t.Kind == kind {
			list = append(list, t)
		}
	}
	return list
}
