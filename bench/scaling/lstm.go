package scaling

import (
	"math/rand/v2"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/loss"
	"github.com/joust-bench/joust/optimizers"
)

// sequences is the loss and gradient of a recurrent network on a minibatch.
func sequences() Workload {
	const steps, inputs, n = 100, 2, 64
	return Workload{
		Name: "W5", Summary: "LSTM 2-64, 100 steps, linear output of the last, MSE, minibatch 64: loss and gradient", Unit: "sequences", Count: n,
		New: func(precision string, threads int) (func(), error) {
			r := rand.New(rand.NewPCG(1, 0))
			e := bench.Examples{N: n}
			for range n * steps * inputs {
				e.X = append(e.X, r.NormFloat64())
			}
			for range n {
				e.Y = append(e.Y, r.NormFloat64())
			}
			o, err := bench.Supervise(bench.Data{
				In: network.Shape{steps, inputs}, Out: 1, Loss: loss.MSE,
				Goal: bench.Goal{Metric: bench.Metric{Name: "rmse"}}, Train: e, Valid: e, Test: e,
			}, bench.Setup{
				Layers: func(network.Shape, network.Shape) (network.Specs, error) {
					return network.Specs{network.LSTM{Hidden: 64, ForgetBias: 1}, network.Last{}, network.Dense{Out: 1}}, nil
				},
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
