package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/optimizers"
)

// testLists are things to name, with parameters of every type.
func testLists() bench.Lists {
	type csvConfig struct {
		Path   string  `json:"path" doc:"file"`
		Target string  `json:"target" doc:"column"`
		Kind   string  `json:"kind" doc:"what to learn" choices:"auto,classification,regression"`
		Test   float64 `json:"test" doc:"share" range:"(0,1)"`
	}
	type moonsConfig struct {
		N     int     `json:"n" doc:"points" range:"[4,)"`
		Noise float64 `json:"noise" doc:"standard deviation" range:"[0,)"`
	}
	type plainConfig struct {
		Depth      int    `json:"depth" doc:"layers" range:"[1,100]"`
		Width      int    `json:"width" doc:"units" range:"[1,1e6]"`
		Activation string `json:"activation" doc:"function"`
	}
	type fileConfig struct {
		Path string `json:"path" doc:"file"`
	}
	type sgdConfig struct {
		LR       float64 `json:"lr" doc:"learning rate" range:"(0,10]" scale:"log"`
		Nesterov bool    `json:"nesterov" doc:"look ahead"`
	}
	type gaConfig struct {
		Population int     `json:"population" doc:"size" range:"[2,)"`
		Shift      float64 `json:"shift" doc:"any number"`
		Salt       uint64  `json:"salt" doc:"any whole number"`
	}
	return bench.Lists{
		Tasks: []bench.Task{
			{Name: "xor"},
			{Name: "two-moons", Params: optimizers.Params(moonsConfig{100, 0.1})},
			{Name: "csv", Params: optimizers.Params(csvConfig{Kind: "auto", Test: 0.2}), Prepare: prepareTestCSV},
		},
		Models: []bench.Model{
			{Name: "plain", Params: optimizers.Params(plainConfig{4, 32, "sigmoid"})},
			{Name: "resnet"},
			{Name: "network", Params: optimizers.Params(fileConfig{})},
		},
		Optimizers: []optimizers.Definition{
			{Name: "sgd", Params: optimizers.Params(sgdConfig{LR: 0.1})},
			{Name: "rprop", FullBatch: true},
			{Name: "ga", Params: optimizers.Params(gaConfig{Population: 100})},
			{Name: bench.Yardstick},
		},
	}
}

// prepareTestCSV knows two files: one is not there, and one has a bad row.
func prepareTestCSV(config json.RawMessage, dir string) (json.RawMessage, error) {
	var c struct{ Path string }
	if err := json.Unmarshal(config, &c); err != nil {
		return nil, err
	}
	switch c.Path {
	case "missing.csv":
		return nil, errors.New("missing.csv: no such file")
	case "ragged.csv":
		return nil, fmt.Errorf("table: %w", errors.New("ragged.csv:7: 3 cells, want 4"))
	}
	return config, nil
}

// minimal is a right experiment with a hole for one line more.
const minimal = `version: 1
budget: {work: 1e6}
tasks: [xor]
models: [plain]
optimizers: [sgd]
`

func TestExperimentErrorsAreOneLineWithPlace(t *testing.T) {
	for _, tt := range []struct{ name, src, want string }{
		{"empty file", "", `x.yaml:1:1: the file is empty, want an experiment (joust describe vanishing prints one)`},
		{"comments only", "# nothing\n\n# here\n", `x.yaml:1:1: the file is empty, want an experiment (joust describe vanishing prints one)`},
		{"binary", "\x7fELF\x02\x00\x00", `x.yaml:1:1: not a text file, want YAML in UTF-8`},
		{"latin-1", "version: 1\nname: caf\xe9\n", `x.yaml:1:1: not a text file, want YAML in UTF-8`},
		{"huge", strings.Repeat("# long\n", 200_000), `x.yaml:1:1: more than 1048576 bytes: is this an experiment?`},
		{"many tokens", strings.Repeat("- a\n", 20_000), `x.yaml:1:1: 40000 YAML tokens, want at most 20000: is this an experiment?`},
		{"deep nesting", strings.Repeat("[", 30_000), `x.yaml:1:1: 30000 YAML tokens, want at most 20000: is this an experiment?`},
		{"a list", "- a\n- b\n", `x.yaml:1:1: the experiment is a list, want a mapping with version, name, title, seed, repetitions, budget, precision, grad_cost, batch, tasks, models, optimizers, exclude`},
		{"prose", "Dear joust", `x.yaml:1:1: the experiment is Dear joust, want a mapping with version, name, title, seed, repetitions, budget, precision, grad_cost, batch, tasks, models, optimizers, exclude`},
		{"syntax", "version: 1\ntasks: [xor\n", `x.yaml:2:8: sequence end token ']' not found`},
		{"tab", "version: 1\nbudget:\n\twork: 3\n", `x.yaml:3:1: found character '\t' that cannot start any token`},
		{"tab in a value", "version: 1\nname: a\tb\n", `x.yaml:2:7: a tab inside a value, want spaces, or quotes around it`},
		{"two documents", minimal + "---\nversion: 1\n", `x.yaml:6:1: a second document starts here, want one experiment a file`},
		{"anchor", "version: &v 1\n", `x.yaml:1:10: anchors and aliases are not supported, write the value again`},
		{"alias bomb", "a: &a [1]\nb: &b [*a, *a]\nc: [*b, *b]\n", `x.yaml:1:4: anchors and aliases are not supported, write the value again`},
		{"merge key", "<<: {a: 1}\n", `x.yaml:1:1: merge keys are not supported, write the members again`},
		{"tag", "version: !!int 1\n", `x.yaml:1:10: tags are not supported, want the value without !!int`},
		{"complex key", "? a\n: 1\n", `x.yaml:1:1: want a key of one word before the colon`},
		{"duplicate key", minimal + "seed: 1\nseed: 2\n", `x.yaml:7:1: seed is given twice, first in line 6`},
		{"duplicate nested key", "version: 1\nbudget: {work: 1, work: 2}\n", `x.yaml:2:19: work is given twice, first in line 2`},

		{"no version", "name: a\n", `x.yaml:1:1: version is missing, want "version: 1"`},
		{"version", "version: 2\n", `x.yaml:1:10: version 2 is not known to this joust, want 1`},
		{"unknown key, near", minimal + "repetitons: 3\n", `x.yaml:6:1: the experiment has no key repetitons; did you mean repetitions?`},
		{"unknown key, far", minimal + "ä: 3\n", `x.yaml:6:1: the experiment has no key ä; want version, name, title, seed, repetitions, budget, precision, grad_cost, batch, tasks, models, optimizers or exclude`},
		{"name", minimal + "name: a/b\n", `x.yaml:6:7: name: a/b, want a word of letters, digits, dots, dashes and underscores`},
		{"name is a number", minimal + "name: 12\n", `x.yaml:6:7: name: 12, want a word of letters, digits, dots, dashes and underscores`},
		{"name is hidden", minimal + "name: ..\n", `x.yaml:6:7: name: .., want a word of letters, digits, dots, dashes and underscores`},
		{"title", minimal + "title: [a]\n", `x.yaml:6:8: title: a list, want a string`},
		{"seed", minimal + "seed: -1\n", `x.yaml:6:7: seed: -1, want a whole number of at least 0`},
		{"seed before spaces", minimal + "seed: -1  \r\n", `x.yaml:6:7: seed: -1, want a whole number of at least 0`},
		{"seed quoted", minimal + "seed: \"1\"\n", `x.yaml:6:7: seed: "1", want a whole number of at least 0`},
		{"repetitions", minimal + "repetitions: 0\n", `x.yaml:6:14: repetitions: 0, want a whole number from 1 to 100000`},
		{"repetitions half", minimal + "repetitions: 2.5\n", `x.yaml:6:14: repetitions: 2.5, want a whole number from 1 to 100000`},
		{"precision", minimal + "precision: float23\n", `x.yaml:6:12: precision: float23; did you mean float32?`},
		{"precision nothing", minimal + "precision:\nseed: 1\n", `x.yaml:6:11: precision: nothing; want float64 or float32`},
		{"grad cost", minimal + "grad_cost: 0.5\n", `x.yaml:6:12: grad_cost: 0.5, want a number from 1 to 100: the cost of a loss and its gradient, in forward passes`},
		{"batch", minimal + "batch: 0\n", `x.yaml:6:8: batch: 0, want a number of examples, full or auto`},
		{"batch word", minimal + "batch: half\n", `x.yaml:6:8: batch: half, want a number of examples, full or auto`},
		{"too many trials", minimal + "repetitions: 50001\n", `x.yaml:1:1: the grid has 100002 trials, want at most 100000: shorten some lists`},

		{"no budget", "version: 1\n", `x.yaml:1:1: budget is missing, want such as "budget: {work: 2e6}"`},
		{"empty budget", "version: 1\nbudget: {}\n", `x.yaml:2:9: the budget is empty, want work, wall or both: {work: 2e6, wall: 10m}`},
		{"budget number", "version: 1\nbudget: 2e6\n", `x.yaml:2:9: budget is 2e6, want a mapping with work, wall`},
		{"budget key", "version: 1\nbudget: {wrok: 2e6}\n", `x.yaml:2:10: budget has no key wrok; did you mean work?`},
		{"budget work", "version: 1\nbudget: {work: lots}\n", `x.yaml:2:16: work: lots, want a number above 0, such as 2e7`},
		{"budget work zero", "version: 1\nbudget:\n  work: 0\n", `x.yaml:3:9: work: 0, want a number above 0, such as 2e7`},
		{"budget work infinite", "version: 1\nbudget:\n  work: .inf\n", `x.yaml:3:9: work: .inf, want a number above 0, such as 2e7`},
		{"budget work huge", "version: 1\nbudget:\n  work: 1e999\n", `x.yaml:3:9: work: 1e999, want a number above 0, such as 2e7`},
		{"budget wall", "version: 1\nbudget: {wall: 600}\n", `x.yaml:2:16: wall: 600, want a time above 0, such as 90s or 10m`},
		{"budget wall negative", "version: 1\nbudget: {wall: -10m}\n", `x.yaml:2:16: wall: -10m, want a time above 0, such as 90s or 10m`},

		{"no tasks", "version: 1\nbudget: {work: 1}\n", `x.yaml:1:1: tasks is missing, want a list; joust list tasks shows what there is`},
		{"tasks a word", "version: 1\nbudget: {work: 1}\ntasks: xor\n", `x.yaml:3:8: tasks is xor, want a list with at least one task`},
		{"tasks empty", "version: 1\nbudget: {work: 1}\ntasks: []\n", `x.yaml:3:8: tasks is empty, want a list with at least one task`},
		{"tasks nothing", "version: 1\nbudget: {work: 1}\ntasks:\nmodels: []\n", `x.yaml:3:7: tasks is nothing, want a list with at least one task`},
		{"unknown task", with("tasks", "xr"), `x.yaml:3:9: no task is called xr; did you mean xor?`},
		{"unknown task, far", with("tasks", "chess"), `x.yaml:3:9: no task is called chess; want xor, two-moons or csv`},
		{"unknown model", with("models", "restnet: {depth: 3}"), `x.yaml:4:10: no model is called restnet; did you mean resnet?`},
		{"unknown optimizer", with("optimizers", "{adam: {lr: 3}}"), `x.yaml:5:15: no optimizer is called adam; want sgd, rprop, ga or random-search`},
		{"entry is a list", with("optimizers", "[sgd]"), `x.yaml:5:14: optimizer is a list, want a name or a mapping such as {name: {parameter: value}}`},
		{"entry is nothing", with("optimizers", "~"), `x.yaml:5:14: optimizer is nothing, want a name or a mapping such as {name: {parameter: value}}`},
		{"entry is empty", with("optimizers", "{}"), `x.yaml:5:14: optimizer is a mapping, want a name or a mapping such as {name: {parameter: value}}`},
		{"unknown parameter", with("optimizers", "sgd: {lrr: 3}"), `x.yaml:5:20: sgd has no parameter lrr; did you mean lr?`},
		{"unknown parameter, far", with("optimizers", "sgd: {population: 3}"), `x.yaml:5:20: sgd has no parameter population; want lr, nesterov or batch`},
		{"parameter of nothing", with("models", "resnet: {depth: 3}"), `x.yaml:4:19: resnet has no parameter depth; there are none`},
		{"no path", with("tasks", "two-moons: 4"), `x.yaml:3:20: two-moons is not read from a file, want two-moons or {two-moons: {parameter: value}}`},
		{"out of range", with("optimizers", "sgd: {nesterov: true, lr: 0}"), `x.yaml:5:40: sgd: lr: 0, want a number in (0, 10]`},
		{"out of range in a list", with("optimizers", "sgd: {lr: [0.1, 11]}"), `x.yaml:5:30: sgd: lr: 11, want a number in (0, 10]`},
		{"out of range, sibling", with("tasks", "{csv: a.csv, test: 2}"), `x.yaml:3:28: csv: test: 2, want a number in (0, 1)`},
		{"wrong type", with("models", "plain: {depth: deep}"), `x.yaml:4:25: plain: depth: "deep", want an integer in [1, 100]`},
		{"not whole", with("models", "plain: {depth: 2.5}"), `x.yaml:4:25: plain: depth: 2.5, want an integer in [1, 100]`},
		{"not a string", with("models", "plain: {activation: 3}"), `x.yaml:4:30: plain: activation: 3, want a string`},
		{"null value", with("models", "plain: {depth: }"), `x.yaml:4:24: plain: depth: null, want an integer in [1, 100]`},
		{"not a number", with("optimizers", "ga: {shift: .nan}"), `x.yaml:5:26: ga: shift: ".nan", want a number`},
		{"too large", with("optimizers", "ga: {shift: -1e999}"), `x.yaml:5:26: -1e999 is too large, want a number below 1e308`},
		{"hexadecimal", with("optimizers", "ga: {salt: 0x10}"), `x.yaml:5:25: ga: salt: "0x10", want an integer in [0, inf)`},
		{"negative unsigned", with("optimizers", "ga: {salt: -3}"), `x.yaml:5:25: ga: salt: -3, want an integer in [0, inf)`},
		{"choices", with("tasks", "{csv: a.csv, kind: regresion}"), `x.yaml:3:28: csv: kind: "regresion", want one of auto, classification, regression`},
		{"list in a list", with("optimizers", "sgd: {lr: [[1]]}"), `x.yaml:5:25: sgd: lr is a list, want a value or a list of values`},
		{"mapping as value", with("optimizers", "sgd: {lr: {a: 1}}"), `x.yaml:5:24: sgd: lr is a mapping, want a value or a list of values`},
		{"no values", with("optimizers", "sgd: {lr: []}"), `x.yaml:5:24: sgd: lr has no values, want at least one`},
		{"no batches", with("optimizers", "sgd: {batch: []}"), `x.yaml:5:27: sgd: batch has no values, want at least one`},
		{"bad batch", with("optimizers", "sgd: {batch: [10, 1.5]}"), `x.yaml:5:32: batch: 1.5, want a number of examples, full or auto`},
		{"parameter twice", with("optimizers", "{sgd: {lr: 1}, lr: 2}"), `x.yaml:5:29: sgd: lr is given twice`},
		{"path twice", with("tasks", "{csv: a.csv, path: b.csv}"), `x.yaml:3:22: csv: path is given twice`},
		{"batch of a model", with("models", "plain: {batch: 3}"), `x.yaml:4:18: plain has no parameter batch; want depth, width or activation`},

		{"exclude a word", minimal + "exclude: sgd\n", `x.yaml:6:10: exclude is sgd, want a list such as [{model: resnet, optimizer: ga}]`},
		{"exclude everything", minimal + "exclude: [{}]\n", `x.yaml:6:11: this excludes everything, want a task, a model or an optimizer`},
		{"exclude key", minimal + "exclude: [{modle: plain}]\n", `x.yaml:6:12: exclude has no key modle; did you mean model?`},
		{"exclude unknown", minimal + "exclude: [{model: plan}]\n", `x.yaml:6:19: exclude: no model of this experiment is called plan; did you mean plain?`},
		{"exclude absent", minimal + "exclude: [{model: resnet}]\n", `x.yaml:6:19: exclude: no model of this experiment is called resnet; want plain`},
		{"exclude all", minimal + "exclude: [{model: plain}]\n", `x.yaml:1:1: exclude leaves no trial to run`},

		{"grid too large", strings.Replace(with("optimizers", "ga: {population: [2, 3], salt: [1, 2, 3]}"), "[xor]", "[xor, two-moons: {n: ["+strings.Repeat("4, ", 2999)+"4]}]", 1), `x.yaml:1:1: the grid has 105035 trials, want at most 100000: shorten some lists`},
		{"file error without a place", with("tasks", "{csv: missing.csv}"), `x.yaml:3:9: csv: missing.csv: no such file`},
		{"file error with its own place", with("tasks", "{csv: ragged.csv}"), `ragged.csv:7: 3 cells, want 4`},
		{"file error in a grid of minibatches", strings.Replace(with("optimizers", "{rprop: , batch: [1, 2]}, sgd"), "[xor]", "[xor, {csv: missing.csv}]", 1), `x.yaml:3:14: csv: missing.csv: no such file`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x, err := parseExperiment("x.yaml", []byte(tt.src), testLists())
			if err == nil {
				_, err = x.trials(testLists(), ".")
			}
			if err == nil {
				t.Fatalf("%q: no error, want %s", tt.src, tt.want)
			}
			if got := err.Error(); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if e, ok := errors.AsType[*exitError](err); !ok || e.status != exitUsage {
				t.Errorf("%v does not exit with status %d", err, exitUsage)
			}
		})
	}
}

// with is minimal with another entry in one of its lists.
func with(key, entry string) string {
	old := map[string]string{"tasks": "[xor]", "models": "[plain]", "optimizers": "[sgd]"}[key]
	return strings.Replace(minimal, key+": "+old, key+": ["+entry+"]", 1)
}

func TestExperimentFile(t *testing.T) {
	x, err := parseExperiment("dir/some file.yaml", []byte("\ufeff"+`# A comment.
version: 1
title: >
  Which of
  them?
seed: 18446744073709551615
repetitions: 2e0
budget: {work: 2e7, wall: 1h30m}
precision: float32
grad_cost: 2.5
batch: full
tasks:
  - two-moons: {n: [50, 1e2], noise: .5}
  - {csv: [wine.csv, beer.csv], target: "2", kind: regression}
  - csv: tea.csv
    test: 0.5
models:
  - plain:
    depth: 10
  - network: my net.yaml
optimizers:
  - sgd: {lr: [0.01, 1], nesterov: true, batch: [10, full, auto]}
  - ga: {shift: -0, salt: 18446744073709551615}
exclude:
  - {model: network, optimizer: random-search}
  - task: csv
`), testLists())
	if err != nil {
		t.Fatal(err)
	}
	raw := func(vs ...string) (rs []json.RawMessage) {
		for _, v := range vs {
			rs = append(rs, json.RawMessage(v))
		}
		return rs
	}
	sgd := []bench.Axis{{Param: "lr", Values: raw("0.01", "1")}, {Param: "nesterov", Values: raw("true")}}
	ten, full, auto := 10, 0, bench.AutoBatch
	want := bench.Experiment{
		Name:        "some-file",
		Title:       "Which of them?",
		Seed:        18446744073709551615,
		Repetitions: 2,
		Budget:      bench.Budget{Work: 2e7, Wall: 90 * time.Minute},
		GradCost:    2.5,
		Precision:   "float32",
		Batch:       0,
		Tasks: []bench.Choice{
			{Name: "two-moons", Axes: []bench.Axis{{Param: "n", Values: raw("50", "100")}, {Param: "noise", Values: raw("0.5")}}},
			{Name: "csv", Axes: []bench.Axis{{Param: "path", Values: raw(`"wine.csv"`, `"beer.csv"`)}, {Param: "target", Values: raw(`"2"`)}, {Param: "kind", Values: raw(`"regression"`)}}},
			{Name: "csv", Axes: []bench.Axis{{Param: "path", Values: raw(`"tea.csv"`)}, {Param: "test", Values: raw("0.5")}}},
		},
		Models: []bench.Choice{
			{Name: "plain", Axes: []bench.Axis{{Param: "depth", Values: raw("10")}}},
			{Name: "network", Axes: []bench.Axis{{Param: "path", Values: raw(`"my net.yaml"`)}}},
		},
		Optimizers: []bench.Choice{
			{Name: "sgd", Axes: sgd, Batch: &ten},
			{Name: "sgd", Axes: sgd, Batch: &full},
			{Name: "sgd", Axes: sgd, Batch: &auto},
			{Name: "ga", Axes: []bench.Axis{{Param: "shift", Values: raw("0")}, {Param: "salt", Values: raw("18446744073709551615")}}},
		},
		Exclude: []bench.Pattern{{Model: "network", Optimizer: "random-search"}, {Task: "csv"}},
	}
	if diff := cmp.Diff(want, x.Experiment); diff != "" {
		t.Errorf("experiment differs (-want +got):\n%s", diff)
	}
	trials, err := x.trials(testLists(), ".")
	if err != nil {
		t.Fatal(err)
	}
	// Two moons of 2 sizes; with plain 6 of sgd, ga and the yardstick, with
	// network all but the yardstick; 2 repetitions.
	if want := 2 * (8 + 7) * 2; len(trials) != want {
		t.Errorf("%d trials, want %d", len(trials), want)
	}
}

func TestExperimentDefaults(t *testing.T) {
	x, err := parseExperiment("vanishing.yml", []byte(minimal), testLists())
	if err != nil {
		t.Fatal(err)
	}
	want := bench.Experiment{
		Name: "vanishing", Seed: 1, Repetitions: 5, GradCost: 3, Precision: "float64", Batch: bench.AutoBatch,
		Budget: bench.Budget{Work: 1e6},
		Tasks:  []bench.Choice{{Name: "xor"}}, Models: []bench.Choice{{Name: "plain"}}, Optimizers: []bench.Choice{{Name: "sgd"}},
	}
	if diff := cmp.Diff(want, x.Experiment); diff != "" {
		t.Errorf("experiment differs (-want +got):\n%s", diff)
	}
}

// Numbers that are equal are written in many ways, and mean the same trials.
func TestEqualNumbersAreEqualTrials(t *testing.T) {
	ids := make(map[string]string)
	for _, lr := range []string{"1", "1.0", "1.", "+1", "1e0", "10e-1", ".1E+1"} {
		x, err := parseExperiment("x.yaml", []byte(with("optimizers", "sgd: {lr: "+lr+"}")), testLists())
		if err != nil {
			t.Fatalf("lr %s: %v", lr, err)
		}
		trials, err := x.trials(testLists(), ".")
		if err != nil {
			t.Fatalf("lr %s: %v", lr, err)
		}
		ids[trials[0].ID()] = lr
	}
	if len(ids) != 1 {
		t.Errorf("equal learning rates gave %d different trials, want 1: %v", len(ids), ids)
	}
}

// FuzzParseExperiment looks for panics, for errors without a place, and for
// wrong places: a word without quotes has to stand where its node says. (The
// parser does not count tabs as columns.)
func FuzzParseExperiment(f *testing.F) {
	f.Add(minimal)
	f.Add("version: 1\nbudget: {work: 2e7, wall: 10m}\ntasks:\n  - csv: wine.csv\n    target: 'x'\n  - |\n   xor\n")
	f.Add("version: !\x1b[2J 1")
	f.Add("a: &x [1]\nb: *x\n? c\n: !!int 3\n<<: *x\n%YAML 1.1\n---\n\"\\q\"")
	rng := rand.New(rand.NewPCG(1, 2)) // scraps that a person could have left
	scraps := strings.SplitAfter(minimal+"- : , { } [ ] 'a' \"b\" # c\n\t| >- ~ ? ! & *", " ")
	for range 20 {
		var b strings.Builder
		for range 30 {
			b.WriteString(scraps[rng.IntN(len(scraps))])
		}
		f.Add(b.String())
	}
	lists := testLists()
	f.Fuzz(func(t *testing.T, src string) {
		root, err := parseYAML("x.yaml", []byte(src))
		if err == nil {
			lines := strings.Split(strings.NewReplacer("\ufeff", "", "\r\n", "\n", "\r", "\n").Replace(src), "\n")
			checkPlaces(t, root, lines)
		}
		x, err := parseExperiment("x.yaml", []byte(src), lists)
		if err == nil {
			_, err = x.trials(lists, ".")
		}
		if err != nil && (!located.MatchString(err.Error()) || strings.ContainsFunc(err.Error(), unicode.IsControl)) {
			t.Errorf("%q: error %q, want one line with its place", src, err)
		}
	})
}

func checkPlaces(t *testing.T, n node, lines []string) {
	t.Helper()
	if n.kind == scalar && !n.quoted && !n.isNull() && !strings.ContainsAny(n.text, " \n") {
		if n.line < 1 || n.line > len(lines) || n.col < 1 || n.col > len([]rune(lines[n.line-1]))+1 {
			t.Fatalf("%q is said to be at %d:%d of %q", n.text, n.line, n.col, lines)
		}
		if strings.Contains(lines[n.line-1], "\t") {
			return
		}
		rest := string([]rune(lines[n.line-1])[n.col-1:])
		if !strings.HasPrefix(rest, n.text) {
			t.Errorf("%q is said to be at %d:%d, where it says %q", n.text, n.line, n.col, rest)
		}
	}
	for _, i := range n.items {
		checkPlaces(t, i, lines)
	}
	for _, p := range n.pairs {
		checkPlaces(t, p.key, lines)
		checkPlaces(t, p.value, lines)
	}
}
