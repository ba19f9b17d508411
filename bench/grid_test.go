package bench_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/optimizers"
)

type widthConfig struct {
	Depth int     `json:"depth" doc:"hidden layers" range:"[1,100]"`
	Gain  float64 `json:"gain" doc:"scale of the weights" range:"(0,)"`
}

func gridLists() bench.Lists {
	params := optimizers.Params(widthConfig{Depth: 4, Gain: 1})
	return bench.Lists{
		Tasks:  []bench.Task{{Name: "a"}, {Name: "b"}},
		Models: []bench.Model{{Name: "plain", Params: params}, {Name: "resnet", Params: params}},
		Optimizers: []optimizers.Definition{
			{Name: "sgd"}, {Name: "rprop", FullBatch: true}, {Name: bench.Yardstick},
		},
	}
}

func values(vs ...any) (raw []json.RawMessage) {
	for _, v := range vs {
		raw = append(raw, json.RawMessage(fmt.Sprint(v)))
	}
	return raw
}

func TestGrid(t *testing.T) {
	seven := 7
	e := bench.Experiment{
		Seed: 10, Repetitions: 2, GradCost: 3, Precision: "float64", Batch: bench.AutoBatch,
		Tasks: []bench.Choice{{Name: "a"}},
		Models: []bench.Choice{
			{Name: "plain", Axes: []bench.Axis{{"depth", values(2, 8)}, {"gain", values("1", "4.0")}}},
			{Name: "resnet"},
		},
		Optimizers: []bench.Choice{{Name: "sgd", Batch: &seven}, {Name: "rprop"}, {Name: bench.Yardstick}},
		Exclude:    []bench.Pattern{{Model: "resnet", Optimizer: bench.Yardstick}},
	}
	trials, err := e.Trials(gridLists(), "")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, trial := range trials {
		got = append(got, fmt.Sprintf("%d %s%s %s/%d", trial.Seed, trial.Model.Name, trial.Model.Config, trial.Optimizer.Name, trial.Batch))
	}
	var want []string
	for _, seed := range []int{10, 11} {
		for _, model := range []string{
			`plain{"depth":2,"gain":1}`, `plain{"depth":2,"gain":4}`,
			`plain{"depth":8,"gain":1}`, `plain{"depth":8,"gain":4}`, `resnet{"depth":4,"gain":1}`,
		} {
			want = append(want, fmt.Sprintf("%d %s sgd/7", seed, model), fmt.Sprintf("%d %s rprop/0", seed, model))
			if !strings.HasPrefix(model, "resnet") {
				want = append(want, fmt.Sprintf("%d %s random-search/-1", seed, model))
			}
		}
	}
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("trials:\n%s\nwant:\n%s", g, w)
	}
}

func TestYardstickIsAlwaysThere(t *testing.T) {
	e := bench.Experiment{
		Repetitions: 1, Tasks: []bench.Choice{{Name: "a"}, {Name: "b"}},
		Models: []bench.Choice{{Name: "plain"}}, Optimizers: []bench.Choice{{Name: "sgd"}},
	}
	trials, err := e.Trials(gridLists(), "")
	if err != nil {
		t.Fatal(err)
	}
	yardsticks := map[string]int{}
	for _, trial := range trials {
		if trial.Optimizer.Name == bench.Yardstick {
			yardsticks[trial.Task.Name]++
		}
	}
	if len(trials) != 4 || yardsticks["a"] != 1 || yardsticks["b"] != 1 {
		t.Errorf("%d trials, yardsticks %v, want 4 with one on each task", len(trials), yardsticks)
	}
}

func TestEqualTrialsAreRunOnce(t *testing.T) {
	e := bench.Experiment{
		Repetitions: 1, Tasks: []bench.Choice{{Name: "a"}},
		Models:     []bench.Choice{{Name: "plain"}, {Name: "plain", Axes: []bench.Axis{{"depth", values(4, "4.0")}}}},
		Optimizers: []bench.Choice{{Name: "sgd"}, {Name: bench.Yardstick}},
	}
	trials, err := e.Trials(gridLists(), "")
	if err != nil || len(trials) != 2 {
		t.Errorf("%d trials, %v, want 2: a default and the same value written out are one", len(trials), err)
	}
}

func TestMistakesNameTheirPart(t *testing.T) {
	for _, tt := range []struct {
		spoil func(*bench.Experiment)
		kind  string
		index int
		want  string
	}{
		{func(e *bench.Experiment) { e.Tasks[1].Name = "c" }, "task", 1, `no task called "c"`},
		{func(e *bench.Experiment) { e.Models[0].Name = "plian" }, "model", 0, `no model called "plian"; did you mean "plain"?`},
		{func(e *bench.Experiment) { e.Optimizers[1].Name = "zzz" }, "optimizer", 1, `there are ["sgd" "rprop" "random-search"]`},
		{func(e *bench.Experiment) { e.Models[0].Axes = []bench.Axis{{"depth", values(1, 0)}} }, "model", 0, "plain: depth: 0, want an integer in [1, 100]"},
		{func(e *bench.Experiment) { e.Models[0].Axes = []bench.Axis{{"depth", nil}} }, "model", 0, "depth has no values"},
	} {
		e := bench.Experiment{
			Repetitions: 1, Tasks: []bench.Choice{{Name: "a"}, {Name: "b"}},
			Models: []bench.Choice{{Name: "plain"}}, Optimizers: []bench.Choice{{Name: "sgd"}, {Name: "rprop"}},
		}
		tt.spoil(&e)
		_, err := e.Trials(gridLists(), "")
		var part *bench.PartError
		if !errors.As(err, &part) || part.Kind != tt.kind || part.Index != tt.index || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v, want a PartError of %s %d with %q", err, tt.kind, tt.index, tt.want)
		}
	}
}

// A network of the user's own may not fit the task: that is a mistake of the
// experiment, and not of a hundred trials.
func TestModelsFromFilesAreTriedOut(t *testing.T) {
	l := gridLists()
	l.Tasks[0] = bench.DefineTask(bench.Task{Name: "a"}, struct{}{}, func(struct{}, uint64, string) (bench.Data, error) { return blobs(10), nil })
	for _, tt := range []struct {
		specs network.Specs
		want  string
	}{
		{network.Specs{network.Dense{Out: 3}}, ""},
		{network.Specs{network.Dense{Out: 4}}, "output has shape (4), want (3)"},
		{network.Specs{network.Residual{Body: network.Specs{network.Dense{Out: 7}}}}, "layer 0 (residual)"},
	} {
		l.Models[1].Prepare = func(config json.RawMessage, _ string) (json.RawMessage, error) { return config, nil }
		l.Models[1].Layers = func(json.RawMessage, string, network.Shape, network.Shape) (network.Specs, error) {
			return tt.specs, nil
		}
		e := bench.Experiment{
			Repetitions: 1, Precision: "float64", Tasks: []bench.Choice{{Name: "a"}},
			Models: []bench.Choice{{Name: "plain"}, {Name: "resnet"}}, Optimizers: []bench.Choice{{Name: "sgd"}},
		}
		_, err := e.Trials(l, "")
		var part *bench.PartError
		if tt.want == "" && err != nil || tt.want != "" && (!errors.As(err, &part) || part.Index != 1 || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%v, want a PartError of model 1 with %q", err, tt.want)
		}
	}
}

func TestPrepareCompletesAPart(t *testing.T) {
	l := gridLists()
	l.Tasks[0].Prepare = func(config json.RawMessage, dir string) (json.RawMessage, error) {
		return json.RawMessage(fmt.Sprintf(`{"hash":%q}`, dir)), nil
	}
	e := bench.Experiment{
		Repetitions: 1, Tasks: []bench.Choice{{Name: "a"}},
		Models: []bench.Choice{{Name: "plain"}}, Optimizers: []bench.Choice{{Name: "sgd"}},
	}
	trials, err := e.Trials(l, "here")
	if err != nil || string(trials[0].Task.Config) != `{"hash":"here"}` {
		t.Errorf("%s, %v, want what Prepare returned", trials[0].Task.Config, err)
	}
}
