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

// recurrent wires an LSTM.
func recurrent(hidden int) func(_, out network.Shape) (network.Specs, error) {
	return func(_, out network.Shape) (network.Specs, error) {
		memory := network.LSTM{Hidden: hidden, ForgetBias: 1}
		if len(out) == 2 {
			return network.Specs{memory, network.TimeDense{Out: out[1]}}, nil
		}
		return network.Specs{memory, network.Last{}, network.Dense{Out: out[0]}}, nil
	}
}

func sequenceSetup(seed uint64, hidden, batch int) bench.Setup {
	s := setup(seed, "")
	s.Layers, s.Batch = recurrent(hidden), batch
	return s
}

// sequential are the tasks of sequences: what their defaults promise, and the loss and
// the metric of the best constant, to four standard deviations of the drawing.
var sequential = []struct {
	name, config       string
	in, out            network.Shape
	loss               loss.Kind
	metric             string
	train, valid, test int
	target             float64 // 0: none
	constant           bench.Score
	within             bench.Score
}{
	{
		"adding", `{}`,
		network.Shape{50, 2},
		network.Shape{1},
		loss.MSE, "rmse", 5000, 500, 500, 0.1,
		bench.Score{Loss: 1. / 6, Value: math.Sqrt(1. / 6)},
		bench.Score{Loss: 0.036, Value: 0.045},
	},
	{
		"adding", `{"version":"1997","steps":100,"goal":0.99}`,
		network.Shape{110, 2},
		network.Shape{1},
		loss.MSE, "accuracy", 5000, 500, 500, 0.99,
		// X1 and X2 from U(-1, 1), or one of them where the first step is marked.
		bench.Score{Loss: 1./24 - 0.12*1./48, Value: 0.154},
		bench.Score{Loss: 0.009, Value: 0.065},
	},
	{
		"copy", `{}`,
		network.Shape{40, 10},
		network.Shape{40, 9},
		loss.SoftmaxCrossEntropy, "accuracy", 5000, 500, 500, 0.99,
		bench.Score{Loss: 10 * math.Log(8) / 40, Value: 31.25 / 40},
		bench.Score{Loss: 0.003, Value: 0.005},
	},
	{
		"copy", `{"lag":100,"symbols":5,"n":500}`,
		network.Shape{110, 10},
		network.Shape{110, 9},
		loss.SoftmaxCrossEntropy, "accuracy", 500, 500, 500, 0.99,
		bench.Score{Loss: 5 * math.Log(8) / 110, Value: 105.625 / 110},
		bench.Score{Loss: 0.006, Value: 0.002},
	},
	{
		"temporal-order", `{}`,
		network.Shape{33, 8},
		network.Shape{4},
		loss.SoftmaxCrossEntropy, "accuracy", 2000, 500, 500, 0.99,
		bench.Score{Loss: math.Log(4), Value: 0.25},
		bench.Score{Loss: 0.02, Value: 0.08},
	},
	{
		"temporal-order", `{"relevant":3,"steps":100,"n":1000}`,
		network.Shape{110, 8},
		network.Shape{8},
		loss.SoftmaxCrossEntropy, "accuracy", 1000, 500, 500, 0.99,
		bench.Score{Loss: math.Log(8), Value: 0.125},
		bench.Score{Loss: 0.04, Value: 0.06},
	},
	{
		"latch", `{}`,
		network.Shape{60, 3},
		network.Shape{1},
		loss.BinaryCrossEntropy, "accuracy", 100, 500, 500, 1,
		bench.Score{Loss: math.Ln2, Value: 0.5},
		bench.Score{Loss: 1e-12, Value: 1e-12},
	},
	{
		"latch", `{"variant":"II","goal":0}`,
		network.Shape{60, 1},
		network.Shape{1},
		loss.MSE, "accuracy", 100, 500, 500, 0,
		bench.Score{Loss: 1, Value: 0},
		bench.Score{Loss: 1e-12, Value: 1e-12},
	},
	{
		"two-sequence", `{}`,
		network.Shape{60, 1},
		network.Shape{1},
		loss.BinaryCrossEntropy, "accuracy", 100, 500, 500, 1,
		bench.Score{Loss: math.Ln2, Value: 0.5},
		bench.Score{Loss: 1e-12, Value: 1e-12},
	},
	{
		"parity-over-time", `{}`,
		network.Shape{60, 1},
		network.Shape{1},
		loss.BinaryCrossEntropy, "accuracy", 100, 500, 500, 1,
		bench.Score{Loss: math.Ln2, Value: 0.5},
		bench.Score{Loss: 1e-12, Value: 1e-12},
	},
	{
		// The first nine steps are known and the last is one of two, to the one
		// example that the mean of all steps counts for: (2+1/10)/3 and (1+1/20)/3.
		"noise-free-lag", `{}`,
		network.Shape{10, 11},
		network.Shape{10, 11},
		loss.SoftmaxCrossEntropy, "sequence-accuracy", 2, 2, 2, 1,
		bench.Score{Loss: -(9*math.Log(2.1/3) + math.Log(1.05/3)) / 10, Value: 0.5},
		bench.Score{Loss: 1e-12, Value: 1e-12},
	},
	{
		"noise-free-lag", `{"targets":"last","lag":50}`,
		network.Shape{50, 51},
		network.Shape{50, 51},
		loss.SoftmaxCrossEntropy, "sequence-accuracy", 2, 2, 2, 1,
		bench.Score{Loss: math.Ln2, Value: 0.5},
		bench.Score{Loss: 1e-12, Value: 1e-12},
	},
	{
		"noisy-lag", `{}`,
		network.Shape{73, 14},
		network.Shape{1},
		loss.BinaryCrossEntropy, "accuracy", 1000, 500, 500, 0.99,
		bench.Score{Loss: math.Ln2, Value: 0.5},
		bench.Score{Loss: 1e-12, Value: 1e-12},
	},
	{
		// What can follow T and P differs, and so every constant is wrong about half
		// of the strings at their third symbol, and about more after it.
		"reber", `{}`,
		network.Shape{40, 7},
		network.Shape{40, 7},
		loss.SoftmaxCrossEntropy, "sequence-accuracy", 256, 256, 256, 1,
		bench.Score{Loss: 1.3, Value: 0.15},
		bench.Score{Loss: 0.3, Value: 0.1},
	},
	{
		"embedded-reber", `{}`,
		network.Shape{40, 7},
		network.Shape{40, 7},
		loss.SoftmaxCrossEntropy, "sequence-accuracy", 256, 256, 256, 1,
		bench.Score{Loss: 1.3, Value: 0},
		bench.Score{Loss: 0.3, Value: 1e-12},
	},
	{
		"sequential-digits", `{}`,
		network.Shape{12, 12},
		network.Shape{10},
		loss.SoftmaxCrossEntropy, "accuracy", 2000, 500, 500, 0.9,
		bench.Score{Loss: math.Log(10), Value: 0.1},
		bench.Score{Loss: 1e-12, Value: 1e-12},
	},
	{
		"sequential-digits", `{"order":"pixels","n":20}`,
		network.Shape{144, 1},
		network.Shape{10},
		loss.SoftmaxCrossEntropy, "accuracy", 20, 500, 500, 0.9,
		bench.Score{Loss: math.Log(10), Value: 0.1},
		bench.Score{Loss: 1e-12, Value: 1e-12},
	},
	{
		"ctc-digits", `{}`,
		network.Shape{30, 8},
		network.Shape{30, 11},
		loss.CTC, "label-error-rate", 2000, 500, 500, 0.1,
		bench.Score{Loss: 9, Value: 1},
		bench.Score{Loss: 4, Value: 1e-12},
	},
}

func TestSequencesAreWhatTheySay(t *testing.T) {
	for _, c := range sequential {
		var asked network.Shape
		s := sequenceSetup(1, 2, 32)
		layers := s.Layers
		var in network.Shape
		s.Layers = func(i, out network.Shape) (network.Specs, error) {
			in, asked = i, out
			return layers(i, out)
		}
		o, err := named(t, c.name).New(json.RawMessage(c.config), s)
		if err != nil {
			t.Errorf("%s %s: %v", c.name, c.config, err)
			continue
		}
		if !slices.Equal(in, c.in) || !slices.Equal(asked, c.out) {
			t.Errorf("%s %s: %v to %v, want %v to %v", c.name, c.config, in, asked, c.in, c.out)
		}
		goal := o.Goal()
		if o.Examples() != c.train || goal.Metric.Name != c.metric || c.target == 0 != (goal.Target == nil) || goal.Target != nil && *goal.Target != c.target {
			t.Errorf("%s %s: %d examples, goal %+v, want %d and %s %g", c.name, c.config, o.Examples(), goal, c.train, c.metric, c.target)
		}
		for split, n := range map[bench.Split]int{bench.Valid: c.valid, bench.Test: c.test} {
			if part, _ := o.ScoreWork(split); part.Forward != int64(n) {
				t.Errorf("%s %s: %d examples of %s data, want %d", c.name, c.config, part.Forward, split, n)
			}
		}
		got := o.Constant()
		if math.Abs(got.Loss-c.constant.Loss) > c.within.Loss || math.Abs(got.Value-c.constant.Value) > c.within.Value {
			t.Errorf("%s %s: a constant has %+v, want %+v to %+v", c.name, c.config, got, c.constant, c.within)
		}
		evals := make([]optimizers.Evaluation, 1)
		w := o.Init()
		o.Evaluate(optimizers.NeedGrad, [][]float64{w}, 0, evals)
		if l := evals[0].Loss; !(l > 0 && l < 200) {
			t.Errorf("%s %s: loss at the start %g", c.name, c.config, l)
		}
		for _, split := range []bench.Split{bench.Valid, bench.Test} {
			if score := o.Score(w, split); !(score.Loss > 0 && score.Loss < 200 && score.Value >= 0) {
				t.Errorf("%s %s: score at the start %+v", c.name, c.config, score)
			}
		}
		if len(o.Probe(w)) != 2 {
			t.Errorf("%s %s: probe %+v, want two layers", c.name, c.config, o.Probe(w))
		}
	}
}

func TestSequencesOfTheSameSeed(t *testing.T) {
	read := func(seed uint64, name, config string) (all []float64) {
		o, err := named(t, name).New(json.RawMessage(config), sequenceSetup(seed, 2, 32))
		if err != nil {
			t.Fatal(err)
		}
		w := o.Init()
		for i := range w {
			w[i] = float64(i%5) - 2 // the same for all seeds
		}
		evals := make([]optimizers.Evaluation, 1)
		o.Evaluate(optimizers.NeedLoss, [][]float64{w}, 0, evals)
		return []float64{evals[0].Loss, o.Score(w, bench.Valid).Loss, o.Score(w, bench.Test).Loss}
	}
	for _, c := range sequential {
		a, other := read(1, c.name, c.config), read(2, c.name, c.config)
		if diff := cmp.Diff(a, read(1, c.name, c.config)); diff != "" {
			t.Errorf("%s %s: the same seed gave other data: %s", c.name, c.config, diff)
		}
		if c.name == "noise-free-lag" {
			continue // there are only two
		}
		for part := range a {
			if a[part] == other[part] || a[part] == a[(part+1)%3] {
				t.Errorf("%s %s: losses %v, and with another seed %v, want them all different", c.name, c.config, a, other)
			}
		}
	}
}

// More training data begin with the fewer, and do not change the test data.
func TestPartsOfSequencesDoNotDependOnEachOthersSize(t *testing.T) {
	small, err := reberData(t, 10)
	if err != nil {
		t.Fatal(err)
	}
	large, err := reberData(t, 30)
	if err != nil {
		t.Fatal(err)
	}
	if small != large {
		t.Errorf("test loss %v and %v", small, large)
	}
}

func reberData(t *testing.T, n int) (float64, error) {
	t.Helper()
	o, err := named(t, "embedded-reber").New(json.RawMessage(fmt.Sprintf(`{"n":%d,"goal":0}`, n)), sequenceSetup(1, 2, 0))
	if err != nil {
		return 0, err
	}
	return o.Score(make([]float64, len(o.Init())), bench.Test).Loss, nil
}

func TestSequencesRefuse(t *testing.T) {
	for _, c := range []struct{ task, config, want string }{
		{"latch", `{"least":61}`, "latch: least: 61, want at most the 60 steps of the longest sequence"},
		{"two-sequence", `{"least":61}`, "two-sequence: least: 61, want at most"},
		{"parity-over-time", `{"least":61}`, "parity-over-time: least: 61, want at most"},
		{"two-sequence", `{"informative":51}`, "two-sequence: informative: 51, want at most the 50 steps of the shortest sequence"},
		{"adding", `{"version":"1997","steps":19}`, "adding: steps: 19, want at least 20 in the version of 1997"},
		{"temporal-order", `{"relevant":4}`, "temporal-order: relevant: 4, want an integer in [2, 3]"},
	} {
		_, err := named(t, c.task).New(json.RawMessage(c.config), sequenceSetup(1, 2, 0))
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s %s:\n got %v\nwant %s", c.task, c.config, err, c.want)
		}
	}
}

// train takes so many steps of Adam (Kingma & Ba 2015), by the book, on minibatches
// of 32, and returns the test score.
func train(t *testing.T, name, config string, layers func(_, out network.Shape) (network.Specs, error), steps int, rate float64) bench.Score {
	t.Helper()
	s := sequenceSetup(1, 2, 32)
	s.Layers = layers
	o, err := named(t, name).New(json.RawMessage(config), s)
	if err != nil {
		t.Fatal(err)
	}
	w, evals := o.Init(), make([]optimizers.Evaluation, 1)
	m, v := make([]float64, len(w)), make([]float64, len(w))
	const beta1, beta2 = 0.9, 0.999
	for step := range steps {
		o.Evaluate(optimizers.NeedGrad, [][]float64{w}, step, evals)
		scale := math.Sqrt(1-math.Pow(beta2, float64(step+1))) / (1 - math.Pow(beta1, float64(step+1)))
		for i, g := range evals[0].Grad {
			m[i] += (1 - beta1) * (g - m[i])
			v[i] += (1 - beta2) * (g*g - v[i])
			w[i] -= rate * scale * m[i] / (math.Sqrt(v[i]) + 1e-8)
		}
	}
	return o.Score(w, bench.Test)
}

// dense wires a layer that sees a whole sequence at once.
func dense(hidden int) func(_, out network.Shape) (network.Specs, error) {
	return func(_, out network.Shape) (network.Specs, error) {
		return network.Specs{network.Flatten{}, network.Dense{Out: hidden}, network.Activation{Func: "tanh"}, network.Dense{Out: out.Len()}}, nil
	}
}

// An LSTM learns what it is known to learn, from one seed, in a few hundred steps. Of
// a line of digits it would have seen nothing where it first tends to name them.
func TestSequencesAreLearned(t *testing.T) {
	for _, c := range []struct {
		name, config string
		layers       func(_, out network.Shape) (network.Specs, error)
		steps        int
		rate         float64
		good         func(value float64) bool // and what a constant has
	}{
		{"reber", `{}`, recurrent(16), 150, 0.02, func(v float64) bool { return v > 0.95 }},                                 // 0.15
		{"temporal-order", `{}`, recurrent(16), 120, 0.02, func(v float64) bool { return v > 0.95 }},                        // 0.25
		{"noise-free-lag", `{}`, recurrent(16), 150, 0.02, func(v float64) bool { return v == 1 }},                          // 0.5
		{"ctc-digits", `{"digits":2,"n":1000,"fresh":200}`, dense(64), 300, 0.01, func(v float64) bool { return v < 0.25 }}, // 1
		{"adding", `{"steps":10,"n":2000}`, recurrent(12), 300, 0.02, func(v float64) bool { return v < 0.15 }},             // 0.41
	} {
		got := train(t, c.name, c.config, c.layers, c.steps, c.rate)
		if !c.good(got.Value) {
			t.Errorf("%s %s: %v after %d steps", c.name, c.config, got, c.steps)
		}
		t.Logf("%s: %+v", c.name, got)
	}
}
