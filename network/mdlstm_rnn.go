package network

import (
	"fmt"
	"math/rand/v2"

	"github.com/joust-bench/joust/network/initializer"
	"github.com/joust-bench/joust/network/kernel"
)

// MDRNN is a layer of two-dimensional recurrent units, (C, H, W) to (Units, H, W)
// (Graves, Fernández & Schmidhuber 2007, doi:10.1007/978-3-540-74690-4_56): what an
// [MDLSTM] is without memory cells. The outputs of a scan at a position are
//
//	h = tanh(W x + U h_up + L h_left + b)
//
// The weights of a scan are W [Units][C], U [Units][Units], L [Units][Units], b [Units].
type MDRNN struct {
	Units int `json:"units" doc:"of each scan"`
	// Directions and Concat are as in [MDLSTM].
	Directions int  `json:"directions,omitempty" doc:"4, or 1 for the scan to the south-east alone; 0: 4"`
	Concat     bool `json:"concat,omitempty" doc:"keep the scans apart, (4*units, H, W)"`
	// Init names the initializer of the three matrices; empty: "xavier-uniform".
	Init string `json:"init,omitempty" doc:"initializer; empty: xavier-uniform"`
	// Gain multiplies the initial U and L; 0: 1. A position has two positions before
	// it, so that at 0.5 a linear unit keeps neither growing nor shrinking.
	Gain float64 `json:"gain,omitempty" doc:"multiplies the initial weights between states; 0: 1"`
}

func (MDRNN) spec() string { return "mdrnn" }

// mdrnn computes an [MDRNN].
type mdrnn[T Float] struct {
	scan[T]
	gain float64
	init initializer.Func
}

func newMDRNN[T Float](in Shape, s MDRNN) (*mdrnn[T], error) {
	grid, err := newScan[T](in, "units", s.Units, 1, 0, s.Directions, s.Concat)
	if err != nil {
		return nil, err
	}
	if !finite(s.Gain) {
		return nil, fmt.Errorf("gain is %v, want a finite number", s.Gain)
	}
	if s.Gain == 0 {
		s.Gain = 1
	}
	name := s.Init
	if name == "" {
		name = "xavier-uniform"
	}
	init, err := initializer.ByName(name)
	if err != nil {
		return nil, err
	}
	l := &mdrnn[T]{scan: grid, gain: s.Gain, init: init}
	l.cell = (*mdrnnCell[T])(l)
	return l, nil
}

func (l *mdrnn[T]) blocks() []Block { return l.scanBlocks(l.init, l.gain) }

func (l *mdrnn[T]) initialize(w []float64, rng *rand.Rand) { l.fill(w, l.init, l.gain, rng) }

// An mdrnnCell is the layer as its scans see it.
type mdrnnCell[T Float] mdrnn[T]

func (l *mdrnnCell[T]) reserve() {}

func (l *mdrnnCell[T]) step(_ []T, way, p, _, _ int) {
	h := l.outputsOf(way, p)
	for u := range l.units {
		kernel.Tanh(h[u*l.ld:][:l.n], l.z[u*l.ld:])
	}
}

func (l *mdrnnCell[T]) stepBack(_, _ []T, way, p, _, _ int) {
	h, dh := l.outputsOf(way, p), l.dh[p*l.size():]
	for u := range l.units {
		kernel.TanhGrad(l.z[u*l.ld:][:l.n], dh[u*l.ld:], h[u*l.ld:])
	}
}
