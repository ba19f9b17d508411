package network

// An activation whose derivative needs its output alone (activation.Func's
// FromOutput) can overwrite its input, if the layer below does not need that
// again. Then that layer applies it, to a part of its outputs at a time while it
// is in the cache: a pass over memory less, and a tensor. What is computed, and
// in which order, does not change. An [Observer] wants to see both layers' outputs;
// with one they stay apart.

// applying are layers that can apply the activation after them, and have no use
// for their outputs without it.
type applying[T Float] interface {
	layer[T]
	// apply says what forward is to apply before it returns; nil: nothing.
	apply(f *activate[T])
}

// applied is embedded in layers that do.
type applied[T Float] struct{ activation *activate[T] }

func (a *applied[T]) apply(f *activate[T]) { a.activation = f }

// finish applies the activation, if there is one, to a part of the outputs.
func (a *applied[T]) finish(y []T) {
	if a.activation != nil {
		a.activation.kernel.Forward(y, y)
	}
}

// fuse finds the layers of a chain that can apply the ones after them.
func (c *chain[T]) fuse() {
	for i := range c.nodes[:max(0, len(c.nodes)-1)] {
		a, isActivation := c.nodes[i+1].layer.(*activate[T])
		l, ok := c.nodes[i].layer.(applying[T])
		if ok && isActivation && a.fromOutput {
			c.nodes[i].applying, c.nodes[i].activation = l, a
		}
	}
}

// forwardWith is forward for such a layer and the activation after it.
func (n *node[T]) forwardWith(p Pass, w []T, x Tensor[T]) Tensor[T] {
	n.applying.apply(n.activation)
	y := n.layer.forward(p, w, x)
	n.applying.apply(nil)
	n.activation.z, n.activation.y = y, y
	return y
}
