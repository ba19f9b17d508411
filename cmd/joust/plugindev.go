package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/plugins/host"
	"github.com/joust-bench/joust/plugins/manifest"
)

func newPluginDevCommand(l bench.Lists) *cobra.Command {
	d := developing{lists: l}
	cmd := &cobra.Command{
		Use:   "dev DIR",
		Short: "Race a plugin against random search whenever one of its files is saved",
		Long: `Watch the folder of a plugin. Whenever a file is saved, the plugin is started and races
random search for a second on two moons, and what is wrong with it is said. A folder
with a go.mod is compiled first, with go build. Ctrl-C ends it.

It is no proof of quality: joust plugin test is for that.`,
		Example: `  joust plugin dev ./my-es
  joust plugin dev ./my-es --time 5s --once`,
		Args: oneArg("the folder of a plugin"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if d.time <= 0 {
				return usagef("--time: %v, want more than 0", d.time)
			}
			d.dir, d.out, d.err = args[0], cmd.OutOrStdout(), cmd.ErrOrStderr()
			if d.once {
				return interruptibly(cmd, d.check)
			}
			if _, err := os.Stat(filepath.Join(d.dir, manifest.File)); err != nil {
				return usagef("%s: no such plugin, want a folder with a %s", d.dir, manifest.File)
			}
			ctx, stop := interruptible(cmd.Context(), func() {}, func() {})
			defer stop()
			return d.watch(ctx)
		},
	}
	flags := cmd.Flags()
	flags.DurationVar(&d.time, "time", time.Second, "of each contender of the race")
	flags.DurationVar(&d.every, "every", 300*time.Millisecond, "how often to look for changes")
	flags.BoolVar(&d.once, "once", false, "check it once, and end")
	return cmd
}

// developing is a plugin that is being written.
type developing struct {
	lists       bench.Lists
	dir         string
	time, every time.Duration
	once        bool
	out, err    io.Writer
}

// watch checks the plugin, and again whenever a file changes, until ctx is done.
func (d developing) watch(ctx context.Context) error {
	tick := time.NewTicker(max(d.every, time.Millisecond))
	defer tick.Stop()
	var checked string
	for {
		// A file that is being written is waited for: two looks with the same result.
		now := d.look()
		if now != checked {
			if err := d.pause(ctx, tick); err != nil {
				return nil // interrupted: that is how it ends
			}
			if d.look() != now {
				continue
			}
			err := d.build(ctx)
			// With what compiling has written; what is saved from now on is a change.
			checked = d.look()
			if err == nil {
				err = d.try(ctx)
			}
			if err != nil && ctx.Err() == nil {
				if _, err := fmt.Fprintf(d.out, "%v\n", err); err != nil {
					return err
				}
			}
			if ctx.Err() == nil {
				if _, err := fmt.Fprintf(d.err, "waiting for a change in %s; Ctrl-C ends\n", d.dir); err != nil {
					return err
				}
			}
		}
		if err := d.pause(ctx, tick); err != nil {
			return nil
		}
	}
}

func (d developing) pause(ctx context.Context, tick *time.Ticker) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-tick.C:
		return nil
	}
}

// look is different when a file of the plugin has changed.
func (d developing) look() string {
	var b strings.Builder
	err := filepath.WalkDir(d.dir, func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && name != d.dir && (e.Name() == "__pycache__" || strings.HasPrefix(e.Name(), ".")):
			return fs.SkipDir
		case e.IsDir():
			return nil
		}
		info, err := e.Info()
		if err == nil {
			fmt.Fprintln(&b, name, info.Size(), info.ModTime().UnixNano(), info.Mode())
		}
		return err
	})
	if err != nil {
		b.WriteString(err.Error()) // a file that is gone meanwhile; the next look is without it
	}
	return b.String()
}

// check compiles and tries the plugin once.
func (d developing) check(ctx context.Context) error {
	if err := d.build(ctx); err != nil {
		return err
	}
	return d.try(ctx)
}

// try starts and races the plugin.
func (d developing) try(ctx context.Context) (err error) {
	m, err := loadPlugin(d.dir)
	if err != nil {
		return err
	}
	from := time.Now()
	p, o, err := openPlugin(ctx, m, func(manifest.Pin) error { return nil })
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	if _, err := fmt.Fprintf(d.out, "%s serves %s, started in %v\n", pluginTitle(m), strings.Join(definitionNames(p), ", "), time.Since(from).Round(time.Millisecond)); err != nil {
		return err
	}
	defs := p.Definitions()
	for i := range defs {
		if name := defs[i].Name; name != m.ID { // it may be that of one built in
			defs[i].Name = m.ID + "/" + name
		}
		defs[i].Origin, defs[i].Unpinned = &o, "being developed"
	}
	return d.race(ctx, defs)
}

func definitionNames(p *host.Plugin) []string {
	var names []string
	for _, def := range p.Definitions() {
		names = append(names, def.Name)
	}
	return names
}

// build compiles a plugin in Go.
func (d developing) build(ctx context.Context) error {
	if _, err := os.Stat(filepath.Join(d.dir, "go.mod")); err != nil {
		return nil // it is not in Go
	}
	entry, err := d.entry()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-o", filepath.FromSlash(entry), ".")
	cmd.Dir = d.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, strings.TrimSpace(string(out)))
	}
	return nil
}

// entry is what the plugin.yaml of one that may not be compiled yet names.
func (d developing) entry() (string, error) {
	file := filepath.Join(d.dir, manifest.File)
	src, err := os.ReadFile(file)
	if err != nil {
		return "", usagef("%w", err)
	}
	root, err := parseYAML(file, src)
	if err != nil {
		return "", err
	}
	for _, p := range root.pairs {
		if p.key.text == "entry" && p.value.kind == scalar && filepath.IsLocal(p.value.text) {
			return p.value.text, nil
		}
	}
	return "", root.errorf("entry is missing, want the program that go build is to write, such as entry: my-es")
}

// race races optimizers against random search.
func (d developing) race(ctx context.Context, defs []optimizers.Definition) error {
	l := d.lists
	x := bench.Experiment{
		Name: "dev", Seed: defaultSeed, Repetitions: 1, Budget: bench.Budget{Wall: d.time},
		GradCost: bench.DefaultGradCost, Precision: "float64", Batch: bench.AutoBatch,
		Tasks: []bench.Choice{{Name: "two-moons"}},
		Models: []bench.Choice{{Name: "plain", Axes: []bench.Axis{
			{Param: "depth", Values: []json.RawMessage{[]byte("2")}},
			{Param: "activation", Values: []json.RawMessage{[]byte(`"tanh"`)}},
		}}},
	}
	for _, def := range defs {
		l.Optimizers = append(l.Optimizers[:len(l.Optimizers):len(l.Optimizers)], def)
		x.Optimizers = append(x.Optimizers, bench.Choice{Name: def.Name})
	}
	trials, err := x.Trials(l, "")
	if err != nil {
		return err
	}
	kept := new(memory)
	// One at a time: they are stopped by the clock.
	runner := bench.Runner{Lists: l, Store: kept, Workers: 1, Threads: 1, Patience: bench.DefaultPatience}
	if err := runner.Run(ctx, trials); err != nil {
		return err
	}
	rows := [][]string{{"optimizer", "test", "steps", "evaluations", "optimizer", "transport", "evaluation", ""}}
	for _, r := range kept.results {
		rows = append(rows, raceRow(r))
	}
	if _, err := fmt.Fprintf(d.out, "two-moons, %v each, %s\n%s", d.time, "accuracy", aligned(rows, terminalWidth(d.out))); err != nil {
		return err
	}
	for _, r := range kept.results {
		if r.Status == bench.Failed {
			return fmt.Errorf("%s failed: %s", r.Trial.Optimizer.Name, r.Reason)
		}
	}
	return nil
}

// raceRow is the line of one contender.
func raceRow(r bench.Result) []string {
	score := "–"
	if !math.IsNaN(r.Test.Value) {
		score = metric(r.Test.Value)
	}
	t := r.Timing
	part := func(d time.Duration) string {
		return fmt.Sprintf("%.0f %%", 100*d.Seconds()/max(t.Wall.Seconds(), 1e-9))
	}
	return []string{
		r.Trial.Optimizer.Name, score, fmt.Sprint(r.Steps), fmt.Sprint(r.Evaluations),
		part(max(0, t.Ask+t.Tell-t.Transport)), part(t.Transport), part(t.Eval), string(r.Status),
	}
}

// memory keeps results for as long as they are looked at.
type memory struct {
	mu      sync.Mutex
	results []bench.Result
}

func (m *memory) Has(context.Context, string) (bool, error) { return false, nil }

func (m *memory) Save(_ context.Context, r bench.Result) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.results = append(m.results, r)
	return nil
}
