package scaling

import (
	"fmt"
	"math/rand/v2"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/kernel"
	"github.com/joust-bench/joust/network/loss"
	"github.com/joust-bench/joust/optimizers"
	gradients "github.com/joust-bench/joust/optimizers/gradient"
)

// A Workload is a fixed piece of work, to be repeated and timed.
type Workload struct {
	Name    string
	Summary string
	Unit    string // what is counted, such as "samples"
	Count   int    // of them in one run
	// New prepares the workload for a precision, "float64" or "float32", and a
	// number of cores. Each call of the function that it returns is one run;
	// calls do not overlap.
	New func(precision string, threads int) (run func(), err error)
}

// Workloads returns all workloads.
func Workloads() []Workload {
	return []Workload{
		gradient("W1", "MLP 784-256-128-10 tanh, cross-entropy, minibatch 128: loss, gradient and step", mlp("tanh", 784, 256, 128, 10), 128, 1e-3),
		gradient("W2", "MLP 64-[64]x30-10 sigmoid, cross-entropy, minibatch 128: loss and gradient", deep(), 128, 0),
		losses("W3", "256 candidates of MLP 64-32-10 tanh on one minibatch of 256: losses", mlp("tanh", 64, 32, 10), 256, 256),
		losses("W4", "64 candidates of MLP 784-64-10 tanh on one minibatch of 512: losses", mlp("tanh", 784, 64, 10), 64, 512),
		sequences(),
		resNet(),
		fullBatch(),
	}
}

// A net is a network and the shape of its data.
type net struct {
	in, out int
	specs   network.Specs
}

// mlp is a network with the given layers, the input first.
func mlp(activation string, sizes ...int) net {
	n := net{in: sizes[0], out: sizes[len(sizes)-1]}
	for i, out := range sizes[1:] {
		if i > 0 {
			n.specs = append(n.specs, network.Activation{Func: activation})
		}
		n.specs = append(n.specs, network.Dense{Out: out})
	}
	return n
}

func deep() net {
	sizes := []int{64}
	for range 30 {
		sizes = append(sizes, 64)
	}
	return mlp("sigmoid", append(sizes, 10)...)
}

// pose makes an objective of n random examples, all of them the minibatch.
func (m net) pose(k loss.Kind, n int, precision string, threads int) (bench.Objective, error) {
	r := rand.New(rand.NewPCG(1, 0))
	e := bench.Examples{N: n}
	for range n * m.in {
		e.X = append(e.X, r.NormFloat64())
	}
	metric := bench.Metric{Name: "accuracy", Higher: true}
	for range n {
		if k == loss.MSE {
			e.Y = append(e.Y, r.Float64())
			metric = bench.Metric{Name: "rmse"}
		} else {
			e.Labels = append(e.Labels, int32(r.IntN(m.out)))
		}
	}
	d := bench.Data{In: network.Shape{m.in}, Out: m.out, Loss: k, Goal: bench.Goal{Metric: metric}, Train: e, Valid: e, Test: e}
	return bench.Supervise(d, bench.Setup{
		Layers:    func(_, _ network.Shape) (network.Specs, error) { return m.specs, nil },
		Precision: precision, Threads: threads,
	})
}

// gradient is the loss and gradient, and the step of plain gradient descent by a
// learning rate, if that is not 0.
func gradient(name, summary string, m net, n int, rate float64) Workload {
	return Workload{Name: name, Summary: summary, Unit: "samples", Count: n, New: func(precision string, threads int) (func(), error) {
		o, err := m.pose(loss.SoftmaxCrossEntropy, n, precision, threads)
		if err != nil {
			return nil, err
		}
		w, evals := o.Init(), make([]optimizers.Evaluation, 1)
		candidates, p := [][]float64{w}, optimizers.Problem{Threads: threads}
		const stretch = 1 << 14
		step := func(i int) {
			lo, hi := i*stretch, min((i+1)*stretch, len(w))
			kernel.Axpy(w[lo:hi], -rate, evals[0].Grad[lo:hi])
		}
		return func() {
			o.Evaluate(optimizers.NeedGrad, candidates, 0, evals)
			if rate != 0 {
				p.Parallel((len(w)+stretch-1)/stretch, step)
			}
		}, nil
	}}
}

// losses is the evaluation of a population.
func losses(name, summary string, m net, population, n int) Workload {
	return Workload{Name: name, Summary: summary, Unit: "candidates", Count: population, New: func(precision string, threads int) (func(), error) {
		o, err := m.pose(loss.SoftmaxCrossEntropy, n, precision, threads)
		if err != nil {
			return nil, err
		}
		r := rand.New(rand.NewPCG(2, 0))
		candidates := make([][]float64, population)
		for i := range candidates {
			candidates[i] = o.Init()
			for j := range candidates[i] {
				candidates[i][j] += 0.1 * r.NormFloat64()
			}
		}
		evals := make([]optimizers.Evaluation, population)
		return func() { o.Evaluate(optimizers.NeedLoss, candidates, 0, evals) }, nil
	}}
}

// fullBatch is an epoch of Rprop.
func fullBatch() Workload {
	const n = 1000
	return Workload{
		Name: "W7", Summary: "MLP 8-32-1 sigmoid, MSE, all 1000 samples: loss, gradient and step of Rprop", Unit: "epochs", Count: 1,
		New: func(precision string, threads int) (func(), error) {
			o, err := mlp("sigmoid", 8, 32, 1).pose(loss.MSE, n, precision, threads)
			if err != nil {
				return nil, err
			}
			r, err := gradients.Rprop.New(nil, optimizers.Problem{Init: o.Init(), Threads: threads})
			if err != nil {
				return nil, err
			}
			evals := make([]optimizers.Evaluation, 1)
			return func() {
				w, err := r.Ask()
				if err == nil {
					o.Evaluate(optimizers.NeedGrad, w, 0, evals)
					err = r.Tell(evals)
				}
				if err != nil {
					panic(fmt.Sprintf("scaling: W7: %v", err)) // Rprop does not diverge on this
				}
			}, nil
		},
	}
}
