package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/data"
	"github.com/joust-bench/joust/bench/models"
	"github.com/joust-bench/joust/bench/tasks"
)

// execNetwork runs joust network, and returns what it prints.
func execNetwork(t *testing.T, args ...string) string {
	t.Helper()
	cmd := newNetworkCommand()
	var out, errs bytes.Buffer
	cmd.SetOut(&out)
	cmd.SetErr(&errs)
	cmd.SetArgs(args)
	if err := cmd.ExecuteContext(t.Context()); err != nil {
		t.Fatalf("network %v: %v\n%s", args, err, errs.String())
	}
	return out.String()
}

func load(t *testing.T, path string) data.Array {
	t.Helper()
	a, err := data.ReadNPY(path)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// Outputs, loss and gradients are those of PyTorch, from testdata/network: of a
// network with a convolution, batch statistics and a residual, and of an LSTM.
func TestNetworkAgainstPyTorch(t *testing.T) {
	for _, name := range []string{"classify", "regress"} {
		file := func(what string) string { return filepath.Join("testdata/network", name+what) }
		dir := t.TempDir()
		made := func(what string) string { return filepath.Join(dir, what+".npy") }
		given := []string{file(".yaml"), "--weights", file("-weights.npy"), "--inputs", file("-inputs.npy"), "--targets", file("-targets.npy")}
		want := fmt.Sprintf("loss %.10f", load(t, file("-loss.npy")).Data[0])
		for _, printed := range []string{
			execNetwork(t, append([]string{"eval", "--outputs", made("outputs")}, given...)...),
			execNetwork(t, append([]string{"grad", "--grad", made("grad"), "--input-grad", made("input-grad")}, given...)...),
		} {
			var loss float64
			if _, err := fmt.Sscanf(printed, "loss %g\n", &loss); err != nil || fmt.Sprintf("loss %.10f", loss) != want {
				t.Errorf("%s: prints %q, want %s", name, printed, want)
			}
		}
		for _, what := range []string{"outputs", "grad", "input-grad"} {
			got, want := load(t, made(what)), load(t, file("-"+what+".npy"))
			if !slices.Equal(got.Shape, want.Shape) {
				t.Errorf("%s: %s of shape %v, want %v", name, what, got.Shape, want.Shape)
				continue
			}
			for i, v := range want.Data {
				if !(math.Abs(got.Data[i]-v) < 1e-12) {
					t.Fatalf("%s: %s: value %d is %v, want %v", name, what, i, got.Data[i], v)
				}
			}
		}
	}
}

// The blocks cover all weights, in order and without gaps; the weights of one seed
// are the same every time.
func TestNetworkDescribeAndInit(t *testing.T) {
	const file = "testdata/network/classify.yaml"
	var d networkDescription
	if err := json.Unmarshal([]byte(execNetwork(t, "describe", file, "--json")), &d); err != nil {
		t.Fatal(err)
	}
	off := 0
	for _, b := range d.Blocks {
		if b.Offset != off || b.Shape.Len() != b.Length {
			t.Errorf("block %+v, want it at %d, and a shape of its length", b, off)
		}
		off += b.Length
	}
	if off != d.Dim || d.Dim != 3*2*9+3+3+3+5*12+5+5*5+5+4*5+4 {
		t.Errorf("%d weights in blocks of %d, want 182", d.Dim, off)
	}
	if d.Gradient == nil || len(d.Gradient.Layers) != 4 || d.Gradient.Verdict != "HEALTHY" {
		t.Errorf("gradient %+v, want one through four layers", d.Gradient)
	}
	text := execNetwork(t, "describe", file)
	for _, want := range []string{"input   (2, 4, 5)", "weights 182", "6.residual.0.dense.w  128", "(5, 12)", "HEALTHY: factor "} {
		if !strings.Contains(text, want) {
			t.Errorf("describe has no %q:\n%s", want, text)
		}
	}
	w := func(seed string) []float64 {
		path := filepath.Join(t.TempDir(), "w.npy")
		execNetwork(t, "init", file, "--weights", path, "--seed", seed)
		return load(t, path).Data
	}
	if a, b, c := w("7"), w("7"), w("8"); len(a) != 182 || !slices.Equal(a, b) || slices.Equal(a, c) {
		t.Error("weights are not those of their seed")
	}
}

// Every model says what it does to the gradient, the same each time.
func TestEveryModelDescribesItsGradient(t *testing.T) {
	l := bench.Lists{Tasks: tasks.All(), Models: models.All()}
	for _, m := range l.Models {
		text, err := gradientText(m, l, "", 0)
		if err != nil {
			t.Errorf("%s: %v", m.Name, err)
			continue
		}
		if slices.Contains([]string{"dropout", "dbn", "mdrnn"}, m.Name) { // some of each way to measure
			if again, err := gradientText(m, l, "", 0); err != nil || text != again {
				t.Errorf("%s: two descriptions (%v):\n%s%s", m.Name, err, text, again)
			}
		}
		if m.Prepare == nil && !strings.Contains(text, "factor a ") || strings.Contains(text, "not measured") {
			t.Errorf("%s: %s", m.Name, text)
		}
	}
}

// measured are the readings of models, by name and size.
func measured(t *testing.T, names ...string) map[string]reading {
	t.Helper()
	l := bench.Lists{Tasks: tasks.All(), Models: models.All()}
	rows := map[string]reading{}
	for _, m := range l.Models {
		if !slices.Contains(names, m.Name) {
			continue
		}
		f, err := familyOf(m)
		if err != nil {
			t.Fatal(err)
		}
		list, err := f.readings(m, l, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range list {
			rows[r.model+" "+r.size] = r
		}
	}
	return rows
}

// The sigmoid network loses three quarters of the gradient in each layer (A1: factor
// 0.234 at depth 20), and amplification of half of the layers by 2 gives back the
// root of 2 in each.
func TestGradientOfModels(t *testing.T) {
	rows := measured(t, "plain", "amplified", "rectified", "resnet", "batchnorm", "lsuv", "conv-resnet", "step")
	plain, amplified := rows["plain 20"], rows["amplified 20"]
	if f := plain.figures[0]; plain.verdict != "VANISHING" || plain.agree != gradientSeeds || !(f > 0.21 && f < 0.25) {
		t.Errorf("plain: %+v, want VANISHING by 0.234 a layer", plain)
	}
	if got := amplified.figures[1] / plain.figures[1]; got != 1024 { // 10 of 20 layers by 2, exactly
		t.Errorf("amplification makes the ratio %v times as large, want 1024", got)
	}
	if got := amplified.figures[0] / plain.figures[0]; !(got > 1.3 && got < 1.6) {
		t.Errorf("amplification makes the factor %v times as large, want about the root of 2", got)
	}
	for _, name := range []string{"rectified 20", "resnet 20", "batchnorm 20", "conv-resnet blocks 5"} {
		if r := rows[name]; r.verdict != "HEALTHY" || !(r.figures[0] > 0.9 && r.figures[0] < 1.3) {
			t.Errorf("%s: %+v, want HEALTHY by about 1 a layer", name, r)
		}
	}
	// Thresholds have no slope: dead, all of them.
	if r := rows["step 20"]; r.verdict != "DEAD" || r.figures[0] != 0 || r.figures[2] != 100 {
		t.Errorf("step: %+v, want DEAD by 0 a layer", r)
	}
	// Pretraining comes before what is measured.
	if a, b := rows["lsuv, pretrained 20"], plain; a.figures == nil || a.figures[0] < 1.3*b.figures[0] {
		t.Errorf("lsuv: %+v, want a larger factor than plain", a)
	}
}

// How far back the gradient gets: a recurrence at the edge of stability keeps some of it,
// and one with tanh and weights drawn at random less and less. Memory cells keep more than
// units without, over a way that is long enough: their gates cost them something at the
// first step, once, so that over an image of 8 x 8 the order is not theirs to have.
func TestGradientOverAWay(t *testing.T) {
	rows := measured(t, "irnn", "lstm", "mdlstm")
	for _, r := range rows {
		if len(r.figures) != 4 || !(r.figures[3] >= 0) {
			t.Errorf("%+v, want a factor and three distances", r)
		}
	}
	if r := rows["rnn 100 steps"]; r.verdict != "VANISHING" {
		t.Errorf("rnn: %+v, want VANISHING", r)
	}
	if a, b := rows["irnn 100 steps"], rows["rnn 100 steps"]; a.verdict != "HEALTHY" || a.figures[0] <= b.figures[0] || a.figures[3] < 0.1 {
		t.Errorf("irnn: %+v, want HEALTHY, a larger factor than %+v, and a tenth left at least", a, b)
	}
	if a, b := rows["rnn 20 steps"], rows["rnn 100 steps"]; b.figures[3] > 1e-3*a.figures[3] {
		t.Errorf("rnn: %+v, want next to nothing of what is left of %+v", b, a)
	}
	for _, pair := range [][2]string{{"lstm 100 steps", "rnn 100 steps"}, {"mdlstm 24 x 24", "mdrnn 24 x 24"}} {
		if a, b := rows[pair[0]], rows[pair[1]]; a.figures[0] <= b.figures[0] || a.figures[3] <= b.figures[3] {
			t.Errorf("%s: %+v, want more than %+v", pair[0], a, b)
		}
	}
}
