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
	refs      []string
}

// A Probe is a figure of the health of a network or a search, such as a column of the
// report's table has.
type Probe struct {
	Name, Summary string
	Refs          []string
}

// Probes lists them in the order of the columns, after what the heat map shows, and
// before what is seen of recurrent layers.
func Probes() []Probe {
	list := []Probe{{"delta", "size of the gradient with respect to the outputs of a layer, layer by layer", []string{hochreiter, glorot}}}
	for _, m := range measurements() {
		list = append(list, Probe{m.name, m.doc, m.refs})
	}
	return append(list, Probe{"lags", "size of the gradient with respect to the state of a recurrent layer, by steps before the last", []string{
		hochreiter, "Bengio, Simard & Frasconi 1994, Learning long-term dependencies with gradient descent is difficult, doi:10.1109/72.279181",
	}})
}

const (
	hochreiter = "Hochreiter 1991, Untersuchungen zu dynamischen neuronalen Netzen, diploma thesis, TU München"
	glorot     = "Glorot & Bengio 2010, Understanding the difficulty of training deep feedforward neural networks, AISTATS"
	ratios     = "You, Gitman & Ginsburg 2017, Large batch training of convolutional networks, arXiv:1708.03888"
	dynamics   = "Saxe, McClelland & Ganguli 2014, Exact solutions to the nonlinear dynamics of learning in deep linear neural networks, arXiv:1312.6120"
	chaos      = "Poole et al. 2016, Exponential expressivity in deep neural networks through transient chaos, arXiv:1606.05340"
	confused   = "Sankararaman, De, Xu, Huang & Goldstein 2020, The impact of neural network overparameterization on gradient confusion, arXiv:1904.06963"
	batches    = "McCandlish, Kaplan, Amodei et al. 2018, An empirical model of large-batch training, arXiv:1812.06162"
	signs      = "Bernstein, Wang, Azizzadenesheli & Anandkumar 2018, signSGD, arXiv:1802.04434"
	smooth     = "Santurkar, Tsipras, Ilyas & Mądry 2018, How does batch normalization help optimization?, arXiv:1805.11604, sec. 3"
	horizon    = "Ribeiro, Tiels, Aguirre & Schön 2020, Beyond exploding and vanishing gradients: analysing RNN training using attractors and smoothness, arXiv:1906.08482"
	learning   = "Gers, Schmidhuber & Cummins 2000, Learning to forget, doi:10.1162/089976600300015015"
	lstms      = "Karpathy, Johnson & Fei-Fei 2015, Visualizing and understanding recurrent networks, arXiv:1506.02078, sec. 4.1"
	explode    = "Pascanu, Mikolov & Bengio 2013, On the difficulty of training recurrent neural networks, arXiv:1211.5063, sec. 2.1"
	ranking    = "Jin & Branke 2005, Evolutionary optimization in uncertain environments, doi:10.1109/TEVC.2005.846356"
	rates      = "Rechenberg 1973, Evolutionsstrategie, Frommann-Holzboog"
)

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

// firstStep is the measurement that says whether a gradient lasts through a sequence.
const firstStep = "first step"

// keptToTheFirst is what is left at the first step of the gradient at the last.
func keptToTheFirst(s *probe.Survey) float64 {
	most := math.NaN()
	for _, r := range s.Recurrent {
		if n := len(r.Lags); n > 1 && r.Lags[0] > 0 {
			if left := deltaRatio(r.Lags[n-1], r.Lags[0]); !(left <= most) {
				most = left
			}
		}
	}
	return most
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
		}, []string{hochreiter, glorot}},
		{"gradient/weights", "size of the gradient of a layer over that of its weights", ofLayers(func(l probe.Layer) float64 { return l.Grad / l.Weight }), []string{ratios}},
		{"update", "size of the last step over that of the weights", func(p bench.Probe) float64 {
			return medianOf(p.Updates, func(v float64) float64 { return v })
		}, []string{ratios}},
		{"dead", "share of units without a slope", ofLayers(func(l probe.Layer) float64 { return l.Dead }), []string{"Maas, Hannun & Ng 2013, Rectifier nonlinearities improve neural network acoustic models, ICML workshop"}},
		{"saturated", "share of units and examples with next to no slope", ofLayers(func(l probe.Layer) float64 { return l.Saturated }), []string{glorot}},
		{"activation", "standard deviation of the activations", ofLayers(func(l probe.Layer) float64 { return l.Std }), []string{glorot}},
		{"unit", "standard deviation of a unit's activation over the examples", ofLayers(func(l probe.Layer) float64 { return l.UnitStd }), []string{glorot}},
		{"preactivation", "standard deviation of what goes into an activation", ofLayers(func(l probe.Layer) float64 { return l.PreStd }), []string{"Ioffe & Szegedy 2015, Batch normalization, arXiv:1502.03167"}},
		{"rank", "effective rank of the activations", ofSurvey(func(l probe.LayerSurvey) float64 { return l.Rank }), []string{"Roy & Vetterli 2007, The effective rank, EUSIPCO"}},
		{"stable rank", "of the activations: squared singular values over the largest of them", ofSurvey(func(l probe.LayerSurvey) float64 { return l.Stable }), []string{"Rudelson & Vershynin 2007, Sampling from large matrices, doi:10.1145/1255443.1255449"}},
		{"cosine", "between the gradient of an eighth of a batch and that of all of it", ofSurvey(func(l probe.LayerSurvey) float64 { return l.Cosine }), []string{confused}},
		{"sign", "share of weights whose gradient has the same sign in an eighth of a batch and in all of it", ofSurvey(func(l probe.LayerSurvey) float64 { return l.Sign }), []string{signs}},
		{"signal/noise", "squared, of the gradient of a batch; 0 is noise alone", ofSurvey(func(l probe.LayerSurvey) float64 { return l.SNR }), []string{batches}},
		{"confusion", "smallest cosine between the gradients of two eighths", ofSurvey(func(l probe.LayerSurvey) float64 { return l.Confusion }), []string{confused}},
		{"chi", "mean squared singular value of a layer's Jacobian", ofStages(func(s probe.Stage) float64 { return s.Chi }), []string{chaos}},
		{"norm", "size of the gradient below a layer over that above", ofStages(func(s probe.Stage) float64 { return s.Norm }), []string{"Zaeemzadeh, Rahnavard & Shah 2021, Norm-preservation: why residual networks can become extremely deep?, arXiv:1805.07477"}},
		{"through: chi", "mean squared singular value of the Jacobian from the inputs to the last layer", onSurvey(func(s *probe.Survey) float64 { return s.Through.Chi }), []string{chaos}},
		{"through", "largest singular value of the Jacobian from the inputs to the last layer", onSurvey(func(s *probe.Survey) float64 { return s.Through.Largest }), []string{dynamics}},
		{"through: least", "smallest singular value of the Jacobian from the inputs to the last layer", onSurvey(func(s *probe.Survey) float64 { return s.Through.Smallest }), []string{dynamics}},
		{"change", "of the gradient along itself, to a tenth of the norm of the weights away, relative", onSurvey(func(s *probe.Survey) float64 { return s.Change }), []string{smooth, horizon}},
		{"range", "of the loss along the gradient, to a tenth of the norm of the weights away", onSurvey(func(s *probe.Survey) float64 { return s.Range }), []string{smooth, horizon}},
		{"beta", "largest change of the gradient over the distance, along itself", onSurvey(func(s *probe.Survey) float64 { return s.Beta }), []string{smooth, horizon}},
		{"sharpness", "largest eigenvalue of the Hessian", onSurvey(func(s *probe.Survey) float64 { return s.Sharpness }), []string{"LeCun, Simard & Pearlmutter 1993, Automatic learning rate maximization by on-line estimation of the Hessian's eigenvectors, NIPS 5"}},
		{firstStep, "size of the gradient at the first step of a sequence over that at the last, of the layer with a state that keeps most of it", onSurvey(keptToTheFirst), []string{hochreiter, explode}},
		{"forget", "mean forget gate of an LSTM, update gate of a GRU: the share of its state that a unit keeps", ofStates(func(r probe.Recurrence) float64 { return r.Forget }), []string{learning}},
		{"saturated gates", "share of the gates of memory cells and gated units with next to no slope", ofStates(func(r probe.Recurrence) float64 { return r.Saturated }), []string{lstms}},
		{"recurrent norm", "largest singular value of the weights from a state to the next", ofStates(func(r probe.Recurrence) float64 { return r.Norm }), []string{explode}},
		{"recurrent radius", "spectral radius of the weights from a state to the next", ofStates(func(r probe.Recurrence) float64 { return r.Radius }), []string{explode}},
		{"spread", "standard deviation of the losses of a step's candidates over their mean", onSearch(func(s *bench.Search) float64 { return s.Spread }), []string{ranking}},
		{"better", "share of a step's candidates whose loss is below the mean", onSearch(func(s *bench.Search) float64 { return s.Better }), []string{rates}},
		{"rank correlation", "of the losses of a step's candidates on two minibatches", onSearch(func(s *bench.Search) float64 { return s.Rank }), []string{ranking}},
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
