package report

import (
	"math"
	"slices"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network/probe"
)

// Health is what the probes of a contender say besides the deltas. A figure is the
// median over the runs, of a median over the layers or stages of each if there are
// several. NaN: not measured.
type Health struct {
	Figures []Figure      `json:"figures"` // all there are, in one order
	Layers  []LayerHealth `json:"layers"`  // those with a weight matrix, from the input on
	Stages  []StageHealth `json:"stages"`
	// Lags are, of each layer with a state, the gradient with respect to it by steps
	// before the last.
	Lags []LagHealth `json:"lags,omitempty"`
	// Diagnostics is what the optimizer says of itself.
	Diagnostics []Figure `json:"diagnostics,omitempty"`
}

// start is a figure at the start; NaN if it was not measured.
func (h *Health) start(name string) float64 {
	if h != nil {
		for _, f := range h.Figures {
			if f.Name == name {
				return float64(f.Start)
			}
		}
	}
	return math.NaN()
}

// A Figure is measured at the start and at the end.
type Figure struct {
	Name  string `json:"name"`
	Start Number `json:"start"`
	End   Number `json:"end"`
}

// A LayerHealth has the figures of one layer.
type LayerHealth struct {
	Name    string   `json:"name"`
	Figures []Figure `json:"figures"`
}

// A StageHealth has the figures of a layer or block and what follows it.
type StageHealth = LayerHealth

// A LagHealth is a gradient over time.
type LagHealth struct {
	Name  string   `json:"name"`
	Start []Number `json:"start"`
	End   []Number `json:"end"`
}

// health reads the first and the last probes of the runs; nil if none was probed.
func health(runs []run) *Health {
	var start, end []bench.Probe
	for _, r := range runs {
		if n := len(r.Probes); n > 0 && len(r.Probes[0].Layers) > 0 {
			start, end = append(start, r.Probes[0]), append(end, r.Probes[n-1])
		}
	}
	if len(start) == 0 {
		return nil
	}
	figure := func(name string, f func(p bench.Probe) float64) Figure {
		return Figure{name, Number(medianOf(start, f)), Number(medianOf(end, f))}
	}
	h := &Health{Layers: []LayerHealth{}, Stages: []StageHealth{}} // JSON has [] for none
	for _, m := range measurements() {
		h.Figures = append(h.Figures, figure(m.name, m.of))
	}
	for l, layer := range start[0].Layers {
		row := LayerHealth{Name: bench.Printable(layer.Name)}
		for _, m := range layerMeasurements {
			row.Figures = append(row.Figures, figure(m.name, func(p bench.Probe) float64 {
				if l >= len(p.Layers) {
					return math.NaN()
				}
				return m.of(p, l)
			}))
		}
		h.Layers = append(h.Layers, row)
	}
	if s := start[0].Survey; s != nil {
		for i, stage := range s.Stages {
			row := StageHealth{Name: bench.Printable(stage.Name)}
			for _, m := range stageMeasurements {
				row.Figures = append(row.Figures, figure(m.name, onSurvey(func(s *probe.Survey) float64 { return at(s.Stages, i, m.of) })))
			}
			h.Stages = append(h.Stages, row)
		}
		for i, r := range s.Recurrent {
			if len(r.Lags) > 0 {
				h.Lags = append(h.Lags, LagHealth{bench.Printable(r.Name), lags(start, i), lags(end, i)})
			}
		}
	}
	h.Diagnostics = diagnostics(start, end)
	return h
}

// lags are the medians of the gradients of one layer with a state.
func lags(probes []bench.Probe, layer int) []Number {
	list := []Number{}
	for k := 0; ; k++ {
		v := medianOf(probes, onSurvey(func(s *probe.Survey) float64 {
			return at(s.Recurrent, layer, func(r probe.Recurrence) float64 {
				return at(r.Lags, k, func(v float64) float64 { return v })
			})
		}))
		if math.IsNaN(v) {
			return list
		}
		list = append(list, Number(v))
	}
}

// diagnostics are those that any probe has, in order of first appearance.
func diagnostics(start, end []bench.Probe) []Figure {
	var list []Figure
	for _, p := range append(slices.Clone(start), end...) {
		for _, d := range p.Diagnostics {
			if slices.ContainsFunc(list, func(f Figure) bool { return f.Name == bench.Printable(d.Name) }) {
				continue
			}
			value := func(p bench.Probe) float64 {
				i := slices.IndexFunc(p.Diagnostics, func(e bench.Diagnostic) bool { return e.Name == d.Name })
				if i < 0 {
					return math.NaN()
				}
				return p.Diagnostics[i].Value
			}
			list = append(list, Figure{bench.Printable(d.Name), Number(medianOf(start, value)), Number(medianOf(end, value))})
		}
	}
	return list
}

// known reports whether the figure was measured at all.
func (f Figure) known() bool {
	return !math.IsNaN(float64(f.Start)) || !math.IsNaN(float64(f.End))
}
