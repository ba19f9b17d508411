package models

import (
	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
)

type xavierConfig struct {
	Depth        int    `json:"depth" doc:"hidden weight layers" range:"[1,1000]" scale:"log"`
	Width        int    `json:"width" doc:"units of a hidden layer" range:"[1,10000]" scale:"log"`
	Activation   string `json:"activation" doc:"of the hidden layers; a sigmoid has its own gain, 4"`
	Distribution string `json:"distribution" doc:"that weights are drawn from: the paper's, uniform, or a normal one of the same variance" choices:"uniform,normal"`
}

// xavier is the remedy by variance control: weights of variance 2/(fan-in+fan-out)
// neither stretch nor shrink signal and gradient on average, where f'(0) = 1. For
// the sigmoid, whose slope is 1/4, they are four times as large.
func xavier() bench.Model {
	return listed(bench.DefineModel(bench.Model{
		Name:    "xavier",
		Summary: "plain, with tanh and weights whose variance keeps that of signal and gradient (Xavier, Glorot)",
		Refs:    []string{"Glorot & Bengio 2010, Understanding the difficulty of training deep feedforward neural networks, AISTATS"},
	}, xavierConfig{
		Depth: defaultDepth, Width: defaultWidth, Activation: "tanh", Distribution: "uniform",
	}, func(c xavierConfig, in, out network.Shape) (network.Specs, error) {
		gain := 1.
		if c.Activation == "sigmoid" || c.Activation == "logistic" {
			gain = 4
		}
		return dense(in, out, c.Depth, network.Dense{Out: c.Width, Init: "xavier-" + c.Distribution, Gain: gain}, c.Activation), nil
	}))
}
