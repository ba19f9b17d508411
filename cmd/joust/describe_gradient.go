package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/probe"
)

// What a remedy does to the gradient is measured at the weights that optimizers start
// from, beside the network without it: as it is by default, and again deep enough, or
// over a way long enough, to show.
const gradientSeeds = 5

// A reading is what was measured of one model.
type reading struct {
	model, size string
	figures     []float64 // medians over the seeds: of ofDepth or ofWay
	verdict     probe.Verdict
	agree       int // seeds with that verdict
}

// A problem poses data for a model.
type problem func(s bench.Setup) (bench.Objective, error)

// measure measures a model with a configuration.
func (f family) measure(m bench.Model, pose problem, v variant) (reading, error) {
	r := reading{model: m.Name, size: v.words}
	if m.Stage != nil {
		r.model += ", pretrained"
	}
	look := ofDepth
	switch {
	case f.states:
		look = ofStates
	case f.way:
		look = ofWay
	}
	var all [][]float64
	counts := map[probe.Verdict]int{}
	for seed := uint64(1); seed <= gradientSeeds; seed++ {
		o, err := pose(bench.Setup{
			Layers: func(in, out network.Shape) (network.Specs, error) { return m.Layers(v.config, "", in, out) },
			Seed:   seed, Batch: bench.AutoBatch, Precision: "float64", Threads: 1,
		})
		if err != nil {
			return r, err
		}
		w, err := bench.StartingWeights(context.Background(), o, m, v.config, seed)
		if err != nil {
			return r, err
		}
		figures, verdict, err := look(o, w)
		if err != nil {
			return r, err
		}
		all = append(all, figures)
		counts[verdict]++
	}
	for i := range all[0] {
		slices.SortFunc(all, func(a, b []float64) int { return cmp.Compare(a[i], b[i]) })
		r.figures = append(r.figures, all[gradientSeeds/2][i])
	}
	for v, n := range counts { // the most frequent; of several, the first in the alphabet
		if n > r.agree || n == r.agree && v < r.verdict {
			r.verdict, r.agree = v, n
		}
	}
	return r, nil
}

// ofDepth is the factor of the delta from a layer to the one below, the first delta over
// the last, and the share of dead hidden units in percent.
func ofDepth(o bench.Objective, w []float64) ([]float64, probe.Verdict, error) {
	layers := o.Probe(w)
	if len(layers) == 0 {
		return nil, "", errNothing
	}
	dead, hidden := 0.0, layers[:len(layers)-1]
	for _, l := range hidden {
		dead += 100 * l.Dead / float64(len(hidden))
	}
	j := probe.Judge(layers)
	return []float64{j.Factor, j.Ratio, dead}, j.Verdict, nil
}

// ofWay is the factor of the gradient with respect to inputs from one to the one before,
// and that of inputs one back, half way, and at the beginning over that of the last.
func ofWay(o bench.Objective, w []float64) ([]float64, probe.Verdict, error) {
	r, ok := o.(bench.Reacher)
	if !ok {
		return nil, "", errNothing
	}
	return ofLags(r.Reach(w))
}

// ofStates is ofWay, of the states of the first layer that has any.
func ofStates(o bench.Objective, w []float64) ([]float64, probe.Verdict, error) {
	r, ok := o.(bench.Reacher)
	if !ok {
		return nil, "", errNothing
	}
	lags := r.Lags(w)
	if lags == nil {
		return nil, "", errNoStates
	}
	return ofLags(lags)
}

func ofLags(lags []float64) ([]float64, probe.Verdict, error) {
	if len(lags) < 2 {
		return nil, "", errors.New("nothing is before anything else")
	}
	last, whole := lags[0], len(lags)-1
	if last == 0 {
		return nil, "", errNoWay
	}
	ratio := lags[whole] / last
	factor := math.Pow(ratio, 1/float64(whole))
	verdict := probe.Healthy
	switch { // as of depth, but for the factor: a way is as long as it is
	case !(ratio <= 1e3):
		verdict = probe.Exploding
	case ratio < 1e-3:
		verdict = probe.Vanishing
	}
	return []float64{factor, lags[1] / last, lags[whole/2] / last, ratio}, verdict, nil
}

var (
	errNothing  = errors.New("there is no gradient to measure")
	errNoWay    = errors.New("no gradient arrives at the inputs, or states")
	errNoStates = errors.New("there are no states")
)

// gradientText says what a model does to the gradient, beside the one without a remedy.
// An error is a part of it: whoever asks what a model is gets an answer.
func gradientText(m bench.Model, l bench.Lists, task string, width int) (string, error) {
	if m.Prepare != nil {
		return "gradient\n  depends on the file: joust network describe FILE measures it\n", nil
	}
	f, err := familyOf(m)
	var of *bench.Task
	if task != "" {
		i := slices.IndexFunc(l.Tasks, func(t bench.Task) bool { return t.Name == task })
		if i < 0 {
			var names []string
			for _, t := range l.Tasks {
				names = append(names, t.Name)
			}
			return "", usagef("--task: no task is called %s; %s", task, hint(task, names))
		}
		of = &l.Tasks[i]
	}
	if err == nil {
		var text string
		if text, err = f.text(m, l, of, width); errors.Is(err, errNoWay) {
			f.way, f.plain = false, "" // it has layers all the same
			text, err = f.text(m, l, of, width)
		}
		if err == nil {
			return text, nil
		}
	}
	reason := strings.ReplaceAll(err.Error(), "\n", "; ")
	return "gradient\n  " + wrap("not measured: "+reason, 2, width) + "\n", nil
}

// readings are the variants of m, each after that of the plain model.
func (f family) readings(m bench.Model, l bench.Lists, task *bench.Task) ([]reading, error) {
	var rows []reading
	for _, v := range f.variants(m, task != nil) {
		pose := func(s bench.Setup) (bench.Objective, error) {
			if task != nil {
				return task.New(json.RawMessage(`{}`), s)
			}
			return bench.Supervise(f.noise(v.in, s.Seed), s)
		}
		i := slices.IndexFunc(l.Models, func(o bench.Model) bool { return o.Name == f.plain })
		if i >= 0 && m.Name != f.plain {
			if r, err := f.measure(l.Models[i], pose, f.like(v, l.Models[i])); err == nil { // it may not fit the task
				rows = append(rows, r)
			}
		}
		r, err := f.measure(m, pose, v)
		if err != nil {
			return nil, err
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// text is a table of the readings.
func (f family) text(m bench.Model, l bench.Lists, task *bench.Task, width int) (string, error) {
	rows, err := f.readings(m, l, task)
	if err != nil {
		return "", err
	}
	words := fmt.Sprintf("on N(0, 1) inputs (%s), %d examples, %s at random", f.words, f.examples, f.targets())
	if task != nil {
		words = "on the task " + task.Name
	}
	heading := fmt.Sprintf("gradient at the initial weights, %s, median of %d seeds", words, gradientSeeds)
	if f.way {
		heading += ": what arrives at the inputs, by steps before the last, which is 1"
	}
	if f.states {
		heading += ": what arrives at the states, by iterations before the last, which is 1"
	}
	text := wrap(heading, 0, width) + "\n" + f.table(rows)
	if !f.way {
		return text, nil
	}
	f.states = true
	switch rows, err = f.readings(m, l, task); {
	case errors.Is(err, errNoStates):
		return text, nil
	case err != nil:
		return "", err
	}
	return text + "\n" + wrap("likewise, what arrives at the states of the first recurrent layer", 0, width) + "\n" + f.table(rows), nil
}

func (f family) table(rows []reading) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	lags := f.way || f.states
	if lags {
		fmt.Fprintf(w, "  model\tsize\tfactor a step\tone\thalf way\tfirst\t\n")
	} else {
		fmt.Fprintf(w, "  model\tdepth\tfactor a layer\tfirst delta/last\tdead units\t\n")
	}
	for _, r := range rows {
		fmt.Fprintf(w, "  %s\t%s", r.model, r.size)
		for i, v := range r.figures {
			if !lags && i == 2 {
				fmt.Fprintf(w, "\t%.0f %%", v)
			} else {
				fmt.Fprintf(w, "\t%s", figureText(v))
			}
		}
		verdict := string(r.verdict)
		if r.agree < gradientSeeds {
			verdict = fmt.Sprintf("%s (%d of %d)", verdict, r.agree, gradientSeeds)
		}
		fmt.Fprintf(w, "\t%s\n", verdict)
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
