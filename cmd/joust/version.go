package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"
)

func newVersionCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "version",
		Short:   "Say which joust this is, and what it runs on",
		Example: "  joust version\n  joust version --json",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			m := thisMachine()
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(m)
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "joust %s, %s, %s/%s, %s, %s\n", m.Joust, m.Go, m.OS, m.Arch, m.CPU, count(m.Cores, "core"))
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	return cmd
}
