package network

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
)

// A Mode is a use of a forward pass that layers have to tell apart.
type Mode uint8

// The modes. Only layers such as [BatchNorm] tell them apart.
const (
	Infer     Mode = iota // with the statistics of the last Calibrate
	Train                 // with the statistics of the minibatch; dropout acts
	Calibrate             // as Train without dropout, and keeps the statistics
)

// A Pass says what a forward pass is for.
type Pass struct {
	Mode Mode
	// Seed and Step select the random choices of a training step, such as
	// dropout masks: the same for all the candidates of a step.
	Seed uint64
	Step int
	// Batch is the number of examples that the loss is the mean over, which may be
	// more than this pass has, for the terms that layers add to the loss
	// ([RNN.Omega]); 0: the loss is a sum over examples.
	Batch int
	// First is the number, among the examples of the step, of the first that this
	// pass computes: random choices for an example do not depend on how a
	// minibatch is cut.
	First int
}

// share is the part of one example in the loss.
func (p Pass) share() float64 { return 1 / float64(max(1, p.Batch)) }

// A Block is a named range of the flat weight vector. It is field for field an
// optimizers.Block, which it converts to: optimizers know nothing of networks.
type Block struct {
	Name string `json:"name"` // path of the layer and parameter, such as "3.dense.w"
	Off  int    `json:"off"`  // index of its first weight
	Len  int    `json:"len"`  // number of weights
	// Layer is the [Layer.Number] of the layer it belongs to. Row r of every
	// block of a layer with the same number of rows belongs to the same unit:
	// a neuron is a row of "w" and an element of "b".
	Layer int     `json:"layer"`
	Rows  int     `json:"rows"`   // units; Len/Rows weights each, one unit after another
	FanIn int     `json:"fan_in"` // inputs that each unit sums over; 0 for biases and gains
	Scale float64 `json:"scale"`  // standard deviation of its initial weights
}

// A Network is a chain of layers over one flat weight vector. It owns wiring
// and scratch memory and no weights. It is not safe for concurrent use; give
// each goroutine its own [Network.Clone].
//
// Shapes and lengths are checked by [New]. An argument that does not fit the
// network is a bug of the caller, and Forward and Backward panic.
type Network[T Float] struct {
	in     Shape
	specs  Specs
	root   *chain[T]
	chains []*chain[T] // root, and the bodies nested in it
	leaves []node[T]   // the layers without a body, in the order they compute
	blocks []Block
	dim    int
	batch  int // examples in the last Forward; 0: none yet

	lesions   []bool    // of the layers of root
	gradients []*[2][]T // memory that layers share, by the depth of their chain

	parts      []part[T] // of the gradient of the weights (deltas.go)
	deferred   bool      // it is left for later
	transposed []T       // scratch of dense layers, and sum of PartGradient
	sum        []T
	self       []*Network[T] // n, for PartGradient
}

// Head returns the network of the first k layers of specs, with the statistics
// that n was calibrated to, its lesions, and scratch memory of its own. Its weights are the
// first Head(k).Dim() weights of n, so that layers can be pretrained, or
// looked into, in place. k is from 0, the identity, to the number of specs.
func (n *Network[T]) Head(k int) *Network[T] {
	h, _ := n.Section(0, k)
	return h
}

// Section is [Network.Head] for the layers from, inclusive, to to, exclusive. Its
// weights begin at weight off of n.
func (n *Network[T]) Section(from, to int) (part *Network[T], off int) {
	in := n.in
	if from > 0 {
		in = n.root.nodes[from-1].layer.out()
	}
	part, err := New[T](in, n.specs[from:to]...)
	if err != nil {
		panic("network: what was built once cannot be built again: " + err.Error())
	}
	if from < len(n.specs) {
		off = n.root.nodes[from].lo
	} else {
		off = n.dim
	}
	// Its leaves are consecutive ones of n.
	skip := 0
	for skip < len(n.leaves) && n.topLevel(n.leaves[skip]) < from {
		skip++
	}
	for i := range part.leaves {
		if l, ok := part.leaves[i].layer.(calibrated[T]); ok {
			l.copyCalibration(n.leaves[skip+i].layer)
		}
	}
	part.lesion(n.lesions[from:to])
	return part, off
}

// topLevel is the index of the layer of specs that l is, or is nested in: what its
// path begins with.
func (n *Network[T]) topLevel(l node[T]) int {
	first, _, _ := strings.Cut(l.info.Path, ".")
	i, err := strconv.Atoi(first)
	if err != nil {
		panic("network: path of a layer without its place: " + l.info.Path)
	}
	return i
}

// Specs is what n was built from. The caller owns it.
func (n *Network[T]) Specs() Specs { return n.specs.clone() }

// Clone returns a network with the same wiring, lesions, and a copy of the
// statistics that n was calibrated to, but not what watches n. The two share nothing that
// changes: each may be used from its own goroutine.
func (n *Network[T]) Clone() *Network[T] { return n.Head(len(n.specs)) }

// In is the shape of one input.
func (n *Network[T]) In() Shape { return slices.Clone(n.in) }

// Out is the shape of one output.
func (n *Network[T]) Out() Shape { return slices.Clone(n.root.out) }

// Dim is the number of weights.
func (n *Network[T]) Dim() int { return n.dim }

// Activations is the number of values that the layers compute for one example.
func (n *Network[T]) Activations() int {
	total := 0
	for _, l := range n.leaves {
		total += l.layer.out().Len()
	}
	return total
}

// Blocks names the ranges of the weight vector, in order and without gaps. The
// slice is the caller's.
func (n *Network[T]) Blocks() []Block { return slices.Clone(n.blocks) }

// BatchStatistics reports whether the examples of a minibatch influence each
// other in Train and Calibrate mode, as they do through a [BatchNorm]. Then
// the minibatch has at least 2 examples, and evaluating it in parts is not the
// same as evaluating it whole.
func (n *Network[T]) BatchStatistics() bool {
	return slices.ContainsFunc(n.leaves, func(l node[T]) bool {
		_, ok := l.layer.(calibrated[T])
		return ok
	})
}

// Init draws starting weights, block after block, from rng. They are the same
// for float32 and float64 networks, to the rounding of the conversion.
func (n *Network[T]) Init(rng *rand.Rand) []float64 {
	w := make([]float64, n.dim)
	for _, l := range n.leaves {
		l.layer.(leaf[T]).initialize(w[l.info.Off:][:l.hi-l.lo], rng)
	}
	return w
}

// Forward returns the outputs for x, a batch of examples of shape [Network.In],
// with weights w, len [Network.Dim]. The result belongs to the network and
// lasts until its next Forward. x is kept for Backward, and must not change
// before it.
func (n *Network[T]) Forward(p Pass, w []T, x Tensor[T]) Tensor[T] {
	if err := x.check(n.in); err != nil {
		panic("network: input: " + err.Error())
	}
	n.checkWeights("weights", w)
	n.batch = x.N
	return n.root.forward(p, w, x)
}

// Backward follows a Forward with the same weights. After one in mode Infer, the
// statistics of the last Calibrate are constants. Given dy, the gradient of the loss with respect to the outputs, it
// adds that with respect to the weights to dw, len [Network.Dim], and returns
// that with respect to the inputs, which belongs to the network until its next
// Backward. It may be called again, with another dy.
func (n *Network[T]) Backward(w, dw []T, dy Tensor[T]) Tensor[T] {
	n.checkBackward(w, dw, dy)
	return n.root.backward(w, dw, dy, true)
}

// BackwardWeights is Backward without the gradient with respect to the inputs,
// which is wasted work when they are data. What it adds to dw has the same
// bits.
func (n *Network[T]) BackwardWeights(w, dw []T, dy Tensor[T]) {
	n.checkBackward(w, dw, dy)
	n.root.backward(w, dw, dy, false)
}

func (n *Network[T]) checkBackward(w, dw []T, dy Tensor[T]) {
	if err := dy.check(n.root.out); err != nil {
		panic("network: gradient of the outputs: " + err.Error())
	}
	if dy.N != n.batch {
		panic(fmt.Sprintf("network: gradient of %d outputs, want that of the %d of the last Forward", dy.N, n.batch))
	}
	n.checkWeights("weights", w)
	n.checkWeights("gradient of the weights", dw)
}

func (n *Network[T]) checkWeights(what string, w []T) {
	if len(w) != n.dim {
		panic(fmt.Sprintf("network: %s: %d values, want %d", what, len(w), n.dim))
	}
}
