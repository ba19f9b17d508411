package network

import (
	"fmt"
	"math"

	"github.com/joust-bench/joust/network/kernel"
)

// Noise moves and stretches what passes, in mode [Train], anew in every step: after
// a [BatchNorm] it undoes what that is said to be good for, distributions that stay
// where they are (Santurkar et al. 2018, arXiv:1805.11604, section 2.2 and appendix
// A). Feature f, or channel f of an image, of example e becomes
//
//	y = x*(s[f] + ScaleSpread*z[f][e]) + m[f] + ShiftSpread*u[f][e]
//
// with s[f] from U(1, Scale) and m[f] from U(-Shift, Shift) drawn for the step, and
// z from N(0, 1) and u from U(-1, 1) for each value. The gradient takes them for
// constants. In the other modes it is the identity.
//
// What is drawn is a function of the [Pass]'s seed and step, the layer, the
// example and the value, as with [Dropout].
type Noise struct {
	Shift       float64 `json:"shift,omitempty" doc:"largest mean shift of a feature"`
	Scale       float64 `json:"scale,omitempty" doc:"largest mean scale of a feature, at least 1; 0: 1"`
	ShiftSpread float64 `json:"shift_spread,omitempty" doc:"largest deviation of the shifts of single values"`
	ScaleSpread float64 `json:"scale_spread,omitempty" doc:"standard deviation of the scales of single values"`
}

func (Noise) spec() string { return "noise" }

type noise[T Float] struct {
	weightless
	gradient[T]
	spec      Noise
	shape     Shape
	positions int // values of a feature in one example
	number    int // of the layer

	acts  bool // the last forward did
	y     Tensor[T]
	scale Tensor[T] // what each value was multiplied with
	draws [3][]float64
}

func newNoise[T Float](in Shape, s Noise, number int) (*noise[T], error) {
	if s.Scale == 0 {
		s.Scale = 1
	}
	for _, v := range []struct {
		name        string
		value, from float64
	}{{"shift", s.Shift, 0}, {"scale", s.Scale, 1}, {"shift_spread", s.ShiftSpread, 0}, {"scale_spread", s.ScaleSpread, 0}} {
		if !(v.value >= v.from) || !finite(v.value) {
			return nil, fmt.Errorf("%s is %v, want a number of at least %v", v.name, v.value, v.from)
		}
	}
	l := &noise[T]{spec: s, shape: in, positions: 1, number: number}
	switch len(in) {
	case 1:
	case 3:
		l.positions = in[1] * in[2]
	default:
		return nil, fmt.Errorf("want a vector (F) or an image (C, H, W), got %v", in)
	}
	return l, nil
}

func (l *noise[T]) out() Shape { return l.shape }

func (l *noise[T]) forward(p Pass, _ []T, x Tensor[T]) Tensor[T] {
	l.acts = p.Mode == Train
	if !l.acts {
		return x
	}
	stride := strideOf[T](l.shape, x.N)
	l.y.resize(l.shape, x.N, stride)
	l.scale.resize(l.shape, x.N, stride)
	for i := range l.draws {
		l.draws[i] = grow(l.draws[i], x.N)
	}
	for f := range l.shape.Len() {
		// Keys of features, for the step, and of values are told apart by their
		// sign.
		feature := p.key(l.number, -1-f/l.positions)
		m := float64(l.spec.Shift * (2*unit(kernel.Mix(feature, 0)) - 1))
		s := 1 + float64((l.spec.Scale-1)*unit(kernel.Mix(feature, 1)))
		z, u := l.draw(p.key(l.number, f), p.First)
		y, scale := l.y.Row(f), l.scale.Row(f)
		for e, v := range x.Row(f) {
			scale[e] = T(s + float64(l.spec.ScaleSpread*z[e]))
			y[e] = T(v*scale[e]) + T(m+float64(l.spec.ShiftSpread*u[e]))
		}
	}
	return l.y
}

// draw returns numbers from N(0, 1) and U(-1, 1) for the examples of a row, the
// former by the method of Box & Muller (1958, doi:10.1214/aoms/1177706645).
func (l *noise[T]) draw(key uint64, first int) (normal, uniform []float64) {
	radius, angle, uniform := l.draws[0], l.draws[1], l.draws[2]
	for e := range radius {
		at := 2 * uint64(first+e)
		radius[e] = unit(kernel.Mix(key, at))
		angle[e] = 2 * math.Pi * unit(kernel.Mix(key, at+1))
		uniform[e] = 2*unit(kernel.Mix(^key, at)) - 1
	}
	kernel.Log(radius, radius)
	kernel.Cos(angle, angle)
	for e, c := range angle {
		angle[e] = math.Sqrt(-2*radius[e]) * c
	}
	return angle, uniform
}

// unit makes a number in (0, 1) of the high half of 64 random bits.
func unit(bits uint64) float64 { return (float64(bits>>32) + 0.5) / (1 << 32) }

func (l *noise[T]) backward(_, _ []T, dy Tensor[T], wanted bool) Tensor[T] {
	if !wanted {
		return Tensor[T]{}
	}
	l.room(l.shape, dy.N)
	if !l.acts {
		copyRows(l.dx, dy)
		return l.dx
	}
	for f := range l.shape.Len() {
		dx, scale := l.dx.Row(f), l.scale.Row(f)
		for e, d := range dy.Row(f) {
			dx[e] = d * scale[e]
		}
	}
	return l.dx
}
