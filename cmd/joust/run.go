package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/store"
)

// A runFlags is what the command line says about a run.
type runFlags struct {
	jobs, threads   int
	seed            uint64
	repetitions     int
	budget          string
	results, report string
	dryRun, json    bool
	plugins         pluginFlags
}

func newRunCommand(l bench.Lists) *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run [FILE|NAME]",
		Short: "Run an experiment, and say who wins and why",
		Long: `Run an experiment: a file, or one that joust brings along (joust list experiments).
Without an argument it is '` + defaultExperiment + `'.

Results are kept as they come: a run that is interrupted goes on where it was
when it is run again, and an experiment that has grown runs only what is new.

Optimizers may be plugins: by their id if they are installed, or by their folder.

  optimizers:
    - rprop
    - my-es: {sigma: 0.1}
    - plugin: {path: ./my-es, params: {sigma: [0.1, 0.3]}}

What joust.lock has locked runs, and nothing else unless --plugin-unlocked says so.
A plugin runs with your rights: run those whose authors you trust.`,
		Example: `  joust run
  joust run my-experiment.yaml --dry-run
  joust run my-experiment.yaml --plugin-dir ~/optimizers
  joust run vanishing --seed 7 --repetitions 20 -j 1
  joust run my-experiment.yaml --budget 2e6,10m --json > summary.json`,
		Args: atMostOne("experiment"),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			names, err := builtinNames()
			if err != nil || len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return names, cobra.ShellCompDirectiveDefault
		},
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			name := defaultExperiment
			if len(args) == 1 {
				name = args[0]
			}
			plugins := f.plugins.plugged()
			defer func() { err = errors.Join(err, plugins.Close()) }()
			x, dir, l, err := loadExperiment(cmd.Context(), name, l, plugins)
			if err != nil {
				return err
			}
			if err := f.override(cmd, x); err != nil {
				return err
			}
			trials, err := x.trials(l, dir)
			if err != nil {
				return err
			}
			r := &run{runFlags: f, lists: l, x: x, dir: dir, trials: trials, out: cmd.OutOrStdout(), err: cmd.ErrOrStderr()}
			if f.dryRun {
				return r.dry(cmd.Context())
			}
			return r.run(cmd.Context())
		},
	}
	flags := cmd.Flags()
	flags.IntVarP(&f.jobs, "jobs", "j", runtime.NumCPU(), "trials at once; 1 for timings worth publishing")
	flags.IntVar(&f.threads, "threads", 1, "cores within a trial; results do not depend on it")
	flags.Uint64Var(&f.seed, "seed", defaultSeed, "seed of the first repetition, in place of the file's")
	flags.IntVar(&f.repetitions, "repetitions", defaultRepetitions, "seeds to try, in place of the file's")
	flags.StringVar(&f.budget, "budget", "", "work or time of each trial, or both, in place of the file's: 2e6, 10m or 2e6,10m")
	flags.StringVar(&f.results, "results", "", "results file (default results/NAME.db)")
	flags.StringVar(&f.report, "report", "", "report (default beside the results file: results/NAME.html)")
	flags.BoolVar(&f.dryRun, "dry-run", false, "check everything, say how many trials there are and how long they take, and stop")
	flags.BoolVar(&f.json, "json", false, "write the summary as JSON to standard output")
	f.plugins.add(flags)
	return cmd
}

// override puts what the command line says in the place of what the file says.
func (f *runFlags) override(cmd *cobra.Command, x *experiment) error {
	changed := cmd.Flags().Changed
	switch {
	case f.jobs < 1:
		return usagef("--jobs: %d, want at least 1", f.jobs)
	case f.threads < 1:
		return usagef("--threads: %d, want at least 1", f.threads)
	case f.repetitions < 1 || f.repetitions > maxTrials:
		return usagef("--repetitions: %d, want a number from 1 to %d", f.repetitions, maxTrials)
	}
	if changed("seed") {
		x.Seed = f.seed
	}
	if changed("repetitions") {
		x.Repetitions = f.repetitions
	}
	if changed("budget") {
		b, err := parseBudget(f.budget)
		if err != nil {
			return err
		}
		x.Budget = b
	}
	// Trials that are stopped by the clock must not slow each other down.
	if x.Budget.Work == 0 && !changed("jobs") {
		f.jobs = 1
	}
	if f.results == "" {
		f.results = filepath.Join("results", x.Name+".db")
	}
	if f.report == "" {
		f.report = strings.TrimSuffix(f.results, filepath.Ext(f.results)) + ".html"
	}
	return nil
}

// parseBudget reads 2e6, 10m, or 2e6,10m.
func parseBudget(s string) (bench.Budget, error) {
	var b bench.Budget
	for part := range strings.SplitSeq(s, ",") {
		part = strings.TrimSpace(part)
		x, err := strconv.ParseFloat(part, 64)
		d, errTime := time.ParseDuration(part)
		switch {
		case err == nil && number.MatchString(part) && x > 0 && b.Work == 0:
			b.Work = x
		case errTime == nil && d > 0 && b.Wall == 0:
			b.Wall = d
		default:
			return b, usagef("--budget: %q, want work such as 2e6, a time such as 10m, or both: 2e6,10m", s)
		}
	}
	return b, nil
}

// A run is an experiment on its way.
type run struct {
	runFlags
	lists    bench.Lists
	x        *experiment
	dir      string // where relative paths start
	trials   []bench.Trial
	out, err io.Writer
}

// run runs what the results file does not have, and reports.
func (r *run) run(ctx context.Context) (err error) {
	if err := makeRoom(r.results, r.report); err != nil {
		return err
	}
	db, err := store.Open(ctx, r.results)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	id, err := r.plan(ctx, db)
	if err != nil {
		return err
	}
	p, err := r.restore(ctx, db, id)
	if err != nil {
		return err
	}
	if err := r.race(ctx, db, p); err != nil {
		return err
	}
	return r.finish(ctx, db, id)
}

// makeRoom creates the directories of files that are to be written, and finds
// out now rather than at the end that they cannot be.
func makeRoom(files ...string) error {
	for _, f := range files {
		if info, err := os.Stat(f); err == nil && info.IsDir() {
			return usagef("%s cannot be written: it is a directory, want a file", f)
		}
	}
	for _, f := range files {
		if err := os.MkdirAll(filepath.Dir(f), 0o777); err != nil {
			return usagef("%s cannot be written: %w", f, err)
		}
	}
	return nil
}

// plan stores what is going to be run.
func (r *run) plan(ctx context.Context, db *store.DB) (id string, err error) {
	m := thisMachine()
	machine, err := json.Marshal(m)
	if err != nil {
		return "", err
	}
	e := store.Experiment{
		Name: r.x.Name, Source: string(r.x.source), Resolved: r.x.resolved(r.lists),
		Started: time.Now(), Version: m.Joust, Go: m.Go, Machine: machine,
	}
	if err := db.SaveExperiment(ctx, e); err != nil {
		return "", err
	}
	return e.ID(), db.Plan(ctx, e.ID(), r.trials)
}

// restore reads the results that there are.
func (r *run) restore(ctx context.Context, db *store.DB, id string) (*progress, error) {
	p := newProgress(r.trials, r.jobs)
	index := make(map[string]int, len(r.trials))
	for i, t := range r.trials {
		index[t.ID()] = i
	}
	for res, err := range db.ResultsOf(ctx, id) {
		if err != nil {
			return nil, err
		}
		p.restore(index[res.Trial.ID()], res)
	}
	return p, nil
}

// race runs the trials that are missing.
func (r *run) race(ctx context.Context, db *store.DB, p *progress) error {
	todo := len(r.trials) - p.finished
	if p.stored > 0 {
		r.say("%d of %s were already done\n", p.stored, count(len(r.trials), "trial"))
	}
	if todo == 0 {
		return nil
	}
	r.say("%s: %s to run, %d at a time, results go to %s\n", r.x.Name, count(todo, "trial"), min(r.jobs, todo), r.results)
	var w watcher
	if isTerminal(r.err) {
		w = newLive(r.err, p, heading(r.x), r.lists, time.Now)
	} else {
		w = newLines(r.err, p, time.Now)
	}
	ctx, stop := interruptible(ctx, w.stopping, func() { r.say("\n") })
	runner := bench.Runner{
		Lists: r.lists, Store: db, Workers: r.jobs, Threads: r.threads,
		Memory: totalMemory("/proc/meminfo") / int64(r.jobs), Patience: bench.DefaultPatience, Dir: r.dir, Events: w.event,
	}
	err := runner.Run(ctx, r.trials)
	interrupted := ctx.Err() != nil
	stop()
	if e := w.close(); e != nil {
		r.say("joust: progress could not be shown: %v\n", e)
	}
	switch {
	case err == nil:
		return nil
	case interrupted:
		return &exitError{exitInterrupted, fmt.Errorf("interrupted: %d of %s are done and kept in %s; run the same command again to go on",
			p.finished, count(len(r.trials), "trial"), r.results)}
	default:
		return err
	}
}

// finish writes the report, and prints the leaderboard. The report comes first:
// it is there even if nobody reads what is printed.
func (r *run) finish(ctx context.Context, db *store.DB, id string) error {
	s, err := summarise(ctx, db, id, r.lists, r.dir)
	if err != nil {
		return err
	}
	if err := imagine(ctx, r.lists, r.dir, &s, r.say); err != nil {
		return err
	}
	if err := writeReport(r.report, s); err != nil {
		return err
	}
	if err := printSummary(r.out, s, r.json); err != nil {
		return err
	}
	r.say("results  %s\nreport   %s\ndigest   %s\n", r.results, r.report, s.Digest)
	return failedTrials(s)
}

// say writes to standard error. If that fails, there is nobody left to tell.
func (r *run) say(format string, args ...any) { _, _ = fmt.Fprintf(r.err, format, args...) }

func heading(x *experiment) string {
	if x.Title == "" {
		return x.Name
	}
	return x.Name + ": " + bench.Printable(x.Title)
}
