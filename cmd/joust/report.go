package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/store"
)

func newReportCommand(l bench.Lists) *cobra.Command {
	var html, name string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "report [RESULTS.db]",
		Short: "Print the leaderboard of a results file, and write its report again",
		Long: `Print the leaderboard of a results file, and write its HTML report again.
Without an argument it is the results file in the folder results, if there is one
only.

A file may hold several experiments: the same one with other settings, or
different ones. The one that was run last is reported.`,
		Example: `  joust report
  joust report results/vanishing.db --html vanishing.html
  joust report shared.db --experiment deep-mlp --json`,
		Args: atMostOne("results file"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			path, err := resultsFile(args)
			if err != nil {
				return err
			}
			db, err := store.Open(cmd.Context(), path)
			if err != nil {
				return &exitError{exitUsage, err}
			}
			defer func() { err = errors.Join(err, db.Close()) }()
			list, err := db.Experiments(cmd.Context())
			if err != nil {
				return err
			}
			e, err := pick(list, path, name)
			if err != nil {
				return err
			}
			if len(list) > 1 && name == "" {
				cmd.PrintErrf("%s holds %d experiments; this is %s, which was run last (--experiment chooses)\n", path, len(list), e.Name)
			}
			if html == "" {
				html = strings.TrimSuffix(path, filepath.Ext(path)) + ".html"
			}
			if err := makeRoom(html); err != nil {
				return err
			}
			s, err := summarise(cmd.Context(), db, e.ID(), l, "")
			if err != nil {
				return err
			}
			if err := imagine(cmd.Context(), l, ".", &s, cmd.PrintErrf); err != nil {
				return err
			}
			if err := writeReport(html, s); err != nil {
				return err
			}
			if err := printSummary(cmd.OutOrStdout(), s, asJSON); err != nil {
				return err
			}
			cmd.PrintErrf("report   %s\ndigest   %s\n", html, s.Digest)
			return nil
		},
	}
	cmd.Flags().StringVar(&html, "html", "", "where the report goes (default next to the results file)")
	cmd.Flags().StringVar(&name, "experiment", "", "name or ID of the experiment, if the file holds several")
	cmd.Flags().BoolVar(&asJSON, "json", false, "write the summary as JSON to standard output")
	return cmd
}

// resultsFile is the results file that the user means. It exists: opening one
// that does not would create it.
func resultsFile(args []string) (string, error) {
	if len(args) == 1 {
		if _, err := os.Stat(args[0]); err != nil {
			return "", usagef("results file %s: %w", args[0], cause(err))
		}
		return args[0], nil
	}
	files, err := filepath.Glob(filepath.Join("results", "*.db"))
	switch {
	case err != nil:
		return "", err
	case len(files) == 0:
		return "", usagef("no results file in the folder results; run an experiment first, or name a file")
	case len(files) > 1:
		return "", usagef("%d results files in the folder results, want the name of one: %s", len(files), strings.Join(files, ", "))
	}
	return files[0], nil
}

// pick chooses the experiment with a name or an ID, the last if there are
// several, or if none is asked for.
func pick(list []store.Experiment, path, name string) (store.Experiment, error) {
	if len(list) == 0 {
		return store.Experiment{}, usagef("%s holds no experiment; was it interrupted before it began?", path)
	}
	var names []string
	for i := len(list) - 1; i >= 0; i-- {
		e := list[i]
		if name == "" || e.Name == name || e.ID() == name {
			return e, nil
		}
		names = append(names, fmt.Sprintf("%s (%s)", e.Name, e.ID()))
	}
	return store.Experiment{}, usagef("%s holds no experiment %s; it holds %s", path, name, strings.Join(names, ", "))
}
