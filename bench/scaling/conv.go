package scaling

import (
	"math/rand/v2"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/loss"
	"github.com/joust-bench/joust/optimizers"
)

// resNet is a residual network of 13 convolutions on images of 28x28, without
// the step.
func resNet() Workload {
	const n, classes = 64, 10
	return Workload{
		Name: "W6", Summary: "ResNet of 6 blocks of 16 channels on 1x28x28, batch norm, cross-entropy, minibatch 64: loss and gradient",
		Unit: "samples", Count: n,
		New: func(precision string, threads int) (func(), error) {
			in := network.Shape{1, 28, 28}
			r := rand.New(rand.NewPCG(1, 0))
			e := bench.Examples{N: n}
			for range n * in.Len() {
				e.X = append(e.X, r.NormFloat64())
			}
			for range n {
				e.Labels = append(e.Labels, int32(r.IntN(classes)))
			}
			goal := bench.Goal{Metric: bench.Metric{Name: "accuracy", Higher: true}}
			o, err := bench.Supervise(
				bench.Data{In: in, Out: classes, Loss: loss.SoftmaxCrossEntropy, Goal: goal, Train: e, Valid: e, Test: e},
				bench.Setup{
					Layers:    func(_, out network.Shape) (network.Specs, error) { return residualImages(out.Len()), nil },
					Precision: precision, Threads: threads,
				})
			if err != nil {
				return nil, err
			}
			evals, candidates := make([]optimizers.Evaluation, 1), [][]float64{o.Init()}
			return func() { o.Evaluate(optimizers.NeedGrad, candidates, 0, evals) }, nil
		},
	}
}

// residualImages is the network of He et al. 2016 (arXiv:1512.03385, section
// 4.2), of one width and size throughout.
func residualImages(classes int) network.Specs {
	conv := network.Conv{Channels: 16, Kernel: 3, Same: true, Init: "he-normal", NoBias: true}
	norm, relu := network.BatchNorm{}, network.Activation{Func: "relu"}
	specs := network.Specs{conv, norm, relu}
	for range 6 {
		specs = append(specs, network.Residual{Body: network.Specs{conv, norm, relu, conv, norm}}, relu)
	}
	return append(specs, network.GlobalAveragePool{}, network.Dense{Out: classes})
}
