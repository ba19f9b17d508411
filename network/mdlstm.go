package network

import (
	"fmt"
	"math/rand/v2"

	"github.com/joust-bench/joust/network/initializer"
	"github.com/joust-bench/joust/network/kernel"
)

// MDLSTM is a layer of two-dimensional long short-term memory, (C, H, W) to
// (Cells, H, W) (Graves, Fernández & Schmidhuber 2007,
// doi:10.1007/978-3-540-74690-4_56; Graves & Schmidhuber 2009, NIPS 21). An image is
// scanned from each of its corners, with weights of each scan's own. A cell sees the
// inputs x of its position and the outputs h of the two positions before it, in its
// column and in its row, and has a forget gate for either:
//
//	i, u, l, o = sigmoid(W x + U h_up + L h_left + b)    g = tanh(the same)
//	c = u*c_up + l*c_left + i*g                          h = o*tanh(c)
//
// Outside of the image h = c = 0. The outputs of the scans are added up.
//
// The weights of a scan are W [5*Cells][C], U [5*Cells][Cells], L [5*Cells][Cells], the
// rows of i before those of u, l, o and g, then b [5*Cells], then with peepholes piu,
// pil, pu, pl and po [Cells] each. The scans are, by the direction they go in,
// south-east (from row 0 and column 0), south-west, north-east and north-west.
type MDLSTM struct {
	Cells int `json:"cells" doc:"of each scan"`
	// Directions is 4, or 1 for the scan to the south-east alone; 0: 4.
	Directions int `json:"directions,omitempty" doc:"4, or 1 for the scan to the south-east alone; 0: 4"`
	// Concat keeps the scans apart: (4*Cells, H, W), in their order.
	Concat bool `json:"concat,omitempty" doc:"keep the scans apart, (4*cells, H, W)"`
	// ForgetBias is the initial bias of both forget gates. At 0 they are a half, and
	// what a position sends on does not grow: it reaches another at the sum over all
	// paths of the products of gates, and with gates of 1 there are binomially many
	// paths. Above 0 states explode over large images. The other biases start at 0.
	ForgetBias float64 `json:"forget_bias,omitempty" doc:"initial bias of both forget gates"`
	// Init names the initializer of the three matrices of each gate; empty:
	// "xavier-uniform".
	Init string `json:"init,omitempty" doc:"initializer; empty: xavier-uniform"`
	// Peepholes lets the gates see the cell state: i both states before it, u and l
	// one each, o the new one. Their weights start at 0.
	Peepholes bool `json:"peepholes,omitempty" doc:"gates see the cell states"`
}

func (MDLSTM) spec() string { return "mdlstm" }

// mdlstmGates are i, u, l, o and g.
const mdlstmGates = 5

var mdlstmPeepholes = []string{"piu", "pil", "pu", "pl", "po"}

// mdlstm computes an [MDLSTM]. The state that backward needs is kept for every
// position of every scan.
type mdlstm[T Float] struct {
	scan[T]
	spec MDLSTM
	init initializer.Func

	memory []T
	gates  []T // [ways][H*W][5*Cells][n]
	c      []T // [ways][H*W][Cells][n]
	tanhC  []T // likewise
	dc     []T // [H*W][Cells][n], of one scan
	none   []T // [Cells][n]: the state outside of the image
	lost   []T // [2][Cells][n]: the gradients of that
}

func newMDLSTM[T Float](in Shape, s MDLSTM) (*mdlstm[T], error) {
	own := 0
	if s.Peepholes {
		own = len(mdlstmPeepholes)
	}
	grid, err := newScan[T](in, "cells", s.Cells, mdlstmGates, own, s.Directions, s.Concat)
	if err != nil {
		return nil, err
	}
	if !finite(s.ForgetBias) {
		return nil, fmt.Errorf("forget_bias is %v, want a finite number", s.ForgetBias)
	}
	name := s.Init
	if name == "" {
		name = "xavier-uniform"
	}
	init, err := initializer.ByName(name)
	if err != nil {
		return nil, err
	}
	l := &mdlstm[T]{scan: grid, spec: s, init: init}
	l.cell = (*mdlstmCell[T])(l)
	return l, nil
}

func (l *mdlstm[T]) blocks() []Block {
	if l.spec.Peepholes {
		return l.scanBlocks(l.init, 1, mdlstmPeepholes...)
	}
	return l.scanBlocks(l.init, 1)
}

func (l *mdlstm[T]) initialize(w []float64, rng *rand.Rand) {
	l.fill(w, l.init, 1, rng)
	for way := range l.ways {
		b := w[way*l.perWay()+l.rows*(l.in[0]+2*l.units):]
		for i := range 2 * l.units {
			b[l.units+i] = l.spec.ForgetBias
		}
	}
}

// An mdlstmCell is the layer as its scans see it.
type mdlstmCell[T Float] mdlstm[T]

func (l *mdlstmCell[T]) reserve() {
	size, positions := l.size(), l.positions()
	states := l.ways * positions * size
	pieces := [...]piece[T]{
		{&l.gates, mdlstmGates * states},
		{&l.c, states},
		{&l.tanhC, states},
		{&l.dc, positions * size},
		{&l.none, size},
		{&l.lost, 2 * size},
	}
	l.memory = carve(l.memory, pieces[:]...)
	clear(l.none)
}

// at is the number of a position among those of all scans.
func (l *mdlstmCell[T]) at(way, p int) int { return way*l.positions() + p }

// state is the cell state at a position.
func (l *mdlstmCell[T]) state(way, p int) []T {
	if p < 0 {
		return l.none
	}
	return l.c[l.at(way, p)*l.size():][:l.size()]
}

func (l *mdlstmCell[T]) step(own []T, way, p, up, left int) {
	at, size := l.at(way, p), l.size()
	if len(own) == 0 {
		own = nil
	}
	kernel.MDLSTM(l.outputsOf(way, p), l.c[at*size:], l.tanhC[at*size:], l.gates[at*mdlstmGates*size:], l.z,
		l.state(way, up), l.state(way, left), l.ld, l.units, l.n, own)
}

// gradient is where that of the state at a position is summed; outside of the image,
// part 0 or 1 of what is not wanted.
func (l *mdlstmCell[T]) gradient(p, part int) []T {
	if p < 0 {
		return l.lost[part*l.size():]
	}
	return l.dc[p*l.size():]
}

func (l *mdlstmCell[T]) stepBack(own, dOwn []T, way, p, up, left int) {
	at, size := l.at(way, p), l.size()
	if len(own) == 0 {
		own = nil
	}
	if p == l.last(way) {
		clear(l.dc)
		clear(l.lost)
	}
	above, before := l.state(way, up), l.state(way, left)
	kernel.MDLSTMGrad(l.z, l.gradient(up, 0), l.gradient(left, 1), l.dh[p*size:], l.dc[p*size:],
		l.gates[at*mdlstmGates*size:], above, before, l.tanhC[at*size:], l.ld, l.units, l.n, own)
	if own == nil {
		return
	}
	for i, seen := range [...]struct {
		gate  int
		state []T
	}{{0, above}, {0, before}, {1, above}, {2, before}, {3, l.state(way, p)}} {
		kernel.RowDots(dOwn[i*l.units:], l.z[seen.gate*size:], l.ld, seen.state, l.ld, l.units, l.n, true)
	}
}

// last is the position where a scan ends, and its gradient begins.
func (l *mdlstmCell[T]) last(way int) int {
	p, _, _ := l.visit(way, l.positions()-1)
	return p
}
