package probe

import (
	"math"
	"strconv"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/kernel"
)

// A Recurrence is what a recurrent layer does to signals over the steps of a sequence.
type Recurrence struct {
	Name string // path of the layer, or of the level of a chunker
	// Lags are the root mean squares, over units and examples, of the gradient of the
	// loss with respect to the layer's state, as [network.StepObserver] has it, by how
	// many steps before the last: Lags[0] at the last step, and at T-1 what is left at
	// the first. Of sequences of different lengths, the last step is that of the longest.
	// Where back-propagation is truncated, they are what is left of the gradient. nil: of
	// an MDLSTM, whose states have no one order; [Reach] has distances over an image.
	Lags []float64
	// Forget is the mean of the forget gates of an LSTM, of both of an MDLSTM, of the update gates z of a GRU,
	// over units, steps and examples: the share of a state, and of its gradient, that a
	// step keeps. NaN: of others; an LSTM of 1997 has no such gate, and keeps all of it.
	Forget float64
	// Saturated is the share of gates (units, steps, examples), of all kinds, whose slope
	// is less than a twentieth of the largest. NaN: of no LSTM, nor of a GRU.
	Saturated float64
	// Norm is the largest singular value of the weights from a state to the next, of
	// all gates together, and Radius the spectral radius of those to the new state: to
	// g of an LSTM, to n of a GRU, and to the cells' inputs, from their outputs, of an
	// LSTM of 1997; of an MDLSTM, which has two states before each, neither. A linear recurrence loses what it is told about the past if the
	// radius is below 1. NaN: they were not measured.
	Norm, Radius float64
}

// A part is what has a state of its own: a layer, by its number and its path, or that of
// one of its levels.
type part struct {
	number int
	path   string
}

// A historian notes down recurrences as the passes go by. It is an observer besides.
type historian struct {
	*observer[float64]
	list  []Recurrence
	past  [][]network.Tensor[float64] // of each of them: gradients, from the last step on
	last  []int                       // and that step
	index map[part]int
}

// add is a new recurrence.
func (h *historian) add(l network.Layer, r Recurrence) int {
	r.Name = l.Path
	h.list, h.past, h.last = append(h.list, r), append(h.past, nil), append(h.last, 0)
	h.index[part{l.Number, l.Path}] = len(h.list) - 1
	return len(h.list) - 1
}

// recurrences are those of the passes that have gone by.
func (h *historian) recurrences() []Recurrence {
	for i, past := range h.past {
		for _, dh := range past {
			h.list[i].Lags = append(h.list[i].Lags, rms(dh))
		}
	}
	return h.list
}

// Forward implements [network.Observer].
func (h *historian) Forward(l network.Layer, w []float64, x, y network.Tensor[float64]) {
	if h.observer != nil {
		h.observer.Forward(l, w, x, y)
	}
	in := x.Shape[len(x.Shape)-1]
	switch spec := l.Spec.(type) {
	case network.LSTM:
		h.add(l, ofLSTM(spec, w, x.Slice(0, min(x.N, gateExamples)), y))
	case network.RNN:
		h.add(l, ofWeights(w[spec.Hidden*in:], spec.Hidden, spec.Hidden, 0))
	case network.GRU:
		h.add(l, ofGRU(spec, w, x.Slice(0, min(x.N, gateExamples)), y))
	case network.LSTM1997:
		h.add(l, ofLSTM1997(spec, w, x.Slice(0, min(x.N, gateExamples)), y))
	case network.MDLSTM:
		h.add(l, ofMDLSTM(spec, w, x.Slice(0, min(x.N, gateExamples))))
	case network.Chunker:
		h.addLevels(l, spec, w, in)
	case network.SequentialRNN:
		h.add(l, unmeasured()) // units see each other through the outputs, too
	}
}

// addLevels are recurrences of the levels of a chunker that are computed. A level has
// weights for its inputs, the symbols and a time for each level below; for its state, and
// a bias; then of its outputs, which predict the inputs, and with a level above that is to
// be imitated its state.
func (h *historian) addLevels(l network.Layer, spec network.Chunker, w []float64, symbols int) {
	computed, hidden, path := spec.Levels, spec.Hidden, l.Path
	if spec.Read == "collapsed" {
		computed--
	}
	for i := range computed {
		inputs := symbols + i
		outputs := inputs
		if spec.Collapse > 0 && i+1 < spec.Levels {
			outputs += hidden
		}
		l.Path = path + ".level" + strconv.Itoa(i)
		w = w[hidden*inputs:]
		h.add(l, ofWeights(w, hidden, hidden, 0))
		w = w[hidden*(hidden+1)+outputs*(hidden+1):]
	}
}

// block is rows and columns of the row-major matrix w, from a row and a column on.
func block(w []float64, pitch, row, column, rows, columns int) []float64 {
	b := make([]float64, 0, rows*columns)
	for r := range rows {
		b = append(b, w[(row+r)*pitch+column:][:columns]...)
	}
	return b
}

// Backward implements [network.Observer].
func (h *historian) Backward(l network.Layer, w, dw []float64, dy network.Tensor[float64]) {
	if h.observer != nil {
		h.observer.Backward(l, w, dw, dy)
	}
}

// Step implements [network.StepObserver].
func (h *historian) Step(l network.Layer, t int, dh network.Tensor[float64]) {
	i, ok := h.index[part{l.Number, l.Path}]
	if !ok {
		i = h.add(l, unmeasured())
	}
	if len(h.past[i]) == 0 {
		h.last[i] = t
	}
	lag := h.last[i] - t
	if lag == len(h.past[i]) {
		zero := network.NewTensor[float64](dh.Shape, dh.N)
		h.past[i] = append(h.past[i], zero)
	}
	sum := h.past[i][lag] // the errors of several blocks may come by
	for u := range dh.Shape.Len() {
		kernel.Add(sum.Row(u), dh.Row(u))
	}
}

// unmeasured is a recurrence of which nothing is known.
func unmeasured() Recurrence {
	nan := math.NaN()
	return Recurrence{Forget: nan, Saturated: nan, Norm: nan, Radius: nan}
}

// ofWeights looks at back, rows of weights from hidden states, of which those of the
// new state begin at row first.
func ofWeights(back []float64, rows, hidden, first int) Recurrence {
	r := unmeasured()
	r.Norm = math.MaxFloat64
	if s := SingularValues(back[:rows*hidden], rows, hidden); s != nil {
		r.Norm = bounded(s[0])
	}
	r.Radius = SpectralRadius(back[first*hidden:][:hidden*hidden], hidden)
	return r
}
