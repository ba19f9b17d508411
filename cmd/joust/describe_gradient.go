package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/loss"
	"github.com/joust-bench/joust/network/probe"
	"github.com/joust-bench/joust/optimizers"
)

// What a remedy does to the gradient is measured, at the initial weights: deep
// enough to show, against the plain network of the same depth.
const (
	deepDepth     = 20
	gradientSeeds = 5
	plainModel    = "plain"
)

// A setting is where gradients are measured: data, and what they are in words.
type setting struct {
	words string
	pose  func(m bench.Model, config string, seed uint64) (bench.Objective, error)
}

// classes is a classification of noise, of inputs of shape in: with labels that
// nothing explains, the loss has a gradient of a usual size and nothing is learned.
func classes(in network.Shape, what string) setting {
	const examples, classes = 256, 10
	return setting{
		words: fmt.Sprintf("N(0, 1) inputs (%s), %d examples, %d classes at random", what, examples, classes),
		pose: func(m bench.Model, config string, seed uint64) (bench.Objective, error) {
			rng := rand.New(rand.NewPCG(seed, noiseStream))
			draw := func(n int) bench.Examples {
				e := bench.Examples{N: n, X: normal(n*in.Len(), rng)}
				for range n {
					e.Labels = append(e.Labels, int32(rng.IntN(classes)))
				}
				return e
			}
			d := bench.Data{
				In: in, Out: classes, Loss: loss.SoftmaxCrossEntropy, Goal: bench.Goal{Metric: bench.Metric{Name: "accuracy", Higher: true}},
				Train: draw(examples), Valid: draw(1), Test: draw(1),
			}
			return bench.Supervise(d, setup(m, config, seed))
		},
	}
}

// images is likewise for models that make images of images: of noise, other noise.
func images(in network.Shape, what string) setting {
	const examples = 256
	return setting{
		words: fmt.Sprintf("N(0, 1) inputs (%s), %d examples, N(0, 1) targets of the same size", what, examples),
		pose: func(m bench.Model, config string, seed uint64) (bench.Objective, error) {
			rng := rand.New(rand.NewPCG(seed, noiseStream))
			draw := func(n int) bench.Examples {
				return bench.Examples{N: n, X: normal(n*in.Len(), rng), Y: normal(n*in.Len(), rng)}
			}
			d := bench.Data{
				In: in, Out: in.Len(), Image: in, Loss: loss.MSE, Goal: bench.Goal{Metric: bench.Metric{Name: "rmse"}},
				Train: draw(examples), Valid: draw(1), Test: draw(1),
			}
			return bench.Supervise(d, setup(m, config, seed))
		},
	}
}

// noiseStream sets the noise of these apart from other random numbers of a seed.
const noiseStream = 0x6a6f757374

func normal(n int, rng *rand.Rand) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = rng.NormFloat64()
	}
	return x
}

// onTask is a task with its defaults.
func onTask(t bench.Task) setting {
	return setting{
		words: "the task " + t.Name,
		pose: func(m bench.Model, config string, seed uint64) (bench.Objective, error) {
			return t.New(json.RawMessage(`{}`), setup(m, config, seed))
		},
	}
}

func setup(m bench.Model, config string, seed uint64) bench.Setup {
	return bench.Setup{
		Layers: func(in, out network.Shape) (network.Specs, error) {
			return m.Layers(json.RawMessage(config), "", in, out)
		},
		Seed: seed, Batch: bench.AutoBatch, Precision: "float64", Threads: 1,
	}
}

// settings are tried in this order: models of sequences or images take no vectors.
func settings() []setting {
	return []setting{
		classes(network.Shape{32}, "32 features"),
		classes(network.Shape{20, 8}, "sequences of 20 steps of 8 features"),
		classes(network.Shape{1, 16, 16}, "images of 16 x 16"),
		images(network.Shape{1, 16, 16}, "images of 16 x 16"),
	}
}

// A reading is what was measured of one model at one depth.
type reading struct {
	model   string
	depth   int // 0: the model has none
	verdict probe.Verdict
	agree   int     // seeds with that verdict
	factor  float64 // median over the seeds, as the next one
	ratio   float64
	dead    float64 // mean share over hidden layers and seeds
}

// read measures a model with a depth, or without one if it is 0.
func read(m bench.Model, s setting, depth int) (reading, error) {
	config := `{}`
	if depth > 0 {
		config = fmt.Sprintf(`{"depth":%d}`, depth)
	}
	r := reading{model: m.Name, depth: depth}
	var factors, ratios []float64
	counts := map[probe.Verdict]int{}
	for seed := range uint64(gradientSeeds) {
		o, err := s.pose(m, config, seed+1)
		if err != nil {
			return r, err
		}
		layers := o.Probe(o.Init())
		if len(layers) == 0 {
			return r, errors.New("there is no gradient to measure")
		}
		j := probe.Judge(layers)
		counts[j.Verdict]++
		factors, ratios = append(factors, j.Factor), append(ratios, j.Ratio)
		hidden := layers[:len(layers)-1]
		for _, l := range hidden {
			r.dead += l.Dead / float64(len(hidden)*gradientSeeds)
		}
	}
	slices.Sort(factors)
	slices.Sort(ratios)
	r.factor, r.ratio = factors[gradientSeeds/2], ratios[gradientSeeds/2]
	for v, n := range counts { // the most frequent; of several, the first in the alphabet
		if n > r.agree || n == r.agree && v < r.verdict {
			r.verdict, r.agree = v, n
		}
	}
	return r, nil
}

// gradientText says what a model does to the gradient: by itself and, if it is not
// that, beside the plain one. An error is a part of it: whoever asks what a model is
// gets an answer.
func gradientText(m bench.Model, l bench.Lists, task string) (string, error) {
	if m.Prepare != nil {
		return "gradient\n  depends on the file: joust network describe FILE measures it\n", nil
	}
	places := settings()
	if task != "" {
		i := slices.IndexFunc(l.Tasks, func(t bench.Task) bool { return t.Name == task })
		if i < 0 {
			var names []string
			for _, t := range l.Tasks {
				names = append(names, t.Name)
			}
			return "", usagef("--task: no task is called %s; %s", task, hint(task, names))
		}
		places = []setting{onTask(l.Tasks[i])}
	}
	rows, s, err := firstReadings(m, l, places)
	if err != nil {
		return fmt.Sprintf("gradient\n  not measured: %s\n", strings.ReplaceAll(err.Error(), "\n", "; ")), nil
	}
	return table(rows, s), nil
}

// firstReadings measures m in the first of places that suits it.
func firstReadings(m bench.Model, l bench.Lists, places []setting) ([]reading, setting, error) {
	var errs []error
	for _, s := range places {
		rows, err := readings(m, l, s)
		if err == nil {
			return rows, s, nil
		}
		errs = append(errs, fmt.Errorf("%s: %w", s.words, err))
	}
	return nil, setting{}, errors.Join(errs...)
}

// readings measures m, and before it the plain network, at its own depth and deep.
func readings(m bench.Model, l bench.Lists, s setting) ([]reading, error) {
	depths := []int{0}
	if d := defaultDepth(m); d > 0 {
		depths = []int{d, deepDepth}
	}
	var list []reading
	for _, depth := range slices.Compact(depths) {
		if i := slices.IndexFunc(l.Models, func(o bench.Model) bool { return o.Name == plainModel }); i >= 0 && m.Name != plainModel {
			at := depth
			if at == 0 {
				at = defaultDepth(l.Models[i])
			}
			if r, err := read(l.Models[i], s, at); err == nil { // it takes no sequences
				list = append(list, r)
			}
		}
		r, err := read(m, s, depth)
		if err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, nil
}

// defaultDepth is that of a model; 0 if it has no such parameter.
func defaultDepth(m bench.Model) int {
	i := slices.IndexFunc(m.Params, func(p optimizers.Param) bool { return p.Name == "depth" })
	if i < 0 {
		return 0
	}
	var depth int
	if err := json.Unmarshal(m.Params[i].Default, &depth); err != nil {
		return 0 // a depth that is no number is not ours to set
	}
	return depth
}

func table(rows []reading, s setting) string {
	var b strings.Builder
	fmt.Fprintf(&b, "gradient at the initial weights, on %s, median of %d seeds\n", s.words, gradientSeeds)
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "  model\tdepth\tfactor a layer\tfirst delta/last\tdead units\t\n")
	for _, r := range rows {
		depth := "-"
		if r.depth > 0 {
			depth = fmt.Sprint(r.depth)
		}
		verdict := string(r.verdict)
		if r.agree < gradientSeeds {
			verdict = fmt.Sprintf("%s (%d of %d)", verdict, r.agree, gradientSeeds)
		}
		fmt.Fprintf(w, "  %s\t%s\t%s\t%s\t%.0f %%\t%s\n", r.model, depth, figureText(r.factor), figureText(r.ratio), 100*r.dead, verdict)
	}
	_ = w.Flush() // a strings.Builder does not fail
	return b.String()
}

// figureText writes a factor with three digits.
func figureText(v float64) string {
	if !(v < math.MaxFloat64) {
		return "overflow"
	}
	return fmt.Sprintf("%.3g", v)
}
