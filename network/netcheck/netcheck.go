package netcheck

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/joust-bench/joust/network"
)

// A Report says what was compared, and how close it came. Relative errors are
// |a-b| / (|a|+|b|) with a floor of 1e-7 below, after rounding is allowed for.
type Report struct {
	Coordinates int     // weights and inputs compared with a finite difference
	Kinks       int     // others, discarded for a kink between the evaluations
	Weight      float64 // largest relative error of a weight's gradient
	Input       float64 // largest relative error of an input's gradient
	Direction   float64 // largest relative error along a random direction
	Float32     float64 // largest difference from float64, as a share of the largest value
}

func (r Report) String() string {
	return fmt.Sprintf("%d coordinates, %d kinks; relative errors: weights %.1e, inputs %.1e, directions %.1e; float32 %.1e",
		r.Coordinates, r.Kinks, r.Weight, r.Input, r.Direction, r.Float32)
}

// Layer fails t unless the network of specs, for inputs of shape in, passes
// [Check]. It measures allocations, so no other test may run in parallel.
func Layer(t testing.TB, in network.Shape, specs ...network.Spec) {
	t.Helper()
	r, err := Check(in, specs...)
	if err != nil {
		t.Errorf("%v %+v: %v", in, specs, err)
		return
	}
	t.Log(r)
}

// Check compares the gradients of the network of specs, for inputs of shape
// in, with finite differences, and tests the rest of what a network promises.
// The error joins all that failed. The same network gets the same check.
func Check(in network.Shape, specs ...network.Spec) (Report, error) {
	f64, err := network.New[float64](in, specs...)
	if err != nil {
		return Report{}, err
	}
	f32, err := network.New[float32](in, specs...)
	if err != nil {
		return Report{}, err
	}
	return check(actual[float64]{f64}, actual[float32]{f32})
}

// A model is what is checked: a network, or in tests of this package one that
// is wrong in some way.
type model[T network.Float] interface {
	In() network.Shape
	Out() network.Shape
	Dim() int
	Blocks() []network.Block
	BatchStatistics() bool
	Init(rng *rand.Rand) []float64
	Forward(p network.Pass, w []T, x network.Tensor[T]) network.Tensor[T]
	Backward(w, dw []T, dy network.Tensor[T]) network.Tensor[T]
	BackwardWeights(w, dw []T, dy network.Tensor[T])
	Watch(o network.Observer[T])
	clone() model[T]
}

type actual[T network.Float] struct{ *network.Network[T] }

func (a actual[T]) clone() model[T] { return actual[T]{a.Clone()} }

// batch is neither a power of two nor a multiple of a vector's length.
const batch = 7

func check(f64 model[float64], f32 model[float32]) (Report, error) {
	var r Report
	errs := []error{blocks(f64), blocks(f32)}
	sizes := []int{batch}
	if !f64.BatchStatistics() {
		sizes = append(sizes, 1)
	}
	for _, n := range sizes {
		c64, c32 := newCase(f64, n), newCase(f32, n)
		errs = append(errs,
			gradient(&r, c64),
			contract(c64, 1e-12),
			contract(c32, 1e-4),
			precision(&r, c64, c32))
	}
	return r, errors.Join(errs...)
}

// blocks tests that the blocks tile the weights.
func blocks[T network.Float](m model[T]) error {
	off, seen := 0, map[string]bool{}
	for _, b := range m.Blocks() {
		switch {
		case b.Off != off || b.Len < 1:
			return fmt.Errorf("block %s: offset %d, length %d, want offset %d and a positive length", b.Name, b.Off, b.Len, off)
		case b.Rows < 1 || b.Len%b.Rows != 0:
			return fmt.Errorf("block %s: %d weights in %d rows, want rows of one length", b.Name, b.Len, b.Rows)
		case b.Name == "" || seen[b.Name]:
			return fmt.Errorf("block %q: want a name of its own", b.Name)
		}
		seen[b.Name] = true
		off += b.Len
	}
	if off != m.Dim() {
		return fmt.Errorf("blocks cover %d weights, want %d", off, m.Dim())
	}
	if w := m.Init(newRand()); len(w) != off {
		return fmt.Errorf("%d initial weights, want %d", len(w), off)
	}
	return nil
}

// newRand is the source of everything random in a check, the same in each.
func newRand() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

// A testCase is a model with weights, inputs, and the gradient of the loss
// with respect to its outputs: the loss is the sum of dy times y.
type testCase[T network.Float] struct {
	model[T]
	rng   *rand.Rand
	pass  network.Pass
	w     []T
	x, dy network.Tensor[T]
}

// newCase draws a batch of n examples, and weights around the initial ones: at
// those themselves biases are 0, and their mistakes might not show. All numbers
// fit a float32, so that cases of both precisions have the same.
func newCase[T network.Float](m model[T], n int) testCase[T] {
	c := testCase[T]{model: m, rng: newRand(), pass: train}
	for _, v := range m.Init(c.rng) {
		c.w = append(c.w, T(float32(v+0.2*c.rng.NormFloat64())))
	}
	c.x, c.dy = c.draw(m.In(), n, 1), c.draw(m.Out(), n, 1/float64(n))
	return c
}

// draw returns n examples with values from N(0, std^2).
func (c testCase[T]) draw(s network.Shape, n int, std float64) network.Tensor[T] {
	x := network.NewTensor[T](s, n)
	for f := range s.Len() {
		row := x.Row(f)
		for i := range row {
			row[i] = T(float32(std * c.rng.NormFloat64()))
		}
	}
	return x
}

// train is how every check computes: with the statistics of the minibatch.
var train = network.Pass{Mode: network.Train, Seed: 1, Step: 1}

// run returns copies of outputs and gradients, the padding left out.
func (c testCase[T]) run() (y, dw, dx []T) {
	y = values(c.Forward(c.pass, c.w, c.x))
	dw = make([]T, len(c.w))
	dx = values(c.Backward(c.w, dw, c.dy))
	return y, dw, dx
}

// values returns a copy of the values of x, row after row, without padding.
func values[T network.Float](x network.Tensor[T]) []T {
	var v []T
	for f := range x.Shape.Len() {
		v = append(v, x.Row(f)...)
	}
	return v
}
