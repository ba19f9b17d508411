package scaling

import (
	"fmt"
	"time"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network/loss"
	"github.com/joust-bench/joust/optimizers"
)

// overheadNets are what optimizers are measured on, with a minibatch of 512.
var overheadNets = []struct {
	name string
	net  net
}{
	{"64-32-10", mlp("tanh", 64, 32, 10)},
	{"784-32-10", mlp("tanh", 784, 32, 10)},
	{"784-64-10", mlp("tanh", 784, 64, 10)},
}

// overheads measures the time in Ask and Tell of each optimizer as a share of
// the evaluations that it asks for. They are in float32, which takes half as long
// as float64: the greater share. An optimizer trains the network as it would
// anywhere, so that its memory has been displaced from the caches by evaluations.
func (m *measurer) overheads(d time.Duration) ([]Overhead, error) {
	const (
		precision = "float32"
		minibatch = 512
	)
	var all []Overhead
	for _, n := range overheadNets {
		o, err := n.net.pose(loss.SoftmaxCrossEntropy, minibatch, precision, 1)
		if err != nil {
			return all, fmt.Errorf("%s: %w", n.name, err)
		}
		for _, def := range m.Optimizers {
			if m.stopped() {
				return all, nil
			}
			m.Progress(PartOptimizers, fmt.Sprintf("%s on %s", def.Name, n.name))
			h, ok := m.overhead(def, o, d/time.Duration(len(overheadNets)*len(m.Optimizers)))
			if ok {
				h.Network = n.name
				all = append(all, h)
			}
		}
	}
	return all, nil
}

// overhead is false if it was stopped before there was anything to say.
func (m *measurer) overhead(def optimizers.Definition, o bench.Objective, d time.Duration) (Overhead, bool) {
	start := o.Init()
	h := Overhead{Optimizer: def.Name, Dim: len(start), Need: def.Need.String()}
	if h.Refused = def.Refuses(len(start)); h.Refused != "" {
		return h, true
	}
	if def.Memory != nil && m.Memory > 0 && def.Memory(len(start)) > m.Memory {
		h.Refused = fmt.Sprintf("needs %.3g GB of memory, more than %.3g GB", float64(def.Memory(len(start)))/1e9, float64(m.Memory)/1e9)
		return h, true
	}
	u, err := m.drive(d,
		func() (optimizers.Optimizer, error) {
			return def.New(nil, optimizers.Problem{Init: start, Blocks: o.Blocks(), Seed: 1, Threads: 1})
		},
		func(opt optimizers.Optimizer, candidates [][]float64, evals []optimizers.Evaluation) {
			need := def.Need
			if n, ok := opt.(optimizers.Needer); ok {
				need = min(need, n.Needs())
			}
			o.Evaluate(need, candidates, 0, evals)
		})
	if err != nil {
		h.Refused = err.Error()
		return h, true
	}
	if u.generations == 0 {
		return h, false
	}
	h.MicrosAskTell, h.MicrosEvaluate = micros(u.askTell, u.candidates), micros(u.evaluate, u.candidates)
	h.Share = h.MicrosAskTell / h.MicrosEvaluate
	return h, true
}
