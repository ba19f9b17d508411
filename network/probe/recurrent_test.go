package probe

import (
	"math"
	"testing"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/loss"
)

func sigmoid(z float64) float64 { return 1 / (1 + math.Exp(-z)) }

// A cell, one input, by hand. The gradient with respect to the state after each step
// is the difference that a little more of it makes to the loss.
func TestLagsOfOneCell(t *testing.T) {
	const steps = 5
	net := mustNew[float64](t, network.Shape{steps, 1}, network.LSTM{Hidden: 1}, network.Last{})
	// W of i, f, o, g: from x and h; then the biases.
	w := []float64{0.5, -1.2, 0.3, 0.9, -0.7, 1.5, 1.1, -2, 0.1, 0.6, -0.2, 0.4}
	x := network.NewTensor[float64](network.Shape{steps, 1}, 1)
	for s := range steps {
		x.Row(s)[0] = math.Sin(float64(3 * s))
	}
	last := func(at int, d float64) float64 { // the last state, if d is added to that after step at
		h, c := 0.0, 0.0
		for s := range steps {
			z := func(gate int) float64 { return w[2*gate]*x.Row(s)[0] + w[2*gate+1]*h + w[8+gate] }
			i, f, o, g := sigmoid(z(0)), sigmoid(z(1)), sigmoid(z(2)), math.Tanh(z(3))
			c = f*c + i*g
			h = o * math.Tanh(c)
			if s == at {
				h += d
			}
		}
		return h
	}
	const target = 0.25
	s := Take(net, w, x, loss.MSE, loss.Target[float64]{Values: []float64{target}, Stride: 1})
	if len(s.Recurrent) != 1 || len(s.Recurrent[0].Lags) != steps || s.Recurrent[0].Name != "0.lstm" {
		t.Fatalf("recurrences %+v, want one with %d lags", s.Recurrent, steps)
	}
	for lag, got := range s.Recurrent[0].Lags {
		const h = 1e-5
		slope := (last(steps-1-lag, h) - last(steps-1-lag, -h)) / (2 * h)
		want := math.Abs(2 * (last(-1, 0) - target) * slope)
		within(t, "gradient at a lag", got, want, 1e-9)
	}
}

// Gates without weights are their biases; what comes from the states is measured by
// its matrix.
func TestGates(t *testing.T) {
	const hidden, in, steps, n = 2, 3, 4, 5
	net := mustNew[float64](t, network.Shape{steps, in}, network.LSTM{Hidden: hidden}, network.Last{})
	w := make([]float64, net.Dim())
	bias := w[4*hidden*(in+hidden):]
	copy(bias, []float64{0, 9, 1, -2, -9, 0.5, 3, 3}) // i i f f o o g g
	x, target := images(newRand(1).NormFloat64, network.Shape{steps, in}, n), values(normal(newRand(2), hidden, n))
	r := Take(net, w, x, loss.MSE, target).Recurrent[0]
	within(t, "forget gates", r.Forget, (sigmoid(1)+sigmoid(-2))/2, 1e-14)
	within(t, "saturated gates", r.Saturated, 2.0/6, 1e-15) // 9 and -9; not g
	if r.Norm != 0 || r.Radius != 0 {
		t.Errorf("norm %v and radius %v of no weights, want 0", r.Norm, r.Radius)
	}
	// From the states: a rotation by 0.4, of size 0.8, to g, and nothing else.
	sin, cos := math.Sincos(0.4)
	for u, row := range [][]float64{{0.8 * cos, -0.8 * sin}, {0.8 * sin, 0.8 * cos}} {
		copy(w[(3*hidden+u)*(in+hidden)+in:], row)
	}
	r = Take(net, w, x, loss.MSE, target).Recurrent[0]
	within(t, "norm", r.Norm, 0.8, 1e-12)
	within(t, "radius", r.Radius, 0.8, 1e-5)
	// A second, equal matrix to i: the norm is that of both.
	for u := range hidden {
		copy(w[u*(in+hidden)+in:][:hidden], w[(3*hidden+u)*(in+hidden)+in:][:hidden])
	}
	r = Take(net, w, x, loss.MSE, target).Recurrent[0]
	within(t, "norm of two gates", r.Norm, 0.8*math.Sqrt2, 1e-12)
	within(t, "radius of g", r.Radius, 0.8, 1e-5)
}

// The gates are those that the layer has computed: with peepholes, and in sequences
// of different lengths, they make its outputs.
func TestGatesMakeTheOutputs(t *testing.T) {
	spec := network.LSTM{Hidden: 3, Peepholes: true}
	net := mustNew[float64](t, network.Shape{4, 2}, spec)
	rng := newRand(3)
	w := net.Init(rng)
	for i := range w {
		w[i] = 2 * rng.NormFloat64()
	}
	x := images(rng.NormFloat64, network.Shape{4, 2}, 3)
	x.Lens = []int{4, 1, 3}
	y := net.Forward(network.Pass{Mode: network.Train}, w, x)
	whole := ofLSTM(spec, w, x, y)
	// One example and length at a time, the means are of what each contributes.
	var forget, cells float64
	for e, length := range x.Lens {
		one := x.Slice(e, e+1)
		part := ofLSTM(spec, w, one, y.Slice(e, e+1))
		forget += part.Forget * float64(length)
		cells += float64(length)
	}
	within(t, "forget gates by example", whole.Forget, forget/cells, 1e-14)
	// The last output by hand, from the same recurrence.
	h, c := make([]float64, 3), make([]float64, 3)
	bias, peep := w[4*3*5:], w[4*3*5+12:]
	var sum, saturated float64
	flat := func(a float64) {
		if a*(1-a) < 0.05/4 {
			saturated++
		}
	}
	for s := range 4 {
		next := make([]float64, 3)
		for u := range 3 {
			z := func(gate int, state float64) float64 {
				row := w[(gate*3+u)*5:][:5]
				v := bias[gate*3+u] + row[0]*x.Row(2 * s)[0] + row[1]*x.Row(2*s + 1)[0]
				for k := range 3 {
					v += row[2+k] * h[k]
				}
				if gate < 3 {
					v += peep[gate*3+u] * state
				}
				return v
			}
			i, f := sigmoid(z(0, c[u])), sigmoid(z(1, c[u]))
			sum += f
			c[u] = f*c[u] + i*math.Tanh(z(3, 0))
			o := sigmoid(z(2, c[u]))
			next[u] = o * math.Tanh(c[u])
			flat(i)
			flat(f)
			flat(o)
		}
		h = next
	}
	for u := range 3 {
		within(t, "output by hand", y.Row(9 + u)[0], h[u], 1e-12)
	}
	r := ofLSTM(spec, w, x.Slice(0, 1), y.Slice(0, 1))
	within(t, "forget gates by hand", r.Forget, sum/12, 1e-12)
	within(t, "saturated gates by hand", r.Saturated, saturated/36, 1e-15)
	if saturated < 5 || saturated > 31 {
		t.Errorf("%v of 36 gates are saturated, and the test shows little", saturated)
	}
}

// Of a GRU the update gates are those that keep a state. They are computed from inputs and
// outputs, in sequences of different lengths.
func TestGatesOfAGRU(t *testing.T) {
	const hidden, in = 3, 2
	spec := network.GRU{Hidden: hidden}
	net := mustNew[float64](t, network.Shape{4, in}, spec)
	w := make([]float64, net.Dim())
	bias := w[3*hidden*(in+hidden):]
	copy(bias, []float64{0, 9, 1, 3, -9, 0.5, 20, 20, 20, 20, 20, 20}) // r r r z z z n n n, bn
	x := images(newRand(1).NormFloat64, network.Shape{4, in}, 5)
	r := ofGRU(spec, w, x, net.Forward(network.Pass{Mode: network.Train}, w, x))
	within(t, "update gates", r.Forget, (sigmoid(3)+sigmoid(-9)+sigmoid(0.5))/3, 1e-14)
	// 9, 3 and -9: the slope of a gate at 3 is 0.18 of the largest, and one that is open
	// counts as well as one that is shut.
	within(t, "saturated gates", r.Saturated, 2.0/6, 1e-15)
	if r.Norm != 0 || r.Radius != 0 {
		t.Errorf("norm %v and radius %v of no weights, want 0", r.Norm, r.Radius)
	}

	// By hand, from the layer's equations, with weights that shut and open some.
	rng := newRand(3)
	for i := range w {
		w[i] = 2 * rng.NormFloat64()
	}
	x = images(rng.NormFloat64, network.Shape{4, in}, 3)
	x.Lens = []int{4, 1, 3}
	y := net.Forward(network.Pass{Mode: network.Train}, w, x)
	wx, wh, bn := w[:3*hidden*in], w[3*hidden*in:][:3*hidden*hidden], bias[3*hidden:]
	var kept, saturated, units float64
	for e, steps := range x.Lens {
		h := make([]float64, hidden)
		for s := range steps {
			next := make([]float64, hidden)
			for u := range hidden {
				net := func(gate int) float64 {
					return row(wx[(gate*hidden+u)*in:], []float64{x.Row(2 * s)[e], x.Row(2*s + 1)[e]}) + bias[gate*hidden+u]
				}
				back := func(gate int) float64 { return row(wh[(gate*hidden+u)*hidden:], h) }
				r, z := sigmoid(net(0)+back(0)), sigmoid(net(1)+back(1))
				next[u] = (1-z)*math.Tanh(net(2)+r*(back(2)+bn[u])) + z*h[u]
				for _, a := range []float64{r, z} {
					if a*(1-a) < 0.05/4 {
						saturated++
					}
				}
				kept += z
				units++
			}
			h = next
		}
		for u := range hidden {
			within(t, "output by hand", y.Row((steps-1)*hidden + u)[e], h[u], 1e-12)
		}
	}
	r = ofGRU(spec, w, x, y)
	within(t, "update gates by hand", r.Forget, kept/units, 1e-12)
	within(t, "saturated gates by hand", r.Saturated, saturated/(2*units), 1e-15)
	if saturated < 5 || saturated > 2*units-5 {
		t.Errorf("%v of %v gates are saturated, and the test shows little", saturated, 2*units)
	}
	if survey := Take(mustNew[float64](t, network.Shape{4, in}, spec, network.Last{}), w, x, loss.MSE, values(normal(rng, hidden, 3))); survey.Recurrent[0].Forget != r.Forget {
		t.Errorf("a survey has update gates %v, want %v", survey.Recurrent[0].Forget, r.Forget)
	}
}

// Of memory cells of 1997 the units see the gates of the step before, too: by hand, from
// the layer's equations, in sequences of different lengths. There is no forget gate.
func TestGatesOfLSTM1997(t *testing.T) {
	const blocks, size, in, steps = 2, 2, 2, 4
	const units = blocks * (2 + size)
	spec := network.LSTM1997{Blocks: blocks, Size: size}
	net := mustNew[float64](t, network.Shape{steps, in}, spec)
	w, rng := make([]float64, net.Dim()), newRand(4)
	for i := range w {
		w[i] = 4 * rng.NormFloat64()
	}
	x := images(rng.NormFloat64, network.Shape{steps, in}, 3)
	x.Lens = []int{4, 1, 3}
	y := net.Forward(network.Pass{Mode: network.Train}, w, x)
	var saturated, count float64
	for e, length := range x.Lens {
		u, c := make([]float64, units), make([]float64, blocks*size)
		for s := range length {
			next := make([]float64, units)
			net := func(unit int) float64 {
				return row(w[unit*(in+units):], []float64{x.Row(2 * s)[e], x.Row(2*s + 1)[e]}, u) + w[units*(in+units)+unit]
			}
			for gate := range 2 * blocks {
				next[gate] = sigmoid(net(gate))
				if a := next[gate]; a*(1-a) < 0.05/4 {
					saturated++
				}
				count++
			}
			for k := range c {
				c[k] += next[k/size] * (4*sigmoid(net(2*blocks+k)) - 2)
				next[2*blocks+k] = next[blocks+k/size] * (2*sigmoid(c[k]) - 1)
			}
			u = next
		}
		for k := range c {
			within(t, "output by hand", y.Row((length-1)*len(c) + k)[e], u[2*blocks+k], 1e-12)
		}
	}
	r := ofLSTM1997(spec, w, x, y)
	within(t, "saturated gates by hand", r.Saturated, saturated/count, 1e-15)
	if saturated < 5 || saturated > count-5 {
		t.Errorf("%v of %v gates are saturated, and the test shows little", saturated, count)
	}
	if !math.IsNaN(r.Forget) {
		t.Errorf("forget gates %v, want NaN: there are none", r.Forget)
	}
	last := mustNew[float64](t, network.Shape{steps, in}, spec, network.Last{})
	if s := Take(last, w, x, loss.MSE, values(normal(rng, blocks*size, 3))).Recurrent[0]; s.Saturated != r.Saturated || s.Norm != r.Norm {
		t.Errorf("a survey has %+v, want %+v", s, r)
	}
}
