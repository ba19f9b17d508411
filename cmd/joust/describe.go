package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/optimizers"
)

func newDescribeCommand(l bench.Lists) *cobra.Command {
	var weights int
	var task string
	cmd := &cobra.Command{
		Use:   "describe NAME",
		Short: "Describe a task, model, optimizer, experiment, layer or other part: parameters, papers, needs",
		Example: `  joust describe sgd
  joust describe cma-es --weights 500
  joust describe two-moons
  joust describe resnet --task two-spirals
  joust describe gelu
  joust describe clip_norm
  joust describe vanishing > my-experiment.yaml`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("describe what? want one name; joust list shows what there is")
			}
			return nil
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			all, err := things(l)
			if err != nil || len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			names := make([]string, len(all))
			for i, t := range all {
				names[i] = cobra.CompletionWithDesc(t.Name, t.Kind+": "+t.Summary)
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if weights < 0 {
				return usagef("--weights: %d, want at least 1", weights)
			}
			all, err := things(l)
			if err != nil {
				return err
			}
			name := strings.Join(args, " ") // some probes have names of two words
			width := terminalWidth(cmd.OutOrStdout())
			var b strings.Builder
			var names []string
			for _, t := range all {
				names = append(append(names, t.Name), t.Also...)
				if t.Name != name && !slices.Contains(t.Also, name) {
					continue
				}
				if b.Len() > 0 {
					b.WriteByte('\n') // a model and a layer may share a name
				}
				t.describe(&b, all, weights, width)
				if t.Kind == "model" {
					i := slices.IndexFunc(l.Models, func(m bench.Model) bool { return m.Name == t.Name })
					text, err := gradientText(l.Models[i], l, task, width)
					if err != nil {
						return err
					}
					b.WriteString("\n" + text)
				}
			}
			if b.Len() == 0 {
				if s := optimizers.Suggest(name, names); s != "" {
					return usagef("nothing is called %s; did you mean %s?", name, s)
				}
				return usagef("nothing is called %s; joust list shows what there is", name)
			}
			_, err = io.WriteString(cmd.OutOrStdout(), b.String())
			return err
		},
	}
	cmd.Flags().StringVar(&task, "task", "", "of a model: measure its gradient on this task, with its defaults")
	cmd.Flags().IntVar(&weights, "weights", 0, "of an optimizer: say what memory it takes for so many weights")
	return cmd
}

// describe writes everything that is known of a thing. Of an experiment it is
// the file alone, so that it can be saved and changed. The memory of an optimizer
// is given for so many weights, if that is not 0. Text is wrapped at a width, if that
// is not 0.
func (t thing) describe(b *strings.Builder, all []thing, weights, width int) {
	if t.Kind == "experiment" {
		b.WriteString(t.Source)
		return
	}
	fmt.Fprintf(b, "%s (%s)\n%s\n", t.Name, t.Kind, wrap(t.Summary, 0, width))
	var facts [][2]string
	if t.Also != nil {
		facts = append(facts, [2]string{"also", strings.Join(t.Also, ", ")})
	}
	if t.Takers != nil {
		facts = append(facts, [2]string{"of", strings.Join(t.Takers, ", ")})
	}
	if t.Goal != "" {
		facts = append(facts, [2]string{"goal", t.Goal})
	}
	if t.Needs != "" {
		facts = append(facts, [2]string{"needs", "the " + t.Needs + map[string]string{"gradient": " (a loss and gradient cost 3 units an example)", "loss": " (1 unit an example)"}[t.Needs]})
	}
	if t.Batch != "" {
		facts = append(facts, [2]string{"batch", t.Batch + ", unless an experiment says otherwise"})
	}
	if t.Kind == "optimizer" {
		facts = append(facts, [2]string{"takes", t.takes()})
		if t.memory != nil {
			facts = append(facts, [2]string{"memory", t.memoryText(weights)})
		}
	}
	if len(facts) > 0 {
		b.WriteByte('\n')
	}
	for _, f := range facts {
		fmt.Fprintf(b, "%-7s %s\n", f[0], wrap(f[1], 8, width))
	}
	var rows [][]string
	for _, p := range t.Params {
		kind, doc := paramType(p), p.Doc
		if g := groupOf(p.Choices, all); g != nil {
			kind, doc = g.kind, doc+" (joust list "+g.name()+")"
		}
		rows = append(rows, []string{p.Name, yamlValue(p.Default), kind, doc})
	}
	for _, m := range t.Members {
		doc := m.Doc
		if m.Must {
			doc += " (required)"
		}
		rows = append(rows, []string{m.Name, m.Type, doc})
	}
	if rows != nil {
		heading := "parameters"
		if t.Kind == "layer" {
			heading = "members"
		}
		b.WriteString("\n" + heading + "\n" + aligned(rows, width))
	}
	if len(t.Refs) > 0 {
		b.WriteString("\npapers\n")
		for _, r := range t.Refs {
			fmt.Fprintf(b, "  %s\n", wrap(r, 4, width))
		}
	}
}

// groupOf is the group whose names are all of the choices, or nil.
func groupOf(choices []string, all []thing) *group {
	for i, g := range groups {
		var names []string
		for _, t := range ofKind(all, g.kind) {
			names = append(append(names, t.Name), t.Also...)
		}
		if len(names) > 0 && slices.Equal(names, choices) {
			return &groups[i]
		}
	}
	return nil
}

// paramType says what a parameter may be.
func paramType(p optimizers.Param) string {
	switch {
	case p.Choices != nil:
		return strings.Join(p.Choices, "|")
	case p.Range() != "":
		return p.Type + " in " + p.Range()
	default:
		return p.Type
	}
}

// takes says what an optimizer can be raced on.
func (t thing) takes() string {
	size := "networks of any size"
	switch least, most := thousands(t.MinWeights), thousands(t.MaxWeights); {
	case t.MinWeights > 0 && t.MaxWeights > 0:
		size = fmt.Sprintf("networks of %s to %s weights", least, most)
	case t.MinWeights > 0:
		size = fmt.Sprintf("networks of %s weights or more", least)
	case t.MaxWeights > 0:
		size = fmt.Sprintf("networks of up to %s weights", most)
	}
	if t.Needs == "gradient" {
		return size + ", on tasks that have a gradient"
	}
	return size + ", on every task"
}

// memoryText is what an optimizer holds for so many weights, or if that is 0 for
// a few and for many.
func (t thing) memoryText(weights int) string {
	sizes := []int{weights}
	if weights == 0 {
		sizes = []int{max(1000, t.MinWeights), 1_000_000}
		if most := t.MaxWeights; most > 0 {
			sizes = []int{min(sizes[0], most), min(sizes[1], most)}
		}
	}
	var parts []string
	for _, n := range slices.Compact(sizes) {
		text := fmt.Sprintf("%s at %s", bytesText(t.memory(n)), thousands(n))
		if len(parts) == 0 {
			text += " weights"
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ")
}

// thousands writes a number with separators: 1,000,000.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// bytesText writes an amount of memory: 16 kB.
func bytesText(n int64) string {
	x, units := float64(n), []string{"B", "kB", "MB", "GB", "TB"}
	for len(units) > 1 && x >= 999.5 {
		x, units = x/1000, units[1:]
	}
	return fmt.Sprintf("%.3g %s", x, units[0])
}
