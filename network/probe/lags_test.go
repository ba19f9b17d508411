package probe

import (
	"math"
	"testing"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/loss"
)

// A cell is a recurrent layer by its equations, for one example. A step takes weights,
// inputs, and what is handed on of the step before, adds nudge to the state that is
// looked at as soon as there is one, and returns what it hands on, and its outputs.
type cell struct {
	name    string
	spec    network.Spec
	memory  int // values handed on
	state   int // values looked at
	outputs int
	step    func(w, x, memory, nudge []float64) (next, outputs []float64)
	// cut is the values handed on, the first ones, that carry no errors back.
	cut int
}

// row is the sum of weights times inputs, one after the other.
func row(w []float64, inputs ...[]float64) float64 {
	sum := 0.0
	for _, in := range inputs {
		for i, v := range in {
			sum += w[i] * v
		}
		w = w[len(in):]
	}
	return sum
}

const (
	cellInputs = 2
	cellSteps  = 6
)

func cells() []cell {
	const hidden = 3
	rnn := func(w, x, h, nudge []float64) (next, outputs []float64) {
		wx, wh, b := w[:hidden*cellInputs], w[hidden*cellInputs:][:hidden*hidden], w[hidden*(cellInputs+hidden):]
		for u := range hidden {
			next = append(next, nudge[u]+math.Tanh(row(wx[u*cellInputs:], x)+row(wh[u*hidden:], h)+b[u]))
		}
		return next, next
	}
	gru := func(w, x, h, nudge []float64) (next, outputs []float64) {
		wx, wh, b := w[:3*hidden*cellInputs], w[3*hidden*cellInputs:][:3*hidden*hidden], w[3*hidden*(cellInputs+hidden):]
		bn := b[3*hidden:]
		for u := range hidden {
			in := func(gate int) float64 { return row(wx[(gate*hidden+u)*cellInputs:], x) + b[gate*hidden+u] }
			back := func(gate int) float64 { return row(wh[(gate*hidden+u)*hidden:], h) }
			r, z := sigmoid(in(0)+back(0)), sigmoid(in(1)+back(1))
			n := math.Tanh(in(2) + r*(back(2)+bn[u]))
			next = append(next, nudge[u]+(1-z)*n+z*h[u])
		}
		return next, next
	}
	// Handed on: h, then c.
	lstm := func(truncated bool) func(w, x, memory, nudge []float64) (next, outputs []float64) {
		return func(w, x, memory, nudge []float64) (next, outputs []float64) {
			const all = cellInputs + hidden
			h, c, b := memory[:hidden], memory[hidden:], w[4*hidden*all:]
			states := make([]float64, hidden)
			for u := range hidden {
				z := func(gate int) float64 { return row(w[(gate*hidden+u)*all:], x, h) + b[gate*hidden+u] }
				states[u] = sigmoid(z(1))*c[u] + sigmoid(z(0))*math.Tanh(z(3))
				if truncated {
					states[u] += nudge[u]
				}
				y := sigmoid(z(2)) * math.Tanh(states[u])
				if !truncated {
					y += nudge[u]
				}
				next = append(next, y)
			}
			return append(next, states...), next
		}
	}
	// Two blocks of two cells. Handed on: input gates, output gates, cells' outputs, c.
	const blocks, size = 2, 2
	const units = blocks * (2 + size)
	lstm1997 := func(truncated bool) func(w, x, memory, nudge []float64) (next, outputs []float64) {
		return func(w, x, memory, nudge []float64) (next, outputs []float64) {
			const all = cellInputs + units
			u, c, b := memory[:units], memory[units:], w[units*all:]
			z := func(unit int) float64 { return row(w[unit*all:], x, u) + b[unit] }
			for gate := range 2 * blocks {
				next = append(next, sigmoid(z(gate)))
			}
			states := make([]float64, blocks*size)
			for k := range states {
				states[k] = c[k] + next[k/size]*(4*sigmoid(z(2*blocks+k))-2)
				if truncated {
					states[k] += nudge[k]
				}
				y := next[blocks+k/size] * (2*sigmoid(states[k]) - 1)
				if !truncated {
					y += nudge[k]
				}
				next = append(next, y)
			}
			return append(next, states...), next[2*blocks:]
		}
	}
	// Handed on: hidden units, then outputs.
	const visible = 2
	sequential := func(w, x, memory, nudge []float64) (next, outputs []float64) {
		h, o := memory[:hidden], memory[hidden:]
		const hiddenColumns, visibleColumns = cellInputs + hidden + visible, cellInputs + hidden + visible
		bh := w[hidden*hiddenColumns:]
		wo := bh[hidden:]
		bo := wo[visible*visibleColumns:]
		for u := range hidden {
			next = append(next, nudge[u]+sigmoid(row(w[u*hiddenColumns:], x, h, o)+bh[u]))
		}
		for u := range visible {
			outputs = append(outputs, sigmoid(row(wo[u*visibleColumns:], x, next[:hidden], o)+bo[u]))
		}
		return append(next, outputs...), outputs
	}
	return []cell{
		{"rnn", network.RNN{Hidden: hidden}, hidden, hidden, hidden, rnn, 0},
		{"gru", network.GRU{Hidden: hidden}, hidden, hidden, hidden, gru, 0},
		{"lstm", network.LSTM{Hidden: hidden}, 2 * hidden, hidden, hidden, lstm(false), 0},
		{"lstm truncated", network.LSTM{Hidden: hidden, Truncated: true}, 2 * hidden, hidden, hidden, lstm(true), hidden},
		{"lstm-1997", network.LSTM1997{Blocks: blocks, Size: size}, units + blocks*size, blocks * size, blocks * size, lstm1997(false), 0},
		{"lstm-1997 truncated", network.LSTM1997{Blocks: blocks, Size: size, Truncated: true}, units + blocks*size, blocks * size, blocks * size, lstm1997(true), units},
		{"sequential-rnn", network.SequentialRNN{Hidden: hidden, Out: visible}, hidden + visible, hidden, visible, sequential, 0},
	}
}

// run is the outputs of each step if nudge is added to the state of step at. What is cut
// stays as it is in the run without.
func (c cell) run(w []float64, x [][]float64, at int, nudge []float64) [][]float64 {
	none := make([]float64, c.state)
	memory, fixed := make([]float64, c.memory), make([]float64, c.memory)
	var list [][]float64
	for t, in := range x {
		d := none
		if t == at {
			d = nudge
		}
		copy(memory, fixed[:c.cut])
		next, outputs := c.step(w, in, memory, d)
		fixed, _ = c.step(w, in, fixed, none)
		memory = next
		list = append(list, outputs)
	}
	return list
}

// gradient is that of f(outputs of each step) with respect to the state of step at, by
// central differences.
func (c cell) gradient(w []float64, x [][]float64, at int, f func(y [][]float64) float64) []float64 {
	const h = 1e-5
	g := make([]float64, c.state)
	for u := range g {
		nudge := make([]float64, c.state)
		nudge[u] = h
		up := f(c.run(w, x, at, nudge))
		nudge[u] = -h
		g[u] = (up - f(c.run(w, x, at, nudge))) / (2 * h)
	}
	return g
}

// sequence is example e of x, in its length.
func sequence(x network.Tensor[float64], e int) [][]float64 {
	steps, features := x.Shape[0], x.Shape[1]
	if x.Lens != nil {
		steps = x.Lens[e]
	}
	list := make([][]float64, steps)
	for t := range list {
		for f := range features {
			list[t] = append(list[t], x.Row(t*features + f)[e])
		}
	}
	return list
}

func squared(z, target []float64) float64 {
	sum := 0.0
	for i, v := range z {
		sum += (v - target[i]) * (v - target[i])
	}
	return sum
}

// drawn has every weight from N(0, scale^2).
func drawn(seed uint64, n int, scale float64) []float64 {
	rng, w := newRand(seed), make([]float64, n)
	for i := range w {
		w[i] = scale * rng.NormFloat64()
	}
	return w
}

// The gradients with respect to the state of each step are the differences that a
// little more of it makes to the loss, in the equations of the layer alone, of sequences
// of different lengths.
func TestLagsAreDifferences(t *testing.T) {
	for _, c := range cells() {
		t.Run(c.name, func(t *testing.T) {
			in := network.Shape{cellSteps, cellInputs}
			net := mustNew[float64](t, in, c.spec, network.Last{})
			w := drawn(1, net.Dim(), 0.9)
			x := images(newRand(2).NormFloat64, in, 3)
			x.Lens = []int{cellSteps, 2, 4}
			target := normal(newRand(3), c.outputs, x.N)

			y := net.Forward(network.Pass{Mode: network.Train}, w, x)
			sums := make([]float64, cellSteps)
			for e := range x.N {
				list, goal := sequence(x, e), make([]float64, c.outputs)
				for i := range goal {
					goal[i] = target.Row(i)[e]
				}
				last := func(y [][]float64) []float64 { return y[len(y)-1] }
				for i, v := range last(c.run(w, list, -1, nil)) {
					within(t, "output", y.Row(i)[e], v, 1e-12)
				}
				for at := range list {
					for _, v := range c.gradient(w, list, at, func(y [][]float64) float64 {
						return squared(last(y), goal) / float64(c.outputs)
					}) {
						sums[cellSteps-1-at] += v * v
					}
				}
			}
			s := Take(net, w, x, loss.MSE, values(target))
			if len(s.Recurrent) != 1 || len(s.Recurrent[0].Lags) != cellSteps {
				t.Fatalf("recurrences %+v, want one with %d lags", s.Recurrent, cellSteps)
			}
			for lag, got := range s.Recurrent[0].Lags {
				within(t, "gradient at a lag", got, math.Sqrt(sums[lag]/float64(c.state*x.N)), 1e-9)
			}
			if got := Lags(net, w, x, loss.MSE, values(target)); got[2] != s.Recurrent[0].Lags[2] {
				t.Errorf("Lags has %v two steps back, and the survey %v", got[2], s.Recurrent[0].Lags[2])
			}
		})
	}
}

// Both copies of a bidirectional layer show their steps, each in its own direction.
func TestLagsOfBothDirections(t *testing.T) {
	c := cells()[1]
	in := network.Shape{cellSteps, cellInputs}
	net := mustNew[float64](t, in, network.Bidirectional{Body: network.Specs{c.spec}})
	w := drawn(4, net.Dim(), 0.9)
	x := images(newRand(5).NormFloat64, in, 1)
	target := normal(newRand(6), 2*cellSteps*c.outputs, 1)
	s := Take(net, w, x, loss.MSE, values(target))
	if len(s.Recurrent) != 2 {
		t.Fatalf("recurrences %+v, want two", s.Recurrent)
	}
	for direction, r := range s.Recurrent {
		if want := []string{"0.bidirectional.forward.0.gru", "0.bidirectional.backward.0.gru"}[direction]; r.Name != want {
			t.Errorf("recurrence %q, want %q", r.Name, want)
		}
		list, goals := sequence(x, 0), make([][]float64, cellSteps)
		for at := range list {
			from := at
			if direction == 1 {
				from = cellSteps - 1 - at
				list[at] = sequence(x, 0)[from]
			}
			goals[at] = target.Data[(2*from+direction)*c.outputs:][:c.outputs]
		}
		for lag, got := range r.Lags {
			sum := 0.0
			for _, v := range c.gradient(w[direction*net.Dim()/2:], list, cellSteps-1-lag, func(y [][]float64) float64 {
				sum := 0.0
				for at, z := range y {
					sum += squared(z, goals[at])
				}
				return sum / float64(2*cellSteps*c.outputs)
			}) {
				sum += v * v
			}
			within(t, "gradient at a lag", got, math.Sqrt(sum/float64(c.state)), 1e-9)
		}
	}
}

// A linear recurrence hands the errors e of each step back by powers of the transposed
// matrix. Where they go back over K2 steps only, those of a block of K1 are added up
// as far as they come.
func TestLagsOfLinearRecurrence(t *testing.T) {
	const hidden, steps = 3, 9
	for _, k := range [][2]int{{0, 0}, {1, 1}, {3, 3}, {2, 5}, {1, 4}, {4, 9}} {
		net := mustNew[float64](t, network.Shape{steps, 1}, network.RNN{Hidden: hidden, Func: "identity", K1: k[0], K2: k[1]})
		w := drawn(7, net.Dim(), 0.6)
		wh := w[hidden:][:hidden*hidden]
		x := images(newRand(8).NormFloat64, network.Shape{steps, 1}, 1)
		target := normal(newRand(9), steps*hidden, 1)
		y := net.Forward(network.Pass{Mode: network.Infer}, w, x)
		want := make([][]float64, steps)
		for at := range want {
			want[at] = make([]float64, hidden)
		}
		for from := range steps { // the errors of this step
			e := make([]float64, hidden)
			for u := range e {
				e[u] = 2 * (y.Row(from*hidden + u)[0] - target.Row(from*hidden + u)[0]) / (steps * hidden)
			}
			first := 0
			if k[1] > 0 {
				first = max(0, (from/k[0]+1)*k[0]-k[1])
			}
			for at := from; at >= first; at-- {
				for u, v := range e {
					want[at][u] += v
				}
				before := make([]float64, hidden)
				for u, v := range e {
					for f := range before {
						before[f] += wh[u*hidden+f] * v
					}
				}
				e = before
			}
		}
		r := Take(net, w, x, loss.MSE, values(target)).Recurrent[0]
		if len(r.Lags) != steps {
			t.Fatalf("k1 = %d, k2 = %d: %d lags, want %d", k[0], k[1], len(r.Lags), steps)
		}
		for lag, got := range r.Lags {
			within(t, "gradient at a lag", got, math.Sqrt(row(want[steps-1-lag], want[steps-1-lag])/hidden), 1e-13)
		}
	}
}

// Back-propagation that only the cell states carry is the constant error carousel: with
// nothing let in and nothing forgotten, the gradient of c is the same at every step.
func TestLagsOfTheCarousel(t *testing.T) {
	const hidden, steps = 4, 30
	in := network.Shape{steps, 2}
	for _, spec := range []network.Spec{
		network.LSTM{Hidden: hidden, Truncated: true},
		network.LSTM1997{Blocks: hidden, Truncated: true},
	} {
		net := mustNew[float64](t, in, spec, network.Last{})
		w := drawn(10, net.Dim(), 0.3)
		if _, ok := spec.(network.LSTM); ok {
			bias := w[4*hidden*(2+hidden):]
			for u := range hidden {
				bias[u], bias[hidden+u] = -40, 40 // i and f
			}
		}
		x := images(newRand(11).NormFloat64, in, 5)
		r := Take(net, w, x, loss.MSE, values(normal(newRand(12), hidden, 5))).Recurrent[0]
		for lag, v := range r.Lags {
			within(t, "gradient at a lag, over that of the last step", v/r.Lags[0], 1, 1e-12)
			if !(v > 1e-3) {
				t.Errorf("gradient %v at lag %d: the test shows little", v, lag)
			}
		}
	}
}

// The weights from one state to the next are where the layers have them: a rotation by
// 0.4, of size 0.8, and nothing else.
func TestWeightsBetweenStates(t *testing.T) {
	const in, steps = 3, 4
	for _, c := range []struct {
		spec       network.Spec
		off, pitch int // of the rotation in the weights, and rows of it apart
		second     int // of a second one, whose norm counts with it
	}{
		{network.RNN{Hidden: 2}, 2 * in, 2, -1},
		{network.GRU{Hidden: 2}, 6*in + 4*2, 2, 6 * in},
		{network.LSTM{Hidden: 2}, 6*(in+2) + in, in + 2, in},
		// Six units: two input and two output gates, and two cells.
		{network.LSTM1997{Blocks: 2}, 4*(in+6) + in + 4, in + 6, in + 4},
	} {
		net := mustNew[float64](t, network.Shape{steps, in}, c.spec, network.Last{})
		w := make([]float64, net.Dim())
		x, target := images(newRand(1).NormFloat64, network.Shape{steps, in}, 3), values(normal(newRand(2), 2, 3))
		sin, cos := math.Sincos(0.4)
		rotate := func(off int) {
			copy(w[off:], []float64{0.8 * cos, -0.8 * sin})
			copy(w[off+c.pitch:], []float64{0.8 * sin, 0.8 * cos})
		}
		r := Take(net, w, x, loss.MSE, target).Recurrent[0]
		if r.Norm != 0 || r.Radius != 0 {
			t.Errorf("%s: norm %v and radius %v of no weights, want 0", r.Name, r.Norm, r.Radius)
		}
		rotate(c.off)
		norm := 0.8
		if c.second >= 0 {
			rotate(c.second)
			norm *= math.Sqrt2
		}
		r = Take(net, w, x, loss.MSE, target).Recurrent[0]
		within(t, r.Name+": norm", r.Norm, norm, 1e-12)
		within(t, r.Name+": radius", r.Radius, 0.8, 1e-5)
		keeping, gated := false, false
		switch c.spec.(type) {
		case network.LSTM, network.GRU:
			keeping, gated = true, true
		case network.LSTM1997:
			gated = true
		}
		if keeping == math.IsNaN(r.Forget) || gated == math.IsNaN(r.Saturated) {
			t.Errorf("%s: forget gates %v, saturated %v", r.Name, r.Forget, r.Saturated)
		}
	}
}
