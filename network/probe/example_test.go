package probe_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/loss"
	"github.com/joust-bench/joust/network/probe"
)

// The disease, and two remedies: ten layers of sigmoid units, of rectified
// units, and of sigmoid units that add to what they are given.
func Example() {
	const width, n = 32, 64
	sigmoid := network.Activation{Func: "sigmoid"}
	for _, model := range []struct {
		name  string
		block network.Specs
	}{
		{"plain", network.Specs{network.Dense{Out: width}, sigmoid}},
		{"rectified", network.Specs{network.Dense{Out: width, Init: "he-normal"}, network.Activation{Func: "relu"}}},
		{"residual", network.Specs{network.Residual{Body: network.Specs{network.BatchNorm{}, sigmoid, network.Dense{Out: width}}}}},
	} {
		var specs network.Specs
		for range 10 {
			specs = append(specs, model.block...)
		}
		net, err := network.New[float64](network.Shape{width}, append(specs, network.Dense{Out: 2})...)
		if err != nil {
			fmt.Println(err)
			return
		}
		rng := rand.New(rand.NewPCG(1, 1))
		w, x := net.Init(rng), network.NewTensor[float64](network.Shape{width}, n)
		for i := range x.Data {
			x.Data[i] = rng.NormFloat64()
		}
		labels := make([]int32, n)
		for i := range labels {
			labels[i] = int32(i % 2)
		}
		j := probe.Judge(probe.Measure(net, w, x, loss.SoftmaxCrossEntropy, loss.Target[float64]{Labels: labels}))
		fmt.Printf("%-9s %-9s %.1f a layer\n", model.name, j.Verdict, j.Factor)
	}
	// Output:
	// plain     VANISHING 0.2 a layer
	// rectified HEALTHY   0.9 a layer
	// residual  HEALTHY   1.0 a layer
}
