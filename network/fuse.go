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

// A batch norm can do more while a channel is in the cache. It adds the input of the
// residual that it is the end of, and it begins its gradient with that of the
// activation that it applied. Bits stay the same here, too.

// skipped is what a batch norm adds its outputs to, scaled, and what it applies to the
// sum; zero: nothing.
type skipped[T Float] struct {
	x     Tensor[T]
	scale T
	then  applied[T]
}

// lastNorm returns the batch norm at the end of the body, if it can add the input x.
func (l *residual[T]) lastNorm(x Tensor[T]) *batchNorm[T] {
	b := l.body
	n, ok := b.nodes[len(b.nodes)-1].layer.(*batchNorm[T])
	if !ok || b.observer != nil || len(l.shortcut.nodes) > 0 || x.Stride != strideOf[T](l.in, x.N) {
		return nil
	}
	return n
}

// normOf returns the batch norm below node i, an activation that it applies.
func (c *chain[T]) normOf(i int) *batchNorm[T] {
	if i == 0 || c.observer != nil || c.nodes[i-1].activation == nil {
		return nil
	}
	n, _ := c.nodes[i-1].layer.(*batchNorm[T])
	return n
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
