package netcheck

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/joust-bench/joust/network"
)

// contract tests what a network promises beyond the value of its gradient.
// Tolerance is for values that only rounding sets apart.
func contract[T network.Float](c testCase[T], tolerance float64) error {
	var errs []error
	y, dw, dx := c.run()
	fail := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("batch of %d, %T: "+format, append([]any{c.x.N, T(0)}, args...)...))
	}
	// same reports values that are not, bit for bit, those of the first run.
	same := func(when string, y2, dw2, dx2 []T) {
		for _, v := range []struct {
			what      string
			got, want []T
		}{{"outputs", y2, y}, {"gradients of the weights", dw2, dw}, {"gradients of the inputs", dx2, dx}} {
			if i := differ(v.got, v.want); i >= 0 {
				fail("%s, %s are not those of the first run: value %d is %v, want %v", when, v.what, i, v.got[i], v.want[i])
			}
		}
	}
	again := func(when string, c testCase[T]) {
		y2, dw2, dx2 := c.run()
		same(when, y2, dw2, dx2)
	}

	given := [][]T{slices.Clone(c.w), slices.Clone(c.x.Data), slices.Clone(c.dy.Data)}
	again("run a second time", c)
	for i, v := range [][]T{c.w, c.x.Data, c.dy.Data} {
		if differ(v, given[i]) >= 0 {
			fail("the pass changed its %s", []string{"weights", "inputs", "output gradients"}[i])
		}
	}

	padded := c
	padded.x, padded.dy = poisoned(c.x), poisoned(c.dy)
	again("with NaN in the padding", padded)

	c.Forward(c.pass, c.w, c.x)
	only := make([]T, len(c.w))
	c.BackwardWeights(c.w, only, c.dy)
	same("by BackwardWeights", y, only, dx)
	c.Backward(c.w, only, c.dy)
	for i, v := range only {
		if !near(v, 2*dw[i], tolerance) {
			fail("a second Backward makes the gradient of weight %d %v, want %v added to %v", i, v, dw[i], dw[i])
			break
		}
	}

	larger := newCase(c.model, c.x.N+3)
	larger.run()
	again("after a larger batch", c)

	twin := c
	twin.model = c.clone()
	again("by a clone", twin)
	stranger := newCase(twin.model, c.x.N)
	for i := range stranger.x.Data {
		stranger.x.Data[i] *= -2
	}
	c.Forward(c.pass, c.w, c.x)
	stranger.run()
	dw2 := make([]T, len(c.w))
	dx2 := values(c.Backward(c.w, dw2, c.dy))
	same("with a clone at work in between", y, dw2, dx2)

	if err := permuted(c, tolerance); err != nil {
		fail("%w", err)
	}

	if a := testing.AllocsPerRun(3, func() {
		c.Forward(c.pass, c.w, c.x)
		c.Backward(c.w, dw2, c.dy)
		c.BackwardWeights(c.w, dw2, c.dy)
	}); a != 0 {
		fail("%v allocations in a training step, want none", a)
	}
	return errors.Join(errs...)
}

// differ is the index of the first value that differs, a NaN included; -1:
// none.
func differ[T network.Float](a, b []T) int {
	if len(a) != len(b) {
		return 0
	}
	for i := range a {
		if math.Float64bits(float64(a[i])) != math.Float64bits(float64(b[i])) {
			return i
		}
	}
	return -1
}

// near says that a is b, but for a tolerance that grows with their size.
func near[T network.Float](a, b T, tolerance float64) bool {
	return math.Abs(float64(a)-float64(b)) <= tolerance*max(1, math.Abs(float64(b)))
}

// poisoned is x with padding, which is NaN, and no more of it than there has
// to be in the last row.
func poisoned[T network.Float](x network.Tensor[T]) network.Tensor[T] {
	p := x
	p.Stride = x.N + 5
	p.Data = make([]T, x.Shape.Len()*p.Stride)
	for i := range p.Data {
		p.Data[i] = T(math.NaN())
	}
	for f := range x.Shape.Len() {
		copy(p.Row(f), x.Row(f))
	}
	p.Data = p.Data[:len(p.Data)-5]
	return p
}

// permuted tests that the order of the examples changes only rounding, but for what
// is drawn at random for each place in a minibatch, in mode Train alone.
func permuted[T network.Float](c testCase[T], tolerance float64) error {
	n := c.x.N
	c.pass.Mode = network.Calibrate
	y, dw, dx := c.run()
	perm := c.rng.Perm(n)
	p := c
	p.x, p.dy = reordered(c.x, perm), reordered(c.dy, perm)
	y2, dw2, dx2 := p.run()
	largest := T(1)
	for _, g := range dw {
		largest = max(largest, g, -g)
	}
	for i := range dw {
		if !near(dw2[i]/largest, dw[i]/largest, tolerance) {
			return fmt.Errorf("examples in another order: gradient of weight %d is %v, want %v", i, dw2[i], dw[i])
		}
	}
	at := func(i int) int { return i/n*n + perm[i%n] }
	for i := range y {
		if want := y[at(i)]; !near(y2[i], want, tolerance) {
			return fmt.Errorf("examples in another order: output %d is %v, want %v", i, y2[i], want)
		}
	}
	for i := range dx {
		if want := dx[at(i)]; !near(dx2[i], want, tolerance) {
			return fmt.Errorf("examples in another order: gradient of input %d is %v, want %v", i, dx2[i], want)
		}
	}
	return nil
}

// reordered has example perm[i] of x as its example i.
func reordered[T network.Float](x network.Tensor[T], perm []int) network.Tensor[T] {
	r := network.NewTensor[T](x.Shape, x.N)
	if x.Lens != nil {
		r.Lens = make([]int, x.N)
		for i, j := range perm {
			r.Lens[i] = x.Lens[j]
		}
	}
	for f := range x.Shape.Len() {
		for i, j := range perm {
			r.Row(f)[i] = x.Row(f)[j]
		}
	}
	return r
}
