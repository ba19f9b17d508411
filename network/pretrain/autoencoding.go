package pretrain

import (
	"context"
	"math/rand/v2"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/loss"
)

// Autoencoding is greedy pretraining by autoencoders: each hidden layer, a dense one
// with a sigmoid, gets the weights of the encoder of one that has learned to
// reconstruct the features below it. Inputs that are not from 0 to 1 are standardised,
// and reconstructed linearly. The output layer keeps its weights.
type Autoencoding struct {
	Tied    bool // decoders are the transposed encoders
	Squared bool // losses are squared errors, and not cross-entropies
	Reconstruct
}

// Cost implements [Stage]. Run takes as much.
func (s Autoencoding) Cost(in network.Shape, specs network.Specs, n int) (int64, error) {
	st, layers, err := sigmoidStack(in, specs)
	if err != nil {
		return 0, err
	}
	return st.greedyCost(layers, n, s.Epochs, s.multiplyAdds), nil
}

// Run implements [Stage].
func (s Autoencoding) Run(ctx context.Context, in network.Shape, specs network.Specs, w, x []float64, rng *rand.Rand) (int64, error) {
	st, layers, err := sigmoidStack(in, specs)
	if err != nil {
		return 0, err
	}
	x, scale := standardise(x, in.Len())
	linear := scale != nil
	var spent int64
	for l, d := range layers {
		a := NewAutoencoder(d.in, d.out, s.Tied, rng)
		if a.Linear = linear; s.Squared {
			a.Loss = loss.MSE
		}
		if err := a.train(ctx, x, s.Reconstruct, rng, &spent); err != nil {
			return st.passes(spent), err
		}
		if l+1 < len(layers) {
			spent += int64(len(x)/d.in) * d.len()
			x = sigmoidLayer(x, d.in, d.out, a.W, a.C)
		}
		scale.undo(a.W, a.C)
		copy(w[d.w:], a.W)
		copy(w[d.b:], a.C)
		linear, scale = false, nil
	}
	return st.passes(spent), nil
}
