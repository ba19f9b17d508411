package network

import (
	"fmt"
	"slices"
)

// auxiliary is a leaf with a loss of its own besides that of the outputs, such as one
// that learns to predict its inputs.
type auxiliary[T Float] interface {
	// lose adds its loss on each example of the last forward to losses, and has the
	// backward that follows add scale times the gradient of their sum. Until it is
	// called, scale is 0 for every forward.
	lose(losses []T, scale T)
}

// Auxiliary adds to losses, one for each example of the last Forward, what layers lose
// besides: what a [Chunker] did not predict. The Backward that follows adds scale times
// the gradient of their sum to what it computes; where Auxiliary has not been called
// since the last Forward, Backward is the gradient of the outputs alone.
//
// It is how the loss of a network is completed: with scale as that of the gradient of
// the outputs, loss and gradient are those of the sum of both losses.
func (n *Network[T]) Auxiliary(losses []T, scale T) {
	if len(losses) != n.batch {
		panic(fmt.Sprintf("network: losses of %d examples, want those of the %d of the last Forward", len(losses), n.batch))
	}
	for _, l := range n.leaves {
		if a, ok := l.layer.(auxiliary[T]); ok {
			a.lose(losses, scale)
		}
	}
}

// HasAuxiliary reports whether there are layers that may lose something by themselves, as
// [Network.Auxiliary] has it.
func (n *Network[T]) HasAuxiliary() bool {
	return slices.ContainsFunc(n.leaves, func(l node[T]) bool {
		_, ok := l.layer.(auxiliary[T])
		return ok
	})
}
