package pretrain_test

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/pretrain"
)

// Two hidden layers learn to generate inputs without labels; then any optimizer may
// go on from there.
func Example() {
	net, err := network.New[float64](network.Shape{4},
		network.Dense{Out: 6}, network.Activation{Func: "sigmoid"},
		network.Dense{Out: 5}, network.Activation{Func: "sigmoid"},
		network.Dense{Out: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	rng := rand.New(rand.NewPCG(1, 2))
	w := net.Init(rng)
	inputs := []float64{ // three examples
		0, 0, 1, 1,
		1, 1, 0, 0,
		1, 1, 1, 1,
	}
	stage := pretrain.Contrastive{CD: pretrain.DefaultCD()}
	spent, err := stage.Run(context.Background(), net.In(), net.Specs(), w, inputs, rng)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("cost, in forward passes of one example:", spent)
	// Output:
	// cost, in forward passes of one example: 255
}

// The partition function of a small machine, exactly and by annealed importance
// sampling: its weights are small, so that it has hardly more than 2^10 states of weight 1.
func ExampleRBM_AIS() {
	r := pretrain.NewRBM(6, 4, rand.New(rand.NewPCG(1, 2)))
	exact, err := r.LogZ()
	if err != nil {
		fmt.Println(err)
		return
	}
	estimate, _, err := r.AIS(nil, 100, 100, rand.New(rand.NewPCG(3, 4)))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.2f, about %.2f\n", exact, estimate)
	// Output:
	// 6.93, about 6.93
}
