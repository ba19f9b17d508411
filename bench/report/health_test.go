package report

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network/probe"
)

// surveyedRun was probed at the start and the end, with figures that depend on x.
func surveyedRun(model, optimizer string, seed uint64, x float64) bench.Result {
	look := func(x float64) bench.Probe {
		return bench.Probe{
			Layers: []probe.Layer{
				{Name: "0.dense", Depth: 1, Delta: x, Grad: 2, Weight: 4, Dead: 0.25, Std: 3},
				{Name: "2.dense", Depth: 2, Delta: 1, Grad: 2, Weight: 4, Dead: 0.75, Std: 5},
			},
			Updates:     []float64{1e-3, 3e-3},
			Diagnostics: []bench.Diagnostic{{Name: "sigma", Value: x}},
			Survey: &probe.Survey{
				Layers: []probe.LayerSurvey{{Noise: probe.Noise{Cosine: x}, Rank: 2}, {Noise: probe.Noise{Cosine: x}, Rank: 4}},
				Stages: []probe.Stage{
					{Name: "0.dense", Spectrum: probe.Spectrum{Chi: x, Largest: math.NaN(), Smallest: math.NaN()}, Norm: 1},
					{Name: "2.dense", Spectrum: probe.Spectrum{Chi: x, Largest: 7, Smallest: 1}, Norm: 1},
				},
				Through:   probe.Spectrum{Chi: x, Largest: 2 * x, Smallest: x},
				Landscape: probe.Landscape{Sharpness: math.MaxFloat64},
				Recurrent: []probe.Recurrence{{Name: "0.lstm", Lags: []float64{1, x}, Forget: math.NaN()}},
			},
		}
	}
	return with(base(model, optimizer, seed), func(r *bench.Result) {
		last := look(10 * x)
		last.Work, last.Search = forward(1000), &bench.Search{Candidates: 5, Spread: x, Better: 0.5, Rank: math.NaN()}
		r.Probes = []bench.Probe{look(x), last}
	})
}

func figureOf(t *testing.T, figures []Figure, name string) (start, end float64) {
	t.Helper()
	i := slices.IndexFunc(figures, func(f Figure) bool { return f.Name == name })
	if i < 0 {
		t.Fatalf("no figure %s among %v", name, figures)
	}
	return float64(figures[i].Start), float64(figures[i].End)
}

// Medians over layers, then over runs; what was not measured is not a number, and
// what overflowed is infinite.
func TestHealthIsOfMedians(t *testing.T) {
	s := Analyse(Input{Results: []bench.Result{
		surveyedRun("plain", "sgd", 1, 0.1), surveyedRun("plain", "sgd", 2, 0.3), surveyedRun("plain", "sgd", 3, 0.2),
	}})
	h := s.Tasks[0].Contenders[0].Health
	for _, tt := range []struct {
		name       string
		start, end float64
	}{
		{"gradient/weights", 0.5, 0.5},
		{"update", 2e-3, 2e-3},
		{"dead", 0.5, 0.5},
		{"activation", 4, 4},
		{"rank", 3, 3},
		{"cosine", 0.2, 2},
		{"chi", 0.2, 2},
		{"through", 0.4, 4},
		{"sharpness", inf, inf},
		{"spread", nan, 0.2},
		{"rank correlation", nan, nan},
		{"forget", nan, nan},
		{"first step", 0.2, 2},
	} {
		start, end := figureOf(t, h.Figures, tt.name)
		for _, v := range [][2]float64{{start, tt.start}, {end, tt.end}} {
			if v[0] != v[1] && !(math.Abs(v[0]-v[1]) < 1e-12) && (v[0] == v[0] || v[1] == v[1]) {
				t.Errorf("%s: %v → %v, want %v → %v", tt.name, start, end, tt.start, tt.end)
			}
		}
	}
	if len(h.Layers) != 2 || h.Layers[1].Name != "2.dense" || len(h.Stages) != 2 {
		t.Fatalf("layers %+v and stages %+v, want two of each", h.Layers, h.Stages)
	}
	if start, end := figureOf(t, h.Layers[1].Figures, "dead"); start != 0.75 || end != 0.75 {
		t.Errorf("dead units of the second layer: %v and %v, want 0.75", start, end)
	}
	if start, _ := figureOf(t, h.Stages[0].Figures, "largest"); !math.IsNaN(start) {
		t.Errorf("largest singular value %v where it was not measured, want NaN", start)
	}
	if l := h.Lags[0]; l.Name != "0.lstm" || len(l.Start) != 2 || l.Start[1] != 0.2 || l.End[1] != 2 {
		t.Errorf("lags %+v, want the medians", l)
	}
	if start, end := figureOf(t, h.Diagnostics, "sigma"); start != 0.2 || end != 2 {
		t.Errorf("sigma %v → %v, want 0.2 → 2", start, end)
	}
}

// What is left of the gradient at the first step is that of the layer that keeps most, and
// of none that has one step, or no gradient at the last.
func TestFirstStepIsOfTheLayerThatKeepsMost(t *testing.T) {
	recurrence := func(lags ...float64) probe.Recurrence { return probe.Recurrence{Lags: lags} }
	for _, tt := range []struct {
		of   []probe.Recurrence
		want float64
	}{
		{[]probe.Recurrence{recurrence(8, 4, 2), recurrence(4, 3), recurrence(1, 5, 0)}, 0.75},
		{[]probe.Recurrence{recurrence(8, 4, 0)}, 0},
		{[]probe.Recurrence{recurrence(8), recurrence(0, 0, 0)}, nan},
		{[]probe.Recurrence{recurrence(1, math.MaxFloat64)}, inf},
		{nil, nan},
	} {
		if got := keptToTheFirst(&probe.Survey{Recurrent: tt.of}); got != tt.want && (got == got || tt.want == tt.want) {
			t.Errorf("%v at the first step of %+v, want %v", got, tt.of, tt.want)
		}
	}
	run := surveyedRun("rnn", "sgd", 1, 1e-9)
	if got := Analyse(Input{Results: []bench.Result{run}}).Tasks[0].Contenders[0].Words; !strings.Contains(got, "; 1e-9 of the gradient left at the first step of a sequence; ") {
		t.Errorf("words %q, want what is left at the first step", got)
	}
	for _, kept := range []bool{true, false} {
		if !kept {
			for _, p := range run.Probes {
				p.Survey.Recurrent = nil
			}
		}
		var b bytes.Buffer
		if err := Text(&b, Analyse(Input{Results: []bench.Result{run}}), TextOptions{Width: 100}); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(b.String(), " first step  ") != kept {
			t.Errorf("a column for it is there: %v, want %v:\n%s", !kept, kept, b.String())
		}
	}
}

// The table is there if anything was surveyed, fits, and explains its columns; JSON
// and the page have everything.
func TestHealthIsShown(t *testing.T) {
	results := []bench.Result{surveyedRun("plain", "sgd", 1, 0.1), base("plain", "ga", 1)}
	s := Analyse(Input{Name: "x", Results: results})
	for _, width := range []int{60, 80, 100, 160} {
		var b bytes.Buffer
		if err := Text(&b, s, TextOptions{Width: width}); err != nil {
			t.Fatal(err)
		}
		text := b.String()
		for _, want := range []string{"Health: start → end", "plain + sgd  0.100 → 1.00", "factor: of the delta"} {
			if !strings.Contains(text, want) {
				t.Errorf("width %d: no %q in\n%s", width, want, text)
			}
		}
		if got := strings.Contains(text, "saturated:"); width == 60 && got || width == 160 && !got {
			t.Errorf("width %d: all columns are shown: %v", width, got)
		}
		if strings.Contains(text, "plain + ga  –") {
			t.Errorf("width %d: a contender that was not probed has a row", width)
		}
	}
	var page, doc bytes.Buffer
	if err := HTML(&page, s); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"All that was measured", `<th title="effective rank of the activations">rank</th>`, "0.200 → 2.00", "sigma 0.100 → 1.00", "∞"} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("the page has no %q", want)
		}
	}
	if strings.Contains(page.String(), ">forget<") {
		t.Error("the page has a column without a figure")
	}
	if err := JSON(&doc, s); err != nil {
		t.Fatal(err)
	}
	var back struct {
		Tasks []struct {
			Contenders []struct {
				Health *struct {
					Figures []struct{ Name string }
					Layers  []struct{ Figures []struct{ Name string } }
				}
			}
		}
	}
	if err := json.Unmarshal(doc.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, c := range back.Tasks[0].Contenders {
		if h := c.Health; h != nil {
			found++
			if len(h.Figures) != len(measurements()) || len(h.Layers) != 2 || len(h.Layers[0].Figures) != len(layerMeasurements) {
				t.Errorf("JSON has %d figures and %d layers, want all", len(h.Figures), len(h.Layers))
			}
		}
	}
	if found != 1 {
		t.Errorf("%d contenders have a health in JSON, want the one that was probed", found)
	}
	results[0].Probes[0].Survey, results[0].Probes[1].Survey = nil, nil
	var b bytes.Buffer
	if err := Text(&b, Analyse(Input{Name: "x", Results: results}), TextOptions{}); err != nil || strings.Contains(b.String(), "Health") {
		t.Errorf("without a survey there is a table (%v):\n%s", err, b.String())
	}
}

// What was not measured at all has no arrow.
func TestFigureString(t *testing.T) {
	nan := Number(math.NaN())
	for _, c := range []struct {
		f    Figure
		want string
	}{
		{Figure{Start: nan, End: nan}, formatValue(math.NaN())},
		{Figure{Start: nan, End: 2}, "→ " + formatValue(2)},
		{Figure{Start: 2, End: 2}, formatValue(2)},
		{Figure{Start: 1, End: 2}, formatValue(1) + " → " + formatValue(2)},
	} {
		if got := c.f.String(); got != c.want {
			t.Errorf("%+v: %q, want %q", c.f, got, c.want)
		}
	}
}
