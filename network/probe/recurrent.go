package probe

import (
	"math"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/activation"
)

// A Recurrence is what a layer does to signals over the steps of a sequence.
type Recurrence struct {
	Name string // path of the layer
	// Lags are the root mean squares, over units and examples, of the gradient of the
	// loss with respect to the layer's state h, by how many steps before the last:
	// Lags[0] at the last step, and at T-1 what is left at the first. Of sequences of
	// different lengths, the last step is that of the longest.
	Lags []float64
	// Forget is the mean of the forget gates over cells, steps and examples: the
	// share of a cell's state, and of its gradient, that a step keeps. NaN: there are
	// none.
	Forget float64
	// Saturated is the share of gates (cells, steps, examples) whose slope is less than
	// a twentieth of the largest. NaN: there are none.
	Saturated float64
	// Norm is the largest singular value of the weights from a state to the next, of
	// all gates together, and Radius the spectral radius of those to the new state, g of
	// an LSTM. A linear recurrence loses what it is told about the past if the radius
	// is below 1. NaN: they were not measured.
	Norm, Radius float64
}

// A historian notes down recurrences as the passes go by. It is an observer besides.
type historian struct {
	*observer[float64]
	list  []Recurrence
	index map[int]int // by number of the network's layer
}

// Forward implements [network.Observer].
func (h *historian) Forward(l network.Layer, w []float64, x, y network.Tensor[float64]) {
	if h.observer != nil {
		h.observer.Forward(l, w, x, y)
	}
	spec, ok := l.Spec.(network.LSTM)
	if !ok {
		return
	}
	r := ofLSTM(spec, w, x.Slice(0, min(x.N, gateExamples)), y)
	r.Name = l.Path
	h.index[l.Number] = len(h.list)
	h.list = append(h.list, r)
}

// Backward implements [network.Observer].
func (h *historian) Backward(l network.Layer, w, dw []float64, dy network.Tensor[float64]) {
	if h.observer != nil {
		h.observer.Backward(l, w, dw, dy)
	}
}

// Step implements [network.StepObserver].
func (h *historian) Step(l network.Layer, _ int, dh network.Tensor[float64]) {
	i, ok := h.index[l.Number]
	if !ok {
		i = len(h.list)
		h.index[l.Number] = i
		nan := math.NaN()
		h.list = append(h.list, Recurrence{Name: l.Path, Forget: nan, Saturated: nan, Norm: nan, Radius: nan})
	}
	h.list[i].Lags = append(h.list[i].Lags, rms(dh)) // from the last step on
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
	r := Recurrence{Forget: bounded(forget / (count / 3)), Saturated: bounded(saturated / count)}
	back := make([]float64, 4*hidden*hidden)
	for k := range 4 * hidden {
		copy(back[k*hidden:], w[k*all+in:][:hidden])
	}
	r.Norm = math.MaxFloat64
	if s := SingularValues(back, 4*hidden, hidden); s != nil {
		r.Norm = bounded(s[0])
	}
	r.Radius = SpectralRadius(back[3*hidden*hidden:], hidden)
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
