package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/models"
	"github.com/joust-bench/joust/bench/tasks"
	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/builtin"
	"github.com/joust-bench/joust/plugins"
	"github.com/joust-bench/joust/plugins/host"
)

// command is this test binary under another name, under which TestMain has it do
// something else than tests.
func command(t *testing.T, name, transport string, args ...string) host.Command {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.Symlink(self, path); err != nil {
		t.Fatal(err)
	}
	return host.Command{ID: name, Version: "0", Transport: transport, Path: path, Args: args, Env: []string{"PATH=/usr/bin:/bin"}}
}

func openCommand(t *testing.T, c host.Command, o host.Options) *host.Plugin {
	t.Helper()
	p, err := host.Open(t.Context(), c, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// kept are results in memory.
type kept struct {
	mu      sync.Mutex
	results map[string]bench.Result
}

func (k *kept) Has(context.Context, string) (bool, error) { return false, nil }

func (k *kept) Save(_ context.Context, r bench.Result) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	r.Timing = bench.Timing{}
	for i := range r.Curve {
		r.Curve[i].Wall = 0
	}
	k.results[r.Trial.ID()] = r
	return nil
}

// race runs trials with these optimizers, so many at a time.
func race(t *testing.T, defs []optimizers.Definition, choices []bench.Choice, seeds, workers int, work float64) map[string]bench.Result {
	t.Helper()
	l := bench.Lists{Tasks: tasks.All(), Models: models.All(), Optimizers: defs}
	e := bench.Experiment{
		Seed: 1, Repetitions: seeds, Budget: bench.Budget{Work: work}, GradCost: 3, Precision: "float64", Batch: 32,
		Tasks:      []bench.Choice{{Name: "two-moons"}},
		Models:     []bench.Choice{{Name: "plain", Axes: []bench.Axis{{Param: "depth", Values: []json.RawMessage{[]byte("1")}}}}},
		Optimizers: choices,
	}
	trials, err := e.Trials(l, ".")
	if err != nil {
		t.Fatal(err)
	}
	k := &kept{results: make(map[string]bench.Result)}
	r := &bench.Runner{Lists: l, Store: k, Workers: workers, Threads: 1, Patience: bench.DefaultPatience}
	if err := r.Run(t.Context(), trials); err != nil {
		t.Fatal(err)
	}
	return k.results
}

// A built-in optimizer in another process gives the same results to the last bit, on
// either transport, for any number of trials at a time.
func TestBuiltinsAsPluginsGiveTheSameBits(t *testing.T) {
	names := []string{"sgd", "rprop", "ga", "cma-es", "openai-es"}
	var here []optimizers.Definition
	var choices []bench.Choice
	for _, d := range builtin.All() {
		if slices.Contains(names, d.Name) {
			here = append(here, d)
			choices = append(choices, bench.Choice{Name: d.Name})
		}
	}
	const seeds, work = 4, 2e4
	want := race(t, here, choices, seeds, 2, work)
	if len(want) != seeds*len(names) {
		t.Fatalf("%d results, want %d", len(want), seeds*len(names))
	}
	for _, transport := range []string{host.GRPC, host.Frames} {
		var there []optimizers.Definition
		for _, name := range names {
			args := []string{"plugin", "serve", name}
			if transport == host.Frames {
				args = append(args, "--frames")
			}
			defs := openCommand(t, command(t, "joust", transport, args...), host.Options{}).Definitions()
			if len(defs) != 1 || defs[0].Name != name {
				t.Fatalf("%s serves %d optimizers, want itself", name, len(defs))
			}
			there = append(there, defs...)
		}
		for _, workers := range []int{1, 8} {
			got := race(t, there, choices, seeds, workers, work)
			for id, w := range want {
				g, ok := got[id]
				switch {
				case !ok:
					t.Errorf("%s, %d at a time: no result of %s", transport, workers, w.Trial.Optimizer.Name)
				case !reflect.DeepEqual(g, w) && !sameButNaN(g, w):
					t.Errorf("%s, %d at a time: %s, seed %d, has another result: %s %s", transport, workers, w.Trial.Optimizer.Name, w.Trial.Seed, g.Status, g.Reason)
				}
			}
		}
	}
}

// sameButNaN compares results in which there are NaNs, which are never equal.
func sameButNaN(a, b bench.Result) bool {
	return fmt.Sprintf("%x %+v", a.Weights, a.Curve) == fmt.Sprintf("%x %+v", b.Weights, b.Curve) &&
		a.Status == b.Status && a.Reason == b.Reason && a.Work == b.Work && a.Steps == b.Steps && a.Evaluations == b.Evaluations
}

type faultyConfig struct {
	Fault string `json:"fault" doc:"what goes wrong at the third Ask" choices:"none,exit,panic,hang,stop,nan,length,memory"`
}

// faulty is random guessing that fails.
type faulty struct {
	optimizers.Optimizer
	fault string
	asks  int
	held  [][]byte
}

func (f *faulty) Ask() ([][]float64, error) {
	rows, err := f.Optimizer.Ask()
	if f.asks++; err != nil || f.asks < 3 {
		return rows, err
	}
	switch f.fault {
	case "exit":
		os.Exit(7)
	case "panic":
		panic("on purpose")
	case "hang":
		select {}
	case "stop":
		if err := stopped(); err != nil {
			return nil, err
		}
		select {} // it takes a moment
	case "nan":
		rows[0] = slices.Repeat([]float64{math.NaN()}, len(rows[0]))
	case "length":
		rows[0] = rows[0][1:]
	case "memory":
		for {
			b := make([]byte, 64<<20)
			for i := 0; i < len(b); i += 4096 {
				b[i] = 1
			}
			f.held = append(f.held, b)
		}
	}
	return rows, nil
}

// faultyPlugin serves it.
func faultyPlugin() {
	i := slices.IndexFunc(builtin.All(), func(d optimizers.Definition) bool { return d.Name == "random-search" })
	inner := builtin.All()[i]
	plugins.Serve(optimizers.Define(optimizers.Definition{Name: "faulty", Summary: "Fails."}, faultyConfig{"none"},
		func(c faultyConfig, p optimizers.Problem) (*faulty, error) {
			o, err := inner.New(nil, p)
			return &faulty{Optimizer: o, fault: c.Fault}, err
		}))
}

// Whatever a plugin does costs the trial in which it does it, within its deadline:
// the other trials of the same plugin, at the same time, end as they would have.
func TestAFaultCostsOneTrial(t *testing.T) {
	faults := map[string]string{
		"none": "", "exit": "exited with status 7", "panic": "panic in Ask: on purpose", "hang": "no answer for ", "stop": "no answer for ",
		"nan": "weight 0 is NaN, want a finite number", "length": "", "memory": "",
	}
	var values []json.RawMessage
	for fault := range faults {
		values = append(values, json.RawMessage(`"`+fault+`"`))
	}
	slices.SortFunc(values, func(a, b json.RawMessage) int { return strings.Compare(string(a), string(b)) })
	for _, transport := range []string{host.GRPC, host.Frames} {
		var args []string
		if transport == host.Frames {
			args = append(args, "--frames")
		}
		c := command(t, "faulty", transport, args...)
		c.Limits.Data = 1 << 30
		// The step may well take a second on a busy machine.
		p := openCommand(t, c, host.Options{Step: 2 * time.Second, Grace: time.Second})
		got := race(t, p.Definitions(), []bench.Choice{{Name: "faulty", Axes: []bench.Axis{{Param: "fault", Values: values}}}}, 1, 8, 2e4)
		if len(got) != len(faults) {
			t.Errorf("%s: %d results, want %d", transport, len(got), len(faults))
		}
		for _, r := range got {
			var config faultyConfig
			if err := json.Unmarshal(r.Trial.Optimizer.Config, &config); err != nil {
				t.Fatal(err)
			}
			switch reason := faults[config.Fault]; {
			case config.Fault == "none":
				if r.Status != bench.Exhausted && r.Status != bench.Solved {
					t.Errorf("%s, no fault: %s, %s", transport, r.Status, r.Reason)
				}
			case r.Status != bench.Failed || !strings.Contains(r.Reason, reason) || !strings.HasPrefix(r.Reason, "ask: faulty (plugin faulty 0): step 2: "):
				t.Errorf("%s, %s: %s, %q, want failed, and the plugin, the step and %q", transport, config.Fault, r.Status, r.Reason, reason)
			}
		}
	}
}
