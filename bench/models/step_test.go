package models_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network/probe"
	"github.com/joust-bench/joust/optimizers"
)

// Through hard thresholds no gradient passes: that of the hidden layer is 0 to the
// bit, which a probe calls dead, and the loss can be differentiated all the same.
func TestStepHasNoGradientBelowTheOutput(t *testing.T) {
	o := pose(t, "parity", `{"bits":3}`, "step", `{"depth":2,"width":6}`, 1)
	if has, why := o.HasGrad(); !has {
		t.Errorf("no gradient: %s", why)
	}
	w, evals := o.Init(), make([]optimizers.Evaluation, 1)
	o.Evaluate(optimizers.NeedGrad, [][]float64{w}, 0, evals)
	blocks := o.Blocks()
	for i, b := range blocks {
		square := 0.
		for _, g := range evals[0].Grad[b.Off:][:b.Len] {
			square += g * g
		}
		if hidden := i < len(blocks)-2; hidden != (square == 0) { // the last two are the output layer's
			t.Errorf("block %s: squared gradient %g, want 0 in the hidden layers alone", b.Name, square)
		}
	}
	layers := o.Probe(w)
	if j := probe.Judge(layers); j.Verdict != probe.Dead {
		t.Errorf("verdict %s, want %s", j.Verdict, probe.Dead)
	}
	for _, l := range layers[:2] {
		if l.Delta != 0 || l.Grad != 0 || l.Dead != 1 {
			t.Errorf("%s: delta %g, gradient %g, dead %g, want 0, 0, 1", l.Name, l.Delta, l.Grad, l.Dead)
		}
	}
}

// Searches learn exclusive or with four hidden thresholds: guesses, a genetic
// algorithm and CMA-ES, each from all of six seeds within 3000 evaluations. Whoever
// follows the gradient trains the output layer, on the units that were drawn: two
// optimizers that have nothing else in common learn from the same seeds, and not
// from all. A constant scores 0.5.
func TestSearchesLearnXORWithThresholds(t *testing.T) {
	const seeds = 6
	solved := map[string]string{}
	for _, c := range []struct{ optimizer, config string }{
		{"random-guessing", `{"radius":10}`},
		{"ga", `{}`},
		{"cma-es", `{"sigma":1}`},
		{"adam", `{"lr":0.05}`},
		{"rprop", `{}`},
	} {
		for seed := range uint64(seeds) {
			r := learn(t, "xor", `{}`, "step", `{"width":4}`, c.optimizer, c.config, seed, 4*3000)
			t.Logf("%s, seed %d: %s, accuracy %v, after %v evaluations",
				c.optimizer, seed, r.Status, r.Test.Value, r.Work.Units(bench.DefaultGradCost)/4)
			if r.Status == bench.Solved {
				solved[c.optimizer] += fmt.Sprint(seed)
			} else {
				solved[c.optimizer] += "-"
			}
		}
	}
	for _, search := range []string{"random-guessing", "ga", "cma-es"} {
		if strings.Contains(solved[search], "-") {
			t.Errorf("%s learns from the seeds %s, want all", search, solved[search])
		}
	}
	if solved["adam"] != solved["rprop"] || !strings.Contains(solved["adam"], "-") {
		t.Errorf("adam learns from the seeds %s and rprop from %s, want the same, and not all", solved["adam"], solved["rprop"])
	}
}
