package network

import "math/rand/v2"

// A layer is one differentiable step. It keeps what backward needs of the last
// forward, and no weights. The outputs it returns are its own, but for an
// activation that is applied to them (fuse.go), and last until its next forward; a
// gradient lasts until the layer below has used it (gradient.go).
type layer[T Float] interface {
	// out is the shape of one output.
	out() Shape
	// forward computes the outputs for x; w is the layer's range of the weights.
	forward(p Pass, w []T, x Tensor[T]) Tensor[T]
	// backward takes the gradient with respect to the last outputs, adds that
	// with respect to the weights to dw, and returns that with respect to the
	// last inputs, if wanted.
	backward(w, dw []T, dy Tensor[T], wanted bool) Tensor[T]
}

// A leaf is a layer that is not made of layers. Only leaves have weights of
// their own.
type leaf[T Float] interface {
	layer[T]
	// blocks lists the ranges of its weights, named and offset from itself.
	blocks() []Block
	// initialize draws starting weights into w, which is all 0.
	initialize(w []float64, rng *rand.Rand)
}

// calibrated is a leaf with statistics of the minibatch, which are state but
// no weights.
type calibrated[T Float] interface {
	copyCalibration(from layer[T])
}

// recurrent is a leaf with a state that it hands from step to step.
type recurrent[T Float] interface {
	// watchSteps makes backward call see for each step; nil: nobody looks.
	watchSteps(see seeStep[T])
}

// A seeStep sees dh of step t, of a part of the layer that has a name, or "".
type seeStep[T Float] func(part string, t int, dh Tensor[T])

// stepWatch is embedded in recurrent leaves. Backward calls show with the gradient with
// respect to the state of each step.
type stepWatch[T Float] struct{ see seeStep[T] }

// show lets an observer see rows of n examples, ld apart.
func (w *stepWatch[T]) show(t int, dh []T, rows, n, ld int) {
	if w.see != nil {
		w.see("", t, Tensor[T]{Shape: Shape{rows}, N: n, Stride: ld, Data: dh})
	}
}

func (w *stepWatch[T]) watchSteps(see seeStep[T]) { w.see = see }

// weightless is embedded in leaves without weights.
type weightless struct{}

func (weightless) blocks() []Block                  { return nil }
func (weightless) initialize([]float64, *rand.Rand) {}

// A Layer describes a layer of a network that is not made of other layers.
type Layer struct {
	// Path is its place and type, through the layers it is nested in, each
	// counted from 0: "3.residual.1.dense".
	Path   string
	Spec   Spec
	Number int // counts these layers from the input, from 0
	Off    int // of its weights in the flat vector
}

// An Observer sees what passes between layers, those nested in others too. It
// changes nothing.
type Observer[T Float] interface {
	// Forward follows the computation of y from x. The tensors are valid only
	// during the call, and w is the layer's own range of the weights.
	Forward(l Layer, w []T, x, y Tensor[T])
	// Backward follows the addition of the layer's gradient to dw, given the
	// gradient dy of its outputs. w and dw are the layer's own ranges.
	// BackwardWeights does not reach layers below the first with weights.
	Backward(l Layer, w, dw []T, dy Tensor[T])
}

// A StepObserver is an [Observer] that also sees what goes back through time.
type StepObserver[T Float] interface {
	Observer[T]
	// Step follows the computation of dh, the gradient with respect to the state
	// after step t of a recurrent layer, through this step's outputs and through all
	// later steps. The state is h of an [RNN], a [GRU], an [LSTM], an [LSTM1997] and
	// the hidden units of a [SequentialRNN], but c of memory cells that are Truncated,
	// since nothing else carries errors, and all units of a [Pyramid]. In the copy of
	// a [Bidirectional] that goes backward, steps count from the end of the sequence.
	// A [Chunker] has h of each level, the last level first, and the steps are those of
	// the level; the Path is that of the level, such as "0.chunker.level1".
	//
	// The last step comes first. Where K2 cuts the way back, dh is of one block's
	// errors, and a step is seen once for each block whose errors reach it. dh is valid
	// only during the call, and has no meaning in examples that have ended before.
	Step(l Layer, t int, dh Tensor[T])
}

// Watch makes o see the passes that follow; nil: nothing does.
func (n *Network[T]) Watch(o Observer[T]) {
	for _, c := range n.chains {
		c.observer = o
	}
	steps, _ := o.(StepObserver[T])
	for _, l := range n.leaves {
		if r, ok := l.layer.(recurrent[T]); ok {
			if steps == nil {
				r.watchSteps(nil)
				continue
			}
			r.watchSteps(func(part string, t int, dh Tensor[T]) {
				info := l.info
				if part != "" {
					info.Path += "." + part
				}
				steps.Step(info, t, dh)
			})
		}
	}
}

// A node is a layer in its chain.
type node[T Float] struct {
	layer  layer[T]
	lo, hi int   // its range of the chain's weights
	info   Layer // of leaves
	leaf   bool

	applying   applying[T] // the layer, if it can apply the activation after it
	activation *activate[T]
}

// A chain is layers, one after another: a network, or the body of a residual.
type chain[T Float] struct {
	nodes    []node[T]
	out      Shape
	first    int // index of the first node with weights; len(nodes): none has
	observer Observer[T]
}

func (c *chain[T]) forward(p Pass, w []T, x Tensor[T]) Tensor[T] {
	for i := 0; i < len(c.nodes); i++ {
		l := &c.nodes[i]
		if c.observer == nil && l.applying != nil {
			x = l.forwardWith(p, w[l.lo:l.hi], x)
			i++
			continue
		}
		y := l.layer.forward(p, w[l.lo:l.hi], x)
		if c.observer != nil && l.leaf {
			c.observer.Forward(l.info, w[l.lo:l.hi], x, y)
		}
		x = y
	}
	return x
}

// backward goes down to the input if its gradient is wanted, and otherwise to
// the first layer with weights. dw nil: as [Network.Deltas].
func (c *chain[T]) backward(w, dw []T, dy Tensor[T], wanted bool) Tensor[T] {
	for i := len(c.nodes) - 1; i >= 0; i-- {
		if !wanted && i < c.first {
			break
		}
		l := &c.nodes[i]
		if dw == nil {
			dy = l.layer.backward(w[l.lo:l.hi], nil, dy, wanted || i > c.first)
			continue
		}
		if n := c.normOf(i); n != nil {
			n.above = l.layer.(*activate[T])
			continue
		}
		dx := l.layer.backward(w[l.lo:l.hi], dw[l.lo:l.hi], dy, wanted || i > c.first)
		if c.observer != nil && l.leaf {
			c.observer.Backward(l.info, w[l.lo:l.hi], dw[l.lo:l.hi], dy)
		}
		dy = dx
	}
	return dy
}
