package pretrain

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/joust-bench/joust/network"
)

// A Stage makes better starting weights of a network from inputs without targets.
// Both methods return errors for networks that it does not know how to help.
type Stage interface {
	// Cost is the work of Run for n examples, at most: in forward passes of one
	// example through the whole network, rounded up.
	Cost(in network.Shape, specs network.Specs, n int) (int64, error)
	// Run changes w, the initial weights of the network, for the inputs x,
	// [n][in], and returns the work that it took. All randomness is from rng. If
	// ctx ends, Run returns its error soon, with the work so far, and w is of no
	// use.
	Run(ctx context.Context, in network.Shape, specs network.Specs, w, x []float64, rng *rand.Rand) (int64, error)
}

// A stack is the dense layers of a network that has no others with weights.
type stack struct{ dense []dense }

// A dense is one of them.
type dense struct {
	in, out int
	w, b    int // offsets in the weights; b is -1 if there is no bias
	sigmoid bool
}

func (d dense) len() int64 { return int64(d.in) * int64(d.out) }

func stackOf(in network.Shape, specs network.Specs) (stack, error) {
	net, err := network.New[float64](in, specs...)
	if err != nil {
		return stack{}, err
	}
	blocks := net.Blocks()
	var st stack
	for i, s := range specs {
		switch s := s.(type) {
		case network.Dense:
			d := dense{in: blocks[0].FanIn, out: s.Out, w: blocks[0].Off, b: -1}
			if blocks = blocks[1:]; !s.NoBias {
				d.b, blocks = blocks[0].Off, blocks[1:]
			}
			if i+1 < len(specs) {
				d.sigmoid = specs[i+1] == network.Activation{Func: "sigmoid"}
			}
			st.dense = append(st.dense, d)
		case network.Activation, network.Flatten:
		default:
			return stack{}, fmt.Errorf("layer %d is a %T, want dense layers and activations", i, s)
		}
	}
	if len(st.dense) == 0 {
		return stack{}, errors.New("no dense layers, want at least one")
	}
	return st, nil
}

// hidden are the dense layers but the last, all of them with biases and sigmoids.
func (st stack) hidden() ([]dense, error) {
	list := st.dense[:len(st.dense)-1]
	for i, d := range list {
		if !d.sigmoid || d.b < 0 {
			return nil, fmt.Errorf("dense layer %d, want a bias and a sigmoid after it", i)
		}
	}
	return list, nil
}

// multiplyAdds is those of one forward pass.
func (st stack) multiplyAdds() (total int64) {
	for _, d := range st.dense {
		total += d.len()
	}
	return total
}

// passes is so many multiply-adds in forward passes, rounded up.
func (st stack) passes(multiplyAdds int64) int64 {
	m := st.multiplyAdds()
	return (multiplyAdds + m - 1) / m
}

// greedyCost is the cost of training layers one after another, each for so many
// epochs, and of handing the examples on from each to the next.
func (st stack) greedyCost(layers []dense, n, epochs int, perExample func(in, out int) int64) int64 {
	var total int64
	for i, d := range layers {
		total += int64(n) * int64(epochs) * perExample(d.in, d.out)
		if i+1 < len(layers) {
			total += int64(n) * d.len()
		}
	}
	return st.passes(total)
}

func sigmoidStack(in network.Shape, specs network.Specs) (stack, []dense, error) {
	st, err := stackOf(in, specs)
	if err != nil {
		return st, nil, fmt.Errorf("pretrain: %w", err)
	}
	layers, err := st.hidden()
	if err != nil {
		return st, nil, fmt.Errorf("pretrain: %w", err)
	}
	return st, layers, nil
}

func widths(layers []dense) []int {
	w := make([]int, len(layers))
	for i, d := range layers {
		w[i] = d.out
	}
	return w
}
