package netcheck

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/joust-bench/joust/network"
)

// tensors and passes of the precision that most is checked at.
type (
	tensor = network.Tensor[float64]
	inner  = model[float64]
)

// A mutant is a network with something wrong in it.
type mutant struct {
	inner
	forward  func(m inner, p network.Pass, w []float64, x tensor) tensor
	backward func(m inner, w, dw []float64, dy tensor) tensor
	weights  func(m inner, w, dw []float64, dy tensor)
	twin     func(m *mutant) inner
	blocks   []network.Block
}

func (m *mutant) Forward(p network.Pass, w []float64, x tensor) tensor {
	if m.forward != nil {
		return m.forward(m.inner, p, w, x)
	}
	return m.inner.Forward(p, w, x)
}

func (m *mutant) Backward(w, dw []float64, dy tensor) tensor {
	if m.backward != nil {
		return m.backward(m.inner, w, dw, dy)
	}
	return m.inner.Backward(w, dw, dy)
}

func (m *mutant) BackwardWeights(w, dw []float64, dy tensor) {
	switch {
	case m.weights != nil:
		m.weights(m.inner, w, dw, dy)
	case m.backward != nil:
		m.backward(m.inner, w, dw, dy)
	default:
		m.inner.BackwardWeights(w, dw, dy)
	}
}

func (m *mutant) Blocks() []network.Block {
	if m.blocks != nil {
		return m.blocks
	}
	return m.inner.Blocks()
}

func (m *mutant) clone() inner {
	if m.twin != nil {
		return m.twin(m)
	}
	c := *m
	c.inner = m.inner.clone()
	return &c
}

var (
	in     = network.Shape{3}
	smooth = network.Specs{network.Dense{Out: 4}, network.Activation{Func: "tanh"}, network.Dense{Out: 2}}
	kinked = network.Specs{network.Dense{Out: 4}, network.Activation{Func: "relu"}, network.Dense{Out: 2}}
	// The blocks of both: 12 weights, 4 biases, 8 weights, 2 biases.
	lastBias = 24
)

func build[T network.Float](t *testing.T, specs network.Specs) actual[T] {
	t.Helper()
	n, err := network.New[T](in, specs...)
	if err != nil {
		t.Fatal(err)
	}
	return actual[T]{n}
}

// sink keeps an allocation from being optimised away.
var sink []float64

// Whatever is wrong with a network, the check says so, in words that lead to
// it; what is wrong in a relative 1e-5 too.
func TestMutantsAreCaught(t *testing.T) {
	calls := 0
	for _, tt := range []struct {
		name  string
		specs network.Specs
		m     mutant
		want  string
	}{
		{"no mutation", smooth, mutant{}, ""},
		{"no mutation with kinks", kinked, mutant{}, ""},
		{
			"a slope that is slightly wrong", smooth,
			mutant{backward: func(m inner, w, dw []float64, dy tensor) tensor {
				old := append([]float64(nil), dw...)
				dx := m.Backward(w, dw, dy)
				for i := range 12 {
					dw[i] += 1e-5 * (dw[i] - old[i])
				}
				return dx
			}},
			"of 0.dense.w: gradient",
		},
		{
			"a slope that is wrong below a kink", kinked,
			mutant{backward: func(m inner, w, dw []float64, dy tensor) tensor {
				old := append([]float64(nil), dw...)
				dx := m.Backward(w, dw, dy)
				for i := range 12 {
					dw[i] += 1e-3 * (dw[i] - old[i])
				}
				return dx
			}},
			"of 0.dense.w: gradient",
		},
		{
			"no gradient of the bias", smooth,
			mutant{backward: func(m inner, w, dw []float64, dy tensor) tensor {
				old := [2]float64(dw[lastBias:])
				dx := m.Backward(w, dw, dy)
				copy(dw[lastBias:], old[:])
				return dx
			}},
			"of 2.dense.b: gradient 0,",
		},
		{
			"a batch of one is wrong", smooth,
			mutant{backward: func(m inner, w, dw []float64, dy tensor) tensor {
				dx := m.Backward(w, dw, dy)
				if dy.N == 1 {
					dw[0] *= 1.001
				}
				return dx
			}},
			"batch of 1: weight 0",
		},
		{
			"a wrong gradient of the inputs", smooth,
			mutant{backward: func(m inner, w, dw []float64, dy tensor) tensor {
				dx := m.Backward(w, dw, dy)
				for i := range dx.Row(1) {
					dx.Row(1)[i] *= 1 + 1e-5
				}
				return dx
			}},
			"input 1 of example",
		},
		{
			"the gradient overwrites", smooth,
			mutant{backward: func(m inner, w, dw []float64, dy tensor) tensor {
				clear(dw)
				return m.Backward(w, dw, dy)
			}},
			"a second Backward makes the gradient",
		},
		{
			"BackwardWeights forgets a bias", smooth,
			mutant{weights: func(m inner, w, dw []float64, dy tensor) {
				m.BackwardWeights(w, dw, dy)
				dw[lastBias] = 0
			}},
			"by BackwardWeights, gradients of the weights are not",
		},
		{
			"padding is read", smooth,
			mutant{forward: func(m inner, p network.Pass, w []float64, x tensor) tensor {
				y := m.Forward(p, w, x)
				if x.Stride > x.N {
					y.Data[0] += x.Data[x.N]
				}
				return y
			}},
			"with NaN in the padding, outputs are not",
		},
		{
			"padding of gradients is read", smooth,
			mutant{backward: func(m inner, w, dw []float64, dy tensor) tensor {
				dx := m.Backward(w, dw, dy)
				if dy.Stride > dy.N {
					dw[lastBias] += dy.Data[dy.N]
				}
				return dx
			}},
			"with NaN in the padding, gradients of the weights are not",
		},
		{
			"an example's place matters", smooth,
			mutant{forward: func(m inner, p network.Pass, w []float64, x tensor) tensor {
				y := m.Forward(p, w, x)
				y.Data[0] += 1
				return y
			}},
			"examples in another order: output",
		},
		{
			"outputs have a history", smooth,
			mutant{forward: func(m inner, p network.Pass, w []float64, x tensor) tensor {
				calls++
				y := m.Forward(p, w, x)
				y.Data[0] += float64(calls)
				return y
			}},
			"run a second time, outputs are not",
		},
		{
			"left over from a larger batch", smooth,
			func() mutant {
				largest := 0
				return mutant{forward: func(m inner, p network.Pass, w []float64, x tensor) tensor {
					largest = max(largest, x.N)
					y := m.Forward(p, w, x)
					if largest > batch {
						y.Data[0]++
					}
					return y
				}}
			}(),
			"after a larger batch, outputs are not",
		},
		{
			"the weights are changed", smooth,
			mutant{forward: func(m inner, p network.Pass, w []float64, x tensor) tensor {
				y := m.Forward(p, w, x)
				w[0] = math.Nextafter(w[0], 9)
				return y
			}},
			"the pass changed its weights",
		},
		{
			"the output gradients are changed", smooth,
			mutant{backward: func(m inner, w, dw []float64, dy tensor) tensor {
				dx := m.Backward(w, dw, dy)
				dy.Data[0]++
				return dx
			}},
			"the pass changed its output gradients",
		},
		{
			"a clone is the same network", smooth,
			mutant{twin: func(m *mutant) inner { return m }},
			"with a clone at work in between, gradients of the weights are not",
		},
		{
			"something is allocated", smooth,
			mutant{forward: func(m inner, p network.Pass, w []float64, x tensor) tensor {
				sink = make([]float64, 100)
				return m.Forward(p, w, x)
			}},
			"1 allocations in a training step, want none",
		},
		{
			"a gap between blocks", smooth,
			mutant{blocks: []network.Block{{Name: "w", Len: 3, Rows: 1}, {Name: "b", Off: 4, Len: 1, Rows: 1}}},
			"block b: offset 4, length 1, want offset 3",
		},
		{
			"weights in no block", smooth,
			mutant{blocks: []network.Block{{Name: "w", Len: 3, Rows: 1}}},
			"blocks cover 3 weights, want 26",
		},
		{
			"two blocks of one name", smooth,
			mutant{blocks: []network.Block{{Name: "w", Len: 13, Rows: 1}, {Name: "w", Off: 13, Len: 13, Rows: 1}}},
			`block "w": want a name of its own`,
		},
		{
			"rows of different lengths", smooth,
			mutant{blocks: []network.Block{{Name: "w", Len: 26, Rows: 4}}},
			"block w: 26 weights in 4 rows",
		},
	} {
		tt.m.inner = build[float64](t, tt.specs)
		_, err := check(&tt.m, build[float32](t, tt.specs))
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("%s: %v", tt.name, err)
		case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%s: error %v, want %s", tt.name, err, tt.want)
		}
	}
}

// A float32 network that is off by a hundred of its roundings is not the same
// function.
func TestPrecisionIsChecked(t *testing.T) {
	n := build[float64](t, smooth)
	_, err := check(n, coarse{build[float32](t, smooth)})
	if err == nil || !strings.Contains(err.Error(), "float32: outputs differ") {
		t.Errorf("error %v, want float32: outputs differ", err)
	}
}

type coarse struct{ model[float32] }

func (m coarse) Forward(p network.Pass, w []float32, x network.Tensor[float32]) network.Tensor[float32] {
	y := m.model.Forward(p, w, x)
	for i := range y.Data {
		y.Data[i] *= 1 + 100*0x1p-23
	}
	return y
}

// At a kink a finite difference is half-way between two slopes; it is not
// compared with either.
func TestKinksAreDiscarded(t *testing.T) {
	n, err := network.New[float64](network.Shape{1}, network.Dense{Out: 1}, network.Activation{Func: "relu"})
	if err != nil {
		t.Fatal(err)
	}
	var r Report
	c := newCase(actual[float64]{n}, 1)
	c.w[0], c.w[1], c.x.Data[0] = 1, -1, 1+1e-7
	err = gradient(&r, c)
	if r.Kinks == 0 || r.Coordinates != 0 {
		t.Errorf("%d kinks, %d coordinates compared, want all discarded", r.Kinks, r.Coordinates)
	}
	if err == nil || !strings.Contains(err.Error(), "discarded for a kink, and only 0 compared") {
		t.Errorf("error %v, want that too many were discarded", err)
	}
}

// tb is a test that can fail without consequences.
type tb struct {
	testing.TB
	failed string
}

func (t *tb) Helper()                           {}
func (t *tb) Log(...any)                        {}
func (t *tb) Errorf(format string, args ...any) { t.failed = format }

func TestLayerFailsItsTest(t *testing.T) {
	bad := &tb{}
	Layer(bad, in, network.Dense{})
	if bad.failed == "" {
		t.Error("a network that cannot be built passes")
	}
	good := &tb{}
	Layer(good, in, smooth...)
	if good.failed != "" {
		t.Errorf("a network without fault fails: %s", good.failed)
	}
}

// The check is not sensitive to its luck: other draws find no fault either.
func TestManySeeds(t *testing.T) {
	specs := network.Specs{
		network.Dense{Out: 4},
		network.Residual{Body: network.Specs{network.BatchNorm{}, network.Activation{Func: "sigmoid"}, network.Dense{Out: 4}}},
		network.Activation{Func: "relu"},
	}
	for seed := range uint64(40) {
		n := build[float64](t, specs)
		c := newCase(n, batch)
		c.rng = rand.New(rand.NewPCG(seed, 9))
		for i := range c.w {
			c.w[i] += 0.5 * c.rng.NormFloat64()
		}
		for i := range c.x.Data {
			c.x.Data[i] = c.rng.NormFloat64()
		}
		var r Report
		if err := gradient(&r, c); err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
	}
}
