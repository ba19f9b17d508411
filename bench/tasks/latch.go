package tasks

import (
	"fmt"
	"math/rand/v2"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/data"
	"github.com/joust-bench/joust/network"
)

type latchConfig struct {
	Variant  string  `json:"variant" doc:"I: the first input is one of two that the network has weights of its own for, and the class is asked; II: it is 1 or -1, and so is the target, to 0.1" choices:"I,II"`
	Least    int     `json:"least" doc:"steps of the shortest sequence" range:"[2,10000]" scale:"log"`
	Most     int     `json:"most" doc:"steps of the longest sequence" range:"[2,10000]" scale:"log"`
	Variance float64 `json:"variance" doc:"of the noise after the first step; whether the paper means this or the standard deviation is not known" range:"[0,10]"`
	N        int     `json:"n" doc:"training sequences" range:"[4,1e6]" scale:"log"`
	Fresh    int     `json:"fresh" doc:"sequences to validate on, and as many to test on" range:"[4,1e5]" scale:"log"`
	Goal     float64 `json:"goal" doc:"accuracy that counts as solved; 0: none" range:"[0,1]"`
}

// latch needs one bit to be held. A single tanh unit can, with weights so large that
// the gradient is lost.
func latch() bench.Task {
	return bench.DefineTask(bench.Task{
		Name:    "latch",
		Summary: "which of two inputs a noisy sequence began with, asked at its end; a constant predictor has accuracy 0.5 in variant I and 0 in variant II, whose mse is 1",
		Refs:    []string{bengio, guessing},
		Goal:    "accuracy 1 on fresh sequences",
	}, latchConfig{Variant: "I", Least: 50, Most: 60, Variance: 0.2, N: 100, Fresh: 500, Goal: 1}, latchConfig.data)
}

func (c latchConfig) data(seed uint64, _ string) (bench.Data, error) {
	if err := inOrder(c.Least, c.Most); err != nil {
		return bench.Data{}, err
	}
	train, valid, test := fresh(seed, c.N, c.Fresh, func(n int, rng *rand.Rand) data.Set {
		if c.Variant == "I" {
			return data.LatchFree(n, c.Least, c.Most, c.Variance, rng)
		}
		s := data.TwoSequence(n, c.Least, c.Most, 1, c.Variance, rng)
		for _, l := range s.Labels {
			s.Y = append(s.Y, float64(2*l-1))
		}
		s.Labels = nil
		return s
	})
	if c.Variant == "I" {
		return classify(network.Shape{c.Most, 3}, 2, accuracy(c.Goal), train, valid, test), nil
	}
	d := regress(network.Shape{c.Most, 1}, accuracy(c.Goal), train, valid, test)
	d.Tolerance = 0.1
	return d, nil
}

func inOrder(least, most int) error {
	if least > most {
		return fmt.Errorf("least: %d, want at most the %d steps of the longest sequence", least, most)
	}
	return nil
}
