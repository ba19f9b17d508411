package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/models"
	"github.com/joust-bench/joust/bench/tasks"
	"github.com/joust-bench/joust/optimizers/builtin"
)

// A resolved experiment stands for the same trials, in the same order, and is
// its own resolution.
func TestResolvedMeansTheSame(t *testing.T) {
	for _, src := range []string{
		minimal,
		with("tasks", "{csv: ['odd \"name\" \\\u00e9\u2028.csv', true.csv], target: 'null', test: 1e-3}"),
		with("models", "plain: {depth: [3, 1, 2], activation: 'a: b # {c}'}, resnet, plain"),
		with("optimizers", "{sgd: , lr: [1, 0.1], nesterov: [true, false], batch: [7, full, auto]}, {rprop: {batch: auto}}, rprop, ga: {salt: 18446744073709551615, shift: -1e-300}, random-search"),
		minimal + "title: 'Is it \"so\": <really>?'\nname: 1.0-x_\nseed: 18446744073709551615\nrepetitions: 3\nprecision: float32\ngrad_cost: 2.5\nbatch: 16\nexclude: [{optimizer: random-search, task: xor}]\n",
		strings.Replace(minimal, "{work: 1e6}", "{wall: 90s}", 1),
	} {
		x, err := parseExperiment("x.yaml", []byte(src), testLists())
		if err != nil {
			t.Fatalf("%s: %v", src, err)
		}
		resolved := x.resolved(testLists())
		y, err := parseExperiment("resolved.yaml", []byte(resolved), testLists())
		if err != nil {
			t.Fatalf("%s\nis resolved to\n%s\nwhich is wrong: %v", src, resolved, err)
		}
		if diff := cmp.Diff(resolved, y.resolved(testLists())); diff != "" {
			t.Errorf("%s\nis resolved again to something else (-once +twice):\n%s", src, diff)
		}
		before, err := x.trials(testLists(), ".")
		if err != nil {
			t.Fatal(err)
		}
		after, err := y.trials(testLists(), ".")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(before, after); diff != "" {
			t.Errorf("%s\nis resolved to\n%s\nwhich has other trials (-want +got):\n%s", src, resolved, diff)
		}
		title, err := titleOf(resolved)
		if err != nil || title != x.Title || y.Name != x.Name {
			t.Errorf("resolved title %q (%v) and name %q, want %q and %q", title, err, y.Name, x.Title, x.Name)
		}
	}
}

func TestResolvedSpellsDefaultsOut(t *testing.T) {
	x, err := parseExperiment("x.yaml", []byte(with("optimizers", "sgd, rprop")), testLists())
	if err != nil {
		t.Fatal(err)
	}
	want := `version: 1
name: x
seed: 1
repetitions: 5
budget: {work: 1e6}
precision: float64
grad_cost: 3
batch: auto
tasks:
  - xor
models:
  - plain: {depth: 4, width: 32, activation: sigmoid}
optimizers:
  - sgd: {lr: 0.1, nesterov: false}
  - rprop: {batch: full}
  - random-search
`
	if diff := cmp.Diff(want, x.resolved(testLists())); diff != "" {
		t.Errorf("resolved experiment differs (-want +got):\n%s", diff)
	}
}

// Every experiment that joust brings along is right.
func TestBuiltinExperiments(t *testing.T) {
	lists := bench.Lists{Tasks: tasks.All(), Models: models.All(), Optimizers: builtin.All()}
	names, err := builtinNames()
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, name := range names {
		x, dir, lists, err := loadExperiment(t.Context(), name, lists, nil)
		if err != nil {
			t.Fatal(err)
		}
		if x.Name != name || x.Title == "" {
			t.Errorf("%s: name %q, title %q, want its name and a question", name, x.Name, x.Title)
		}
		if _, err := x.trials(lists, dir); err != nil {
			t.Error(err)
		}
		found = found || name == defaultExperiment
	}
	if !found {
		t.Errorf("experiments %q, want the default one, %s, among them", names, defaultExperiment)
	}
}
