package models

import (
	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/pretrain"
)

type autoencoderConfig struct {
	Depth  int     `json:"depth" doc:"hidden weight layers" range:"[1,1000]" scale:"log"`
	Width  int     `json:"width" doc:"units of a hidden layer" range:"[1,10000]" scale:"log"`
	Epochs int     `json:"epochs" doc:"passes over the inputs in which each layer is pretrained" range:"[1,100000]" scale:"log"`
	LR     float64 `json:"lr" doc:"learning rate of pretraining, with momentum 0.9" range:"(0,10]" scale:"log"`
	Noise  float64 `json:"noise" doc:"share of the inputs of a layer that are hidden from it, to be reconstructed from the rest; 0: none" range:"[0,1)"`
	Tied   bool    `json:"tied" doc:"decoders are the transposed encoders"`
	Loss   string  `json:"loss" doc:"of the reconstruction of values from 0 to 1; others have squared errors" choices:"cross-entropy,mse"`
	Gain   float64 `json:"gain" doc:"multiplies the first weights of the output layer, which is not pretrained" range:"(0,100]" scale:"log"`
}

// autoencoder is dbn with another teacher.
func autoencoder() bench.Model {
	d := pretrain.DefaultReconstruct()
	defaults := autoencoderConfig{
		Depth: defaultDepth, Width: defaultWidth, Epochs: d.Epochs, LR: d.Rate, Noise: d.Noise, Tied: true, Loss: "cross-entropy", Gain: 1,
	}
	return bench.Pretrained(bench.DefineModel(bench.Model{
		Name:    "autoencoder",
		Summary: "plain, pretrained without labels, layer by layer, to reconstruct its input from a part of it; then fine-tuned by the optimizer",
		Refs: []string{
			"Bengio, Lamblin, Popovici & Larochelle 2007, Greedy layer-wise training of deep networks, NIPS",
			"Vincent, Larochelle, Bengio & Manzagol 2008, Extracting and composing robust features with denoising autoencoders, doi:10.1145/1390156.1390294",
		},
	}, defaults, func(c autoencoderConfig, in, out network.Shape) (network.Specs, error) {
		return sigmoids(in, out, c.Depth, c.Width, c.Gain), nil
	}), defaults, func(c autoencoderConfig) pretrain.Stage {
		r := pretrain.DefaultReconstruct()
		r.Epochs, r.Rate, r.Noise = c.Epochs, c.LR, c.Noise
		return pretrain.Autoencoding{Tied: c.Tied, Squared: c.Loss == "mse", Reconstruct: r}
	})
}
