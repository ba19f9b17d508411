package netcheck

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/activation"
)

const (
	smoothTolerance    = 1e-6 // relative error of a coordinate
	kinkedTolerance    = 1e-4 // the same, with an activation that is not smooth
	directionTolerance = 1e-7
	perBlock           = 3  // coordinates of every block, at least
	anywhere           = 50 // and of all the weights, and of all the inputs
)

// gradient compares the gradient with finite differences.
func gradient(r *Report, c testCase[float64]) error {
	d := &difference{testCase: c}
	c.Watch(d)
	defer c.Watch(nil)
	_, dw, dxRows := c.run()
	dx := spread(dxRows, c.x)
	d.tolerance = smoothTolerance
	if len(d.signs) > 0 {
		d.tolerance = kinkedTolerance
	}

	for _, b := range c.Blocks() {
		for i := range min(perBlock, b.Len) {
			at := b.Off + i
			if b.Len > perBlock {
				at = b.Off + c.rng.IntN(b.Len)
			}
			d.coordinate(&r.Weight, fmt.Sprintf("weight %d of %s", at-b.Off, b.Name), c.w, dw, at)
		}
	}
	for range anywhere {
		if len(c.w) > 0 {
			i := c.rng.IntN(len(c.w))
			d.coordinate(&r.Weight, fmt.Sprintf("weight %d", i), c.w, dw, i)
		}
		f, n := c.rng.IntN(c.x.Shape.Len()), c.rng.IntN(c.x.N)
		d.coordinate(&r.Input, fmt.Sprintf("input %d of example %d", f, n), c.x.Data, dx, f*c.x.Stride+n)
	}
	d.direction(&r.Direction, "weights", c.w, dw)
	d.direction(&r.Direction, "inputs", c.x.Data, dx)

	r.Coordinates += d.compared
	r.Kinks += d.kinks
	if d.kinks > d.compared {
		d.fail("%d coordinates were discarded for a kink, and only %d compared", d.kinks, d.compared)
	}
	return errors.Join(d.errs...)
}

// spread lays values out as x is, with zeros for padding.
func spread(v []float64, x network.Tensor[float64]) []float64 {
	data := make([]float64, len(x.Data))
	for f := range x.Shape.Len() {
		copy(data[f*x.Stride:], v[f*x.N:][:x.N])
	}
	return data
}

// A difference takes finite differences of a case's loss, and watches the
// kinks that they step over.
type difference struct {
	testCase[float64]
	tolerance       float64
	signs           []bool // of the inputs of activations that are not smooth, and the like
	compared, kinks int
	errs            []error
}

// fail keeps the first few errors: a wrong gradient is wrong everywhere.
func (d *difference) fail(format string, args ...any) {
	if len(d.errs) < 5 {
		d.errs = append(d.errs, fmt.Errorf("batch of %d: "+format, append([]any{d.x.N}, args...)...))
	}
}

// Forward implements [network.Observer].
func (d *difference) Forward(l network.Layer, w []float64, x, _ network.Tensor[float64]) {
	switch spec := l.Spec.(type) {
	case network.CReLU:
	case network.Activation:
		if f, err := activation.ByName(spec.Func); err != nil || f.Smooth {
			return
		}
	case network.Maxout:
		d.pieces(spec, w, x)
		return
	default:
		return
	}
	for f := range x.Shape.Len() {
		for _, z := range x.Row(f) {
			d.signs = append(d.signs, z > 0)
		}
	}
}

// pieces notes which piece of a maxout layer is the larger, for each two.
func (d *difference) pieces(s network.Maxout, w []float64, x network.Tensor[float64]) {
	features := x.Shape.Len()
	rows := len(w) / features
	if !s.NoBias {
		rows = len(w) / (features + 1)
	}
	z := func(row, n int) float64 {
		sum := 0.
		if !s.NoBias {
			sum = w[rows*features+row]
		}
		for f := range features {
			sum += w[row*features+f] * x.Row(f)[n]
		}
		return sum
	}
	for o := range s.Out {
		for a := o; a < rows; a += s.Out {
			for b := a + s.Out; b < rows; b += s.Out {
				for n := range x.N {
					d.signs = append(d.signs, z(a, n) > z(b, n))
				}
			}
		}
	}
}

// Backward implements [network.Observer].
func (d *difference) Backward(network.Layer, []float64, []float64, network.Tensor[float64]) {}

// central returns the difference of the loss between v+h*u and v-h*u, over 2h,
// what rounding may have added to it, and whether there was no kink between.
// v is c.w or c.x.Data, and is left as it was.
func (d *difference) central(v, u []float64, h float64) (slope, rounding float64, ok bool) {
	old := slices.Clone(v)
	at := func(h float64) ([]float64, []bool) {
		for i := range v {
			v[i] = old[i] + h*u[i]
		}
		d.signs = d.signs[:0]
		y := values(d.testCase.Forward(d.pass, d.w, d.x))
		return y, slices.Clone(d.signs)
	}
	above, signsAbove := at(h)
	below, signsBelow := at(-h)
	copy(v, old)
	for i, r := range values(d.dy) {
		slope += r * (above[i] - below[i]) / (2 * h)
		rounding += math.Abs(r*above[i]) * 0x1p-50 / (2 * h) // four roundings of each evaluation
	}
	return slope, rounding, slices.Equal(signsAbove, signsBelow)
}

// relative is the relative error of a for b, beyond what rounding explains.
func relative(a, b, rounding, floor float64) float64 {
	return max(0, math.Abs(a-b)-rounding) / max(floor, math.Abs(a)+math.Abs(b))
}

// coordinate compares g[i] with the slope of the loss in v[i].
func (d *difference) coordinate(worst *float64, what string, v, g []float64, i int) {
	u := make([]float64, len(v))
	u[i] = 1
	slope, rounding, ok := d.central(v, u, 1e-5*max(1, math.Abs(v[i])))
	if !ok {
		d.kinks++
		return
	}
	d.compared++
	e := relative(slope, g[i], rounding, 1e-7)
	*worst = max(*worst, e)
	if !(e < d.tolerance) {
		d.fail("%s: gradient %g, finite difference %g: relative error %.1e, want below %.0e", what, g[i], slope, e, d.tolerance)
	}
}

// direction compares g with the slope of the loss along a random direction,
// another one if there is a kink.
func (d *difference) direction(worst *float64, what string, v, g []float64) {
	if len(v) == 0 {
		return
	}
	const tries = 20
	u := make([]float64, len(v))
	for range tries {
		var norm, along float64
		for i := range u {
			u[i] = d.rng.NormFloat64()
			norm += u[i] * u[i]
		}
		for i := range u {
			u[i] /= math.Sqrt(norm)
			along += u[i] * g[i]
		}
		slope, rounding, ok := d.central(v, u, 1e-5)
		if !ok {
			continue
		}
		e := max(0, math.Abs(slope-along)-rounding) / (math.Abs(along) + 1e-12)
		*worst = max(*worst, e)
		if !(e < directionTolerance) {
			d.fail("along a direction of the %s: gradient %g, finite difference %g: relative error %.1e, want below %.0e", what, along, slope, e, directionTolerance)
		}
		return
	}
	d.fail("%d directions of the %s all cross a kink", tries, what)
}
