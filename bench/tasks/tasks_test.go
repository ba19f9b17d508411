package tasks

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/loss"
	"github.com/joust-bench/joust/optimizers"
)

// linear wires the output layer alone.
func linear(_, out network.Shape) (network.Specs, error) {
	return network.Specs{network.Flatten{}, network.Dense{Out: out.Len()}}, nil
}

func setup(seed uint64, dir string) bench.Setup {
	return bench.Setup{Layers: linear, Seed: seed, Precision: "float64", Threads: 1, Dir: dir}
}

func named(t *testing.T, name string) bench.Task {
	t.Helper()
	for _, task := range All() {
		if task.Name == name {
			return task
		}
	}
	t.Fatalf("no task %s", name)
	return bench.Task{}
}

func TestAllInOrder(t *testing.T) {
	var names []string
	for _, task := range All() {
		names = append(names, task.Name)
		if task.Summary == "" || task.Goal == "" || task.New == nil {
			t.Errorf("%s: want a summary, a goal in words, and New", task.Name)
		}
	}
	if want := []string{
		"xor", "parity", "two-spirals", "two-moons", "clusters", "stroke-digits",
		"glyph-digits", "shapeset", "occlusion", "contrast-noise", "super-resolution", "face-localisation", "bars-and-stripes",
		"latch", "two-sequence", "parity-over-time", "noise-free-lag", "noisy-lag", "reber", "embedded-reber",
		"adding", "temporal-order", "copy", "sequential-digits", "ctc-digits", "pole-balancing", "csv", "idx",
	}; !slices.Equal(names, want) {
		t.Errorf("tasks %q, want %q", names, want)
	}
}

// drawn are the tasks that need no file, and what their defaults promise.
var drawn = []struct {
	name               string
	data               func(seed uint64) (bench.Data, error)
	in                 network.Shape
	out                int
	train, valid, test int
	target             float64
	constant           float64 // accuracy of the best constant
}{
	{"xor", func(s uint64) (bench.Data, error) { return xorData(struct{}{}, s, "") }, network.Shape{2}, 1, 4, 4, 4, 1, 0.5},
	{"parity", func(s uint64) (bench.Data, error) { return parityConfig{Bits: 4}.data(s, "") }, network.Shape{4}, 1, 16, 16, 16, 1, 0.5},
	{"two-spirals", func(s uint64) (bench.Data, error) { return spiralsData(struct{}{}, s, "") }, network.Shape{2}, 1, 194, 194, 576, 1, 0.5},
	{"two-moons", func(s uint64) (bench.Data, error) {
		return moonsConfig{N: 100, Noise: 0.1, Fresh: 500, Goal: 0.95}.data(s, "")
	}, network.Shape{2}, 1, 100, 500, 500, 0.95, 0.5},
	{"clusters", func(s uint64) (bench.Data, error) {
		return clustersConfig{N: 500, Dims: 16, Centres: 40, Classes: 10, Noise: 0.35, Fresh: 500, Goal: 0.9}.data(s, "")
	}, network.Shape{16}, 10, 500, 500, 500, 0.9, 0.1},
	{"stroke-digits", func(s uint64) (bench.Data, error) {
		return strokesConfig{N: 1000, Size: 16, Noise: 0.03, Fresh: 500, Goal: 0.95}.data(s, "")
	}, network.Shape{1, 16, 16}, 10, 1000, 500, 500, 0.95, 0.1},
	{"bars-and-stripes", func(s uint64) (bench.Data, error) { return barsConfig{Size: 4}.data(s, "") }, network.Shape{1, 4, 4}, 1, 28, 28, 28, 1, 0.5},
}

func TestDrawnTasksAreWhatTheySay(t *testing.T) {
	for _, c := range drawn {
		d, err := c.data(1)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		kind := loss.SoftmaxCrossEntropy
		if c.out == 1 {
			kind = loss.BinaryCrossEntropy
		}
		if !slices.Equal(d.In, c.in) || d.Out != c.out || d.Loss != kind {
			t.Errorf("%s: %v to %d by %s, want %v to %d by %s", c.name, d.In, d.Out, d.Loss, c.in, c.out, kind)
		}
		if d.Train.N != c.train || d.Valid.N != c.valid || d.Test.N != c.test {
			t.Errorf("%s: %d, %d, %d examples, want %d, %d, %d", c.name, d.Train.N, d.Valid.N, d.Test.N, c.train, c.valid, c.test)
		}
		// The definition's own defaults must say the same.
		o, err := named(t, c.name).New(nil, setup(1, ""))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		goal := o.Goal()
		if o.Examples() != c.train || goal.Target == nil || *goal.Target != c.target || goal.Metric.Name != "accuracy" || !goal.Metric.Higher {
			t.Errorf("%s: %d examples, goal %+v, want %d and accuracy %g", c.name, o.Examples(), goal, c.train, c.target)
		}
		if got := o.Constant().Value; math.Abs(got-c.constant) > 1e-12 {
			t.Errorf("%s: a constant has accuracy %g, want %g", c.name, got, c.constant)
		}
		if got, want := len(o.Init()), c.in.Len()*c.out+c.out; got != want {
			t.Errorf("%s: %d weights of the output layer, want %d", c.name, got, want)
		}
		evals := make([]optimizers.Evaluation, 1)
		o.Evaluate(optimizers.NeedGrad, [][]float64{o.Init()}, 0, evals)
		if l := evals[0].Loss; !(l > 0 && l < 20) {
			t.Errorf("%s: loss at the start %g, want it of order 1", c.name, l)
		}
	}
}

func TestSameSeedSameData(t *testing.T) {
	for _, c := range drawn {
		get := func(seed uint64) bench.Data {
			d, err := c.data(seed)
			if err != nil {
				t.Fatal(err)
			}
			return d
		}
		a, other := get(1), get(2)
		if diff := cmp.Diff(a, get(1)); diff != "" {
			t.Errorf("%s: the same seed gave other data:\n%s", c.name, diff)
		}
		if c.name != "xor" && slices.Equal(a.Train.X, other.Train.X) {
			t.Errorf("%s: another seed gave the same training data, in the same order", c.name)
		}
		if c.valid == 500 && (slices.Equal(a.Test.X, other.Test.X) || slices.Equal(a.Valid.X, a.Test.X)) {
			t.Errorf("%s: the test data are those of another seed or part", c.name)
		}
	}
}

// A sweep over the amount of training data, or noise of it, is scored on the
// same data throughout.
func TestPartsDoNotDependOnEachOthersSize(t *testing.T) {
	for name, draw := range map[string]func(n int) (bench.Data, error){
		"two-moons": func(n int) (bench.Data, error) { return moonsConfig{N: n, Noise: 0.1, Fresh: 20}.data(1, "") },
		"clusters": func(n int) (bench.Data, error) {
			return clustersConfig{N: n, Dims: 3, Centres: 4, Classes: 2, Noise: 0.1, Fresh: 20}.data(1, "")
		},
		"stroke-digits": func(n int) (bench.Data, error) {
			return strokesConfig{N: n, Size: 8, Noise: 0.03, Fresh: 20}.data(1, "")
		},
	} {
		small, err := draw(10)
		if err != nil {
			t.Fatal(err)
		}
		large, err := draw(30)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(small.Test, large.Test); diff != "" {
			t.Errorf("%s: more training data changed the test data", name)
		}
		if !slices.Equal(small.Train.X, large.Train.X[:len(small.Train.X)]) {
			t.Errorf("%s: more training data do not begin with the fewer", name)
		}
		if large.Goal.Target != nil {
			t.Errorf("%s: goal 0 is the target %g, want none", name, *large.Goal.Target)
		}
	}
}

// patterns counts examples by their inputs and target.
func patterns(e bench.Examples) map[string]int {
	m := map[string]int{}
	d := len(e.X) / e.N
	for i := range e.N {
		m[fmt.Sprint(e.X[i*d:][:d], e.Y[i])]++
	}
	return m
}

func TestParityAsksAboutAllPatterns(t *testing.T) {
	d, err := parityConfig{Bits: 3}.data(7, "")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int{
		"[-1 -1 -1] 0": 1, "[-1 -1 1] 1": 1, "[-1 1 -1] 1": 1, "[-1 1 1] 0": 1,
		"[1 -1 -1] 1": 1, "[1 -1 1] 0": 1, "[1 1 -1] 0": 1, "[1 1 1] 1": 1,
	}
	for part, e := range map[string]bench.Examples{"train": d.Train, "valid": d.Valid, "test": d.Test} {
		if diff := cmp.Diff(want, patterns(e)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", part, diff)
		}
	}
}

func TestSpiralsAreTestedBetweenTheTrainingPoints(t *testing.T) {
	d, err := spiralsData(struct{}{}, 7, "")
	if err != nil {
		t.Fatal(err)
	}
	train := patterns(d.Train)
	if diff := cmp.Diff(train, patterns(d.Valid)); diff != "" || len(train) != 194 {
		t.Errorf("%d different points to train on, others to validate on:\n%s", len(train), diff)
	}
	for p := range patterns(d.Test) {
		if train[p] > 0 {
			t.Errorf("test point %s is a training point", p)
		}
	}
}

func TestDrawnTasksRefuse(t *testing.T) {
	for _, c := range []struct{ task, config, want string }{
		{"clusters", `{"classes":50}`, "clusters: classes: 50, want at most one for each of the 40 centres"},
		{"parity", `{"bits":17}`, "parity: bits: 17, want an integer in [2, 16]"},
		{"two-moons", `{"n":1}`, "two-moons: n: 1, want an integer in [4, "},
	} {
		_, err := named(t, c.task).New(json.RawMessage(c.config), setup(1, ""))
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s %s:\n got %v\nwant %s", c.task, c.config, err, c.want)
		}
	}
}
