package network

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// chained is a layer in a network, with weights that it was drawn, inputs, and an
// error at the last step, after a forward pass.
func chained(t *testing.T, in Shape, s Spec, n int, seed uint64) (l layer[float64], w, dw []float64, dy Tensor[float64]) {
	t.Helper()
	net, err := New[float64](in, s)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(seed, 1))
	w, dw = net.Init(rng), make([]float64, net.Dim())
	x := NewTensor[float64](in, n)
	for i := range x.Data {
		x.Data[i] = rng.NormFloat64()
	}
	net.Forward(Pass{Mode: Train}, w, x)
	dy = NewTensor[float64](net.Out(), n)
	last := dy.Data[(in[0]-1)*net.Out()[1]*dy.Stride:]
	for i := range last {
		last[i] = rng.NormFloat64()
	}
	return net.root.nodes[0].layer, w, dw, dy
}

func norm(x []float64) float64 {
	s := 0.0
	for _, v := range x {
		s += v * v
	}
	return math.Sqrt(s)
}

// stateError is the gradient with respect to the cell states before step t, or after
// the last one.
func stateError(l *lstm[float64], w, dw []float64, dy Tensor[float64], t int) []float64 {
	if t < l.steps {
		l.sweep(w, dw, dy, t, l.steps-1, 0, false)
		return slices.Clone(l.dc)
	}
	size := l.spec.Hidden * l.ld
	o, tanhC, e := l.gates[(4*t-2)*size:], l.tanhC[(t-1)*size:], dy.Data[(t-1)*size:]
	errors := make([]float64, size)
	for i := range errors {
		errors[i] = e[i] * o[i] * (1 - tanhC[i]*tanhC[i])
	}
	return errors
}

// The forget gates' bias sets how far back the gradient of a state reaches: at lag 99,
// as a share of that at the last step, it is below 1e-9 with a bias of 0, between 1e-4
// and 1 with 1, and above 0.3 with 5, in the geometric mean of five draws (Gers,
// Schmidhuber & Cummins 2000).
func TestForgetBiasSetsTheHorizon(t *testing.T) {
	for _, tt := range []struct{ bias, least, most float64 }{{0, 0, 1e-9}, {1, 1e-4, 1}, {5, 0.3, math.Inf(1)}} {
		share := 1.0
		for seed := range uint64(5) {
			l, w, dw, dy := chained(t, Shape{100, 2}, LSTM{Hidden: 32, ForgetBias: tt.bias}, 8, seed)
			cells := l.(*lstm[float64])
			share *= math.Pow(norm(stateError(cells, w, dw, dy, 1))/norm(stateError(cells, w, dw, dy, 100)), 0.2)
		}
		t.Logf("forget bias %v: share %.1e", tt.bias, share)
		if !(share > tt.least && share < tt.most) {
			t.Errorf("forget bias %v: share %.1e at lag 99, want it between %v and %v", tt.bias, share, tt.least, tt.most)
		}
	}
}

// With truncated gates, the gradient of a state is that of the next times its forget
// gate, and where that is 1 and nothing comes in, it stays as it is: the
// constant error carousel.
func TestTruncatedStateErrors(t *testing.T) {
	const steps, hidden, n = 30, 5, 3
	for _, peepholes := range []bool{false, true} {
		l, w, dw, dy := chained(t, Shape{steps, 2}, LSTM{Hidden: hidden, Truncated: true, Peepholes: peepholes, ForgetBias: 1}, n, 1)
		cells := l.(*lstm[float64])
		check := func(what string, factor func(step, i int) float64, tolerance float64) {
			for s := steps - 1; s > 0; s-- { // no error from outside comes in
				after := stateError(cells, w, dw, dy, s+1)
				for i, e := range stateError(cells, w, dw, dy, s) {
					want := after[i] * factor(s, i)
					if !(math.Abs(e-want) <= tolerance*math.Abs(want)) || e == 0 {
						t.Errorf("%s: gradient of state %d before step %d is %v, want %v and not 0", what, i, s, e, want)
					}
				}
			}
		}
		check("drawn gates", func(step, i int) float64 { return cells.gates[(4*step+1)*hidden*n+i] }, 4e-16)

		bias := w[4*hidden*(2+hidden):]
		for u := range hidden {
			bias[u], bias[hidden+u] = -40, 40
		}
		cells.forward(Pass{}, w, cells.x)
		check("carousel", func(int, int) float64 { return 1 }, 1e-12)
	}
}

// In the cell of 1997 with its own learning rule, the carousel is there whatever the
// weights are.
func TestLSTM1997Carousel(t *testing.T) {
	l, w, dw, dy := chained(t, Shape{20, 2}, LSTM1997{Blocks: 2, Size: 2, Range: 2, Truncated: true}, 3, 1)
	cells := l.(*lstm1997[float64])
	cells.backward(w, dw, dy, false)
	const rows = 4 * 3
	o, h, e := cells.u[(19*8+2)*3:], cells.h[19*rows:], dy.Data[19*rows:]
	for i, got := range cells.dc { // of the state before the first step
		block := i / 3 / 2
		want := e[i] * o[block*3+i%3] * (1 - h[i]*h[i]) / 2
		if math.Abs(got-want) > 1e-15*math.Abs(want) || got == 0 {
			t.Errorf("gradient of state %d is %v, want %v as after the last step", i, got, want)
		}
	}
	cells.spec.Truncated = false
	cells.backward(w, dw, dy, false)
	if got := norm(cells.dc) / norm(e[:rows]); math.Abs(got-1) < 0.01 {
		t.Errorf("not truncated, the gradient before the first step is %v times that of the outputs, want another", got)
	}
}

// The spectral norm is that of a matrix with known singular values, equal and nearly
// equal ones too.
func TestSpectralNorm(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	orthogonal, err := namedOr("orthogonal", "")
	if err != nil {
		t.Fatal(err)
	}
	for _, values := range [][]float64{
		{3},
		{0, 0},
		{1, 0},
		{2, 2, 2},
		{1e-9, 1e-12},
		{1, 1 - 1e-9, 0.5},
		{1e6, 999999, 1e-6, 0},
		{1, 1, 1, 1 - 1e-4, 0.9, 0.9, 1e-3, 0},
	} {
		n := len(values)
		u, v := make([]float64, n*n), make([]float64, n*n)
		shape := recurrence{units: n}.shape()
		orthogonal.Fill(u, shape, rng)
		orthogonal.Fill(v, shape, rng)
		w := make([]float64, n*n)
		largest := 0.0
		for k, s := range values {
			largest = max(largest, s)
			for i := range n {
				for j := range n {
					w[i*n+j] += u[i*n+k] * s * v[j*n+k]
				}
			}
		}
		if got := spectralNorm(w, n); math.Abs(got-largest) > 1e-14*largest {
			t.Errorf("singular values %v: norm %.17g", values, got)
		}
	}
}
