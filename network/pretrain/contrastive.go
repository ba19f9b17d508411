package pretrain

import (
	"context"
	"errors"
	"math/rand/v2"

	"github.com/joust-bench/joust/network"
)

// Contrastive is greedy pretraining as a deep belief network: each hidden layer, a
// dense one with a sigmoid, gets the weights of a restricted Boltzmann machine that
// has learned the features below it (Hinton et al. 2006,
// doi:10.1162/neco.2006.18.7.1527). Inputs from 0 to 1 are binary, others are
// standardised and Gaussian. The output layer keeps its weights.
type Contrastive struct{ CD CD }

// Cost implements [Stage]. Run takes as much.
func (s Contrastive) Cost(in network.Shape, specs network.Specs, n int) (int64, error) {
	st, layers, err := sigmoidStack(in, specs)
	if err != nil {
		return 0, err
	}
	return st.greedyCost(layers, n, s.CD.Epochs, s.CD.multiplyAdds), nil
}

// Run implements [Stage].
func (s Contrastive) Run(ctx context.Context, in network.Shape, specs network.Specs, w, x []float64, rng *rand.Rand) (int64, error) {
	st, layers, err := sigmoidStack(in, specs)
	if err != nil {
		return 0, err
	}
	var spent int64
	d, scale, err := s.train(ctx, in, layers, x, rng, &spent)
	if err != nil {
		return st.passes(spent), err
	}
	for l, r := range d.Layers {
		if l == 0 {
			scale.undo(r.W, r.C)
		}
		copy(w[layers[l].w:], r.W)
		copy(w[layers[l].b:], r.C)
	}
	return st.passes(spent), nil
}

// Network is the deep belief network that Run makes, with the biases of its visible
// units, which a classifier has no use for. Inputs x are from 0 to 1.
func (s Contrastive) Network(ctx context.Context, in network.Shape, specs network.Specs, x []float64, rng *rand.Rand) (*DBN, error) {
	_, layers, err := sigmoidStack(in, specs)
	if err != nil {
		return nil, err
	}
	d, scale, err := s.train(ctx, in, layers, x, rng, new(int64))
	if err == nil && scale != nil {
		return nil, errors.New("pretrain: a generative model of inputs that are not from 0 to 1, want them so")
	}
	return d, err
}

func (s Contrastive) train(ctx context.Context, in network.Shape, layers []dense, x []float64, rng *rand.Rand, spent *int64) (*DBN, *scaling, error) {
	x, scale := standardise(x, in.Len())
	units := Binary
	if scale != nil {
		units = Gaussian
	}
	d, err := greedy(ctx, x, in.Len(), widths(layers), units, s.CD, rng, spent)
	return d, scale, err
}
