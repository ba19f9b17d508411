package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/plugins/conformance"
	"github.com/joust-bench/joust/plugins/host"
	"github.com/joust-bench/joust/plugins/manifest"
)

// A target is what test, bench and attach work on: a plugin, or a built-in
// optimizer as one.
type target struct {
	ID, Version string
	Where       string // the folder; empty: built in
	command     host.Command
}

// target finds what a user means: a plugin, or a built-in optimizer. The caller
// closes it.
func (f *pluginFlags) target(l bench.Lists, what string, frames bool) (target, error) {
	if slices.Contains(builtinNamesOf(l), what) {
		c, err := servedCommand(what, frames)
		return target{ID: what, Version: c.Version, command: c}, err
	}
	m, err := f.named(what)
	if err != nil {
		return target{}, err
	}
	if frames && m.Runtime != manifest.Frames {
		return target{}, usagef("--frames: plugin %s has runtime %s in its %s, want --frames with a built-in optimizer", m.ID, m.Runtime, manifest.File)
	}
	_, c, err := startable(m)
	return target{ID: m.ID, Version: m.Version, Where: m.Dir, command: c}, err
}

func (t target) close() error { return closeFile(t.command, nil) }

// A tested is the report of test for programs.
type tested struct {
	Plugin  string               `json:"plugin"`
	Version string               `json:"version,omitempty"`
	Counts  []*conformance.Count `json:"counts"` // by optimizer
	Results []conformance.Result `json:"results"`
}

type testFlags struct {
	pluginFlags
	json, frames bool
	optimizer    string
	only         string
	jobs         int
	timeout      time.Duration
}

func newPluginTestCommand(l bench.Lists) *cobra.Command {
	var f testFlags
	cmd := &cobra.Command{
		Use:   "test ID|DIR|BUILT-IN",
		Short: "Hold a plugin to the contract: determinism, checkpoints, NaN, order, and more",
		Long: `Hold the optimizers of a plugin to what joust relies on: the same candidates for the same
seed, in a fresh process and after a checkpoint; runs that do not disturb each other;
refusals of what is wrong; losses that are infinite or equal; a million weights; an end
in time; and progress on a shifted sphere.

A built-in optimizer is served by a process of joust's own and tested the same way,
which tests the transport. The exit status is 1 if a check fails.`,
		Example: `  joust plugin test ./my-es
  joust plugin test ./my-es --only checkpoint
  joust plugin test cma-es --frames`,
		Args:              oneArg("a plugin, or a built-in optimizer"),
		ValidArgsFunction: f.ids(builtinNamesOf(l)...),
		RunE: func(cmd *cobra.Command, args []string) error {
			checks, err := f.checks()
			if err != nil {
				return err
			}
			t, err := f.target(l, args[0], f.frames)
			if err != nil {
				return err
			}
			err = interruptibly(cmd, func(ctx context.Context) error {
				return f.test(ctx, t, checks, cmd.OutOrStdout(), cmd.ErrOrStderr())
			})
			return errors.Join(err, t.close())
		},
	}
	f.addSearch(cmd.Flags())
	flags := cmd.Flags()
	flags.StringVar(&f.optimizer, "optimizer", "", "which of those that it serves (default all)")
	flags.StringVar(&f.only, "only", "", "the checks of one group, such as checkpoint, or one check")
	flags.BoolVar(&f.frames, "frames", false, "serve a built-in optimizer over frames, and not gRPC")
	flags.IntVarP(&f.jobs, "jobs", "j", 2, "checks at once")
	flags.DurationVar(&f.timeout, "timeout", 2*time.Minute, "how long a check may take")
	flags.BoolVar(&f.json, "json", false, "write JSON")
	return cmd
}

// checks are those that the flags ask for.
func (f *testFlags) checks() ([]conformance.Check, error) {
	switch {
	case f.jobs < 1:
		return nil, usagef("--jobs: %d, want at least 1", f.jobs)
	case f.timeout <= 0:
		return nil, usagef("--timeout: %v, want more than 0", f.timeout)
	}
	all := conformance.Checks()
	if f.only == "" {
		return all, nil
	}
	var some []conformance.Check
	var names []string
	for _, c := range all {
		group, _, _ := strings.Cut(c.Name, "/")
		if c.Name == f.only || group == f.only {
			some = append(some, c)
		}
		if !slices.Contains(names, group) {
			names = append(names, group)
		}
	}
	if some == nil {
		return nil, usagef("--only: no check and no group of them is called %s; %s", f.only, hint(f.only, names))
	}
	return some, nil
}

// test runs the checks, and prints what comes of them.
func (f *testFlags) test(ctx context.Context, t target, checks []conformance.Check, out, progress io.Writer) (err error) {
	p, err := conformance.Open(ctx, t.command, hostOptions())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	subjects, err := f.subjects(t, p)
	if err != nil {
		return err
	}
	report := tested{Plugin: t.ID, Version: t.Version, Results: []conformance.Result{}}
	failed := 0
	for _, s := range subjects {
		if !f.json {
			if _, err := fmt.Fprintf(out, "%s of %s %s\n", s.Optimizer(), t.ID, t.Version); err != nil {
				return err
			}
		}
		count := &conformance.Count{Optimizer: s.Optimizer()}
		report.Counts = append(report.Counts, count)
		from := time.Now()
		var broken error
		conformance.Run(ctx, s, checks, conformance.Options{Parallel: f.jobs, Timeout: f.timeout}, func(r conformance.Result) {
			count.Add(r)
			report.Results = append(report.Results, r)
			if !f.json {
				broken = errors.Join(broken, conformance.WriteText(out, r))
			} else if r.Outcome == conformance.Failed {
				// Nobody is left to tell if this fails.
				_ = conformance.WriteText(progress, r)
			}
		})
		count.Seconds = time.Since(from).Seconds()
		failed += count.Failed
		if broken != nil {
			return broken
		}
		if !f.json {
			if _, err := fmt.Fprintf(out, "%v\n", count); err != nil {
				return err
			}
		}
	}
	if f.json {
		if err := writeJSON(out, report); err != nil {
			return err
		}
	}
	if failed > 0 {
		return &exitError{exitFailed, fmt.Errorf("%s failed", count(failed, "check"))}
	}
	return nil
}

// subjects are the optimizers to test.
func (f *testFlags) subjects(t target, p *conformance.Plugin) ([]conformance.Subject, error) {
	all := p.Subjects()
	if f.optimizer == "" {
		return all, nil
	}
	var names []string
	for _, s := range all {
		if s.Optimizer() == f.optimizer {
			return []conformance.Subject{s}, nil
		}
		names = append(names, s.Optimizer())
	}
	return nil, usagef("--optimizer: plugin %s serves no %s; %s", t.ID, f.optimizer, hint(f.optimizer, names))
}
