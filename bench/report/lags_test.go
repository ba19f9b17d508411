package report

import (
	"math"
	"strings"
	"testing"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network/probe"
)

// remembering is a run of a network with so many layers with a state, whose gradients
// are start at the start and end at the end.
func remembering(model string, start, end []float64, names ...string) bench.Result {
	look := func(units float64, lags []float64) bench.Probe {
		s := &probe.Survey{Landscape: probe.Landscape{Sharpness: 1}}
		for _, name := range names {
			s.Recurrent = append(s.Recurrent, probe.Recurrence{Name: name, Lags: lags, Forget: nan})
		}
		return bench.Probe{Work: forward(int64(units)), Layers: []probe.Layer{{Name: "l", Delta: 1, Weight: 1}}, Survey: s}
	}
	return with(base(model, "sgd", 1), func(r *bench.Result) {
		r.Probes = []bench.Probe{look(0, start), look(1000, end)}
	})
}

// Lags are drawn relative to the last step, on axes that all contenders share: of five
// steps with a tenth at each, the last lies at the foot of four decades, and 0 below it.
func TestLagsAreDrawn(t *testing.T) {
	s := Analyse(Input{Results: []bench.Result{
		remembering("rnn", []float64{2, 0.2, 0.02, 0.002, 0.0002}, []float64{1, 10, 0}, "0.rnn"),
		base("plain", "sgd", 1),
	}})
	task := s.Tasks[0]
	x, y := newLagAxes(task.Contenders)
	if x.hi != 4 || math.Abs(y.lo/1e-4-1) > 1e-12 || math.Abs(y.hi/10-1) > 1e-12 {
		t.Fatalf("axes to %v steps, from %v to %v, want 4, 1e-4 and 10", x.hi, y.lo, y.hi)
	}
	var rnn Contender
	for _, c := range task.Contenders {
		if strings.HasPrefix(c.Label, "rnn") {
			rnn = c
		}
	}
	f := lagPlot(task, rnn, x, y)
	// Area: 54 to 272 across, 6 to 126 down, of which 14 are for 0. A decade is
	// (112-6)/5 = 21.2 high, and 1 is a decade below the top.
	var lines []path
	for _, p := range f.Paths {
		if strings.HasPrefix(p.Class, "line") {
			lines = append(lines, p)
		}
	}
	want := []path{
		{Class: "line c0", D: "M54 27.2L108.5 6L163 126"},
		{Class: "line dash c0", D: "M54 27.2L108.5 48.4L163 69.6L217.5 90.8L272 112"},
	}
	if len(lines) != 2 || lines[0] != want[0] || lines[1] != want[1] {
		t.Errorf("lines %+v, want %+v", lines, want)
	}
	if want := "0.rnn at the start: 1e-4 of it left 4 steps before. 0.rnn at the end: 0 of it left 2 steps before. "; f.Desc != want {
		t.Errorf("description %q, want %q", f.Desc, want)
	}
	for _, txt := range f.Texts {
		if txt.Text == "-0" {
			t.Error("a tick at -0, want 0")
		}
	}
	if v := newTaskView(task, newHeatScale(nil), 3); len(v.Lags) != 1 || v.Lags[0].Contender.Start != nil || v.Contenders[0].Start == nil {
		t.Errorf("%d plots, with the verdict of %v; want one, and none", len(v.Lags), v.Lags[0].Contender.Start)
	}
	page := html(t, s)
	wellFormed(t, "lags", page)
	if strings.Count(page, "How far back in time the gradient reaches") != 1 || strings.Count(page, "gradient (last step = 1)") != 1 {
		t.Error("want one heading and one plot: one contender has a state")
	}
}

// Layers are told apart by colour and a legend; nothing is drawn of one without a
// gradient at its last step, nor of a network without a state.
func TestLagsOfSeveralLayers(t *testing.T) {
	two := Analyse(Input{Results: []bench.Result{remembering("chunker", []float64{1, 0.5}, []float64{1, 0.25}, "level0", "level1")}}).Tasks[0]
	x, y := newLagAxes(two.Contenders)
	f := lagPlot(two, two.Contenders[0], x, y)
	var names []string
	for _, txt := range f.Texts {
		if strings.HasPrefix(txt.Text, "level") {
			names = append(names, txt.Text+" "+txt.Y)
		}
	}
	if got := strings.Join(names, ", "); got != "level0 171, level1 185" || f.Height != 188 {
		t.Errorf("legend %q in a figure %d high, want level0 171, level1 185 in 188", got, f.Height)
	}
	for name, r := range map[string]bench.Result{
		"no gradient":  remembering("rnn", []float64{0, 0}, []float64{0, 0}, "0.rnn"),
		"one step":     remembering("rnn", []float64{1}, []float64{1}, "0.rnn"),
		"no state":     remembering("plain", nil, nil),
		"not surveyed": base("plain", "sgd", 1),
	} {
		s := Analyse(Input{Results: []bench.Result{r}})
		if strings.Contains(html(t, s), "How far back in time") {
			t.Errorf("%s: lags are drawn", name)
		}
	}
	// What is not finite lies at the upper end.
	over := Analyse(Input{Results: []bench.Result{remembering("rnn", []float64{1, math.MaxFloat64}, []float64{1, 1e-300}, "0.rnn")}})
	page := html(t, over)
	if bad := badNumber.FindString(page); bad != "" {
		t.Errorf("a coordinate is not a plain number: %.120s", bad)
	}
}
