package probe

import (
	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/activation"
)

// gateExamples is how many examples gates are computed for, one by one.
const gateExamples = 16

// gates counts gates as they are computed.
type gates struct {
	sigmoid          activation.Func
	saturated, count float64
	kept, keeping    float64 // the sum of those that keep a state, and their number
}

// open computes a gate from what reaches it.
func (g *gates) open(z float64) float64 {
	a := one(g.sigmoid, z)
	if g.sigmoid.D(z, a) < 0.05*g.sigmoid.SupDeriv {
		g.saturated++
	}
	g.count++
	return a
}

// keep computes one that keeps a state.
func (g *gates) keep(z float64) float64 {
	a := g.open(z)
	g.kept += a
	g.keeping++
	return a
}

// of is what was counted, in r.
func (g *gates) of(r Recurrence) Recurrence {
	r.Forget, r.Saturated = bounded(g.kept/g.keeping), bounded(g.saturated/g.count)
	return r
}

// length is the steps of example e of sequences.
func length(x network.Tensor[float64], e int) int {
	if x.Lens != nil {
		return x.Lens[e]
	}
	return x.Shape[0]
}

// reach adds to sum the weights times the values of step t of example e.
func reach(sum float64, w []float64, x network.Tensor[float64], t, e int) float64 {
	for f, v := range w {
		sum += float64(v * x.Row(t*x.Shape[1] + f)[e])
	}
	return sum
}

// ofLSTM computes the gates of a layer once more from its inputs and outputs, and
// looks at its weights.
func ofLSTM(spec network.LSTM, w []float64, x, y network.Tensor[float64]) Recurrence {
	in, hidden := x.Shape[1], spec.Hidden
	all := in + hidden
	bias := w[4*hidden*all:]
	g, tanh := gates{sigmoid: mustActivation("sigmoid")}, mustActivation("tanh")
	c := make([]float64, hidden)
	peep := func(gate, u int) float64 {
		if !spec.Peepholes {
			return 0
		}
		return float64(bias[4*hidden+gate*hidden+u] * c[u])
	}
	for e := range x.N {
		clear(c)
		for t := range length(x, e) {
			// What reaches the gates of unit u.
			z := func(gate, u int) float64 {
				row := w[(gate*hidden+u)*all:][:all]
				sum := reach(bias[gate*hidden+u], row[:in], x, t, e)
				if t > 0 {
					sum = reach(sum, row[in:], y, t-1, e)
				}
				return sum
			}
			for u := range hidden {
				i := g.open(z(0, u) + peep(0, u))
				f := g.keep(z(1, u) + peep(1, u))
				c[u] = float64(f*c[u]) + float64(i*one(tanh, z(3, u)))
				g.open(z(2, u) + peep(2, u))
			}
		}
	}
	return g.of(ofWeights(block(w, all, 0, in, 4*hidden, hidden), 4*hidden, hidden, 3*hidden))
}

// ofGRU is the same for one. Its gates see inputs and outputs alone.
func ofGRU(spec network.GRU, w []float64, x, y network.Tensor[float64]) Recurrence {
	in, hidden := x.Shape[1], spec.Hidden
	rows := 3 * hidden
	back := w[rows*in:]
	bias := back[rows*hidden:]
	g := gates{sigmoid: mustActivation("sigmoid")}
	for e := range x.N {
		for t := range length(x, e) {
			for row := range 2 * hidden { // r, then z
				z := reach(bias[row], w[row*in:][:in], x, t, e)
				if t > 0 {
					z = reach(z, back[row*hidden:][:hidden], y, t-1, e)
				}
				if row < hidden {
					g.open(z)
				} else {
					g.keep(z)
				}
			}
		}
	}
	return g.of(ofWeights(back, rows, hidden, 2*hidden))
}

// ofLSTM1997 is the same for one. Its units see the gates of the step before as well, so
// that each is computed from those before it; the cells are the outputs.
func ofLSTM1997(spec network.LSTM1997, w []float64, x, y network.Tensor[float64]) Recurrence {
	in, cells, count := x.Shape[1], y.Shape[1], 2*spec.Blocks
	units := count + cells
	all := in + units
	bias := w[units*all:]
	g := gates{sigmoid: mustActivation("sigmoid")}
	u, next := make([]float64, units), make([]float64, count) // u: of the step before
	for e := range x.N {
		clear(u)
		for t := range length(x, e) {
			for gate := range next {
				row := w[gate*all:][:all]
				next[gate] = g.open(reach(bias[gate], row[:in], x, t, e) + dot(row[in:], u))
			}
			copy(u, next)
			for k := range cells {
				u[count+k] = y.Row(t*cells + k)[e]
			}
		}
	}
	r := ofWeights(block(w, all, 0, all-cells, units, cells), units, cells, count)
	r.Saturated = bounded(g.saturated / g.count)
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
