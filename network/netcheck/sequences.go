package netcheck

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/joust-bench/joust/network"
)

// Sequences fails t unless the network of specs, for sequences of up to in[0] steps
// of in[1] values, passes [CheckSequences]. It measures allocations, so no other
// test may run in parallel.
func Sequences(t testing.TB, in network.Shape, specs ...network.Spec) {
	t.Helper()
	r, err := CheckSequences(in, specs...)
	if err != nil {
		t.Errorf("%v %+v: %v", in, specs, err)
		return
	}
	t.Log(r)
}

// CheckSequences is [Check] for a network that heeds the lengths of sequences, on
// sequences of different lengths. Moreover, what follows the end of a sequence has
// no influence on any output or gradient, outputs and gradients of inputs there are
// 0, and each example has the outputs, and the gradient of its inputs, that it has
// alone and cut to its length.
func CheckSequences(in network.Shape, specs ...network.Spec) (Report, error) {
	c, err := newSequences(in, specs)
	if err != nil {
		return Report{}, err
	}
	return c.check()
}

// sequences are batches of sequences of different lengths, the same at either
// precision.
type sequences struct {
	c64   testCase[float64]
	c32   testCase[float32]
	short testCase[float64] // no sequence reaches the last step, after a batch of which some did
	cut   func(steps int) (model[float64], error)
}

func newSequences(in network.Shape, specs network.Specs) (sequences, error) {
	if len(in) != 2 {
		return sequences{}, fmt.Errorf("want the shape of a sequence, (T, F), got %v", in)
	}
	f64, err := network.New[float64](in, specs...)
	if err != nil {
		return sequences{}, err
	}
	f32, err := network.New[float32](in, specs...)
	if err != nil {
		return sequences{}, err
	}
	return sequencesOf(actual[float64]{f64}, actual[float32]{f32}, func(steps int) (model[float64], error) {
		n, err := network.New[float64](network.Shape{steps, in[1]}, specs...)
		return actual[float64]{n}, err
	}), nil
}

// sequencesOf are those for a model of either precision. cut builds the same one for
// sequences of so many steps.
func sequencesOf(f64 model[float64], f32 model[float32], cut func(steps int) (model[float64], error)) sequences {
	c := sequences{c64: newCase(f64, batch), c32: newCase(f32, batch), cut: cut}
	steps := f64.In()[0]
	lens := []int{1, steps, max(1, steps-1)}
	for len(lens) < batch {
		lens = append(lens, 1+c.c64.rng.IntN(steps))
	}
	c.c64.x.Lens, c.c32.x.Lens = lens, lens
	c.short = c.c64
	c.short.x.Lens = nil
	for _, n := range lens {
		c.short.x.Lens = append(c.short.x.Lens, max(1, min(n, steps-1)))
	}
	return c
}

func (c sequences) check() (Report, error) {
	var r Report
	return r, errors.Join(gradient(&r, c.c64), c.promises(&r))
}

// promises is all but the value of the gradient.
func (c sequences) promises(r *Report) error {
	return errors.Join(
		contract(c.c64, 1e-12),
		contract(c.c32, 1e-4),
		precision(r, c.c64, c.c32),
		ends(c.c64),
		ends(c.c32),
		ends(c.short),
		alone(c.c64, c.cut))
}

// afterEnd calls f for every value of x that follows the end of its sequence, with
// lengths lens. If x is not of sequences, there is none.
func afterEnd[T network.Float](x network.Tensor[T], lens []int, f func(step, example int, v *T)) {
	if len(x.Shape) != 2 {
		return
	}
	for i, n := range lens {
		for row := n * x.Shape[1]; row < x.Shape.Len(); row++ {
			f(row/x.Shape[1], i, &x.Row(row)[i])
		}
	}
}

// ends tests that nothing depends on what follows the end of a sequence.
func ends[T network.Float](c testCase[T]) error {
	y, dw, dx := c.run()
	var errs []error
	lens := c.x.Lens
	for _, v := range []struct {
		what string
		x    network.Tensor[T]
	}{
		{"output", network.Tensor[T]{Shape: c.Out(), N: c.x.N, Stride: c.x.N, Data: y}},
		{"gradient of an input", network.Tensor[T]{Shape: c.In(), N: c.x.N, Stride: c.x.N, Data: dx}},
	} {
		var err error
		afterEnd(v.x, lens, func(step, example int, v2 *T) {
			if *v2 != 0 && err == nil {
				err = fmt.Errorf("%s at step %d of example %d, which has %d: %v, want 0", v.what, step, example, lens[example], *v2)
			}
		})
		errs = append(errs, err)
	}
	poison := func(_, _ int, v *T) { *v = T(math.NaN()) }
	p := c
	p.x, p.dy = poisoned(c.x), poisoned(c.dy)
	afterEnd(p.x, lens, poison)
	afterEnd(p.dy, lens, poison)
	y2, dw2, dx2 := p.run()
	for _, v := range []struct {
		what      string
		got, want []T
	}{{"outputs", y2, y}, {"gradients of the weights", dw2, dw}, {"gradients of the inputs", dx2, dx}} {
		if i := differ(v.got, v.want); i >= 0 {
			errs = append(errs, fmt.Errorf("%T: with NaN after the ends, %s change: value %d is %v, want %v", T(0), v.what, i, v.got[i], v.want[i]))
		}
	}
	return errors.Join(errs...)
}

// alone compares each example with itself alone, cut to its length.
func alone(c testCase[float64], cut func(steps int) (model[float64], error)) error {
	y, dw, dx := c.run()
	sum := make([]float64, len(dw))
	for i, steps := range c.x.Lens {
		m, err := cut(steps)
		if err != nil {
			return fmt.Errorf("the network for %d steps: %w", steps, err)
		}
		one := c
		one.pass.First = i
		one.model, one.x, one.dy = m, example(c.x, m.In(), i), example(c.dy, m.Out(), i)
		y1, dw1, dx1 := one.run()
		for _, v := range []struct {
			what      string
			got, want []float64
		}{{"output", y, y1}, {"gradient of input", dx, dx1}} {
			for f, want := range v.want {
				if got := v.got[f*c.x.N+i]; math.Float64bits(got) != math.Float64bits(want) {
					return fmt.Errorf("%s %d of example %d is %v, want %v as alone with its %d steps", v.what, f, i, got, want, steps)
				}
			}
		}
		for j, g := range dw1 {
			sum[j] += g
		}
	}
	for j, want := range sum {
		if !near(dw[j], want, 1e-12) {
			return fmt.Errorf("gradient of weight %d is %v, want the sum of those of the examples alone, %v", j, dw[j], want)
		}
	}
	return nil
}

// example is example i of x alone, of a shape that may have fewer steps.
func example(x network.Tensor[float64], s network.Shape, i int) network.Tensor[float64] {
	one := network.NewTensor[float64](s, 1)
	for f := range s.Len() {
		one.Row(f)[0] = x.Row(f)[i]
	}
	return one
}
