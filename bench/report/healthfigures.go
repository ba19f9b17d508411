package report

import (
	"math"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/stats"
	"github.com/joust-bench/joust/network/probe"
)

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
