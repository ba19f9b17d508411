package models

import (
	"math"
	"math/rand/v2"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
)

type amplifiedConfig struct {
	Depth      int     `json:"depth" doc:"hidden weight layers" range:"[1,1000]" scale:"log"`
	Width      int     `json:"width" doc:"units of a hidden layer" range:"[1,10000]" scale:"log"`
	Activation string  `json:"activation" doc:"of the hidden layers"`
	Init       string  `json:"init" doc:"how weights are drawn"`
	Factor     float64 `json:"factor" doc:"what an amplified layer multiplies the gradient by (k)" range:"(0,1000]" scale:"log"`
	Ratio      float64 `json:"ratio" doc:"share of the hidden layers that are amplified (r)" range:"[0,1]"`
	Seed       uint64  `json:"seed" doc:"of the choice of those layers"`
}

// amplified multiplies the error signal behind some of the hidden layers, so that
// all the layers below see the product of the factors above them. The choice is
// made once, from a seed of its own: it is part of the wiring, and the same in
// every trial.
//
// The paper switches amplification off for the last epochs of each learning rate.
// The other kind, which multiplies the gradients of the chosen layers alone and
// does end, is a transform of the optimizers (amplify).
func amplified() bench.Model {
	return listed(bench.DefineModel(bench.Model{
		Name:    "amplified",
		Summary: "plain, with the gradient doubled on its way back behind half of the layers",
		Refs: []string{
			"Basodi, Ji, Zhang & Pan 2020, Gradient amplification: an efficient way to train deep neural networks, doi:10.26599/BDMA.2020.9020004",
		},
	}, amplifiedConfig{
		Depth: defaultDepth, Width: defaultWidth, Activation: "sigmoid", Init: "xavier-uniform", Factor: 2, Ratio: 0.5, Seed: 1,
	}, func(c amplifiedConfig, in, out network.Shape) (network.Specs, error) {
		s := flat(in)
		for _, chosen := range chooseLayers(c.Depth, c.Ratio, c.Seed) {
			s = append(s, network.Dense{Out: c.Width, Init: c.Init})
			if chosen {
				s = append(s, network.Amplify{Factor: c.Factor})
			}
			s = append(s, network.Activation{Func: c.Activation})
		}
		return readout(s, out, network.Dense{Init: c.Init}), nil
	}))
}

// chooseLayers draws a share of n layers, rounded to whole ones.
func chooseLayers(n int, ratio float64, seed uint64) []bool {
	chosen := make([]bool, n)
	order := rand.New(rand.NewPCG(seed, 0)).Perm(n)
	for _, l := range order[:int(math.Round(ratio*float64(n)))] {
		chosen[l] = true
	}
	return chosen
}
