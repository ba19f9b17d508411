package network

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/joust-bench/joust/network/activation"
)

// Pyramid is the Neural Abstraction Pyramid, a recurrent network that looks at an
// image (C, H, W) for Steps steps and makes an image of it, with the help of
// layers of ever lower resolution and more features (Behnke 2001,
// doi:10.1142/S1469026801000342; Behnke 2003, Hierarchical Neural Networks for Image
// Interpretation, LNCS 2766).
//
// A layer is feature arrays on a grid, half as high and wide as that of the layer
// below. All cells of an array have the same weights. At every step every cell
// takes
//
//   - a lateral projection, of the 3x3 cells around it in all arrays of its layer,
//   - a forward projection, of the 4x4 cells below it, every second of which it
//     shares with its neighbours,
//   - a backward projection, of the one cell above it, with weights for each of
//     the 2x2 children of that cell, and
//   - a bias,
//
// as the layer above and the arrays of that before the step are there, and
// applies Func to their sum. All cells step at once, from 0. The inputs are
// further arrays of the layer Input, and keep their values.
//
// The weights are, layer by layer from the finest, lateral [k][k+c][3][3], forward
// [k][k'+c'][4][4], backward [k][2][2][k"+c"] and bias [k], where k, k' and k" are
// the arrays that the layer, that below and that above compute, and c, c' and c"
// the inputs that are among their arrays.
type Pyramid struct {
	// Features is the number of arrays that each layer computes, finest first. It
	// may be 0 for the coarsest, if it has the inputs.
	Features []int `json:"features,omitempty" doc:"arrays that each layer computes, finest first: one layer at least"`
	Steps    int   `json:"steps" doc:"iterations, T"`
	// Outputs is how many arrays of the finest layer are the outputs, the first
	// ones; 0: 1.
	Outputs int `json:"outputs,omitempty" doc:"arrays of the finest layer that are the outputs; 0: 1"`
	// Every has the outputs of every step, (T, Outputs*H*W); without it they are
	// those of the last, (Outputs, H, W). H and W are those of the finest layer.
	Every bool `json:"every,omitempty" doc:"outputs at every step, (T, outputs*H*W)"`
	// Input is the layer that the inputs belong to, from 0, the finest: a network
	// that makes an image of four times the resolution has them in layer 2.
	Input int `json:"input,omitempty" doc:"layer that the inputs belong to, the finest being 0"`
	// Top makes the last layer one cell, with weights of its own for every cell of
	// the layer below, in both directions, and 1x1 lateral weights.
	Top bool `json:"top,omitempty" doc:"the last layer is one cell"`
	// Wrap continues every array beyond its border with its other side; without
	// it there are zeros.
	Wrap bool   `json:"wrap,omitempty" doc:"arrays continue beyond their borders"`
	Func string `json:"func,omitempty" doc:"activation function; empty: sigmoid"`
	// Prior is the price of activity ([Network.Auxiliary]): an example loses Prior
	// times the mean over all steps of the arrays that are no outputs, so that few
	// cells are active at a time, and mean something. It is for functions that are
	// never negative.
	Prior float64 `json:"prior,omitempty" doc:"price of the mean activity of hidden arrays"`
	// Range bounds the initial weights, which are uniform between -Range and
	// Range; 0: 0.05. Biases start at 0.
	Range float64 `json:"range,omitempty" doc:"initial weights are uniform within plus and minus it; 0: 0.05"`
}

func (Pyramid) spec() string { return "pyramid" }

// nested copies the slice that the spec has in it.
func (s Pyramid) nested(func(Specs) Specs) Spec {
	s.Features = slices.Clone(s.Features)
	return s
}

// pyramid computes a [Pyramid]. What it works on is in frames: the arrays of all
// layers, one after another, each with a border of one cell. A projection meets
// the border where it leaves the image, and needs no cases for it.
type pyramid[T Float] struct {
	gradient[T]
	stepWatch[T]
	spec        Pyramid
	in, outputs Shape
	kernel      activation.Kernels[T]
	fromOutput  bool // the derivative needs the states alone
	grids       []grid
	own         []*projection[T] // from what a step computed
	clamped     []*projection[T] // from the inputs
	named       []Block

	n      int // examples
	y      Tensor[T]
	work   []T // holds the rest
	inputs []T // as a grid with the inputs for its arrays
	drive  []T // a frame: biases, and what comes from the inputs
	states [][]T
	sums   [][]T // that Func was applied to; the states, where it can do without

	// Of backward.
	price   T      // of a unit of activity, times the scale of losses; 0 until lose
	errors  [2][]T // frames, of two steps in turn
	total   []T    // a frame: the gradient of drive
	dInputs []T
}

// A grid is a layer of a pyramid.
type grid struct {
	k, clamped int // arrays: computed, and inputs
	h, w       int
	off        int // of its arrays in a frame, in cells
	bias       int // of its biases in the weights
}

// pitch and channel are the cells from a row to the next, and from an array to the
// next.
func (g grid) pitch() int   { return g.w + 2 }
func (g grid) channel() int { return (g.h + 2) * g.pitch() }

// cells is the number of values in a frame.
func (g grid) cells() int { return g.k * g.channel() }

func newPyramid[T Float](in Shape, s Pyramid) (*pyramid[T], error) {
	if len(in) != 3 {
		return nil, fmt.Errorf("want an image (C, H, W), got %v", in)
	}
	if s.Outputs == 0 {
		s.Outputs = 1
	}
	if s.Func == "" {
		s.Func = "sigmoid"
	}
	if s.Range == 0 {
		s.Range = 0.05
	}
	if s.Prior < 0 || !finite(s.Prior) {
		return nil, fmt.Errorf("prior is %v, want a number that is not negative", s.Prior)
	}
	if s.Range < 0 || !finite(s.Range) {
		return nil, fmt.Errorf("range is %v, want a positive number", s.Range)
	}
	f, err := activation.ByName(s.Func)
	if err != nil {
		return nil, err
	}
	l := &pyramid[T]{spec: s, in: in, kernel: activation.Of[T](f), fromOutput: f.FromOutput}
	if l.grids, err = s.grids(in); err != nil {
		return nil, err
	}
	if err := l.connect(); err != nil {
		return nil, err
	}
	frame := 0
	for i := range l.grids {
		g := &l.grids[i]
		if err := checkShape(Shape{max(1, g.k+g.clamped), g.h + 2, g.w + 2}); err != nil {
			return nil, fmt.Errorf("layer %d of the pyramid: %w", i, err)
		}
		g.off = frame
		frame += g.cells()
	}
	if frame > maxLen/s.Steps {
		return nil, fmt.Errorf("%d steps of %d values, want at most %d in all", s.Steps, frame, maxLen)
	}
	finest := l.grids[0]
	l.outputs = Shape{s.Outputs, finest.h, finest.w}
	if s.Every {
		l.outputs = Shape{s.Steps, l.outputs.Len()}
	}
	return l, nil
}

// grids checks s, and lays it out for inputs of shape in.
func (s Pyramid) grids(in Shape) ([]grid, error) {
	layers := len(s.Features)
	switch {
	case layers == 0:
		return nil, errors.New("features is empty, want the arrays of at least one layer")
	case s.Steps < 1:
		return nil, fmt.Errorf("steps is %d, want at least 1", s.Steps)
	case s.Outputs < 1 || s.Outputs > s.Features[0]:
		return nil, fmt.Errorf("outputs is %d, want 1 to %d, the arrays of the finest layer", s.Outputs, s.Features[0])
	case s.Top && layers < 2:
		return nil, errors.New("features is one layer, want at least 2 with top")
	}
	halved := layers // layers of which each is half of the one below
	if s.Top {
		halved--
	}
	if s.Input < 0 || s.Input >= halved {
		return nil, fmt.Errorf("input is %d, want a layer from 0 to %d", s.Input, halved-1)
	}
	for i, k := range s.Features {
		if k < 0 || k > maxLen || k == 0 && (i != s.Input || i != layers-1) {
			return nil, fmt.Errorf("features of layer %d is %d, want at least 1", i, k)
		}
	}
	h, w := in[1], in[2]
	for range s.Input {
		if max(h, w) > maxLen/2 {
			return nil, fmt.Errorf("input is %d, want a finest layer of at most %d cells", s.Input, maxLen)
		}
		h, w = 2*h, 2*w
	}
	grids := make([]grid, layers)
	for i, k := range s.Features {
		switch {
		case i == halved:
			h, w = 1, 1
		case i > 0 && (h%2 != 0 || w%2 != 0):
			return nil, fmt.Errorf("layer %d has %dx%d cells, which cannot be halved: want at most %d layers", i-1, h, w, i)
		case i > 0:
			h, w = h/2, w/2
		}
		grids[i] = grid{k: k, h: h, w: w}
	}
	grids[s.Input].clamped = in[0]
	return grids, nil
}

// connect makes the projections, and the blocks of their weights.
func (l *pyramid[T]) connect() error {
	at := 0
	var err error
	block := func(name string, i, rows, columns, fanIn int) {
		if columns > 0 && rows > (maxLen-at)/columns {
			err = fmt.Errorf("want at most %d weights in all", maxLen)
		}
		if n := rows * columns; err == nil && n > 0 {
			scale := 0.0
			if fanIn > 0 {
				scale = l.spec.Range / math.Sqrt(3)
			}
			l.named = append(l.named, Block{Name: fmt.Sprint(name, i), Off: at, Len: n, Rows: rows, FanIn: fanIn, Scale: scale})
			at += n
		}
	}
	// add connects a layer with all arrays of another, those that are computed and
	// those that are clamped. p has the geometry.
	add := func(name string, i, j int, p projection[T]) {
		to, from := &l.grids[i], &l.grids[j]
		arrays, window := from.k+from.clamped, p.rows*p.cols
		if arrays > maxLen/window {
			err = fmt.Errorf("want at most %d weights in all", maxLen)
		}
		if err != nil || to.k == 0 {
			return
		}
		p.to, p.from, p.arrays = to, from, arrays
		p.weights, p.ld = at, arrays*window
		fanIn := p.ld
		if p.tiles {
			fanIn = arrays
		}
		block(name, i, to.k, p.ld, fanIn)
		if from.k > 0 {
			own := p
			own.count = from.k
			l.own = append(l.own, &own)
		}
		if from.clamped > 0 {
			p.first, p.count, p.fixed = from.k, from.clamped, true
			l.clamped = append(l.clamped, &p)
		}
	}
	last := len(l.grids) - 1
	for i := range l.grids {
		g := &l.grids[i]
		full := l.spec.Top && i == last
		switch {
		case full:
			below := l.grids[i-1]
			add("lateral", i, i, projection[T]{rows: 1, cols: 1, down: 1, right: 1})
			add("forward", i, i-1, projection[T]{rows: below.h, cols: below.w, down: below.h, right: below.w})
		default:
			add("lateral", i, i, projection[T]{rows: 3, cols: 3, down: 1, right: 1, pad: 1})
			if i > 0 {
				add("forward", i, i-1, projection[T]{rows: 4, cols: 4, down: 2, right: 2, pad: 1})
			}
		}
		switch {
		case l.spec.Top && i == last-1:
			add("backward", i, i+1, projection[T]{tiles: true, rows: g.h, cols: g.w})
		case i < last:
			add("backward", i, i+1, projection[T]{tiles: true, rows: 2, cols: 2})
		}
		g.bias = at
		block("bias", i, g.k, 1, 0)
	}
	return err
}

func (l *pyramid[T]) out() Shape { return l.outputs }

func (l *pyramid[T]) blocks() []Block { return slices.Clone(l.named) }

func (l *pyramid[T]) initialize(w []float64, rng *rand.Rand) {
	for _, b := range l.named {
		if b.FanIn == 0 {
			continue // a bias
		}
		for i := range b.Len {
			w[b.Off+i] = l.spec.Range * math.FMA(2, rng.Float64(), -1)
		}
	}
}
