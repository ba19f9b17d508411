package models_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/models"
	"github.com/joust-bench/joust/bench/tasks"
	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/activation"
	"github.com/joust-bench/joust/optimizers/builtin"
)

// pose poses a task to a model, with their configurations.
func pose(t *testing.T, task, taskConfig, model, modelConfig string, seed uint64) bench.Objective {
	t.Helper()
	for _, m := range models.All() {
		if m.Name != model {
			continue
		}
		layers := func(in, out network.Shape) (network.Specs, error) {
			return m.Layers(json.RawMessage(modelConfig), "", in, out)
		}
		for _, x := range tasks.All() {
			if x.Name != task {
				continue
			}
			o, err := x.New(json.RawMessage(taskConfig), bench.Setup{Layers: layers, Seed: seed, Precision: "float64", Threads: 1})
			if err != nil {
				t.Fatal(err)
			}
			return o
		}
	}
	t.Fatalf("no model %s or no task %s", model, task)
	return nil
}

// learn runs a trial, one seed of one contender, on all the examples at every step.
func learn(t *testing.T, task, taskConfig, model, modelConfig, optimizer, config string, seed uint64, work float64) bench.Result {
	t.Helper()
	runner := bench.Runner{
		Lists:   bench.Lists{Tasks: tasks.All(), Models: models.All(), Optimizers: builtin.All()},
		Workers: 1, Threads: 1, Patience: bench.DefaultPatience,
	}
	r, err := runner.Trial(t.Context(), bench.Trial{
		Task:      bench.Part{Name: task, Config: json.RawMessage(taskConfig)},
		Model:     bench.Part{Name: model, Config: json.RawMessage(modelConfig)},
		Optimizer: bench.Part{Name: optimizer, Config: json.RawMessage(config)},
		Seed:      seed, Budget: bench.Budget{Work: work}, GradCost: bench.DefaultGradCost, Precision: "float64",
	}, nil)
	if err != nil || r.Status == bench.Failed || r.Status == bench.Skipped {
		t.Fatalf("%s, %s, %s: %s %s, error %v", task, model, optimizer, r.Status, r.Reason, err)
	}
	return r
}

// One unit separates exclusive or, of inputs 0 and 1, with an activation that has
// more than one zero: the weights that do it, and what comes out for (0,0), (0,1),
// (1,0) and (1,1).
func TestOneNeuronSeparatesXOR(t *testing.T) {
	for _, c := range []struct {
		activation string
		w          []float64 // w1, w2, b
		want       [4]float64
		digits     float64
	}{
		{"gcu", []float64{2, 2, -1}, [4]float64{-.540302, .540302, .540302, -2.969977}, 1e-6},
		{"squ", []float64{1, -1, -.5}, [4]float64{-.25, .75, .75, -.25}, 1e-15},
		{"ncu", []float64{-1, -1, 1.5}, [4]float64{-1.875, .375, .375, -.375}, 1e-15},
		{"ssu", []float64{-4.5, -4.5, 7.5}, [4]float64{-.676, 3.131, 3.131, -.675}, 6e-4},
		{"dsu", []float64{-6.5, -6.5, 7.5}, [4]float64{-.200, .936, .936, -.342}, 6e-4},
	} {
		o := pose(t, "xor", `{"bits":true}`, "neuron", `{"activation":"`+c.activation+`"}`, 1)
		if got := o.Score(c.w, bench.Test).Value; got != 1 {
			t.Errorf("%s: accuracy %v, want 1", c.activation, got)
		}
		f, err := activation.ByName(c.activation)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range c.want {
			z := c.w[0]*float64(i/2) + c.w[1]*float64(i%2) + c.w[2]
			if got := f.F(z); math.Abs(got-want) > c.digits {
				t.Errorf("%s: output %v for pattern %d, want %v", c.activation, got, i, want)
			}
		}
	}
}

// A growing function leaves a half-plane to each class, and exclusive or is none:
// no weights get all four patterns right, whatever they are.
func TestNoMonotoneNeuronSeparatesXOR(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, name := range []string{"sigmoid", "tanh", "relu", "leaky-relu", "softplus", "mcu"} {
		o := pose(t, "xor", `{"bits":true}`, "neuron", `{"activation":"`+name+`"}`, 1)
		for range 2000 {
			w := []float64{5 * rng.NormFloat64(), 5 * rng.NormFloat64(), 5 * rng.NormFloat64()}
			if got := o.Score(w, bench.Test).Value; got > 0.75 {
				t.Fatalf("%s: accuracy %v at %v, want at most 0.75", name, got, w)
			}
		}
	}
}

// Back-propagation finds such weights from most random ones: Adam, at most 2000
// steps, 10 seeds. A constant scores 0.5, a growing function at most 0.75.
func TestOneNeuronLearnsXOR(t *testing.T) {
	for _, c := range []struct {
		activation string
		atLeast    int
	}{{"squ", 10}, {"ssu", 7}, {"ncu", 7}, {"gcu", 5}, {"tanh", 0}, {"mcu", 0}} {
		solved := 0
		for seed := range uint64(10) {
			r := learn(t, "xor", `{"bits":true}`, "neuron", fmt.Sprintf(`{"activation":%q}`, c.activation),
				"adam", `{"lr":0.02,"clip_norm":5}`, seed, 2000*3*4)
			if r.Status == bench.Solved {
				solved++
			}
		}
		t.Logf("%s: %d of 10", c.activation, solved)
		if solved < c.atLeast || c.atLeast == 0 && solved > 0 {
			t.Errorf("%s: %d of 10 seeds learn exclusive or, want at least %d, or if that is 0, none", c.activation, solved, c.atLeast)
		}
	}
}
