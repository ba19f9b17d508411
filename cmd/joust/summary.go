package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/report"
	"github.com/joust-bench/joust/bench/store"
)

// summarise analyses what a results file knows of one experiment. Pictures are made
// with l, and paths in configurations start in dir.
func summarise(ctx context.Context, db *store.DB, id string, l bench.Lists, dir string) (report.Summary, error) {
	e, err := experimentByID(ctx, db, id)
	if err != nil {
		return report.Summary{}, err
	}
	in := report.Input{
		Name: e.Name, Experiment: e.Resolved,
		Pictures: func(r bench.Result, n int) ([]bench.Picture, error) { return l.Pictures(r, n, dir) },
	}
	if in.Title, err = titleOf(e.Resolved); err != nil {
		return report.Summary{}, fmt.Errorf("experiment %s: %w", e.Name, err)
	}
	if e.Machine != nil {
		if err := json.Unmarshal(e.Machine, &in.Machine); err != nil {
			return report.Summary{}, fmt.Errorf("experiment %s: its machine: %w", e.Name, err)
		}
	}
	for r, err := range db.ResultsOf(ctx, id) {
		if err != nil {
			return report.Summary{}, err
		}
		in.Results = append(in.Results, r)
	}
	missing, err := db.Missing(ctx, id)
	if err != nil {
		return report.Summary{}, err
	}
	in.Planned = len(in.Results) + len(missing)
	in.Digest, err = store.Digest(func(yield func(bench.Result, error) bool) {
		for _, r := range in.Results {
			if !yield(r, nil) {
				return
			}
		}
	})
	if err != nil {
		return report.Summary{}, err
	}
	return report.Analyse(in), nil
}

func experimentByID(ctx context.Context, db *store.DB, id string) (store.Experiment, error) {
	list, err := db.Experiments(ctx)
	if err != nil {
		return store.Experiment{}, err
	}
	for _, e := range list {
		if e.ID() == id {
			return e, nil
		}
	}
	return store.Experiment{}, fmt.Errorf("experiment %s is gone from the results file", id)
}

// writeReport writes the HTML report, all of it or nothing: a file takes the
// place of the old one when it is complete.
func writeReport(path string, s report.Summary) (err error) {
	fail := func(err error) error { return fmt.Errorf("report %s cannot be written: %w", path, cause(err)) }
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real // replace the file, not the link to it
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		// A device or a pipe is written to, and stays what it is.
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err == nil {
			err = errors.Join(report.HTML(f, s), f.Close())
		}
		if err != nil {
			return fail(err)
		}
		return nil
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fail(err)
	}
	w := bufio.NewWriter(f)
	err = report.HTML(w, s)
	if err = errors.Join(err, w.Flush(), f.Chmod(0o644), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fail(errors.Join(err, os.Remove(f.Name())))
	}
	return nil
}

// printSummary writes the leaderboard, or everything as JSON.
func printSummary(w io.Writer, s report.Summary, asJSON bool) error {
	if asJSON {
		return report.JSON(w, s)
	}
	return report.Text(w, s, report.TextOptions{
		Width: terminalWidth(w),
		Color: isTerminal(w) && os.Getenv("NO_COLOR") == "",
	})
}

// failedTrials is the error of an experiment some of whose trials failed.
func failedTrials(s report.Summary) error {
	n := 0
	for _, f := range s.Failures {
		if f.Status == bench.Failed {
			n += len(f.Seeds)
		}
	}
	if n == 0 {
		return nil
	}
	return &exitError{exitTrials, fmt.Errorf("%d of %s failed; the leaderboard says why", n, count(s.Planned, "trial"))}
}
