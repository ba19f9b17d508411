package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/optimizers"
)

// resolved writes the experiment as a file in which nothing is left to
// defaults, command line included: it means the same in a year. It is stored
// with the results, printed in the report, and names the experiment.
func (x *experiment) resolved(l bench.Lists) string {
	var b strings.Builder
	fmt.Fprintf(&b, "version: 1\nname: %s\n", yamlString(x.Name))
	if x.Title != "" {
		fmt.Fprintf(&b, "title: %s\n", yamlString(x.Title))
	}
	fmt.Fprintf(&b, "seed: %d\nrepetitions: %d\n", x.Seed, x.Repetitions)
	var budget []string
	if x.Budget.Work > 0 {
		budget = append(budget, "work: "+yamlNumber(x.Budget.Work))
	}
	if x.Budget.Wall > 0 {
		budget = append(budget, "wall: "+x.Budget.Wall.String())
	}
	fmt.Fprintf(&b, "budget: {%s}\nprecision: %s\ngrad_cost: %s\nbatch: %s\n",
		strings.Join(budget, ", "), x.Precision, yamlNumber(x.GradCost), bench.BatchName(x.Batch))

	b.WriteString("tasks:\n")
	for _, c := range x.Tasks {
		i := slices.IndexFunc(l.Tasks, func(t bench.Task) bool { return t.Name == c.Name })
		writeChoice(&b, c, l.Tasks[i].Params, nil)
	}
	b.WriteString("models:\n")
	for _, c := range x.Models {
		i := slices.IndexFunc(l.Models, func(m bench.Model) bool { return m.Name == c.Name })
		writeChoice(&b, c, l.Models[i].Params, nil)
	}
	b.WriteString("optimizers:\n")
	for _, c := range x.allOptimizers(l) {
		i := slices.IndexFunc(l.Optimizers, func(d optimizers.Definition) bool { return d.Name == c.Name })
		batch := c.Batch
		if full := 0; batch == nil && l.Optimizers[i].FullBatch {
			batch = &full
		}
		if u, ok := x.plugins[c.Name]; ok {
			u.write(&b, c, l.Optimizers[i].Params, batch)
		} else {
			writeChoice(&b, c, l.Optimizers[i].Params, batch)
		}
	}
	if len(x.Exclude) > 0 {
		b.WriteString("exclude:\n")
	}
	for _, p := range x.Exclude {
		var fields []string
		for _, f := range []bench.Member{{Name: "task", Value: p.Task}, {Name: "model", Value: p.Model}, {Name: "optimizer", Value: p.Optimizer}} {
			if f.Value != "" {
				fields = append(fields, f.Name+": "+yamlString(f.Value))
			}
		}
		fmt.Fprintf(&b, "  - {%s}\n", strings.Join(fields, ", "))
	}
	return b.String()
}

// allOptimizers are those of the file, and the yardstick.
func (x *experiment) allOptimizers(l bench.Lists) []bench.Choice {
	named := func(c bench.Choice) bool { return c.Name == bench.Yardstick }
	offered := func(d optimizers.Definition) bool { return d.Name == bench.Yardstick }
	if slices.ContainsFunc(x.Optimizers, named) || !slices.ContainsFunc(l.Optimizers, offered) {
		return x.Optimizers
	}
	return append(slices.Clip(x.Optimizers), bench.Choice{Name: bench.Yardstick})
}

// writeChoice writes one entry: what it sets, in its order, and then defaults.
// The order of axes is that of the trials.
func writeChoice(b *strings.Builder, c bench.Choice, params []optimizers.Param, batch *int) {
	fields := choiceFields(c, params)
	if batch != nil {
		fields = append(fields, "batch: "+bench.BatchName(*batch))
	}
	if len(fields) == 0 {
		fmt.Fprintf(b, "  - %s\n", c.Name)
		return
	}
	fmt.Fprintf(b, "  - %s: {%s}\n", c.Name, strings.Join(fields, ", "))
}

// choiceFields are its parameters.
func choiceFields(c bench.Choice, params []optimizers.Param) []string {
	var fields []string
	for _, a := range c.Axes {
		values := make([]string, len(a.Values))
		for i, v := range a.Values {
			values[i] = yamlValue(v)
		}
		text := strings.Join(values, ", ")
		if len(values) > 1 {
			text = "[" + text + "]"
		}
		fields = append(fields, a.Param+": "+text)
	}
	for _, p := range params {
		if !slices.ContainsFunc(c.Axes, func(a bench.Axis) bool { return a.Param == p.Name }) {
			fields = append(fields, p.Name+": "+yamlValue(p.Default))
		}
	}
	return fields
}

// word is what needs no quotes in YAML.
var word = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_./-]*$`)

func yamlString(s string) string {
	switch {
	case s == "null" || s == "true" || s == "false" || !word.MatchString(s):
		return strconv.QuoteToGraphic(s)
	default:
		return s
	}
}

// yamlNumber writes 1e6 for 1e+06.
func yamlNumber(x float64) string {
	s := strconv.FormatFloat(x, 'g', -1, 64)
	return strings.NewReplacer("e+0", "e", "e+", "e", "e-0", "e-").Replace(s)
}

// yamlValue writes a JSON scalar as YAML.
func yamlValue(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return yamlString(s)
	}
	return string(raw) // numbers and booleans are the same in both
}

// titleOf is the title that a resolved experiment has.
func titleOf(resolved string) (string, error) {
	root, err := parseYAML("the stored experiment", []byte(resolved))
	if err != nil {
		return "", err
	}
	for _, p := range root.pairs {
		if p.key.text == "title" {
			return p.value.text, nil
		}
	}
	return "", nil
}
