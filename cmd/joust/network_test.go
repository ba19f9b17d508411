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
		text, err := gradientText(m, l, "")
		if err != nil {
			t.Errorf("%s: %v", m.Name, err)
			continue
		}
		if m.Name == "dropout" || m.Name == "dbn" { // which draw random numbers of their own
			if again, _ := gradientText(m, l, ""); text != again {
				t.Errorf("%s: two descriptions:\n%s%s", m.Name, text, again)
			}
		}
		if m.Prepare == nil && !strings.Contains(text, "factor a layer") || strings.Contains(text, "not measured") {
			t.Errorf("%s: %s", m.Name, text)
		}
	}
}

// The sigmoid network loses three quarters of the gradient in each layer (A1: factor
// 0.234 at depth 20), and amplification of half of the layers by 2 gives back the
// root of 2 in each.
func TestGradientOfModels(t *testing.T) {
	l := bench.Lists{Tasks: tasks.All(), Models: models.All()}
	rows := map[string]reading{}
	places := settings()
	reads := map[string]int{ // which of places; all others read vectors, the first
		"rnn": 1, "irnn": 1, "gru": 1, "lstm": 1, "lstm-1997": 1, "bidirectional-lstm": 1, "sequential-rnn": 1, "chunker": 1,
		"convnet": 2, "conv-resnet": 2, "mdlstm": 2, "mdrnn": 2,
		"pyramid": 3,
	}
	for _, m := range l.Models {
		if m.Prepare != nil {
			continue // it is what its file says
		}
		list, s, err := firstReadings(m, l, places)
		if err != nil {
			t.Errorf("%s: %v", m.Name, err)
			continue
		}
		if want := places[reads[m.Name]].words; s.words != want {
			t.Errorf("%s was measured on %s, want %s", m.Name, s.words, want)
		}
		if list[len(list)-1].model != m.Name {
			t.Errorf("%s: the last reading is of %s", m.Name, list[len(list)-1].model)
		}
		for _, r := range list {
			if s.words != places[0].words {
				continue // plain is on other data there
			}
			rows[fmt.Sprint(r.model, r.depth)] = r
		}
	}
	if r := rows["plain20"]; r.verdict != "VANISHING" || r.agree != gradientSeeds || !(r.factor > 0.21 && r.factor < 0.25) {
		t.Errorf("plain: %+v, want VANISHING by 0.234 a layer", r)
	}
	plain, amplified := rows["plain20"], rows["amplified20"]
	if got := amplified.ratio / plain.ratio; got != 1024 { // 10 of 20 layers by 2, exactly
		t.Errorf("amplification makes the ratio %v times as large, want 1024", got)
	}
	if got := amplified.factor / plain.factor; !(got > 1.3 && got < 1.6) {
		t.Errorf("amplification makes the factor %v times as large, want about the root of 2", got)
	}
	for _, name := range []string{"rectified20", "resnet20", "batchnorm20"} {
		if r := rows[name]; r.verdict != "HEALTHY" || !(r.factor > 0.9 && r.factor < 1.3) {
			t.Errorf("%s: %+v, want HEALTHY by about 1 a layer", name, r)
		}
	}
}
