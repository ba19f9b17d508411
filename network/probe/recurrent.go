package probe

import (
	"math"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/activation"
	"github.com/joust-bench/joust/network/kernel"
)

// A Recurrence is what a recurrent layer does to signals over the steps of a sequence.
type Recurrence struct {
	Name string // path of the layer
	// Lags are the root mean squares, over units and examples, of the gradient of the
	// loss with respect to the layer's state, as [network.StepObserver] has it, by how
	// many steps before the last: Lags[0] at the last step, and at T-1 what is left at
	// the first. Of sequences of different lengths, the last step is that of the longest.
	// Where back-propagation is truncated, they are what is left of the gradient.
	Lags []float64
	// Forget is the mean of the forget gates over cells, steps and examples: the
	// share of a cell's state, and of its gradient, that a step keeps. NaN: not of an
	// LSTM.
	Forget float64
	// Saturated is the share of gates (cells, steps, examples) whose slope is less than
	// a twentieth of the largest. NaN: not of an LSTM.
	Saturated float64
	// Norm is the largest singular value of the weights from a state to the next, of
	// all gates together, and Radius the spectral radius of those to the new state: to
	// g of an LSTM, to n of a GRU, and to the cells' inputs, from their outputs, of an
	// LSTM of 1997. A linear recurrence loses what it is told about the past if the
	// radius is below 1. NaN: they were not measured.
	Norm, Radius float64
}

// A historian notes down recurrences as the passes go by. It is an observer besides.
type historian struct {
	*observer[float64]
	list  []Recurrence
	past  [][]network.Tensor[float64] // of each of them: gradients, from the last step on
	last  []int                       // and that step
	index map[int]int                 // by number of the network's layer
}

// add is a new recurrence.
func (h *historian) add(l network.Layer, r Recurrence) int {
	r.Name = l.Path
	h.list, h.past, h.last = append(h.list, r), append(h.past, nil), append(h.last, 0)
	h.index[l.Number] = len(h.list) - 1
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
		h.add(l, ofWeights(w[3*spec.Hidden*in:], 3*spec.Hidden, spec.Hidden, 2*spec.Hidden))
	case network.LSTM1997:
		cells := y.Shape[1]
		units := 2*spec.Blocks + cells
		h.add(l, ofWeights(block(w, in+units, 0, in+units-cells, units, cells), units, cells, units-cells))
	case network.SequentialRNN:
		h.add(l, unmeasured()) // units see each other through the outputs, too
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
	i, ok := h.index[l.Number]
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

// gateExamples is how many examples gates are computed for, one by one.
const gateExamples = 16

// ofLSTM computes the gates of a layer once more from its inputs and outputs, and
// looks at its weights.
func ofLSTM(spec network.LSTM, w []float64, x, y network.Tensor[float64]) Recurrence {
	steps, in, hidden := x.Shape[0], x.Shape[1], spec.Hidden
	all := in + hidden
	bias := w[4*hidden*all:]
	sigmoid := mustActivation("sigmoid")
	tanh := mustActivation("tanh")
	var forget, saturated, count float64
	c := make([]float64, hidden)
	peep := func(gate int, u int, state float64) float64 {
		if !spec.Peepholes {
			return 0
		}
		return float64(bias[4*hidden+gate*hidden+u] * state)
	}
	look := func(z float64) float64 {
		a := one(sigmoid, z)
		if sigmoid.D(z, a) < 0.05*sigmoid.SupDeriv {
			saturated++
		}
		count++
		return a
	}
	for e := range x.N {
		clear(c)
		length := steps
		if x.Lens != nil {
			length = x.Lens[e]
		}
		for t := range length {
			// What reaches the gates of unit u.
			z := func(gate, u int) float64 {
				row := w[(gate*hidden+u)*all:][:all]
				sum := bias[gate*hidden+u]
				for f, v := range row[:in] {
					sum += float64(v * x.Row(t*in + f)[e])
				}
				if t > 0 {
					for k, v := range row[in:] {
						sum += float64(v * y.Row((t-1)*hidden + k)[e])
					}
				}
				return sum
			}
			for u := range hidden {
				i := look(z(0, u) + peep(0, u, c[u]))
				f := look(z(1, u) + peep(1, u, c[u]))
				c[u] = float64(f*c[u]) + float64(i*one(tanh, z(3, u)))
				look(z(2, u) + peep(2, u, c[u]))
				forget += f
			}
		}
	}
	r := ofWeights(block(w, all, 0, in, 4*hidden, hidden), 4*hidden, hidden, 3*hidden)
	r.Forget, r.Saturated = bounded(forget/(count/3)), bounded(saturated/count)
	return r
}

func mustActivation(name string) activation.Func {
	f, err := activation.ByName(name)
	if err != nil {
		panic("probe: " + err.Error())
	}
	return f
}

// one is f of one value.
func one(f activation.Func, z float64) float64 {
	a := [1]float64{z}
	activation.Of[float64](f).Forward(a[:], a[:])
	return a[0]
}
