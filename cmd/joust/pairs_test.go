package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/models"
	"github.com/joust-bench/joust/bench/tasks"
	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/builtin"
)

// pairs is every model at a tiny size, on a task of every kind of inputs.
const pairs = `
version: 1
repetitions: 1
budget: {work: 3000}
batch: 6
tasks:
  - two-moons: {n: 12, fresh: 12, goal: 0} # which some first weights reach
  - latch: {least: 3, most: 4, n: 12, fresh: 12}
  - reber: {steps: 15, n: 6, fresh: 6}
  - bars-and-stripes: {size: 3}
  - chunks: {lag: 3, n: 12, fresh: 12}
  - corner-bit: {n: 12, size: 3, fresh: 12}
  - occlusion: {n: 10, size: 8, square: 4, fresh: 10}
  - pole-balancing: {limit: 20, starts: 2, fresh: 2, goal: 0}
models:
  - plain: {depth: 2, width: 3}
  - step: {depth: 2, width: 3}
  - neuron
  - xavier: {depth: 2, width: 3}
  - orthogonal: {depth: 2, width: 3}
  - rectified: {depth: 2, width: 3}
  - selu: {depth: 2, width: 3}
  - maxout: {depth: 2, width: 3}
  - looks-linear: {depth: 2, width: 3}
  - oscillating: {depth: 2, width: 3}
  - batchnorm: {depth: 2, width: 3}
  - noisy-batchnorm: {depth: 2, width: 3}
  - layernorm: {depth: 2, width: 3}
  - dropout: {depth: 2, width: 3}
  - resnet: {depth: 2, width: 3}
  - rnn: {hidden: 3}
  - irnn: {hidden: 3}
  - gru: {hidden: 3}
  - lstm: {hidden: 3}
  - lstm-1997: {blocks: 1}
  - bidirectional-lstm: {hidden: 2}
  - sequential-rnn: {hidden: 2}
  - mdlstm: {levels: 1, cells: 1}
  - mdrnn: {levels: 1, units: 1}
  - chunker: {hidden: 2}
  - highway: {depth: 2, width: 3}
  - convnet: {channels: 1}
  - conv-resnet: {channels: 1}
  - dbn: {depth: 2, width: 3, epochs: 1}
  - autoencoder: {depth: 2, width: 3, epochs: 1}
  - lsuv: {depth: 2, width: 3}
  - amplified: {depth: 2, width: 3}
  - pyramid: {layers: 2, features: 2, steps: 2}
  - network: {path: net.yaml}
optimizers: [%s]
`

// reads says what a model reads and which task it meets every optimizer on. Models
// that are not here read anything, and meet them on two-moons.
var reads = map[string]struct{ inputs, task string }{
	"rnn":                {"sequences", "latch"},
	"irnn":               {"sequences", "latch"},
	"gru":                {"sequences", "latch"},
	"lstm":               {"sequences", "latch"},
	"lstm-1997":          {"sequences", "latch"},
	"bidirectional-lstm": {"sequences", "latch"},
	"sequential-rnn":     {"sequences", "latch"},
	"chunker":            {"sequences", "chunks"},
	"convnet":            {"images", "bars-and-stripes"},
	"conv-resnet":        {"images", "bars-and-stripes"},
	"mdlstm":             {"images", "corner-bit"},
	"mdrnn":              {"images", "corner-bit"},
	"pyramid":            {"images of images", "occlusion"},
}

// offers says of what kinds the inputs of a task are.
var offers = map[string][]string{
	"latch":            {"sequences"},
	"reber":            {"sequences"},
	"chunks":           {"sequences"},
	"bars-and-stripes": {"images"},
	"corner-bit":       {"images"},
	"occlusion":        {"images", "images of images"},
}

// normalised are the models that a single cart is not enough for.
var normalised = []string{"batchnorm", "noisy-batchnorm", "resnet"}

// skipped is what the reason of a trial must contain; "" if it must be run.
func skipped(t bench.Trial, def optimizers.Definition, dim int) string {
	model := reads[t.Model.Name]
	switch {
	case model.inputs != "" && !slices.Contains(offers[t.Task.Name], model.inputs),
		t.Task.Name == "pole-balancing" && slices.Contains(normalised, t.Model.Name):
		return t.Model.Name + " does not suit " + t.Task.Name + ": "
	case t.Task.Name == "pole-balancing" && def.Need == optimizers.NeedGrad:
		return def.Name + " needs a gradient: "
	case t.Task.Name == "pole-balancing" && slices.Contains([]string{"dbn", "autoencoder", "lsuv"}, t.Model.Name):
		return t.Model.Name + " pretrains on inputs: "
	case def.MinDim > 0 && dim < def.MinDim:
		return fmt.Sprintf("%s takes at least %d weights, not %d", def.Name, def.MinDim, dim)
	case def.MaxDim > 0 && dim > def.MaxDim:
		return fmt.Sprintf("%s takes at most %d weights, not %d", def.Name, def.MaxDim, dim)
	}
	return ""
}

// Every optimizer trains every model on a task that the model is for, and two of them, with
// and without a gradient, meet every model on every task: a trial comes to its end, or it is
// skipped because the three do not go together, and for no other reason.
func TestEveryOptimizerOnEveryModel(t *testing.T) {
	l := bench.Lists{Tasks: tasks.All(), Models: models.All(), Optimizers: builtin.All()}
	byName := map[string]optimizers.Definition{}
	var names []string
	for _, d := range l.Optimizers {
		byName[d.Name] = d
		names = append(names, d.Name)
	}
	x, err := parseExperiment("pairs.yaml", fmt.Appendf(nil, pairs, strings.Join(names, ", ")), l)
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range l.Models {
		if i >= len(x.Models) || x.Models[i].Name != m.Name {
			t.Fatalf("model %s is not in its place in the table", m.Name)
		}
	}
	dir := t.TempDir()
	net := []byte("layers: [{type: dense, out: 3}, {type: activation, func: tanh}]\n")
	if err := os.WriteFile(filepath.Join(dir, "net.yaml"), net, 0o600); err != nil {
		t.Fatal(err)
	}
	trials, err := x.Trials(l, dir)
	if err != nil {
		t.Fatal(err)
	}
	runner := bench.Runner{Lists: l, Threads: 1, Patience: bench.DefaultPatience, Dir: dir}
	ends := map[bench.Status]int{}
	for _, trial := range trials {
		home := reads[trial.Model.Name].task
		if home == "" {
			home = "two-moons"
		}
		if trial.Task.Name != home && trial.Optimizer.Name != "sgd" && trial.Optimizer.Name != "random-search" {
			continue
		}
		res, err := runner.Trial(context.Background(), trial, nil)
		if err != nil {
			t.Fatal(err)
		}
		ends[res.Status]++
		where := fmt.Sprintf("%s, %s + %s", trial.Task.Name, trial.Model.Name, trial.Optimizer.Name)
		want := skipped(trial, byName[trial.Optimizer.Name], res.Dim)
		switch res.Status {
		case bench.Solved, bench.Exhausted, bench.Converged, bench.Diverged:
			if want != "" {
				t.Errorf("%s: %s, want it skipped: %s", where, res.Status, want)
			}
			if res.Steps == 0 {
				t.Errorf("%s: %s without a step", where, res.Status)
			}
		case bench.Skipped:
			if want == "" || !strings.Contains(res.Reason, want) {
				t.Errorf("%s: skipped because %s, want %q", where, res.Reason, want)
			}
		default:
			t.Errorf("%s: %s: %s", where, res.Status, res.Reason)
		}
	}
	t.Logf("%v", ends)
	for _, s := range []bench.Status{bench.Solved, bench.Exhausted, bench.Skipped} {
		if ends[s] == 0 {
			t.Errorf("no trial ended as %s: the table tests less than it says", s)
		}
	}
}
