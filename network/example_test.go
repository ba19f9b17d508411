package network_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/loss"
)

// XOR by gradient descent, the whole of it: a network from its JSON form, one
// weight vector, and 500 steps over the four examples.
func Example() {
	var specs network.Specs
	err := json.Unmarshal([]byte(`[
		{"type": "dense", "out": 8},
		{"type": "activation", "func": "tanh"},
		{"type": "dense", "out": 1}
	]`), &specs)
	if err != nil {
		fmt.Println(err)
		return
	}
	net, err := network.New[float64](network.Shape{2}, specs...)
	if err != nil {
		fmt.Println(err)
		return
	}

	// Four examples side by side, one row for each input.
	x := network.NewTensor[float64](net.In(), 4)
	copy(x.Row(0), []float64{0, 0, 1, 1})
	copy(x.Row(1), []float64{0, 1, 0, 1})
	target := loss.Target[float64]{Values: []float64{0, 1, 1, 0}, Stride: 4}

	w := net.Init(rand.New(rand.NewPCG(1, 2)))
	dw := make([]float64, net.Dim())
	losses, dy := make([]float64, 4), network.NewTensor[float64](net.Out(), 4)
	for range 500 {
		y := net.Forward(network.Pass{Mode: network.Train}, w, x)
		loss.Evaluate(loss.BinaryCrossEntropy, losses, dy.Data, y.Data, y.Stride, 1, 4, target, 1.0/4)
		clear(dw)
		net.BackwardWeights(w, dw, dy)
		for i, g := range dw {
			w[i] -= 0.5 * g
		}
	}
	y := net.Forward(network.Pass{Mode: network.Infer}, w, x)
	for i := range 4 {
		fmt.Printf("%v xor %v: %v\n", x.Row(0)[i], x.Row(1)[i], y.Row(0)[i] > 0)
	}
	// Output:
	// 0 xor 0: false
	// 0 xor 1: true
	// 1 xor 0: true
	// 1 xor 1: false
}
