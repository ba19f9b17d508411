package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/joust-bench/joust/bench"
)

func newListCommand(l bench.Lists) *cobra.Command {
	var asJSON bool
	var names []string
	for _, g := range groups {
		names = append(names, g.name())
	}
	cmd := &cobra.Command{
		Use:   "list [GROUP]",
		Short: "List tasks, models, optimizers and experiments, and what they are made of",
		Long: "List tasks, models, optimizers and experiments, or one group alone:\n" +
			strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1] + ".",
		Example: `  joust list
  joust list layers
  joust list tasks --json`,
		Args:      atMostOne("group"),
		ValidArgs: names,
		RunE: func(cmd *cobra.Command, args []string) error {
			all, err := things(l)
			if err != nil {
				return err
			}
			var one *group
			for i, g := range groups {
				if len(args) == 1 && (args[0] == g.kind || args[0] == g.name()) {
					one = &groups[i]
				}
			}
			if len(args) == 1 && one == nil {
				return usagef("there is nothing called %s to list; %s", args[0], hint(args[0], names))
			}
			if asJSON {
				if one != nil {
					all = ofKind(all, one.kind)
				}
				return listJSON(cmd.OutOrStdout(), all)
			}
			width := terminalWidth(cmd.OutOrStdout())
			text := listText(all, width)
			if one != nil {
				text = groupText(ofKind(all, one.kind), width)
			}
			_, err = io.WriteString(cmd.OutOrStdout(), text)
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON, with parameters and papers: of everything, if no group is named")
	return cmd
}

func listJSON(w io.Writer, list []thing) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(list)
}

// listText is what races are made of, and how much there is of the rest.
func listText(all []thing, width int) string {
	var b strings.Builder
	var rest [][]string
	for _, g := range groups {
		list := ofKind(all, g.kind)
		if g.what != "" {
			rest = append(rest, []string{"joust list " + g.name(), fmt.Sprintf("%2d", len(list)), g.what})
			continue
		}
		fmt.Fprintf(&b, "%s (%d)\n%s\n", g.name(), len(list), groupText(list, width))
	}
	b.WriteString("more\n")
	b.WriteString(aligned(rest, width))
	b.WriteString("\njoust describe NAME explains any of them, with its papers.\n")
	return b.String()
}

func groupText(list []thing, width int) string {
	var rows [][]string
	for _, t := range list {
		rows = append(rows, []string{t.Name, t.Summary})
	}
	return aligned(rows, width)
}
