package report

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/stats"
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

// A measurement reads a figure off a probe; NaN: it is not there.
type measurement struct {
	name, doc string
	of        func(p bench.Probe) float64
}

// ofLayers, ofSurvey and ofStages read a figure that each layer or stage has, as the
// median of theirs.
func ofLayers(f func(l probe.Layer) float64) func(bench.Probe) float64 {
	return func(p bench.Probe) float64 { return medianOf(p.Layers, f) }
}

func ofSurvey(f func(l probe.LayerSurvey) float64) func(bench.Probe) float64 {
	return onSurvey(func(s *probe.Survey) float64 { return medianOf(s.Layers, f) })
}

func ofStages(f func(s probe.Stage) float64) func(bench.Probe) float64 {
	return onSurvey(func(s *probe.Survey) float64 { return medianOf(s.Stages, f) })
}

func ofStates(f func(r probe.Recurrence) float64) func(bench.Probe) float64 {
	return onSurvey(func(s *probe.Survey) float64 { return medianOf(s.Recurrent, f) })
}

func onSurvey(f func(s *probe.Survey) float64) func(bench.Probe) float64 {
	return func(p bench.Probe) float64 {
		if p.Survey == nil {
			return math.NaN()
		}
		return f(p.Survey)
	}
}

func onSearch(f func(s *bench.Search) float64) func(bench.Probe) float64 {
	return func(p bench.Probe) float64 {
		if p.Search == nil {
			return math.NaN()
		}
		return f(p.Search)
	}
}

// measurements are all figures of a probe.
func measurements() []measurement {
	return []measurement{
		{"factor", "of the delta from a layer to the one below", func(p bench.Probe) float64 {
			if len(p.Layers) == 0 {
				return math.NaN()
			}
			return probe.Judge(p.Layers).Factor
		}},
		{"gradient/weights", "size of the gradient of a layer over that of its weights", ofLayers(func(l probe.Layer) float64 { return l.Grad / l.Weight })},
		{"update", "size of the last step over that of the weights", func(p bench.Probe) float64 {
			return medianOf(p.Updates, func(v float64) float64 { return v })
		}},
		{"dead", "share of units without a slope", ofLayers(func(l probe.Layer) float64 { return l.Dead })},
		{"saturated", "share of units and examples with next to no slope", ofLayers(func(l probe.Layer) float64 { return l.Saturated })},
		{"activation", "standard deviation of the activations", ofLayers(func(l probe.Layer) float64 { return l.Std })},
		{"unit", "standard deviation of a unit's activation over the examples", ofLayers(func(l probe.Layer) float64 { return l.UnitStd })},
		{"preactivation", "standard deviation of what goes into an activation", ofLayers(func(l probe.Layer) float64 { return l.PreStd })},
		{"rank", "effective rank of the activations", ofSurvey(func(l probe.LayerSurvey) float64 { return l.Rank })},
		{"stable rank", "of the activations", ofSurvey(func(l probe.LayerSurvey) float64 { return l.Stable })},
		{"cosine", "between the gradient of an eighth of a batch and that of all of it", ofSurvey(func(l probe.LayerSurvey) float64 { return l.Cosine })},
		{"sign", "share of weights at which these have the same sign", ofSurvey(func(l probe.LayerSurvey) float64 { return l.Sign })},
		{"signal/noise", "squared, of the gradient of a batch; 0 is noise alone", ofSurvey(func(l probe.LayerSurvey) float64 { return l.SNR })},
		{"confusion", "smallest cosine between the gradients of two eighths", ofSurvey(func(l probe.LayerSurvey) float64 { return l.Confusion })},
		{"chi", "mean squared singular value of a layer's Jacobian", ofStages(func(s probe.Stage) float64 { return s.Chi })},
		{"norm", "of the gradient below a layer over that above", ofStages(func(s probe.Stage) float64 { return s.Norm })},
		{"through: chi", "mean squared singular value of the Jacobian from the inputs to the last layer", onSurvey(func(s *probe.Survey) float64 { return s.Through.Chi })},
		{"through", "largest singular value of the Jacobian from the inputs to the last layer", onSurvey(func(s *probe.Survey) float64 { return s.Through.Largest })},
		{"through: least", "smallest singular value of it", onSurvey(func(s *probe.Survey) float64 { return s.Through.Smallest })},
		{"change", "of the gradient along itself, to a tenth of the norm of the weights away, relative", onSurvey(func(s *probe.Survey) float64 { return s.Change })},
		{"range", "of the loss along that way", onSurvey(func(s *probe.Survey) float64 { return s.Range })},
		{"beta", "largest change of the gradient over the way, on it", onSurvey(func(s *probe.Survey) float64 { return s.Beta })},
		{"sharpness", "largest eigenvalue of the Hessian", onSurvey(func(s *probe.Survey) float64 { return s.Sharpness })},
		{"forget", "mean forget gate", ofStates(func(r probe.Recurrence) float64 { return r.Forget })},
		{"saturated gates", "share of them", ofStates(func(r probe.Recurrence) float64 { return r.Saturated })},
		{"recurrent norm", "largest singular value of the weights from a state to the next", ofStates(func(r probe.Recurrence) float64 { return r.Norm })},
		{"recurrent radius", "spectral radius of them", ofStates(func(r probe.Recurrence) float64 { return r.Radius })},
		{"spread", "standard deviation of the losses of a step's candidates over their mean", onSearch(func(s *bench.Search) float64 { return s.Spread })},
		{"better", "share of them below the mean", onSearch(func(s *bench.Search) float64 { return s.Better })},
		{"rank correlation", "of their losses on two minibatches", onSearch(func(s *bench.Search) float64 { return s.Rank })},
	}
}

// layerMeasurements and stageMeasurements are those of one layer or stage.
var layerMeasurements = []struct {
	name string
	of   func(p bench.Probe, l int) float64
}{
	{"delta", func(p bench.Probe, l int) float64 { return p.Layers[l].Delta }},
	{"gradient", func(p bench.Probe, l int) float64 { return p.Layers[l].Grad }},
	{"weights", func(p bench.Probe, l int) float64 { return p.Layers[l].Weight }},
	{"update", func(p bench.Probe, l int) float64 { return at(p.Updates, l, func(v float64) float64 { return v }) }},
	{"mean", func(p bench.Probe, l int) float64 { return p.Layers[l].Mean }},
	{"activation", func(p bench.Probe, l int) float64 { return p.Layers[l].Std }},
	{"unit", func(p bench.Probe, l int) float64 { return p.Layers[l].UnitStd }},
	{"preactivation", func(p bench.Probe, l int) float64 { return p.Layers[l].PreStd }},
	{"dead", func(p bench.Probe, l int) float64 { return p.Layers[l].Dead }},
	{"saturated", func(p bench.Probe, l int) float64 { return p.Layers[l].Saturated }},
	{"rank", surveyed(func(l probe.LayerSurvey) float64 { return l.Rank })},
	{"stable rank", surveyed(func(l probe.LayerSurvey) float64 { return l.Stable })},
	{"cosine", surveyed(func(l probe.LayerSurvey) float64 { return l.Cosine })},
	{"sign", surveyed(func(l probe.LayerSurvey) float64 { return l.Sign })},
	{"signal/noise", surveyed(func(l probe.LayerSurvey) float64 { return l.SNR })},
	{"confusion", surveyed(func(l probe.LayerSurvey) float64 { return l.Confusion })},
}

var stageMeasurements = []struct {
	name string
	of   func(s probe.Stage) float64
}{
	{"chi", func(s probe.Stage) float64 { return s.Chi }},
	{"largest", func(s probe.Stage) float64 { return s.Largest }},
	{"smallest", func(s probe.Stage) float64 { return s.Smallest }},
	{"norm", func(s probe.Stage) float64 { return s.Norm }},
}

func surveyed(f func(l probe.LayerSurvey) float64) func(bench.Probe, int) float64 {
	return func(p bench.Probe, l int) float64 {
		if p.Survey == nil {
			return math.NaN()
		}
		return at(p.Survey.Layers, l, f)
	}
}

// at is f of element i; NaN if there is none.
func at[E any](list []E, i int, f func(E) float64) float64 {
	if i >= len(list) {
		return math.NaN()
	}
	return f(list[i])
}

// medianOf is the median of f over what has one; NaN if nothing does.
func medianOf[E any](list []E, f func(E) float64) float64 {
	var values []float64
	for _, e := range list {
		if v := f(e); !math.IsNaN(v) {
			values = append(values, v)
		}
	}
	return median(values)
}

// median is NaN of nothing. Probes have math.MaxFloat64 for what is not finite; here
// it is +Inf.
func median(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	if m := stats.Median(values); m < math.MaxFloat64 {
		return m
	}
	return math.Inf(1)
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
			h.Lags = append(h.Lags, LagHealth{bench.Printable(r.Name), lags(start, i), lags(end, i)})
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

// String is the figure at the start, and what became of it.
func (f Figure) String() string {
	start, end := formatValue(float64(f.Start)), formatValue(float64(f.End))
	switch {
	case math.IsNaN(float64(f.Start)):
		return "→ " + end
	case start == end:
		return start
	}
	return start + " → " + end
}

// textHealth are the columns in a terminal, those that matter least last.
var textHealth = []string{"factor", "through", "rank", "cosine", "sharpness", "saturated", "rank correlation"}

// health writes a table of what surveys say, for the contenders whose verdicts are
// shown; nothing if there was no survey.
func (p *printer) health(t Task, shown map[int]bool) {
	figure := func(c Contender, name string) Figure {
		if c.Health == nil {
			return Figure{name, Number(math.NaN()), Number(math.NaN())}
		}
		return c.Health.Figures[slices.IndexFunc(c.Health.Figures, func(f Figure) bool { return f.Name == name })]
	}
	if !slices.ContainsFunc(t.Contenders, func(c Contender) bool { return figure(c, "sharpness").known() }) {
		return
	}
	table := [][]string{{""}}
	for i, c := range t.Contenders {
		if shown[i] && c.Health != nil {
			table = append(table, []string{truncate(c.Label, 2*labelRoom)})
		}
	}
	width := 2 + columnWidth(table, 0)
	for _, name := range textHealth {
		column := []string{name}
		for i, c := range t.Contenders {
			if shown[i] && c.Health != nil {
				column = append(column, figure(c, name).String())
			}
		}
		most := 0
		for _, s := range column {
			most = max(most, utf8.RuneCountInString(s))
		}
		if width+len(gap)+most > p.width {
			break
		}
		width += len(gap) + most
		for i := range table {
			table[i] = append(table[i], column[i])
		}
	}
	p.line("")
	p.line(p.style(bold, "Health") + ": start → end, medians over layers and seeds")
	for r, cells := range table {
		var b strings.Builder
		b.WriteString("  ")
		for i, cell := range cells {
			if i > 0 {
				b.WriteString(gap)
			}
			b.WriteString(cell + strings.Repeat(" ", columnWidth(table, i)-utf8.RuneCountInString(cell)))
		}
		line := strings.TrimRight(b.String(), " ")
		if r == 0 {
			line = p.style(dim, line)
		}
		p.line(line)
	}
	var words []string
	all := measurements()
	for _, name := range table[0][1:] {
		m := all[slices.IndexFunc(all, func(m measurement) bool { return m.name == name })]
		words = append(words, fmt.Sprintf("%s: %s", m.name, m.doc))
	}
	for _, l := range wrap(strings.Join(words, "; "), p.width-2) {
		p.line(p.style(dim, "  "+l))
	}
}

func columnWidth(table [][]string, i int) int {
	w := 0
	for _, cells := range table {
		w = max(w, utf8.RuneCountInString(cells[i]))
	}
	return w
}

// A healthTable is that of the page: the figures that any contender has, and a row
// for each contender that was probed.
type healthTable struct {
	Columns []healthColumn
	Rows    []healthRow
}

type healthColumn struct{ Name, Doc string }

type healthRow struct {
	Label       string
	Cells       []Figure
	Diagnostics []Figure
}

// newHealthTable is nil if no contender was surveyed.
func newHealthTable(t Task) *healthTable {
	h := &healthTable{}
	var columns []int
	for i, m := range measurements() {
		if slices.ContainsFunc(t.Contenders, func(c Contender) bool { return c.Health != nil && c.Health.Figures[i].known() }) {
			columns = append(columns, i)
			h.Columns = append(h.Columns, healthColumn{m.name, m.doc})
		}
	}
	if !slices.ContainsFunc(h.Columns, func(c healthColumn) bool { return c.Name == "sharpness" }) {
		return nil
	}
	for _, c := range t.Contenders {
		if c.Health == nil {
			continue
		}
		row := healthRow{Label: c.Label, Diagnostics: c.Health.Diagnostics}
		for _, i := range columns {
			row.Cells = append(row.Cells, c.Health.Figures[i])
		}
		h.Rows = append(h.Rows, row)
	}
	return h
}
