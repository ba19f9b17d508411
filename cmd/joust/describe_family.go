package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/loss"
	"github.com/joust-bench/joust/optimizers"
)

// A family is models that take the same inputs, and the one of them without a remedy.
type family struct {
	in, out  network.Shape
	words    string // what the inputs are
	examples int
	plain    string // the model to compare with; empty: none is
	// way says that what counts is how far back the gradient gets, not how deep: over
	// inputs of shape long, too.
	way  bool
	long network.Shape
	// states says that it is the gradient of states that counts, iteration by iteration,
	// or step by step.
	states bool
	// name and value are a setting that a model has to have for that, if any.
	name  string
	value any
}

// families are in the order in which they are tried.
func families() []family {
	classes, image := network.Shape{10}, network.Shape{1, 16, 16}
	return []family{
		{in: network.Shape{32}, out: classes, words: "32 features", examples: 256, plain: "plain"},
		{in: network.Shape{20, 8}, out: classes, words: "sequences of 8 features", examples: 64, plain: "rnn", way: true, long: network.Shape{100, 8}},
		{in: network.Shape{1, 8, 8}, out: classes, words: "images, read in their last corner", examples: 64, plain: "mdrnn", way: true, long: network.Shape{1, 24, 24}, name: "read", value: "corner"},
		{in: image, out: classes, words: "images of 16 x 16", examples: 64, plain: "convnet"},
		{in: image, out: image, words: "images of 16 x 16", examples: 16, states: true, name: "every", value: false},
	}
}

// familyOf is the first one whose inputs m takes.
func familyOf(m bench.Model) (family, error) {
	var errs []error
	for _, f := range families() {
		if f.name != "" && !slices.ContainsFunc(m.Params, func(p optimizers.Param) bool { return p.Name == f.name }) {
			continue
		}
		specs, err := m.Layers(f.config("", 0), "", f.in, f.out)
		if err == nil {
			_, err = network.New[float64](f.in, specs...)
		}
		if err == nil {
			return f, nil
		}
		errs = append(errs, fmt.Errorf("%s: %w", f.words, err))
	}
	return family{}, errors.Join(errs...)
}

// config is a configuration with a parameter, unless its name is empty.
func (f family) config(name string, value int) json.RawMessage {
	config := map[string]any{}
	if f.name != "" {
		config[f.name] = f.value
	}
	if name != "" {
		config[name] = value
	}
	text, err := json.Marshal(config)
	if err != nil {
		panic("joust: " + err.Error()) // of names, numbers and texts
	}
	return text
}

// A variant is a size of a model and its inputs.
type variant struct {
	in     network.Shape
	config json.RawMessage
	size   string // the parameter that says how deep it is; empty: none does
	value  int
	words  string
}

// sizes are the parameters that make a network deep, and what is deep.
var sizes = []struct {
	name, words string
	deep        int
}{{"depth", "", 20}, {"blocks", "blocks ", 5}, {"steps", "steps ", 32}}

// variants are m as it is by default, and deep or with far to go. A task has inputs of
// its own.
func (f family) variants(m bench.Model, task bool) []variant {
	if f.way && task {
		return []variant{{in: f.in, config: f.config("", 0), words: "-"}}
	}
	if f.way {
		var list []variant
		for _, in := range []network.Shape{f.in, f.long} {
			words := fmt.Sprintf("%d steps", in[0])
			if len(in) == 3 {
				words = fmt.Sprintf("%d x %d", in[1], in[2])
			}
			list = append(list, variant{in: in, config: f.config("", 0), words: words})
		}
		return list
	}
	for _, s := range sizes {
		if usual := defaultOf(m, s.name); usual > 0 {
			var list []variant
			for _, n := range slices.Compact([]int{usual, s.deep}) {
				list = append(list, variant{f.in, f.config(s.name, n), s.name, n, s.words + strconv.Itoa(n)})
			}
			return list
		}
	}
	return []variant{{in: f.in, config: f.config("", 0), words: "-"}}
}

// like is v of another model: of the same size, if it has one.
func (f family) like(v variant, m bench.Model) variant {
	if v.size != "" && defaultOf(m, v.size) > 0 || f.way {
		return v
	}
	return f.variants(m, false)[0]
}

// defaultOf is that of an integer parameter of m; 0 if it has none of the name.
func defaultOf(m bench.Model, name string) int {
	i := slices.IndexFunc(m.Params, func(p optimizers.Param) bool { return p.Name == name })
	if i < 0 {
		return 0
	}
	var n int
	if err := json.Unmarshal(m.Params[i].Default, &n); err != nil {
		return 0 // what is no number is not ours to set
	}
	return n
}

func (f family) targets() string {
	if len(f.out) == 3 {
		return "targets"
	}
	return fmt.Sprintf("%d classes", f.out.Len())
}

// noise is examples of N(0, 1) inputs of shape in. With labels or targets that nothing
// explains, the loss has a gradient of a usual size, and nothing is learned.
func (f family) noise(in network.Shape, seed uint64) bench.Data {
	rng := rand.New(rand.NewPCG(seed, 0x6a6f757374))
	d := bench.Data{
		In: in, Out: f.out.Len(), Loss: loss.SoftmaxCrossEntropy,
		Goal: bench.Goal{Metric: bench.Metric{Name: "accuracy", Higher: true}},
	}
	if len(f.out) == 3 {
		d.Image, d.Loss, d.Goal.Metric = f.out, loss.MSE, bench.Metric{Name: "rmse"}
	}
	draw := func(n int) bench.Examples {
		e := bench.Examples{N: n}
		for range n * in.Len() {
			e.X = append(e.X, rng.NormFloat64())
		}
		if d.Image != nil {
			for range n * d.Out {
				e.Y = append(e.Y, rng.Float64())
			}
			return e
		}
		for range n {
			e.Labels = append(e.Labels, int32(rng.IntN(d.Out)))
		}
		return e
	}
	d.Train, d.Valid, d.Test = draw(f.examples), draw(1), draw(1)
	return d
}
