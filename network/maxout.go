package network

import (
	"fmt"
	"math/rand/v2"

	"github.com/joust-bench/joust/network/initializer"
)

// Maxout is the largest of Pieces linear functions, (F) to (Out):
//
//	y[o] = max over j of W_j[o] x + b_j[o]
//
// a convex function that is learned with the rest, linear wherever it is, so that a
// gradient passes unchanged (Goodfellow et al. 2013, arXiv:1302.4389). It goes to
// the largest piece alone, the first of equal ones. The weights are W
// [Pieces][Out][F], then b [Pieces][Out].
type Maxout struct {
	Out    int `json:"out" doc:"units"`
	Pieces int `json:"pieces,omitempty" doc:"linear functions of each unit; 0: 2"`
	// Init, Gain and NoBias are those of [Dense], for each piece.
	Init   string  `json:"init,omitempty" doc:"initializer; empty: xavier-uniform"`
	Gain   float64 `json:"gain,omitempty" doc:"multiplies the initial weights; 0: 1"`
	NoBias bool    `json:"no_bias,omitempty" doc:"leave biases out, as before a batchnorm, which cancels them"`
}

func (Maxout) spec() string { return "maxout" }

// maxPieces is how many the index of one can count.
const maxPieces = 1 << 8

// maxout is a dense layer of all pieces, and the largest of each Out.
type maxout[T Float] struct {
	pieces  *dense[T]
	count   int
	outputs Shape
	y, dz   Tensor[T]
	from    []uint8 // the piece that is the largest, of each output and example
}

func newMaxout[T Float](in Shape, s Maxout) (*maxout[T], error) {
	if s.Pieces == 0 {
		s.Pieces = 2
	}
	if s.Pieces < 1 || s.Pieces > maxPieces {
		return nil, fmt.Errorf("pieces is %d, want 1 to %d", s.Pieces, maxPieces)
	}
	if s.Out < 1 || s.Out > maxLen/s.Pieces {
		return nil, fmt.Errorf("out is %d, want 1 to %d", s.Out, maxLen/s.Pieces)
	}
	pieces, err := newDense[T](in, Dense{Out: s.Pieces * s.Out, Init: s.Init, Gain: s.Gain, NoBias: s.NoBias})
	if err != nil {
		return nil, err
	}
	return &maxout[T]{pieces: pieces, count: s.Pieces, outputs: Shape{s.Out}}, nil
}

func (l *maxout[T]) out() Shape { return l.outputs }

// matrix is the shape of the weights of one piece.
func (l *maxout[T]) matrix() initializer.Shape {
	return initializer.Shape{Out: l.outputs[0], In: l.pieces.in}
}

func (l *maxout[T]) blocks() []Block {
	b := l.pieces.blocks()
	gain := l.pieces.spec.Gain
	b[0].Scale = max(gain, -gain) * l.pieces.init.Std(l.matrix())
	return b
}

// Every piece is drawn as a layer of its own: fan-out, and what is orthogonal, are
// those of one.
func (l *maxout[T]) initialize(w []float64, rng *rand.Rand) {
	m := l.matrix()
	for j := range l.count {
		piece := w[j*m.Len():][:m.Len()]
		l.pieces.init.Fill(piece, m, rng)
		for i := range piece {
			piece[i] *= l.pieces.spec.Gain
		}
	}
}

func (l *maxout[T]) forward(p Pass, w []T, x Tensor[T]) Tensor[T] {
	z := l.pieces.forward(p, w, x)
	out := l.outputs[0]
	l.y.resize(l.outputs, x.N, paddedStride[T](x.N))
	if cap(l.from) < out*x.N {
		l.from = make([]uint8, out*x.N)
	}
	l.from = l.from[:out*x.N]
	clear(l.from)
	for o := range out {
		row, from := l.y.Row(o), l.from[o*x.N:][:x.N]
		copy(row, z.Row(o))
		for j := 1; j < l.count; j++ {
			for n, v := range z.Row(j*out + o) {
				if v > row[n] || v != v && row[n] == row[n] { // a NaN stays
					row[n], from[n] = v, uint8(j)
				}
			}
		}
	}
	return l.y
}

func (l *maxout[T]) backward(w, dw []T, dy Tensor[T], wanted bool) Tensor[T] {
	out := l.outputs[0]
	l.dz.resize(l.pieces.outputs, dy.N, paddedStride[T](dy.N))
	for o := range out {
		d, from := dy.Row(o), l.from[o*dy.N:][:dy.N]
		for j := range l.count {
			row := l.dz.Row(j*out + o)
			for n, v := range d {
				if int(from[n]) != j {
					v = 0
				}
				row[n] = v
			}
		}
	}
	return l.pieces.backward(w, dw, l.dz, wanted)
}
