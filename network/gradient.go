package network

// A gradient is embedded in layers whose gradient with respect to the inputs is
// in memory that they share: it is needed only until the layer below has used
// it, and what has just been used is in the cache.
type gradient[T Float] struct {
	dx     Tensor[T]
	memory *[]T
}

// sharing are layers with such a gradient.
type sharing[T Float] interface{ share(memory *[]T) }

func (g *gradient[T]) share(memory *[]T) { g.memory = memory }

// room makes dx a tensor for n examples of shape s.
func (g *gradient[T]) room(s Shape, n int) {
	g.dx.Data = *g.memory
	g.dx.resize(s, n, strideOf[T](s, n))
	*g.memory = g.dx.Data
}

// shareGradients gives the layers of a chain memory for their gradients: they
// take turns with two pieces, one that is read and one that is written. A chain
// inside another has two of its own, since a residual needs the gradient of its
// outputs when its body is done; but all at one depth have the same. Dense layers have
// one piece for their inputs transposed. Where n leaves the gradient of the weights for
// later (deltas.go), what that needs is kept.
func (n *Network[T]) shareGradients(c *chain[T], depth int) {
	for len(n.gradients) <= depth {
		n.gradients = append(n.gradients, new([2][]T))
	}
	turn := 0
	for i, l := range c.nodes {
		if d, ok := l.layer.(*dense[T]); ok {
			d.xt = &n.transposed
			if n.deferred {
				d.xt = new([]T)
			}
		}
		// Those that hand on what they get, or have memory of their own, do not
		// count.
		if s, ok := l.layer.(sharing[T]); ok {
			if i > 0 && n.deferred && keeps(c.nodes[i-1].layer) {
				s.share(new([]T))
				continue
			}
			s.share(&n.gradients[depth][turn%2])
			turn++
		}
	}
}

// keeps reports whether a layer may need its output gradient for longer than
// backward (deltas.go).
func keeps[T Float](l layer[T]) bool {
	_, ok := l.(*dense[T])
	return ok
}
